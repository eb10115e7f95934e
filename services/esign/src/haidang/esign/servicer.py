"""Messages to values and back, for papers. Nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.longrunning import operations_pb2
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.core.errors import Malformed
from haidang.core.operations import Desk
from haidang.core.operations.served import to_message
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.esign import messages
from haidang.esign.report_messages import report_message
from haidang.esign.signing import SigningOffice, require_size, whole
from haidang.esign.verification import Verifier

CHUNK_BYTES = 64 * 1024
DEFAULT_PAGE, LONGEST_PAGE = 50, 100
MOST_BEFORE = 2**31 - 1
"""So far every database counts."""
SERVICE = "/haidang.api.esign.v1.EsignService/"
READS = ("GetDocument", "ListDocuments", "DownloadDocument", "ListSigners")
WRITES = ("UploadDocument", "SignDocument", "DeclareRegistration")
METHODS = {
    # Of its own, so that a visitor may be given it who sees nobody's documents.
    f"{SERVICE}ValidateDocument": "esign.validate",
    **{f"{SERVICE}{name}": "esign.read" for name in READS},
    **{f"{SERVICE}{name}": "esign.write" for name in WRITES},
}

Upload = esign_pb2.UploadDocumentRequest | esign_pb2.ValidateDocumentRequest


class EsignServicer(esign_pb2_grpc.EsignServiceServicer):
    """esign.v1."""

    def __init__(self, desk: Desk, office: SigningOffice, verifier: Verifier) -> None:
        self._desk = desk
        self._office = office
        self._verifier = verifier

    async def UploadDocument(
        self, request_iterator: AsyncIterator[esign_pb2.UploadDocumentRequest], context: Context
    ) -> esign_pb2.Document:
        head = await _head(request_iterator)
        document = await self._office.upload(
            current_actor().tenant, head.request_id, head.file_name, _chunks(request_iterator)
        )
        return messages.document_message(document)

    async def GetDocument(
        self, request: esign_pb2.GetDocumentRequest, context: Context
    ) -> esign_pb2.Document:
        found = await self._office.ledger.document(current_actor().tenant, _id(request.name))
        return messages.document_message(found)

    async def ListDocuments(
        self, request: esign_pb2.ListDocumentsRequest, context: Context
    ) -> esign_pb2.ListDocumentsResponse:
        tenant = current_actor().tenant
        if request.page_size < 0:
            raise Malformed("FIELD_INVALID", field="page_size", detail="không được âm")
        size = max(1, min(request.page_size or DEFAULT_PAGE, LONGEST_PAGE))
        start = _start(decode_page_token(request.page_token, tenant).get("start", 0))
        found = await self._office.ledger.documents(tenant, start=start, limit=size + 1)
        is_more = len(found) > size
        return esign_pb2.ListDocumentsResponse(
            documents=[messages.document_message(one) for one in found[:size]],
            next_page_token=encode_page_token({"start": start + size}, tenant) if is_more else "",
        )

    async def DownloadDocument(
        self, request: esign_pb2.DownloadDocumentRequest, context: Context
    ) -> AsyncIterator[esign_pb2.DownloadDocumentResponse]:
        content = await self._office.content(current_actor().tenant, _id(request.name))
        for start in range(0, len(content), CHUNK_BYTES):
            yield esign_pb2.DownloadDocumentResponse(chunk=content[start : start + CHUNK_BYTES])

    async def ListSigners(
        self, request: esign_pb2.ListSignersRequest, context: Context
    ) -> esign_pb2.ListSignersResponse:
        found = await self._office.signers(current_actor().tenant)
        return esign_pb2.ListSignersResponse(
            signers=[messages.signer_message(one) for one in found]
        )

    async def SignDocument(
        self, request: esign_pb2.SignDocumentRequest, context: Context
    ) -> operations_pb2.Operation:
        operation = await self._desk.start(
            self._office.sign,
            messages.sign_command(request),
            request_id=request.request_id,
            actor=current_actor(),
        )
        return to_message(operation, messages.ANSWERS)

    async def DeclareRegistration(
        self, request: esign_pb2.DeclareRegistrationRequest, context: Context
    ) -> operations_pb2.Operation:
        operation = await self._desk.start(
            self._office.declare,
            messages.declare_command(request),
            request_id=request.request_id,
            actor=current_actor(),
        )
        return to_message(operation, messages.ANSWERS)

    async def ValidateDocument(
        self, request_iterator: AsyncIterator[esign_pb2.ValidateDocumentRequest], context: Context
    ) -> esign_pb2.ValidationReport:
        await _head(request_iterator)
        return report_message(await self._verifier.validate(await whole(_chunks(request_iterator))))


def _start(token: object) -> int:
    """How many documents came before. Raises: Malformed PAGE_TOKEN_INVALID."""
    if isinstance(token, int) and 0 <= token <= MOST_BEFORE:
        return token
    raise Malformed("PAGE_TOKEN_INVALID", field="page_token")


def _id(name: str) -> str:
    return name.removeprefix("documents/")


async def _head(requests: AsyncIterator[Upload]) -> esign_pb2.DocumentHead:
    """The first message. Raises: Malformed DOCUMENT_HEAD_MISSING, DOCUMENT_TOO_LARGE."""
    first = await anext(requests, None)
    if first is None or first.WhichOneof("part") != "head":
        raise Malformed("DOCUMENT_HEAD_MISSING", field="head")
    require_size(first.head.size_bytes)
    return first.head


async def _chunks(requests: AsyncIterator[Upload]) -> AsyncIterator[bytes]:
    """The messages after the head. Raises: Malformed DOCUMENT_HEAD_MISSING for another head."""
    async for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise Malformed("DOCUMENT_HEAD_MISSING", field="head")
        yield request.chunk
