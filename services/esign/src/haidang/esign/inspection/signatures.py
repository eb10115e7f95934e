"""Find the signature dictionaries of a file, and how each lies over its bytes.

Comes in: the file and, if it reads strictly, its last revision. Never here: cryptography,
verdicts. Where the structure cannot be followed, signatures are still found by their bytes
so that a report can name them; the structure's problem is a fact of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from asn1crypto import parser
from haidang.esign.facts import ByteRangeFacts, DictionaryFacts
from haidang.esign.inspection.revisions import Revision
from haidang.esign.inspection.syntax import (
    Dictionary,
    IndirectObject,
    Name,
    PdfSyntaxError,
    Ref,
    Text,
    read_indirect,
)

MAX_SIGNATURES = 200
MAX_FIELD_DEPTH = 32
TIMESTAMP_SUBFILTER = "ETSI.RFC3161"
_RANGE_NUMBERS = 4
_PLAIN_HEX = re.compile(rb"<(?:[0-9A-Fa-f]{2})*>")
_OBJECT_HEADER = re.compile(rb"(?<![0-9])\d{1,10}[\x00\t\n\x0c\r ]+\d{1,5}[\x00\t\n\x0c\r ]+obj")
_DATE = re.compile(
    rb"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z(?:00'?00'?)?|([+-])(\d\d)'?(?:(\d\d)'?)?)?"
)


def _name_pattern(name: str) -> re.Pattern[bytes]:
    """Match *name* as a key, each of its letters plain or as a #xx escape."""
    letters = [f"(?:{letter}|#{ord(letter):02x}|#{ord(letter):02X})" for letter in name]
    return re.compile(("/" + "".join(letters)).encode())


BYTE_RANGE_KEY = _name_pattern("ByteRange")


@dataclass(frozen=True)
class FoundSignature:
    """A signature value of the file: its dictionary, or why it could not be read."""

    field: str
    dictionary: Dictionary
    written: IndirectObject | None
    problem: str = ""

    @property
    def number(self) -> int | None:
        """Object number of the signature dictionary, where it is an object of its own."""
        return self.written.number if self.written else None


def signatures_by_structure(revision: Revision) -> list[FoundSignature]:
    """The values of all signature fields, in the order of the form."""
    form = revision.dictionary(revision.dictionary(revision.trailer.get("Root")).get("AcroForm"))
    found: list[FoundSignature] = []
    seen: set[Ref] = set()
    for item in revision.array(form.get("Fields")):
        _walk_field(revision, item, Name(""), "", found, seen, 0)
    return found


def _walk_field(
    revision: Revision,
    item: object,
    inherited: object,
    parent_name: str,
    found: list[FoundSignature],
    seen: set[Ref],
    depth: int,
) -> None:
    if isinstance(item, Ref):
        if item in seen:
            return
        seen.add(item)
    if depth > MAX_FIELD_DEPTH or len(found) >= MAX_SIGNATURES:
        raise PdfSyntaxError("too many form fields, or nested too deeply")
    field = revision.dictionary(item)
    kind = revision.value(field.get("FT", inherited))
    name = ".".join(part for part in (parent_name, _text(field.get("T"))) if part)
    if kind == Name("Sig") and field.get("V") is not None:
        holder = item if isinstance(item, Ref) else None
        found.append(_read_field_value(revision, field["V"], name, holder))
    for kid in revision.array(field.get("Kids")):
        _walk_field(revision, kid, kind, name, found, seen, depth + 1)


def _text(value: object) -> str:
    if not isinstance(value, Text):
        return ""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1")


def _read_field_value(
    revision: Revision, value: object, name: str, holder: Ref | None
) -> FoundSignature:
    reference = value if isinstance(value, Ref) else holder
    try:
        dictionary = revision.value(value)
        written = revision.written(reference.number) if reference else None
    except PdfSyntaxError as fault:
        return FoundSignature(name, Dictionary(), None, str(fault))
    if not isinstance(dictionary, Dictionary):
        return FoundSignature(name, Dictionary(), written, "its value is not a dictionary")
    return FoundSignature(name, dictionary, written)


def signatures_by_bytes(pdf: bytes) -> list[FoundSignature]:
    """Objects that look like signature dictionaries, wherever they stand; the last of a number."""
    found: dict[int, FoundSignature] = {}
    for key in BYTE_RANGE_KEY.finditer(pdf):
        if len(found) >= MAX_SIGNATURES:
            break
        written = _object_around(pdf, key.start())
        if written is not None and isinstance(written.value, Dictionary):
            found[written.number] = FoundSignature("", written.value, written)
    return list(found.values())


_LOOK_BACK_BYTES = 4 * 1024 * 1024


def _object_around(pdf: bytes, at: int) -> IndirectObject | None:
    start = pdf.rfind(b"obj", max(0, at - _LOOK_BACK_BYTES), at)
    while start >= 0:
        line = max(0, start - len(b"0000000000 00000 "))
        headers = list(_OBJECT_HEADER.finditer(pdf, line, start + len(b"obj")))
        if headers:
            try:
                written = read_indirect(pdf, headers[-1].start())
            except PdfSyntaxError:
                return None
            return written if written.end > at else None
        start = pdf.rfind(b"obj", max(0, at - _LOOK_BACK_BYTES), start)
    return None


def stray_byte_ranges(pdf: bytes, found: list[FoundSignature]) -> int:
    """How many /ByteRange keys stand outside every signature found."""
    extents = [(one.written.start, one.written.end) for one in found if one.written]
    return sum(
        not any(start <= key.start() < end for start, end in extents)
        for key in BYTE_RANGE_KEY.finditer(pdf)
    )


def read_byte_range(pdf: bytes, found: FoundSignature) -> ByteRangeFacts:
    """Measure the dictionary's /ByteRange and /Contents over the file."""
    values = found.dictionary.get("ByteRange")
    numbers = (
        tuple(item for item in values if type(item) is int) if isinstance(values, list) else ()
    )
    well_formed = isinstance(values, list) and len(values) == len(numbers) == _RANGE_NUMBERS
    contents = found.dictionary.get("Contents")
    span = found.dictionary.spans.get("Contents") if found.written else None
    written = pdf[span[0] : span[1]] if span else b""
    der = der_of(contents)
    padding = contents[len(der) :] if isinstance(contents, Text) else b""
    return ByteRangeFacts(
        values=numbers if well_formed else None,
        contents_span=span,
        contents_is_plain_hex=_PLAIN_HEX.fullmatch(written) is not None,
        contents_bytes=len(der),
        padding_is_zero=bool(der) and not padding.strip(b"\x00"),
    )


def der_of(contents: object) -> bytes:
    """The one ASN.1 value at the head of /Contents, without padding; empty if there is none."""
    if not isinstance(contents, Text) or not contents.strip(b"\x00"):
        return b""
    try:
        return bytes(contents[: parser.peek(bytes(contents))])
    except ValueError:
        return b""


def covered_bytes(pdf: bytes, facts: ByteRangeFacts) -> list[bytes]:
    """The two stretches the signature covers; empty if they do not lie in the file."""
    if facts.values is None or min(facts.values) < 0:
        return []
    first, first_length, second, second_length = facts.values
    if first + first_length > second or second + second_length > len(pdf):
        return []
    view = memoryview(pdf)
    return [
        bytes(view[first : first + first_length]),
        bytes(view[second : second + second_length]),
    ]


def read_dictionary(found: FoundSignature) -> DictionaryFacts:
    """What the dictionary claims of itself."""
    dictionary = found.dictionary
    declared = dictionary.get("M")
    declared_at = read_date(declared)
    return DictionaryFacts(
        sub_filter=_name(dictionary.get("SubFilter")),
        filter=_name(dictionary.get("Filter")),
        type=_name(dictionary.get("Type")),
        has_cert="Cert" in dictionary,
        has_reason="Reason" in dictionary,
        declared_at=declared_at,
        declared_at_is_malformed=declared is not None and declared_at is None,
        repeated_keys=tuple(sorted(dictionary.repeated)),
    )


def _name(value: object) -> str:
    return str(value) if isinstance(value, Name) else ""


def read_date(value: object) -> datetime | None:
    """A PDF date as an aware UTC instant; None if absent, partial or malformed."""
    found = _DATE.fullmatch(value) if isinstance(value, Text) else None
    if found is None:
        return None
    try:
        offset = timedelta(hours=int(found[8] or 0), minutes=int(found[9] or 0))
        zone = timezone(-offset if found[7] == b"-" else offset)
        parts = [int(found[index]) for index in range(1, 7)]
        year, month, day, hour, minute, second = parts
        return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
