"""`/giay-to`: a business's papers: the list, adding one, one with its verdict, its bytes."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

from haidang.api.esign.v1 import esign_pb2
from haidang.core.errors import Absent, HaidangError, Malformed, OutcomeUnknown, Unavailable
from haidang.portal.web import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.web.doors import PAPER_BYTES, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.pdfs import (
    MOST_BYTES,
    MOST_MB,
    attachment,
    judging_parts,
    read_pdf,
    upload_parts,
)
from haidang.portal.web.verdicts import Standing, signers_of, standing_of, told
from haidang.portal.web.visit import Visit
from starlette.responses import PlainTextResponse, Response, StreamingResponse

PATH = "/giay-to"
READS, WRITES = "esign.read", "esign.write"
PAGE = 20
TRANSFER_SECONDS = 60.0
"""For 20 MB between our own processes, with the verify worker's 40 s at its end."""
ID_CHARACTERS = frozenset("0123456789abcdef")
LONGEST_ID = 80
FIELDS = {"file": "file"}


@dataclass(frozen=True)
class Paper:
    """A document as it is shown."""

    id: str
    name: str
    at: datetime
    size_bytes: int
    sha256: str
    level: str
    signers: str
    standing: Standing
    source: str

    @property
    def is_ours(self) -> bool:
        """Whether it was signed here."""
        return self.level != "UNSPECIFIED"


def paper_of(document: esign_pb2.Document) -> Paper:
    """*document* as pages show it."""
    return Paper(
        id=document.name.removeprefix("documents/"),
        name=document.file_name,
        at=document.create_time.ToDatetime(UTC),
        size_bytes=document.size_bytes,
        sha256=document.sha256,
        level=esign_pb2.Level.Name(document.level).removeprefix("LEVEL_"),
        signers=signers_of(document.report),
        standing=standing_of(document),
        source=document.source_document.removeprefix("documents/"),
    )


class Papers:
    """Everything about papers but signing one."""

    def doors(self) -> tuple[Door, ...]:
        """The list, the form, one paper."""
        one = f"{PATH}/{{paper}}"
        return (
            Door("GET", PATH, self.list, needs=READS),
            Door("GET", f"{PATH}/them", self.ask, needs=WRITES),
            Door("POST", f"{PATH}/them", self.add, needs=WRITES, most_bytes=PAPER_BYTES),
            Door("GET", one, self.show, needs=READS, names=("paper",)),
            Door("GET", f"{one}/tai-ve", self.download, needs=READS, names=("paper",)),
            Door("POST", f"{one}/kiem-tra", self.judge, needs=READS, names=("paper",)),
        )

    async def list(self, visit: Visit) -> Response:
        """The papers, newest first, a page at a time."""
        request = esign_pb2.ListDocumentsRequest(page_size=PAGE, page_token=visit.asked("tiep"))
        found = await visit.esign.ListDocuments(request)
        papers = [paper_of(one) for one in found.documents]
        is_first = not visit.asked("tiep")
        return visit.page(
            "papers.html", papers=papers, onward=found.next_page_token, is_first=is_first
        )

    async def ask(self, visit: Visit) -> Response:
        """Where a PDF is chosen."""
        return _form(visit, 200, Faults(), str(uuid.uuid4()))

    async def add(self, visit: Visit) -> Response:
        """Keep the chosen PDF; sent twice, it is one paper."""
        faults = Faults()
        sent = visit.typed.raw("request_id")
        name, pdf = await read_pdf(visit, faults)
        if faults:
            return _form(visit, 422, faults, sent)
        try:
            # Bound to the bytes too: after a cut, another file may be sent by the same page.
            request_id = bound_to(sent, hashlib.sha256(pdf).hexdigest())
            parts = upload_parts(name, pdf, request_id)
            kept = await visit.esign.UploadDocument(parts, timeout=TRANSFER_SECONDS)
        except HaidangError as error:
            is_away = isinstance(error, Unavailable | OutcomeUnknown)
            faults.add_error(error, visit.locale, FIELDS)
            return _form(visit, 503 if is_away else 422, faults, sent)
        onward = f"{PATH}/{paper_of(kept).id}"
        if visit.is_module:
            return Response(status_code=204, headers={"x-onward": onward})
        return visit.go(onward)

    async def show(self, visit: Visit) -> Response:
        """One paper: its facts and the verdict that was kept with it."""
        document = await document_of(visit)
        verdict = told(document.report, visit.words) if document.HasField("report") else None
        return visit.page("paper.html", paper=paper_of(document), verdict=verdict)

    async def download(self, visit: Visit) -> Response:
        """Its bytes, to be saved under its name."""
        document = await document_of(visit)
        pieces = _pieces(visit, document.name)
        first = await anext(pieces, b"")  # a refusal is told before anything is sent
        headers = {**attachment(document.file_name), "Content-Length": str(document.size_bytes)}
        return StreamingResponse(
            _joined(first, pieces), headers=headers, media_type="application/pdf"
        )

    async def judge(self, visit: Visit) -> Response:
        """The verdict of this very moment: certificates expire and are revoked."""
        document = await document_of(visit)
        pdf = b"".join([piece async for piece in _pieces(visit, document.name)])
        report = await visit.esign.ValidateDocument(judging_parts(pdf), timeout=TRANSFER_SECONDS)
        verdict = told(report, visit.words)
        return visit.page("paper.html", paper=paper_of(document), verdict=verdict, is_fresh=True)


async def document_of(visit: Visit) -> esign_pb2.Document:
    """The document in the path. Raises: Absent, also for another tenant's."""
    id = visit["paper"]
    if not (0 < len(id) <= LONGEST_ID and set(id) <= ID_CHARACTERS):
        raise Absent("PAPER_ABSENT")
    request = esign_pb2.GetDocumentRequest(name=f"documents/{id}")
    found: esign_pb2.Document = await visit.esign.GetDocument(request)
    return found


def bound_to(request_id: str, content: str) -> str:
    """A request id of this form for this content. Raises: Malformed REQUEST_ID_INVALID."""
    try:
        return str(uuid.uuid5(uuid.UUID(request_id), content))
    except ValueError as error:
        raise Malformed("REQUEST_ID_INVALID", field="request_id") from error


def _form(visit: Visit, status: int, faults: Faults, request_id: str) -> Response:
    if visit.is_module and faults:
        return PlainTextResponse("\n".join(faults.values()), status)
    return visit.page(
        "papers_add.html", status, faults=faults, request_id=request_id,
        most=MOST_MB, most_bytes=MOST_BYTES,
    )  # fmt: skip


async def _pieces(visit: Visit, name: str) -> AsyncIterator[bytes]:
    request = esign_pb2.DownloadDocumentRequest(name=name)
    async for part in visit.esign.stream("DownloadDocument", request, timeout=TRANSFER_SECONDS):
        yield part.chunk


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
