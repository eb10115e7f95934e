"""A receipt typed by hand: fields drawn from its JSON Schema, and read back as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from haidang.portal.web.forms import Faults, Typed

PREFIX = "receipt."
LONG_TEXTS = ("_json", "_base64", "_pem")
"""Endings of names whose texts are long."""

# Any: JSON Schema and JSON are what they are.
Json = Any


@dataclass(frozen=True, slots=True)
class ReceiptField:
    """One field. `kind`: text, long, whole, number, instant, truth, choice, lines or json."""

    name: str
    label: str
    kind: str
    required: bool
    choices: tuple[str, ...] = ()

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The choices as a select shows them, none first."""
        return (("", "–"), *((one, one) for one in self.choices))


def receipt_fields(schema_json: str) -> tuple[ReceiptField, ...]:
    """The fields of the receipt that *schema_json* describes; one of JSON where it is no object."""
    schema: Json = json.loads(schema_json) if schema_json else {}
    if schema.get("type") != "object" or "properties" not in schema:
        return (ReceiptField("receipt", "JSON", "json", True),)
    required = set(schema.get("required", ()))
    return tuple(
        _field(name, _resolved(one, schema), name in required)
        for name, one in schema["properties"].items()
    )


def receipt_json(fields: tuple[ReceiptField, ...], typed: Typed, faults: Faults, said: str) -> str:
    """What was typed as JSON text; *said* stands at every field that cannot be read."""
    if fields and fields[0].name == "receipt":
        _, value = _read(fields[0], typed, faults, said)
        return json.dumps(value, ensure_ascii=False)
    found = {}
    for field in fields:
        is_given, value = _read(field, typed, faults, said)
        if is_given:
            found[field.label] = value
    return json.dumps(found, ensure_ascii=False)


def _resolved(one: Json, schema: Json) -> Json:
    """A property with its reference followed and "or null" taken off."""
    if "$ref" in one:
        one = schema.get("$defs", {}).get(one["$ref"].rpartition("/")[2], {})
    if "anyOf" in one:
        real = [each for each in one["anyOf"] if each.get("type") != "null"]
        if len(real) == 1:
            return _resolved(real[0], schema)
    return one


def _field(label: str, one: Mapping[str, Json], required: bool) -> ReceiptField:
    name, kind = f"{PREFIX}{label}", "json"
    match one.get("type"):
        case "string" if "enum" in one:
            return ReceiptField(name, label, "choice", required, tuple(map(str, one["enum"])))
        case "string" if one.get("format") == "date-time":
            kind = "instant"
        case "string":
            kind = "long" if label.endswith(LONG_TEXTS) else "text"
        case "integer":
            kind = "whole"
        case "number":
            kind = "number"
        case "boolean":
            kind = "truth"
        case "array" if one.get("items", {}).get("type") == "string":
            kind = "lines"
    return ReceiptField(name, label, kind, required)


def _read(field: ReceiptField, typed: Typed, faults: Faults, said: str) -> tuple[bool, Json]:
    """Whether something was given, and what; a fault stands at its field."""
    if field.kind == "truth":
        return True, bool(typed.get(field.name))
    text = typed.lines(field.name) if field.kind in {"long", "json", "lines"} else ""
    text = text or typed.get(field.name, "")
    if not text:
        if field.required and field.kind != "lines":
            faults.add(field.name, said)
        return field.required, [] if field.kind == "lines" else ""
    try:
        return True, _value(field.kind, text)
    except (ValueError, RecursionError):
        faults.add(field.name, said)
        return False, None


def _value(kind: str, text: str) -> Json:
    if kind == "whole":
        return int(text)
    if kind == "number":
        return float(text)
    if kind == "lines":
        return [one for one in text.split("\n") if one]
    return json.loads(text) if kind == "json" else text
