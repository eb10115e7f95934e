"""Read PDF objects strictly, remembering where each dictionary value stood.

Comes in: bytes and a position. Never here: repair, cross-references, meaning.
Anything outside the grammar is `PdfSyntaxError`. Source: ISO 32000-2 clause 7.2, 7.3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

MAX_NESTING = 64
"""Deeper containers are refused; the deepest honest file of our corpora nests 12."""

_SPACE = re.compile(rb"(?:[\x00\t\n\x0c\r ]+|%[^\r\n]*)*")
_NUMBER = re.compile(
    rb"[+-]?(?:\d{1,20}\.\d{0,20}|\.\d{1,20}|\d{1,20})(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
)
_REFERENCE = re.compile(
    rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+R(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)"
)
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
_NAME_ESCAPE = re.compile(r"#([0-9A-Fa-f]{2})")
_KEYWORD = re.compile(rb"(?:true|false|null)(?=[\x00\t\n\x0c\r ()<>\[\]{}/%]|$)")
_HEX = re.compile(rb"<([0-9A-Fa-f\x00\t\n\x0c\r ]*)>")
_LITERAL_STOP = re.compile(rb"[()\\]")
_HEADER = re.compile(rb"(\d{1,10})[\x00\t\n\x0c\r ]+(\d{1,5})[\x00\t\n\x0c\r ]+obj")
_STREAM = re.compile(rb"stream(?:\r\n|\n)")
_STREAM_END = re.compile(rb"(?:\r\n|\r|\n)?endstream(?=[\x00\t\n\x0c\r ]|$)")
_OBJECT_END = re.compile(rb"endobj(?=[\x00\t\n\x0c\r ()<>\[\]{}/%0-9]|$)")
_WHITESPACE = re.compile(rb"[\x00\t\n\x0c\r ]+")
_KEYWORDS: dict[bytes, bool | None] = {b"true": True, b"false": False, b"null": None}


class PdfSyntaxError(Exception):
    """The bytes are not what the grammar, or a cross-reference, says they are."""


class Name(str):
    """A PDF name, escapes resolved."""

    __slots__ = ()


class Text(bytes):
    """A PDF string, literal or hexadecimal."""

    __slots__ = ()


class Ref(NamedTuple):
    """A reference to an indirect object."""

    number: int
    generation: int


class Dictionary(dict[str, object]):
    """A PDF dictionary; `spans` tells the byte range each value was written in.

    `repeated` lists keys written more than once, of which readers choose differently.
    """

    def __init__(self) -> None:
        super().__init__()
        self.spans: dict[str, tuple[int, int]] = {}
        self.repeated: set[str] = set()


@dataclass(frozen=True)
class Stream:
    """A PDF stream: its dictionary and its raw, still encoded bytes."""

    dictionary: Dictionary
    raw: bytes


class IndirectObject(NamedTuple):
    """An indirect object as it stands in the file, from `start` to `end` exclusive."""

    number: int
    generation: int
    value: object
    start: int
    end: int


def skip_space(pdf: bytes, at: int) -> int:
    """The first position from *at* that is neither white space nor in a comment."""
    found = _SPACE.match(pdf, at)
    return found.end() if found else at


def read_value(pdf: bytes, at: int, depth: int = 0) -> tuple[object, int]:
    """Read one direct object at *at*: (value, position after it). Raises: PdfSyntaxError."""
    if depth > MAX_NESTING:
        raise PdfSyntaxError("nested too deeply")
    at = skip_space(pdf, at)
    lead = pdf[at : at + 2]
    if lead == b"<<":
        return _read_dictionary(pdf, at, depth)
    match lead[:1]:
        case b"/":
            return _read_name(pdf, at)
        case b"[":
            return _read_array(pdf, at, depth)
        case b"(":
            return _read_literal(pdf, at)
        case b"<":
            return _read_hexadecimal(pdf, at)
        case _:
            return _read_word(pdf, at)


def _read_word(pdf: bytes, at: int) -> tuple[object, int]:
    if reference := _REFERENCE.match(pdf, at):
        return Ref(int(reference[1]), int(reference[2])), reference.end()
    if number := _NUMBER.match(pdf, at):
        text = number[0]
        return (float(text) if b"." in text else int(text)), number.end()
    if keyword := _KEYWORD.match(pdf, at):
        return _KEYWORDS[keyword[0]], keyword.end()
    raise PdfSyntaxError(f"no object at {at}")


def _read_name(pdf: bytes, at: int) -> tuple[Name, int]:
    found = _NAME.match(pdf, at)
    if found is None:
        raise PdfSyntaxError(f"no name at {at}")
    written = found[1].decode("latin-1")
    if "#" in written:
        written = _NAME_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), written)
    return Name(written), found.end()


def _read_array(pdf: bytes, at: int, depth: int) -> tuple[list[object], int]:
    items: list[object] = []
    at = skip_space(pdf, at + 1)
    while pdf[at : at + 1] != b"]":
        item, at = read_value(pdf, at, depth + 1)
        items.append(item)
        at = skip_space(pdf, at)
    return items, at + 1


def _read_dictionary(pdf: bytes, at: int, depth: int) -> tuple[Dictionary, int]:
    read = Dictionary()
    at = skip_space(pdf, at + 2)
    while pdf[at : at + 2] != b">>":
        key, at = _read_name(pdf, at)
        start = skip_space(pdf, at)
        value, at = read_value(pdf, start, depth + 1)
        if key in read:
            read.repeated.add(key)
        read[key] = value
        read.spans[key] = (start, at)
        at = skip_space(pdf, at)
    return read, at + 2


def _read_literal(pdf: bytes, at: int) -> tuple[Text, int]:
    open_parentheses, position = 1, at + 1
    while open_parentheses:
        stop = _LITERAL_STOP.search(pdf, position)
        if stop is None:
            raise PdfSyntaxError(f"string at {at} does not end")
        position = stop.end()
        if stop[0] == b"\\":
            position += 1
        else:
            open_parentheses += 1 if stop[0] == b"(" else -1
    return Text(_unescape(pdf[at + 1 : position - 1])), position


_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_CONTINUED = (b"\r\n", b"\r", b"\n")
_OCTAL_BYTE = 0xFF


def _unescape(written: bytes) -> bytes:
    def one(escape: re.Match[bytes]) -> bytes:
        code = escape[1]
        if code.isdigit() and code[0:1] < b"8":
            return bytes([int(code, 8) & _OCTAL_BYTE])
        return b"" if code in _CONTINUED else _ESCAPES.get(code, code)

    return _ESCAPED.sub(one, written) if b"\\" in written else written


def _read_hexadecimal(pdf: bytes, at: int) -> tuple[Text, int]:
    found = _HEX.match(pdf, at)
    if found is None:
        raise PdfSyntaxError(f"no hexadecimal string at {at}")
    digits = _WHITESPACE.sub(b"", found[1])
    return Text(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode())), found.end()


def read_header(pdf: bytes, at: int) -> tuple[int, int, int] | None:
    """(number, generation, position after "obj") where an indirect object starts at *at*."""
    found = _HEADER.match(pdf, at)
    return (int(found[1]), int(found[2]), found.end()) if found else None


def read_indirect(pdf: bytes, at: int, length_of: object = None) -> IndirectObject:
    """Read the indirect object at *at*; white space before it is passed over.

    *length_of* is a callable that resolves a stream's indirect /Length, or None.
    Raises: PdfSyntaxError.
    """
    start = skip_space(pdf, at)
    header = read_header(pdf, start)
    if header is None:
        raise PdfSyntaxError(f"no object header at {at}")
    number, generation, position = header
    value, position = read_value(pdf, position)
    position = skip_space(pdf, position)
    if isinstance(value, Dictionary) and (opened := _STREAM.match(pdf, position)):
        value, position = _read_stream(pdf, value, opened.end(), length_of)
    closed = _OBJECT_END.match(pdf, position)
    if closed is None:
        raise PdfSyntaxError(f"object {number} does not end with endobj")
    return IndirectObject(number, generation, value, start, closed.end())


def _read_stream(
    pdf: bytes, dictionary: Dictionary, at: int, length_of: object
) -> tuple[Stream, int]:
    length = dictionary.get("Length")
    if isinstance(length, Ref) and callable(length_of):
        length = length_of(length)
    if not isinstance(length, int) or not 0 <= length <= len(pdf) - at:
        raise PdfSyntaxError("stream length is not usable")
    closed = _STREAM_END.match(pdf, at + length)
    if closed is None:
        raise PdfSyntaxError("stream does not end where its length says")
    return Stream(dictionary, pdf[at : at + length]), skip_space(pdf, closed.end())
