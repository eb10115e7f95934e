"""Undo the stream filters that cross-reference and object streams use.

Comes in: a stream. Never here: image filters, unbounded output.
Source: ISO 32000-2 clause 7.4.4 (Flate, predictors).
"""

from __future__ import annotations

import zlib

from haidang.esign.inspection.syntax import Dictionary, Name, PdfSyntaxError, Stream

MAX_DECODED_BYTES = 64 * 1024 * 1024
"""A structural stream that grows beyond this is refused as a bomb."""

PNG_PREDICTORS = range(10, 16)
_PNG_AVERAGE, _PNG_PAETH = 3, 4
_BYTE = 0xFF


def decoded(stream: Stream) -> bytes:
    """The decoded bytes of *stream*. Raises: PdfSyntaxError for other filters or damage."""
    filters = _as_list(stream.dictionary.get("Filter"))
    parameters = _as_list(stream.dictionary.get("DecodeParms"))
    plain = stream.raw
    for index, name in enumerate(filters):
        if name != Name("FlateDecode"):
            raise PdfSyntaxError(f"structural stream uses filter {name}")
        plain = _inflate(plain)
        options = parameters[index] if index < len(parameters) else None
        if isinstance(options, Dictionary):
            plain = _undo_predictor(plain, options)
    return plain


def _as_list(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _inflate(packed: bytes) -> bytes:
    worker = zlib.decompressobj()
    try:
        plain = worker.decompress(packed, MAX_DECODED_BYTES)
    except zlib.error as damage:
        raise PdfSyntaxError("compressed stream is damaged") from damage
    if worker.unconsumed_tail:
        raise PdfSyntaxError("compressed stream grows beyond the limit")
    return plain


def _undo_predictor(plain: bytes, options: Dictionary) -> bytes:
    predictor = options.get("Predictor", 1)
    if predictor == 1:
        return plain
    columns = options.get("Columns", 1)
    if (
        predictor not in PNG_PREDICTORS
        or not isinstance(columns, int)
        or not 0 < columns <= len(plain)
        or options.get("Colors", 1) != 1
        or options.get("BitsPerComponent", 8) != 8
    ):
        raise PdfSyntaxError("unsupported predictor")
    return _undo_png(plain, columns)


def _undo_png(plain: bytes, columns: int) -> bytes:
    rows, previous = [], bytearray(columns)
    for start in range(0, len(plain) - columns, columns + 1):
        row = bytearray(plain[start + 1 : start + 1 + columns])
        _undo_row(plain[start], row, previous)
        rows.append(bytes(row))
        previous = row
    return b"".join(rows)


def _undo_row(kind: int, row: bytearray, previous: bytearray) -> None:
    for at in range(len(row)):
        left = row[at - 1] if at else 0
        corner = previous[at - 1] if at else 0
        row[at] = (row[at] + _predicted(kind, left, previous[at], corner)) & _BYTE


def _predicted(kind: int, left: int, above: int, corner: int) -> int:
    if kind == _PNG_PAETH:
        estimate = left + above - corner
        nearest = sorted((left, above, corner), key=lambda near: abs(estimate - near))
        return nearest[0]
    if kind == _PNG_AVERAGE:
        return (left + above) // 2
    return (0, left, above)[kind] if kind in (0, 1, 2) else 0
