"""Forms out of a pack's JSON Schema: schema and value in, fields out; texts in, value out.

Pure. A field is drawn by its widget: `x-ui.widget` where it fits the type, else by the
type itself; what is unknown falls back to a text. A text in several languages is one field
with an input for each language of the draft, the base language first. Photos, lists and
larger objects are edited on screens of their own.

Only what was changed is applied: an input whose text is still what was shown leaves the
value exactly as it was, so a form posted back unchanged changes nothing, whatever the
draft holds. Source: field guide websites section 3, "Phone editor".
"""

from __future__ import annotations

import copy
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from haidang.portal.web.numbers import whole_number

# Any: JSON of a draft and of a schema, judged by the website service when it is checked.
Json = Any
Schema = Mapping[str, Any]

LONG_TEXT = 160
"""From this many characters on a text gets lines."""
MOST_INLINE = 4
"""An object of so many fields stands inside its form; a larger one has its own screen."""
MOST_TICKS = 31
"""Days of a week, months of a year, days of a month: choices to tick."""
MOST_MONEY_DIGITS = 15
"""So many are exact in a number of JSON. Source: RFC 8259 section 6."""
ON_OWN_SCREEN = frozenset({"image", "list", "object", "collection"})

_DATE, _TIME = "[0-9]{4}-[0-9]{2}-[0-9]{2}", "[0-9]|2[0-3]):[0-5][0-9]"
_IDENTIFIER = "^[a-z0-9-]{1,40}$"
_BY_TYPE = {
    "image": "image",
    "color-scheme": "scheme",
    "collection": "collection",
    "phone-vn": "phone",
    "money-vnd": "money",
    "link": "url",
    "video-url": "url",
}


class Misread(Exception):
    """A text that cannot become a value of its field. `kind` is the widget's."""

    def __init__(self, kind: str) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Input:
    """One control. `text` is what it shows; `locale` the language of a text; `most` 0: no limit."""

    name: str
    text: str
    locale: str = ""
    most: int = 0


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values a field may have, and its words."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `path` are keys below the form's object; `name` joins them."""

    path: tuple[str, ...]
    widget: str
    label: str
    hint: str
    group: str
    required: bool
    inputs: tuple[Input, ...]
    choices: tuple[Choice, ...]
    value: Json
    schema: Schema

    @property
    def name(self) -> str:
        """Its name in the form."""
        return ".".join(self.path)

    def options(self, text: str) -> tuple[Choice, ...]:
        """What a select offers: nothing, where nothing may be said; and what stands there."""
        known = {one.value for one in self.choices}
        may_be_empty = not self.required and "default" not in self.schema and "" not in known
        none = (Choice("", ""),) if may_be_empty or not text else ()
        odd = (Choice(text, text),) if text and text not in known else ()
        return (*(one for one in none if "" not in known), *odd, *self.choices)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the form (*locale* of labels) and the draft's languages, base first."""

    locale: str
    locales: tuple[str, ...]


def said(words: object, locale: str) -> str:
    """The text of *words* ({"vi": …, "en": …}) in *locale*, else in Vietnamese, else ""."""
    if not isinstance(words, Mapping):
        return ""
    found = words.get(locale) or words.get("vi") or ""
    return found if isinstance(found, str) else ""


def ui_of(schema: Schema) -> Mapping[str, Any]:
    """The schema's own words about its form."""
    ui = schema.get("x-ui")
    return ui if isinstance(ui, Mapping) else {}


def label_of(schema: Schema, key: str, locale: str) -> str:
    """What a field is called; its key where the pack does not say."""
    return said(ui_of(schema).get("label"), locale) or key


def widget_of(schema: Schema) -> str:
    """How a value of *schema* is edited."""
    kind, asked = schema.get("x-type"), ui_of(schema).get("widget")
    if schema.get("x-i18n"):
        return _text_widget(schema, kind, asked)
    if kind in _BY_TYPE:
        return _BY_TYPE[kind]
    if "enum" in schema:
        return "select"
    declared = schema.get("type")
    if declared == "array":
        return "checks" if _ticks(schema) else "list"
    if declared == "object" and isinstance(schema.get("properties"), Mapping):
        return "object"
    plain = {"boolean": "check", "integer": "number", "number": "decimal"}
    return plain.get(str(declared)) or _string_widget(schema, asked)


def _text_widget(schema: Schema, kind: object, asked: object) -> str:
    if kind == "richtext":
        return "prose"
    inner: Schema = next(iter(schema.get("properties", {}).values()), {})
    return "textarea" if asked == "textarea" or inner.get("maxLength", 0) > LONG_TEXT else "text"


def _string_widget(schema: Schema, asked: object) -> str:
    pattern = str(schema.get("pattern", ""))
    if _DATE in pattern:
        return "date"
    if _TIME in pattern:
        return "time"
    if asked == "id" or pattern == _IDENTIFIER:
        return "id"
    if asked == "textarea" or schema.get("maxLength", 0) > LONG_TEXT:
        return "textarea"
    return "text"


def _ticks(schema: Schema) -> list[Json]:
    """The values of an array whose entries can be ticked; [] for any other array."""
    items = schema.get("items", {})
    if isinstance(items.get("enum"), list):
        return list(items["enum"])
    least, most = items.get("minimum"), items.get("maximum")
    if items.get("type") == "integer" and isinstance(least, int) and isinstance(most, int):
        return list(range(least, most + 1)) if most - least < MOST_TICKS else []
    return []


def fields_of(schema: Schema, value: Json, reader: Reader) -> list[Field]:
    """The fields of an object's form, in the schema's order."""
    return list(_fields(schema, value, reader, (), ""))


def _fields(
    schema: Schema, value: Json, reader: Reader, above: tuple[str, ...], group: str
) -> Iterator[Field]:
    required = schema.get("required", [])
    held = value if isinstance(value, Mapping) else {}
    for key, part in schema.get("properties", {}).items():
        widget = widget_of(part)
        if widget == "object" and len(part["properties"]) <= MOST_INLINE:
            named = label_of(part, key, reader.locale)
            yield from _fields(part, held.get(key), reader, (*above, key), named)
            continue
        yield Field(
            path=(*above, key),
            widget=widget,
            label=label_of(part, key, reader.locale),
            hint=said(ui_of(part).get("hint"), reader.locale),
            group=group,
            required=key in required and not above,
            inputs=tuple(_inputs(".".join((*above, key)), part, held.get(key), reader)),
            choices=_choices(part, widget, reader.locale),
            value=held.get(key),
            schema=part,
        )


def _inputs(name: str, schema: Schema, value: Json, reader: Reader) -> Iterator[Input]:
    widget = widget_of(schema)
    if widget in ON_OWN_SCREEN:
        return
    if schema.get("x-i18n"):
        texts = value if isinstance(value, Mapping) else {}
        for locale in reader.locales:
            part = schema["properties"].get(locale)
            if part is not None:
                text = shown("text", texts.get(locale))
                yield Input(f"{name}.{locale}", text, locale, part.get("maxLength", 0))
    else:
        held = schema.get("default") if value is None else value
        if widget == "checks" and isinstance(held, list):
            held = _in_order(held, _ticks(schema))
        yield Input(name, shown(widget, held), "", schema.get("maxLength", 0))


def _in_order(ticked: list[Json], ticks: list[Json]) -> list[Json]:
    """What is ticked, as a page with boxes sends it back."""
    return [one for one in ticks if one in ticked] + [one for one in ticked if one not in ticks]


def _choices(schema: Schema, widget: str, locale: str) -> tuple[Choice, ...]:
    if widget not in {"select", "checks", "scheme"}:
        return ()
    values = _ticks(schema) if widget == "checks" else schema["enum"]
    words = ui_of(schema).get("choices") or ui_of(schema.get("items", {})).get("choices") or {}
    return tuple(Choice(str(one), said(words.get(str(one)), locale) or str(one)) for one in values)


def shown(widget: str, value: Json) -> str:
    """*value* as its control shows it; what does not fit the widget is shown as it stands."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else ""
    if widget == "money" and isinstance(value, int):
        return f"{value:,}".replace(",", ".")
    if widget == "phone" and isinstance(value, str):
        return written_phone(value)
    if widget == "checks" and isinstance(value, list):
        return " ".join(str(one) for one in value)
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def written_phone(number: str) -> str:
    """+84901234567 as 0901 234 567; anything else as it stands."""
    national = "0" + number.removeprefix("+84")
    if not number.startswith("+84") or len(national) != len("0901234567"):
        return number
    return f"{national[:4]} {national[4:7]} {national[7:]}"


def plain_text(text: str) -> str:
    """A typed text as it is kept: composed letters, plain line ends, no outer white space."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip()


def texts_of(fields: Sequence[Field]) -> dict[str, str]:
    """What every input shows, by its name."""
    return {one.name: one.text for field in fields for one in field.inputs}


def read_value(field: Field, text: str) -> Json:
    """The value that *text* means in *field*; None for none.

    Raises: Misread for what can be no value of it.
    """
    text = plain_text(text)
    if field.widget == "check":
        return True if text else None
    if not text:
        return None
    readers = {
        "money": _read_money,
        "number": _read_number,
        "decimal": _read_decimal,
        "phone": _read_phone,
    }
    if field.widget in readers:
        return readers[field.widget](text)
    if field.widget == "checks":
        asked = text.split()
        return [one for one in _ticks(field.schema) if str(one) in asked]
    if field.widget in {"select", "scheme"}:
        return next((one for one in field.schema["enum"] if str(one) == text), text)
    if field.widget in {"text", "date", "time", "url", "id"}:
        return " ".join(text.split())
    return text


def _read_money(text: str) -> int:
    digits = re.sub(r"[\s.,_]|₫|đ|vnđ|vnd", "", text.lower())
    amount = whole_number(digits, MOST_MONEY_DIGITS)
    if amount is None:
        raise Misread("money")
    return amount


def _read_number(text: str) -> int:
    digits = re.sub(r"\s", "", text)
    if not re.fullmatch(r"-?[0-9]{1,15}", digits):
        raise Misread("number")
    return int(digits)


def _read_decimal(text: str) -> float | int:
    digits = re.sub(r"\s", "", text).replace(",", ".")
    if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", digits):
        raise Misread("decimal")
    number = float(digits)
    return int(number) if number.is_integer() else number


def _read_phone(text: str) -> str:
    digits = re.sub(r"[\s().-]", "", text)
    if not re.fullmatch(r"\+?[0-9]{8,15}", digits):
        raise Misread("phone")
    if digits.startswith("0"):
        return "+84" + digits[1:]
    return digits if digits.startswith("+") else f"+{digits}"


def applied(value: Json, field: Field, entry: Input, text: str) -> Json:
    """A copy of the form's object with *text* in the input *entry* of *field*.

    Raises: Misread.
    """
    path = (*field.path, entry.locale) if entry.locale else field.path
    return put(value, path, read_value(field, text))


def put(value: Json, path: Sequence[str], new: Json) -> Json:
    """A copy of the object *value* with *new* at *path*; None takes it away, and what is
    empty then."""
    changed = copy.copy(value) if isinstance(value, dict) else {}
    key, rest = path[0], path[1:]
    part = put(changed.get(key), rest, new) if rest else new
    if part is None or (rest and part == {}):
        changed.pop(key, None)
    else:
        changed[key] = part
    return changed


def title_of(schema: Schema, value: Json, reader: Reader) -> str:
    """What an entry of a list is called by: its first text; "" when it has none yet."""
    if schema.get("x-i18n"):
        return _first_line(_in_language(value, reader))
    if not isinstance(value, Mapping):
        return _first_line(shown(widget_of(schema), value))
    parts = [(key, part) for key, part in schema.get("properties", {}).items() if key in value]
    for key, part in parts:
        if part.get("x-i18n") and (text := _in_language(value[key], reader)):
            return _first_line(text)
    texts = [
        _in_words(part, value[key], reader)
        for key, part in parts
        if widget_of(part) not in ON_OWN_SCREEN | {"id"}
    ]
    return _first_line(" · ".join(text for text in texts if text))


def _in_words(schema: Schema, value: Json, reader: Reader) -> str:
    widget = widget_of(schema)
    words = {one.value: one.label for one in _choices(schema, widget, reader.locale)}
    if widget == "checks" and isinstance(value, list):
        return ", ".join(words.get(str(one), str(one)) for one in value)
    text = shown(widget, value)
    return words.get(text, text)


def _in_language(value: Json, reader: Reader) -> str:
    return said(value, reader.locale if reader.locale in reader.locales else reader.locales[0])


def _first_line(text: str) -> str:
    line = text.strip().partition("\n")[0]
    return line if len(line) <= 80 else f"{line[:79].rstrip()}…"
