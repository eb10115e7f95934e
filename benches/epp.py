"""EPP answers parsed and judged per second beside plain lxml doing both."""

from __future__ import annotations

import json
from pathlib import Path

from haidang.domains.epp.responses import parse_response
from lxml import etree

from benches.figures import Figure, beside, rate
from tests.judges import PROJECT

CORPUS = PROJECT.parent / "shared/corpora"


def figures() -> list[Figure]:
    """One figure, or none where the schemas are absent."""
    if not (CORPUS / "manifest.json").is_file():
        return []
    schema, frame = schema_of_all(), an_answer()

    def ours() -> None:
        parse_response(frame)
        schema.assertValid(etree.fromstring(frame))

    def plain() -> None:
        schema.assertValid(etree.fromstring(frame))

    return [
        beside(
            "EPP infData parsed and judged by XSD",
            lambda: rate(ours),
            "plain lxml",
            lambda: rate(plain),
            goal=0,
        )
    ]


def schema_of_all() -> etree.XMLSchema:
    """One schema that imports every published one."""
    manifest = json.loads((CORPUS / "manifest.json").read_text())
    folder = CORPUS / "epp/xsd"
    names = [entry.rpartition("/")[2] for entry in manifest["xsd_import_order"]]
    imports = "".join(_import(folder / name) for name in names)
    parser = etree.XMLParser(load_dtd=False, no_network=True)
    whole = f'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">{imports}</xsd:schema>'
    return etree.XMLSchema(etree.fromstring(whole, parser))


def _import(path: Path) -> str:
    namespace = etree.parse(str(path)).getroot().get("targetNamespace")
    return f'<xsd:import namespace="{namespace}" schemaLocation="{path.as_uri()}"/>'


def an_answer() -> bytes:
    """The largest domain info answer of the corpus."""
    responses = (CORPUS / "epp/frames/responses").rglob("*.xml")
    answers = [path.read_bytes() for path in responses]
    return max((one for one in answers if b"infData" in one), key=len)
