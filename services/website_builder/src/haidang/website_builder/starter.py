"""A pack's starter: from the owner's facts to a complete first draft (pure).

A starter is a draft's content with blanks, written by the pack in whole sentences that
are true of any such business. Here it is judged when the pack is loaded, by filling it
for the shortest and the longest facts, and filled when an owner begins. No fact is made
up: a sentence whose facts are not given gives way to a plainer one or is left out.
Source: docs/how-to/write-website-content.md, "A pack's starter".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from haidang.core.errors import Malformed, Refused, Unsupported, register
from haidang.core.identifiers import written_phone
from haidang.website_builder.findings import Finding
from haidang.website_builder.schemas import Schema, judge
from haidang.website_builder.website import Business, Draft
from jsonschema import Draft202012Validator

if TYPE_CHECKING:
    from haidang.website_builder.packs import Pack

FACTS = (
    *("name", "street", "commune", "province", "place", "address"),
    *("phone", "email", "representative"),
)
"""What a sentence of a starter may name."""

_BLANK = re.compile(r"\{([a-z_]*)\}")
_LONGEST_FACT = 160
_MANY_PHOTOS = 8
_SECTION_KEYS = {"id", "type", "data", "kinds", "photos", "needs"}
_TEXT = {"type": "object", "minProperties": 1}
_STARTER = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "required": ["site", "pages"],
        "properties": {
            "site": {"type": "object"},
            "pages": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["path", "title", "sections"],
                    "properties": {
                        "path": {"type": "string"},
                        "title": _TEXT,
                        "description": _TEXT,
                        "sections": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "required": ["id", "type", "data"],
                                "additionalProperties": False,
                                "properties": {
                                    **{key: {} for key in _SECTION_KEYS},
                                    "kinds": {"type": "array", "items": {"type": "string"}},
                                    "photos": {"type": "integer", "minimum": 1},
                                    "needs": {"type": "array", "items": {"enum": [*FACTS]}},
                                },
                            },
                        },
                    },
                },
            },
        },
    }
)

register(
    Unsupported,
    {
        "PACK_WITHOUT_STARTER": (
            "The template {pack} has no first draft to begin from.",
            "Mẫu trang {pack} chưa có bản nháp khởi đầu; hãy chọn mẫu khác.",
        ),
    },
)
register(
    Malformed,
    {
        "KIND_NOT_IN_PACK": (
            "The template is not made for a business of kind {kind}.",
            "Mẫu trang này không dành cho loại hình “{kind}”; hãy chọn mẫu khác.",
        ),
    },
)


class _LeftOut:
    """The value of a blank that nothing fills."""


LEFT_OUT = _LeftOut()


@dataclass(frozen=True, slots=True)
class _Filling:
    facts: Mapping[str, str]
    kind: str
    photos: tuple[str, ...]
    locales: tuple[str, ...]


def first_draft(
    pack: Pack, business: Business, locales: tuple[str, ...], kind: str, photos: tuple[str, ...]
) -> Draft:
    """The first draft of a website in *pack*. *locales* starts with the default one.

    *photos* are media names, best first. Empty *kind* or *locales* take the pack's first.

    Raises:
        Unsupported: PACK_WITHOUT_STARTER.
        Malformed: KIND_NOT_IN_PACK.
        Refused: LOCALE_NOT_IN_PACK.
    """
    if pack.starter is None:
        raise Unsupported("PACK_WITHOUT_STARTER", field="pack", pack=pack.id)
    chosen = kind or pack.kinds[0]
    if chosen not in pack.kinds:
        raise Malformed("KIND_NOT_IN_PACK", field="kind", kind=chosen[:40])
    for locale in locales:
        if locale not in pack.locales:
            raise Refused("LOCALE_NOT_IN_PACK", field="locales", locale=locale[:20])
    return Draft(
        pack.name,
        business,
        locales or pack.locales[:1],
        _content(pack, business, chosen, photos),
    )


def lint_starter(pack: Pack) -> None:
    """Refuse a starter that would not give a publishable draft to every owner.

    Raises: ValueError naming the place and the fault.
    """
    if pack.starter is None:
        return
    for finding in judge(_STARTER, pack.starter, ""):
        raise ValueError(f"starter.json{finding.field}: {finding.reason}")
    for place, blank in _blanks(pack.starter, ""):
        if blank not in FACTS:
            raise ValueError(f"starter.json{place}: {{{blank}}} is no fact")
    for kind in pack.kinds:
        for business in _extremes():
            for count in (0, 1, _MANY_PHOTOS):
                photos = tuple(f"media/{number:064x}" for number in range(count))
                for finding in _faults(pack, _content(pack, business, kind, photos)):
                    raise ValueError(
                        f"starter.json as {kind} with {count} photos: "
                        f"{finding.field}: {finding.reason}"
                    )


def _extremes() -> Iterator[Business]:
    """Who has the least to say, who has typed a little, and who has typed the most."""
    yield Business()
    yield Business(name="Lan")
    long = "Ư" * _LONGEST_FACT
    yield Business(
        name=long,
        street=long,
        commune=long,
        province=long,
        phone="+84901234567",
        email=f"{'a' * _LONGEST_FACT}@example.vn",
        representative_name=long,
    )


def _faults(pack: Pack, content: Mapping[str, object]) -> Iterator[Finding]:
    """What the pack's own schemas and composition say against filled content."""
    yield from pack.site.judge(content["site"], "/site")
    pages = content["pages"]
    assert isinstance(pages, list)
    for number, page in enumerate(pages):
        if page["title"] is LEFT_OUT:
            yield Finding(f"/pages/{number}/title", "TITLE_MISSING")
        kinds = [section["type"] for section in page["sections"]]
        for required in pack.required_sections:
            if required not in kinds:
                yield Finding(f"/pages/{number}/sections", "SECTION_MISSING")
        for index, section in enumerate(page["sections"]):
            place = f"/pages/{number}/sections/{index}"
            known = pack.sections.get(section["type"])
            if known is None:
                yield Finding(f"{place}/type", "SECTION_UNKNOWN")
            elif known.limit and kinds.count(known.type) > known.limit:
                yield Finding(place, "SECTION_REPEATED")
            else:
                yield from known.content.judge(section["data"], f"{place}/data")


def _blanks(value: object, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield from ((place, blank) for blank in _BLANK.findall(value))
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _blanks(part, f"{place}/{key}")
    elif isinstance(value, Sequence):
        for index, part in enumerate(value):
            yield from _blanks(part, f"{place}/{index}")


def _content(
    pack: Pack, business: Business, kind: str, photos: tuple[str, ...]
) -> dict[str, object]:
    assert pack.starter is not None
    filling = _Filling(_facts(business), kind, photos, pack.locales)
    site = _filled(pack.starter["site"], pack.site.single, filling)
    assert isinstance(site, dict)
    pages = pack.starter["pages"]
    assert isinstance(pages, list)
    return {
        "site": {"kind": kind, **site},
        "pages": [_page(pack, page, filling) for page in pages],
    }


def _facts(business: Business) -> dict[str, str]:
    """The facts that are given, each in one line."""
    street, commune, province = (
        " ".join(part.split()) for part in (business.street, business.commune, business.province)
    )
    place = ", ".join(part for part in (commune, province) if part)
    given = {
        "name": " ".join(business.name.split()),
        "street": street,
        "commune": commune,
        "province": province,
        "place": place,
        "address": f"{street}, {place}" if street and place else "",
        "phone": written_phone(business.phone) if business.phone else "",
        "email": business.email,
        "representative": " ".join(business.representative_name.split()),
    }
    return {name: fact for name, fact in given.items() if fact}


def _page(pack: Pack, page: Mapping[str, object], filling: _Filling) -> dict[str, object]:
    sections = page["sections"]
    assert isinstance(sections, list)
    made: dict[str, object] = {"path": page["path"], "title": _filled(page["title"], {}, filling)}
    description = _filled(page.get("description", LEFT_OUT), {}, filling)
    if description is not LEFT_OUT:
        made["description"] = description
    made["sections"] = [
        {
            "id": section["id"],
            "type": section["type"],
            "data": _filled(section["data"], _schema(pack, section["type"]), filling),
        }
        for section in sections
        if _belongs(section, filling)
    ]
    return made


def _schema(pack: Pack, kind: str) -> Schema:
    known = pack.sections.get(kind)
    return known.content.single if known else {}


def _belongs(section: Mapping[str, object], filling: _Filling) -> bool:
    kinds, photos, needs = section.get("kinds"), section.get("photos", 0), section.get("needs", [])
    assert isinstance(photos, int)
    assert isinstance(needs, list)
    return (
        (not isinstance(kinds, list) or filling.kind in kinds)
        and len(filling.photos) >= photos
        and all(need in filling.facts for need in needs)
    )


def _filled(value: object, schema: Schema, filling: _Filling) -> object:
    """*value* with its blanks filled; LEFT_OUT when nothing fills it."""
    if isinstance(value, list):
        items = schema.get("items")
        inner = items if isinstance(items, Mapping) else {}
        parts = [_filled(part, inner, filling) for part in value]
        return [part for part in parts if part is not LEFT_OUT]
    if not isinstance(value, Mapping):
        return value
    if "$kind" in value:
        choices = value["$kind"]
        chosen = choices.get(filling.kind, choices.get("else", LEFT_OUT))
        return _filled(chosen, schema, filling)
    if "$photo" in value:
        place = value["$photo"] - 1
        return filling.photos[place] if place < len(filling.photos) else LEFT_OUT
    if "$photos" in value:
        return _photos(value["$photos"], filling)
    if value and value.keys() <= set(filling.locales):
        return _text(value, schema, filling)
    return _object(value, schema, filling)


def _object(value: Mapping[str, object], schema: Schema, filling: _Filling) -> object:
    properties = schema.get("properties")
    known = properties if isinstance(properties, Mapping) else {}
    parts = {key: _filled(part, known.get(key, {}), filling) for key, part in value.items()}
    return {key: part for key, part in parts.items() if part is not LEFT_OUT}


def _photos(asked: Mapping[str, object], filling: _Filling) -> object:
    start, most, name = asked.get("from", 1), asked.get("most", 40), asked.get("as")
    assert isinstance(start, int)
    assert isinstance(most, int)
    chosen = filling.photos[start - 1 :][:most]
    if not chosen:
        return LEFT_OUT
    return [{name: photo} for photo in chosen] if name else list(chosen)


def _text(value: Mapping[str, object], schema: Schema, filling: _Filling) -> object:
    """The text by locale; without the base language there is none."""
    most = schema.get("maxLength")
    made = {}
    for locale, said in value.items():
        sentences = said if isinstance(said, list) else [said]
        for sentence in sentences:
            text = _sentence(str(sentence), filling.facts)
            if text and (not isinstance(most, int) or len(text) <= most):
                made[locale] = text
                break
    return made if filling.locales[0] in made else LEFT_OUT


def _sentence(sentence: str, facts: Mapping[str, str]) -> str:
    """*sentence* with its facts; "" when one is not given."""
    if any(blank not in facts for blank in _BLANK.findall(sentence)):
        return ""
    return _BLANK.sub(lambda found: facts[found[1]], sentence)
