"""Follow cross-references strictly: which object stands where in which revision.

Comes in: the file's bytes and the end of a revision. Goes out: `Revision`, the state a
reader sees that stops there. Never here: searching for lost objects or repairing tables.
Source: ISO 32000-2 clauses 7.5.4 to 7.5.8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from haidang.esign.inspection.filters import decoded
from haidang.esign.inspection.syntax import (
    Dictionary,
    IndirectObject,
    Name,
    PdfSyntaxError,
    Ref,
    Stream,
    read_indirect,
    read_value,
    skip_space,
)

MAX_SECTIONS = 512
MAX_OBJECTS = 2_000_000
_CLOSING = re.compile(rb"startxref[\r\n ]+(\d{1,12})[\r\n ]+%%EOF(?:\r\n|\r|\n)?\Z")
_CLOSING_WINDOW = 64
_SUBSECTION = re.compile(rb"(\d{1,10}) (\d{1,10})[ ]?(?:\r\n|\r|\n)")
_ENTRY_BYTES = 20
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_TABLE = re.compile(rb"xref[ ]?(?:\r\n|\r|\n)")
_TRAILER = re.compile(rb"trailer")
_FREE, _IN_FILE, _IN_STREAM = 0, 1, 2


class Entry(NamedTuple):
    """Where an object is: at a byte offset, or at an index of an object stream, or free."""

    kind: int
    place: int
    extra: int

    @property
    def is_free(self) -> bool:
        return self.kind == _FREE

    @property
    def is_in_stream(self) -> bool:
        return self.kind == _IN_STREAM


@dataclass(frozen=True)
class Section:
    """One cross-reference section: a table with its trailer, or a stream (`number` its own)."""

    offset: int
    end: int
    entries: dict[int, Entry]
    trailer: Dictionary
    number: int | None = None
    hybrid: bool = False


@dataclass
class Source:
    """The file, with what was read from it; shared by all its revisions."""

    pdf: bytes
    sections: dict[int, Section] = field(default_factory=dict)
    objects: dict[int, IndirectObject] = field(default_factory=dict)
    members: dict[int, dict[int, object]] = field(default_factory=dict)


class Revision:
    """The objects a reader sees that stops at *end*. Raises: PdfSyntaxError."""

    def __init__(self, source: Source, end: int) -> None:
        self.source = source
        self.end = end
        self.chain = _read_chain(source, _closing_offset(source.pdf, end), end)
        self.trailer = self.chain[0].trailer
        self.entries: dict[int, Entry] = {}
        for section in reversed(self.chain):
            self.entries.update(section.entries)
        self._resolving: set[int] = set()

    def written(self, number: int) -> IndirectObject | None:
        """The indirect object *number* as written in the file; None if free, absent or packed."""
        entry = self.entries.get(number)
        if entry is None or entry.is_free or entry.is_in_stream:
            return None
        return self._at(number, entry)

    def _at(self, number: int, entry: Entry) -> IndirectObject:
        if entry.place >= self.end:
            raise PdfSyntaxError(f"object {number} lies beyond its revision")
        found = self.source.objects.get(entry.place)
        if found is None:
            if number in self._resolving:
                raise PdfSyntaxError(f"object {number} needs itself")
            self._resolving.add(number)
            found = read_indirect(self.source.pdf, entry.place, self.value)
            self._resolving.discard(number)
            self.source.objects[entry.place] = found
        if found.end > self.end:
            raise PdfSyntaxError(f"object {number} runs beyond its revision")
        if (found.number, found.generation) != (number, entry.extra):
            raise PdfSyntaxError(f"cross-reference of object {number} points elsewhere")
        return found

    def value(self, of: object) -> object:
        """Resolve *of* if it is a reference, once; a free or absent object is None."""
        if not isinstance(of, Ref):
            return of
        entry = self.entries.get(of.number)
        if entry is None or entry.is_free:
            return None
        if entry.is_in_stream:
            return self._packed(of.number, entry)
        if entry.extra != of.generation:
            return None
        return self._at(of.number, entry).value

    def _packed(self, number: int, entry: Entry) -> object:
        container = self.entries.get(entry.place)
        if container is None or container.is_free or container.is_in_stream:
            raise PdfSyntaxError(f"object stream {entry.place} is not there")
        members = self.source.members.get(container.place)
        if members is None:
            stream = self._at(entry.place, container).value
            members = _read_members(stream, self.value)
            self.source.members[container.place] = members
        if number not in members:
            raise PdfSyntaxError(f"object {number} is not in its object stream")
        return members[number]

    def dictionary(self, of: object) -> Dictionary:
        """Resolve *of* to a dictionary; an empty one for anything else."""
        found = self.value(of)
        return found if isinstance(found, Dictionary) else Dictionary()

    def array(self, of: object) -> list[object]:
        """Resolve *of* to an array; an empty one for anything else."""
        found = self.value(of)
        return found if isinstance(found, list) else []


def _closing_offset(pdf: bytes, end: int) -> int:
    window = pdf[max(0, end - _CLOSING_WINDOW) : end]
    found = _CLOSING.search(window)
    if found is None:
        raise PdfSyntaxError("does not end with startxref, a number and %%EOF")
    return int(found[1])


def _read_chain(source: Source, offset: int, end: int) -> list[Section]:
    chain: list[Section] = []
    seen: set[int] = set()
    while True:
        if offset in seen or len(chain) >= MAX_SECTIONS or not 0 <= offset < end:
            raise PdfSyntaxError("cross-reference chain is broken")
        seen.add(offset)
        section = source.sections.get(offset)
        if section is None:
            section = source.sections[offset] = read_section(source.pdf, offset)
        if section.end > end:
            raise PdfSyntaxError("cross-reference section lies beyond its revision")
        chain.append(section)
        previous = section.trailer.get("Prev")
        if previous is None:
            return chain
        if not isinstance(previous, int):
            raise PdfSyntaxError("/Prev is not a number")
        offset = previous


def read_section(pdf: bytes, offset: int) -> Section:
    """Read the cross-reference table or stream at exactly *offset*. Raises: PdfSyntaxError."""
    table = _TABLE.match(pdf, offset)
    return _read_table(pdf, offset, table.end()) if table else _read_stream(pdf, offset)


def _read_table(pdf: bytes, offset: int, at: int) -> Section:
    entries: dict[int, Entry] = {}
    while subsection := _SUBSECTION.match(pdf, at):
        first, count = int(subsection[1]), int(subsection[2])
        at = subsection.end()
        if count * _ENTRY_BYTES > len(pdf) - at:
            raise PdfSyntaxError("cross-reference table is longer than the file")
        for number in range(first, first + count):
            found = _ENTRY.match(pdf, at)
            if found is None or number in entries:
                raise PdfSyntaxError(f"cross-reference entry {number} is malformed")
            kind = _IN_FILE if found[3] == b"n" else _FREE
            entries[number] = Entry(kind, int(found[1]), int(found[2]))
            at += _ENTRY_BYTES
    at = skip_space(pdf, at)
    opened = _TRAILER.match(pdf, at)
    trailer, end = read_value(pdf, opened.end()) if opened else (None, at)
    if not isinstance(trailer, Dictionary):
        raise PdfSyntaxError("cross-reference table has no trailer")
    return _with_hybrid(pdf, Section(offset, end, entries, trailer))


def _with_hybrid(pdf: bytes, section: Section) -> Section:
    beside = section.trailer.get("XRefStm")
    if not isinstance(beside, int):
        return section
    hidden = _read_stream(pdf, beside).entries
    shown = {number: entry for number, entry in section.entries.items() if not entry.is_free}
    entries = {**section.entries, **hidden, **shown}
    return Section(section.offset, section.end, entries, section.trailer, hybrid=True)


def _read_stream(pdf: bytes, offset: int) -> Section:
    if not 0 <= offset < len(pdf):
        raise PdfSyntaxError("cross-reference lies outside the file")
    found = read_indirect(pdf, offset)
    if not isinstance(found.value, Stream) or found.start != offset:
        raise PdfSyntaxError("no cross-reference section where one is named")
    dictionary = found.value.dictionary
    if dictionary.get("Type") != Name("XRef"):
        raise PdfSyntaxError("cross-reference stream lacks its type")
    entries = _stream_entries(decoded(found.value), dictionary)
    return Section(offset, found.end, entries, dictionary, number=found.number)


def _integers(value: object) -> list[int]:
    if not isinstance(value, list):
        raise PdfSyntaxError("array of numbers expected")
    numbers = [item for item in value if isinstance(item, int) and item >= 0]
    if len(numbers) != len(value):
        raise PdfSyntaxError("array of numbers expected")
    return numbers


def _stream_entries(plain: bytes, dictionary: Dictionary) -> dict[int, Entry]:
    widths = _integers(dictionary.get("W"))
    size = dictionary.get("Size")
    if len(widths) != len(("kind", "place", "extra")) or not isinstance(size, int):
        raise PdfSyntaxError("cross-reference stream lacks /W or /Size")
    index = _integers(dictionary.get("Index", [0, size]))
    row, at, entries = sum(widths), 0, dict[int, Entry]()
    for first, count in zip(index[::2], index[1::2], strict=False):
        if not row or count > MAX_OBJECTS or at + row * count > len(plain):
            raise PdfSyntaxError("cross-reference stream is too short")
        for number in range(first, first + count):
            entries[number] = _stream_entry(plain[at : at + row], widths)
            at += row
    return entries


def _stream_entry(row: bytes, widths: list[int]) -> Entry:
    first, second = widths[0], widths[0] + widths[1]
    kind = int.from_bytes(row[:first], "big") if first else _IN_FILE
    return Entry(
        kind, int.from_bytes(row[first:second], "big"), int.from_bytes(row[second:], "big")
    )


def _read_members(stream: object, value: object) -> dict[int, object]:
    if not isinstance(stream, Stream) or stream.dictionary.get("Type") != Name("ObjStm"):
        raise PdfSyntaxError("object stream expected")
    count, first = stream.dictionary.get("N"), stream.dictionary.get("First")
    if not isinstance(count, int) or not isinstance(first, int) or not 0 <= count <= MAX_OBJECTS:
        raise PdfSyntaxError("object stream lacks /N or /First")
    plain = decoded(stream)
    words = plain[:first].split()[: 2 * count]
    if len(words) != 2 * count or not all(word.isdigit() for word in words):
        raise PdfSyntaxError("object stream's directory is malformed")
    heads = [int(word) for word in words]
    members: dict[int, object] = {}
    for number, place in zip(heads[::2], heads[1::2], strict=True):
        members[number] = read_value(plain, first + place)[0]
    return members
