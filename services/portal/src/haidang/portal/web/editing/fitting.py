"""A draft moved into another pack: what fits is kept, what will not show is named. Pure."""

from __future__ import annotations

import copy
from dataclasses import dataclass

from haidang.portal.web.editing.drafts import Document
from haidang.portal.web.editing.kit import Kit
from haidang.portal.web.editing.schema_forms import Json, Schema, label_of

_TYPES = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
}


@dataclass(frozen=True, slots=True)
class Fitted:
    """The draft in the other pack, and the labels of what it has no place for."""

    document: Document
    left: tuple[str, ...]


def fitted(document: Document, old: Kit, new: Kit, locale: str) -> Fitted:
    """*document* of pack *old* in pack *new*. Sections and facts of the same name stay.

    The content that closes every page in *new* is there afterwards. Nothing is lost: the
    draft as it was stays in its history.
    """
    left: list[str] = []
    changed = copy.deepcopy(document)
    changed["pack"] = new.name
    changed["locales"] = [one for one in document["locales"] if one in new.locales] or [
        new.locales[0]
    ]
    changed["site"] = _site(document["site"], old, new, locale, left)
    for page in changed["pages"]:
        page["sections"] = _sections(page["sections"], old, new, locale, left)
    return Fitted(changed, tuple(dict.fromkeys(left)))


def _site(site: Json, old: Kit, new: Kit, locale: str, left: list[str]) -> Json:
    kept = {}
    for key, value in site.items():
        part = new.site.get("properties", {}).get(key)
        fit = _fit(part, value) if part is not None else None
        if fit is not None:
            kept[key] = fit
        elif key not in {"kind", "scheme"}:
            known = old.site.get("properties", {}).get(key, {})
            left.append(label_of(known, key, locale))
    return kept


def _sections(sections: list[Json], old: Kit, new: Kit, locale: str, left: list[str]) -> list[Json]:
    kept: list[Json] = []
    for section in sections:
        kind = new.kinds.get(section["type"])
        same = [one for one in kept if one["type"] == section["type"]]
        if kind is None or (kind.limit and len(same) >= kind.limit):
            known = old.kinds.get(section["type"])
            left.append(
                (known.label.get(locale) or known.label["vi"]) if known else section["type"]
            )
            continue
        data = _fit(kind.schema, section.get("data", {}))
        kept.append({**section, "data": data if data is not None else {}})
    held = {one["type"] for one in kept}
    kept += [
        {"id": kind.type, "type": kind.type, "data": {}}
        for kind in new.kinds.values()
        if kind.required and kind.type not in held
    ]
    return kept


def _fit(schema: Schema, value: Json) -> Json:
    """*value* without what *schema* does not know; None when it is of another type."""
    if "enum" in schema:
        return value if value in schema["enum"] else None
    declared = schema.get("type")
    expected = _TYPES.get(str(declared))
    if expected is not None and not isinstance(value, expected):
        return None
    if declared in {"integer", "number"} and (
        isinstance(value, bool) or not isinstance(value, int | float)
    ):
        return None
    if declared == "object":
        properties = schema.get("properties", {})
        parts = {key: _fit(properties[key], one) for key, one in value.items() if key in properties}
        return {key: part for key, part in parts.items() if part is not None}
    if declared == "array":
        entries = [_fit(schema.get("items", {}), one) for one in value]
        return [one for one in entries if one is not None]
    return value
