"""The pack's JSON Schemas: core types, two compilations, and judging values by them (pure).

A pack writes `{"$ref": "haidang:money-vnd"}` and `"x-i18n": true`; the compiler turns
that into plain JSON Schema (2020-12) twice: *stored*, where a text is an object by
locale, and *single*, where it is a string, as templates and fixtures see it.
Source: field guide websites section 3 (types, subset).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haidang.core.errors import Fact
from haidang.website_builder.findings import Finding
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

Schema = Mapping[str, object]

LINK = re.compile(
    r"/(?:[A-Za-z0-9._~#?=&%-][A-Za-z0-9._~#?=&%/-]*)?|#[a-z0-9-]{1,40}|https://[^\s\"'<>\\]+"
    r"|tel:\+?[0-9]{3,15}|mailto:[^\s\"'<>\\]+@[^\s\"'<>\\]+"
)
"""What a link may be: inside the site, https, tel or mailto. Never `//host`, `javascript:`."""

_MEDIA = "^media/[0-9a-f]{64}$"
_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_FORBIDDEN = ("unevaluated", "dependent", "prefixItems", "$dynamic", "$defs", "definitions")
_MAX_NESTING = 8
_PROSE_CHARACTERS = 6000


def _labelled(schema: Schema, vi: str, en: str) -> dict[str, object]:
    return {**schema, "x-ui": {"label": {"vi": vi, "en": en}}}


_DAY_NAMES = {
    "mo": {"vi": "Thứ hai", "en": "Monday"},
    "tu": {"vi": "Thứ ba", "en": "Tuesday"},
    "we": {"vi": "Thứ tư", "en": "Wednesday"},
    "th": {"vi": "Thứ năm", "en": "Thursday"},
    "fr": {"vi": "Thứ sáu", "en": "Friday"},
    "sa": {"vi": "Thứ bảy", "en": "Saturday"},
    "su": {"vi": "Chủ nhật", "en": "Sunday"},
}
_HOURS_ITEM = {
    "type": "object",
    "additionalProperties": False,
    "required": ["days", "opens", "closes"],
    "properties": {
        "days": {
            "type": "array",
            "minItems": 1,
            "maxItems": 7,
            "items": {"enum": [*_DAY_NAMES]},
            "x-ui": {"label": {"vi": "Những ngày", "en": "Days"}, "choices": _DAY_NAMES},
        },
        "opens": _labelled({"type": "string", "pattern": _TIME}, "Mở cửa", "Opens"),
        "closes": _labelled({"type": "string", "pattern": _TIME}, "Đóng cửa", "Closes"),
    },
}

CORE_TYPES: Mapping[str, Schema] = {
    "image": {"type": "string", "pattern": _MEDIA},
    "link": {"type": "string", "maxLength": 500, "pattern": f"^(?:{LINK.pattern})$"},
    "richtext": {"type": "string", "maxLength": _PROSE_CHARACTERS, "x-i18n": True},
    "money-vnd": {"type": "integer", "minimum": 1, "maximum": 100_000_000_000},
    "phone-vn": {"type": "string", "pattern": "^\\+84[0-9]{8,10}$"},
    "address-vn": {
        "type": "object",
        "additionalProperties": False,
        "required": ["street", "commune", "province"],
        "properties": {
            key: _labelled({"type": "string", "minLength": 1, "maxLength": 120}, vi, en)
            for key, vi, en in (
                ("street", "Số nhà, đường", "Street"),
                ("commune", "Phường, xã", "Ward or commune"),
                ("province", "Tỉnh, thành phố", "Province or city"),
            )
        },
    },
    "opening-hours": {"type": "array", "maxItems": 14, "items": _HOURS_ITEM},
    "geo": {
        "type": "object",
        "additionalProperties": False,
        "required": ["latitude", "longitude"],
        "properties": {
            "latitude": _labelled(
                {"type": "number", "minimum": -90, "maximum": 90}, "Vĩ độ", "Latitude"
            ),
            "longitude": _labelled(
                {"type": "number", "minimum": -180, "maximum": 180}, "Kinh độ", "Longitude"
            ),
        },
    },
    "color-scheme": {"type": "string"},
    "collection": {"type": "string"},
    "video-url": {"type": "string", "maxLength": 500, "pattern": "^https://[^\\s\"'<>]+$"},
}


@dataclass(frozen=True, slots=True)
class SchemaContext:
    """What the compiler needs of the pack. `locales` starts with the default."""

    locales: tuple[str, ...]
    schemes: tuple[str, ...]


def expand(schema: Schema, context: SchemaContext) -> dict[str, object]:
    """*schema* with every `haidang:` reference written out; `x-type` keeps the type's name.

    Texts keep `x-i18n` and stay strings: this is the *single* compilation.

    Raises: ValueError naming what the subset does not allow.
    """
    return _expand(schema, context, 0)


def _expand(schema: Schema, context: SchemaContext, depth: int) -> dict[str, object]:
    if depth > _MAX_NESTING:
        raise ValueError(f"nested deeper than {_MAX_NESTING}")
    if banned := [key for key in schema if key.startswith(_FORBIDDEN)]:
        raise ValueError(f"keyword {banned[0]} is not in the schema subset")
    if "$ref" in schema:
        return _expand(_referred(schema, context), context, depth)
    expanded = dict(schema)
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        expanded["properties"] = {
            name: _expand(part, context, depth + 1) for name, part in properties.items()
        }
    items = schema.get("items")
    if isinstance(items, Mapping):
        expanded["items"] = _expand(items, context, depth + 1)
    return expanded


def _referred(schema: Schema, context: SchemaContext) -> Schema:
    reference = str(schema["$ref"])
    kind = reference.removeprefix("haidang:")
    if kind == reference or kind not in CORE_TYPES:
        raise ValueError(f"unknown reference {reference}")
    siblings = {key: value for key, value in schema.items() if key != "$ref"}
    if validating := [k for k in siblings if not k.startswith("x-") and k != "default"]:
        raise ValueError(f"{validating[0]} beside $ref is not in the schema subset")
    base: dict[str, object] = {**CORE_TYPES[kind], **siblings, "x-type": kind}
    if kind == "color-scheme":
        base |= {"enum": list(context.schemes), "default": context.schemes[0]}
    if kind == "collection":
        base |= {"enum": [siblings["x-collection"]], "default": siblings["x-collection"]}
    return base


def stored(single: Schema, context: SchemaContext) -> dict[str, object]:
    """The *stored* compilation of an expanded schema: a text becomes an object by locale."""
    if single.get("x-i18n"):
        return _by_locale(single, context)
    compiled = dict(single)
    properties = single.get("properties")
    if isinstance(properties, Mapping):
        compiled["properties"] = {name: stored(part, context) for name, part in properties.items()}
    items = single.get("items")
    if isinstance(items, Mapping):
        compiled["items"] = stored(items, context)
    return compiled


def _by_locale(text: Schema, context: SchemaContext) -> dict[str, object]:
    kept = {key: value for key, value in text.items() if key.startswith("x-")}
    one = {key: value for key, value in text.items() if key not in {"x-i18n", "default"}}
    return {
        **kept,
        "type": "object",
        "additionalProperties": False,
        "required": [context.locales[0]],
        "properties": dict.fromkeys(context.locales, one),
    }


def walk(single: Schema, value: object, pointer: str) -> Iterator[tuple[Schema, object, str]]:
    """Every leaf of a stored *value* with its single schema and JSON pointer.

    A text by locale is one leaf. Values that do not fit the schema are passed over:
    the validator speaks of those.
    """
    properties, items = single.get("properties"), single.get("items")
    if isinstance(properties, Mapping) and isinstance(value, Mapping):
        for name, part in properties.items():
            if name in value:
                yield from walk(part, value[name], f"{pointer}/{name}")
    elif isinstance(items, Mapping) and isinstance(value, Sequence) and not isinstance(value, str):
        for index, part in enumerate(value):
            yield from walk(items, part, f"{pointer}/{index}")
    else:
        yield single, value, pointer


def label_of(schema: Schema, fallback: str, locale: str = "vi") -> str:
    """The label a schema gives its field in *locale*, or *fallback*."""
    ui = schema.get("x-ui")
    label = ui.get("label") if isinstance(ui, Mapping) else None
    named = label.get(locale) if isinstance(label, Mapping) else None
    return named if isinstance(named, str) else fallback


def judge(validator: Draft202012Validator, value: object, pointer: str) -> list[Finding]:
    """Everything the schema says against *value*, each at its JSON pointer, in order."""
    found: dict[tuple[str, str], Finding] = {}
    for error in validator.iter_errors(value):
        for finding in _findings(error, pointer):
            found.setdefault((finding.field, finding.reason), finding)
    return sorted(found.values(), key=lambda finding: finding.field)


def _findings(error: ValidationError, root: str) -> Iterator[Finding]:
    said: Any = error.validator_value  # Any: the keyword's value, of the keyword's own type
    place = "".join(f"/{_escaped(part)}" for part in error.absolute_path)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    properties = schema.get("properties", {})
    if error.validator == "required" and isinstance(error.instance, Mapping):
        for name in said:
            if name not in error.instance:
                part = properties.get(name, {})
                shown = label_of(part, label_of(schema, name))
                english = label_of(part, label_of(schema, shown, "en"), "en")
                yield Finding(
                    f"{root}{place}/{name}",
                    "VALUE_MISSING",
                    facts={"name": shown},
                    english={"name": english},
                )
    elif error.validator == "additionalProperties" and isinstance(error.instance, Mapping):
        for name in sorted(set(error.instance) - set(properties)):
            yield Finding(
                f"{root}{place}/{_escaped(name)}", "VALUE_UNKNOWN", facts={"name": name[:80]}
            )
    else:
        last = error.absolute_path[-1] if error.absolute_path else "nội dung"
        shown = label_of(schema, str(last))
        facts: dict[str, Fact] = {"name": shown}
        reason = _reason(error, schema, facts)
        in_english: dict[str, Fact] = {"name": label_of(schema, shown, "en")}
        yield Finding(root + place, reason, facts=facts, english=in_english)


_LIMITS = {
    "maxLength": "VALUE_TOO_LONG",
    "maxItems": "VALUE_TOO_MANY",
    "minItems": "VALUE_TOO_FEW",
    "minimum": "VALUE_TOO_SMALL",
    "maximum": "VALUE_TOO_LARGE",
}
_TYPES = {
    "string": "VALUE_NOT_TEXT",
    "integer": "VALUE_NOT_NUMBER",
    "number": "VALUE_NOT_NUMBER",
    "boolean": "VALUE_NOT_YES_NO",
    "array": "VALUE_NOT_LIST",
    "object": "VALUE_NOT_OBJECT",
}


def _reason(error: ValidationError, schema: Schema, facts: dict[str, Fact]) -> str:
    keyword = str(error.validator)
    said: Any = error.validator_value  # Any: the keyword's value, of the keyword's own type
    if keyword in _LIMITS:
        facts["limit"] = int(said)
        return _LIMITS[keyword]
    if keyword == "type":
        return _TYPES.get(str(said), "VALUE_INVALID")
    if keyword == "minLength":
        return "VALUE_EMPTY"
    if keyword in {"enum", "const"}:
        choices = said if keyword == "enum" else [said]
        facts["choices"] = [str(choice) for choice in choices]
        return "VALUE_NOT_LISTED"
    if keyword == "pattern":
        return "LINK_UNSAFE" if schema.get("x-type") == "link" else "VALUE_PATTERN"
    return "VALUE_INVALID"


def _escaped(part: object) -> str:
    """A JSON pointer's step. Source: RFC 6901 section 3."""
    return str(part).replace("~", "~0").replace("/", "~1")
