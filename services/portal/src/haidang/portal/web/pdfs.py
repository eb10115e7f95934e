"""PDFs on their way: read out of a form, sent to the e-sign service, handed to a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator
from urllib.parse import quote

from haidang.api.esign.v1 import esign_pb2
from haidang.core.vietnamese import fold
from haidang.portal.web.forms import Faults
from haidang.portal.web.visit import Visit
from starlette.datastructures import UploadFile

MOST_MB = 20
"""The e-sign service's own limit; refused here before the bytes travel on."""
MOST_BYTES = MOST_MB * 1_000_000
CHUNK_BYTES = 64 * 1024
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-")
EXTENDED = "!#$&+^`|~"
"""What RFC 8187 leaves unquoted besides letters, digits and ._-"""
SAFE_HEADERS = {
    # A stranger's bytes are never shown within our origin, whatever they claim to be.
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


async def read_pdf(visit: Visit, faults: Faults) -> tuple[str, bytes]:
    """The chosen file's name and bytes; what is wrong with it stands at the field file."""
    file = visit.typed.file("file")
    content = await file.read(MOST_BYTES + 1) if file else b""
    if file is None:
        faults.add("file", visit.words("papers.file_missing"))
    elif not content:
        faults.add("file", visit.words("papers.file_empty"))
    elif len(content) > MOST_BYTES:
        faults.add("file", visit.words("papers.file_large", most=MOST_MB))
    return _named(file), content


def _named(file: UploadFile | None) -> str:
    return (file.filename if file else None) or ""


async def upload_parts(
    name: str, pdf: bytes, request_id: str
) -> AsyncIterator[esign_pb2.UploadDocumentRequest]:
    """The messages of UploadDocument: the head, then chunks."""
    head = esign_pb2.DocumentHead(file_name=name, size_bytes=len(pdf), request_id=request_id)
    yield esign_pb2.UploadDocumentRequest(head=head)
    for start in range(0, len(pdf), CHUNK_BYTES):
        yield esign_pb2.UploadDocumentRequest(chunk=pdf[start : start + CHUNK_BYTES])


async def judging_parts(pdf: bytes) -> AsyncIterator[esign_pb2.ValidateDocumentRequest]:
    """The messages of ValidateDocument. The file's name stays here: no verdict needs it."""
    head = esign_pb2.DocumentHead(size_bytes=len(pdf))
    yield esign_pb2.ValidateDocumentRequest(head=head)
    for start in range(0, len(pdf), CHUNK_BYTES):
        yield esign_pb2.ValidateDocumentRequest(chunk=pdf[start : start + CHUNK_BYTES])


def attachment(name: str) -> dict[str, str]:
    """Headers under which a file called *name* is saved, never shown.

    Source: RFC 6266 section 4.3 and appendix D; RFC 8187 section 3.2.
    """
    plain = "".join(one if one in PLAIN else "_" for one in fold(name)).strip() or "tai-lieu.pdf"
    exact = quote(name, safe=EXTENDED, errors="replace")
    saved = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{exact}"
    return {"Content-Disposition": saved, **SAFE_HEADERS}
