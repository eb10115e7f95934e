"""What verifier and worker say to each other: one request, one answer, as bytes.

Pure. A request is a JSON head and the PDF, each after its length; the answer is the JSON of
`DocumentFacts`. Who comes in: `verification` and `verify_worker`. Never here: a socket.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from haidang.esign.facts import DocumentFacts
from haidang.esign.trust import TrustAnchor

LENGTH_BYTES = 8
MAX_PDF_BYTES = 64 * 1024 * 1024
MAX_HEAD_BYTES = 4 * 1024 * 1024
TOO_LARGE = "TOO_LARGE"


@dataclass(frozen=True)
class InspectionRequest:
    """What the worker is asked: the file, whom to trust, as of when, whom it may ask."""

    pdf: bytes
    anchors: tuple[TrustAnchor, ...]
    now: datetime
    allowed_hosts: frozenset[str] = frozenset()


def encode_request(request: InspectionRequest) -> bytes:
    """The bytes of *request*."""
    head = {
        "now": request.now.isoformat(),
        "allowed_hosts": sorted(request.allowed_hosts),
        "anchors": [
            {"der": base64.b64encode(one.der).decode(), "sandbox": one.sandbox}
            for one in request.anchors
        ],
    }
    return b"".join(_with_length(part) for part in (json.dumps(head).encode(), request.pdf))


def _with_length(part: bytes) -> bytes:
    return len(part).to_bytes(LENGTH_BYTES, "big") + part


def read_request(read: Callable[[int], bytes]) -> InspectionRequest:
    """Read one request with *read*, which answers up to so many bytes, b"" at the end.

    Raises: ValueError where the bytes break off, or are larger than allowed.
    """
    head = json.loads(_read_part(read, MAX_HEAD_BYTES))
    return InspectionRequest(
        pdf=_read_part(read, MAX_PDF_BYTES),
        anchors=tuple(
            TrustAnchor(base64.b64decode(one["der"]), "request", bool(one["sandbox"]))
            for one in head["anchors"]
        ),
        now=datetime.fromisoformat(head["now"]),
        allowed_hosts=frozenset(head["allowed_hosts"]),
    )


def _read_part(read: Callable[[int], bytes], limit: int) -> bytes:
    size = int.from_bytes(_read_exactly(read, LENGTH_BYTES), "big")
    if size > limit:
        raise ValueError("part is too large")
    return _read_exactly(read, size)


def _read_exactly(read: Callable[[int], bytes], size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = read(size)
        if not part:
            raise ValueError("the bytes break off")
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def encode_facts(facts: DocumentFacts) -> bytes:
    """*facts* as JSON, instants in ISO 8601."""
    return json.dumps(asdict(facts), default=_instant).encode()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def failed_facts(size_bytes: int, failure: str) -> DocumentFacts:
    """The facts of a file whose inspection ended early."""
    return DocumentFacts(size_bytes, is_pdf=True, failure=failure)


def split_pem(text: str) -> Iterable[bytes]:
    """The DER of every certificate in PEM *text*. Raises: ValueError for damaged base64."""
    begin, end = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"
    for part in text.split(begin)[1:]:
        yield base64.b64decode("".join(part.split(end)[0].split()), validate=True)
