"""Screens of the editor: where in a draft a form or a list stands. Pure.

A *place* is a path without its first slash, such as "business", "site/rooms/2" or
"pages/0/sections/hoi-dap/data/items/1": like a finding's pointer, but a section is called
by its id, which stays when somebody moves it. "-" as the last step is an entry not yet
there. A place is a *form* (an object) or a *list*; an entry that is no object (a rule, a
step) is a form with the one field "text".
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from haidang.portal.web.editing.drafts import Document
from haidang.portal.web.editing.facts import BUSINESS, page_schema
from haidang.portal.web.editing.kit import Kit
from haidang.portal.web.editing.schema_forms import (
    MOST_INLINE,
    Json,
    Reader,
    Schema,
    label_of,
    title_of,
    widget_of,
)
from haidang.portal.web.numbers import whole_number

NEW = "-"
_ANYONE = Reader("vi", ("vi",))
TEXT = "text"
"""The one field of an entry that is no object."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A form or a list. `value` is the form's object, or the list's entries.

    `section` is the id of the section it belongs to, "" outside of one; `above` the place
    it was reached from, "" for the website's own screen.
    """

    place: str
    schema: Schema
    value: Json
    label: str
    above: str
    section: str = ""
    is_list: bool = False
    is_wrapped: bool = False
    is_new: bool = False

    @property
    def entry_schema(self) -> Schema:
        """What an entry of this list is."""
        items = self.schema.get("items")
        return items if isinstance(items, Mapping) else {}


@dataclass(frozen=True, slots=True)
class _Root:
    """Where schemas begin: how many steps of the place it takes."""

    steps: int
    schema: Schema
    value: Json
    label: str
    section: str = ""


def screen_at(kit: Kit, document: Document, place: str, reader: Reader) -> Screen | None:
    """The screen at *place*; None when there is nothing of the kind in the draft."""
    parts = place.split("/")
    root = _root(kit, document, parts, reader)
    if root is None:
        return None
    schema, value, label = root.schema, root.value, root.label
    for number, part in enumerate(parts[root.steps :], root.steps):
        is_entry = widget_of(schema) == "list"
        found = _entry(schema, value, part, reader) if is_entry else _part(schema, value, part)
        if found is None:
            return None
        named = "" if is_entry else label_of(found[0], part, reader.locale)
        is_last = number == len(parts) - 1
        schema, value, label = found[0], found[1], named or title_of(found[0], found[1], reader)
        if is_entry and is_last:
            return _entry_screen(place, schema, value, label, root.section, is_new=part == NEW)
    is_list = widget_of(schema) == "list"
    held = value if isinstance(value, list if is_list else dict) else ([] if is_list else {})
    return Screen(place, schema, held, label, _above(parts, root), root.section, is_list)


def _root(kit: Kit, document: Document, parts: Sequence[str], reader: Reader) -> _Root | None:
    match parts:
        case ["business", *_]:
            return _Root(1, BUSINESS, document["business"], "")
        case ["site", *_]:
            return _Root(1, kit.site, document["site"], "")
        case ["pages", number] | ["pages", number, "title" | "description", *_]:
            page = _page(document, number)
            return page and _Root(2, page_schema(kit.locales), page, "")
        case ["pages", number, "sections", section, "data", *_]:
            return _section_root(kit, document, number, section, reader)
    return None


def _section_root(
    kit: Kit, document: Document, number: str, section: str, reader: Reader
) -> _Root | None:
    page = _page(document, number)
    for one in page["sections"] if page else []:
        kind = kit.kinds.get(one["type"])
        if one["id"] == section and kind:
            label = kind.label.get(reader.locale) or kind.label["vi"]
            return _Root(5, kind.schema, one.get("data", {}), label, section)
    return None


def _page(document: Document, number: str) -> Json:
    pages = document["pages"]
    index = whole_number(number)
    return pages[index] if index is not None and index < len(pages) else None


def _part(schema: Schema, value: Json, key: str) -> tuple[Schema, Json] | None:
    part = schema.get("properties", {}).get(key)
    if part is None or widget_of(part) not in {"object", "list"}:
        return None
    return part, value.get(key) if isinstance(value, Mapping) else None


def _entry(schema: Schema, value: Json, key: str, reader: Reader) -> tuple[Schema, Json] | None:
    items = schema["items"]
    if key == NEW:
        return items, None
    index = whole_number(key)
    if index is None or not isinstance(value, list) or index >= len(value):
        return None
    return items, value[index]


def _entry_screen(
    place: str, schema: Schema, value: Json, label: str, section: str, *, is_new: bool
) -> Screen:
    is_wrapped = widget_of(schema) != "object"
    if is_wrapped:
        schema = {"type": "object", "required": [TEXT], "properties": {TEXT: schema}}
        value = {} if value is None else {TEXT: value}
    held = value if isinstance(value, dict) else {}
    above = place.rpartition("/")[0]
    return Screen(place, schema, held, label, above, section, False, is_wrapped, is_new)


def _above(parts: Sequence[str], root: _Root) -> str:
    """The form a list or a larger object is reached from."""
    if len(parts) == root.steps:
        return ""
    above = "/".join(parts[:-1])
    return "" if above == "site" else above


def stored_value(screen: Screen, value: Json) -> Json:
    """The value to keep for a form's object."""
    return value.get(TEXT, {"vi": ""}) if screen.is_wrapped else value


def with_value(document: Document, place: str, value: Json) -> Document:
    """A copy of *document* with *value* at *place*; a new entry goes to the end.

    Lists and objects on the way are made where they are not there yet.
    """
    changed = copy.deepcopy(document)
    parts = place.split("/")
    holder: Json = changed
    for part, onward in zip(parts, [*parts[1:], ""], strict=True):
        is_last = onward == ""
        key = _key(holder, part)
        if is_last:
            _set(holder, key, value)
        else:
            holder = _held(holder, key, [] if onward == NEW else {})
    return changed


def _key(holder: Json, part: str) -> str | int:
    if not isinstance(holder, list):
        return part
    if part == NEW:
        return len(holder)
    for number, one in enumerate(holder):
        if isinstance(one, dict) and "type" in one and one.get("id") == part:
            return number
    return int(part)


def _set(holder: Json, key: str | int, value: Json) -> None:
    if isinstance(holder, list) and key == len(holder):
        holder.append(value)
    else:
        holder[key] = value


def _held(holder: Json, key: str | int, fresh: Json) -> Json:
    if isinstance(holder, dict):
        return holder.setdefault(key, fresh)
    return holder[key]


def entries_at(document: Document, place: str) -> list[Json]:
    """The entries of the list at *place*; [] when it is not there."""
    holder: Json = document
    for part in place.split("/"):
        try:
            holder = holder[_key(holder, part)]
        except (KeyError, IndexError, ValueError, TypeError):
            return []
    return holder if isinstance(holder, list) else []


def place_of(kit: Kit, document: Document, pointer: str) -> tuple[str, str]:
    """The screen and the input that a finding's *pointer* means.

    ("", "") is the website's own screen: a page's composition, or what no form holds.
    """
    parts = pointer.lstrip("/").split("/")
    named = _by_id(document, parts)
    root = _root(kit, document, named, _ANYONE)
    if root is None:
        return "", ""
    return _within(root, named)


def _by_id(document: Document, parts: list[str]) -> list[str]:
    """*parts* with a section's number as its id."""
    if len(parts) > 3 and parts[0] == "pages" and parts[2] == "sections":
        page = _page(document, parts[1])
        sections = page["sections"] if page else []
        index = whole_number(parts[3])
        if index is not None and index < len(sections):
            return [*parts[:3], sections[index]["id"], *parts[4:]]
    return parts


def _within(root: _Root, parts: list[str]) -> tuple[str, str]:
    place, schema, path = parts[: root.steps], root.schema, []
    rest = parts[root.steps :]
    while rest:
        key, rest = rest[0], rest[1:]
        part = schema.get("properties", {}).get(key)
        if part is None:
            path.append(key)
            break
        widget = widget_of(part)
        if widget == "object":
            schema = part
            is_inline = len(part["properties"]) <= MOST_INLINE
            path, place = ([*path, key], place) if is_inline else ([], [*place, key])
        elif widget == "list":
            place, path = [*place, key], []
            if not rest:
                break
            place, rest, schema = [*place, rest[0]], rest[1:], part["items"]
            if widget_of(schema) != "object":
                path = [TEXT, *rest[:1]]
                break
        else:
            path = [*path, key, *(rest[:1] if part.get("x-i18n") else [])]
            break
    return "/".join(place), ".".join(path)


def relocated(before: Document, now: Document, place: str) -> str | None:
    """Where the entry at *place* in *before* stands *now*; None when it is gone.

    An entry is known by what it holds; one that was changed meanwhile, by where it stands,
    as long as its list is of the same length.
    """
    parts = place.split("/")
    found: list[str] = []
    for number, part in enumerate(parts):
        index = whole_number(part) if number > 1 and parts[number - 1] != "sections" else None
        if index is not None:
            old = entries_at(before, "/".join(parts[:number]))
            new = entries_at(now, "/".join(found))
            moved = moved_to(old, new, index)
            if moved is None:
                return None
            part = str(moved)
        found.append(part)
    return "/".join(found)


def moved_to(before: list[Json], now: list[Json], index: int) -> int | None:
    """Where the entry *index* of *before* stands in *now*; None when it is gone."""
    if index >= len(before):
        return None
    if index < len(now) and now[index] == before[index]:
        return index
    same = [number for number, one in enumerate(now) if one == before[index]]
    if len(same) == 1:
        return same[0]
    return index if len(before) == len(now) else None
