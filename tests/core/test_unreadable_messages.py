"""Bytes that are no message are the caller's fault, said in the vocabulary."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.core.client import error_from

from tests.core.doors import Echo, a_caller

GET = "/google.longrunning.Operations/GetOperation"
UPLOAD = "/haidang.api.esign.v1.EsignService/UploadDocument"
DOWNLOAD = "/haidang.api.esign.v1.EsignService/DownloadDocument"
RULES = dict.fromkeys((GET, UPLOAD, DOWNLOAD), "echo.write")


def nested(levels: int) -> bytes:
    """So many groups in one another, which no contract of ours has and any reader must skip."""
    return b"\x1b" * levels + b"\x1c" * levels


WIRES = {
    "rubbish": b"\xff" * 20,
    "cut short": b"\x0a\x7foperations/",
    "no UTF-8": b"\x0a\x02\xff\xfe",
    "too deep": nested(10_000),
}


class Answers(operations_pb2_grpc.OperationsServicer, esign_pb2_grpc.EsignServiceServicer):
    """One method of three kinds; says what it read."""

    async def GetOperation(self, request: Any, context: object) -> operations_pb2.Operation:
        return operations_pb2.Operation(name=request.name)

    async def UploadDocument(
        self, request_iterator: AsyncIterator[Any], context: object
    ) -> esign_pb2.Document:
        parts = [part async for part in request_iterator]
        return esign_pb2.Document(name=parts[0].head.file_name)

    async def DownloadDocument(
        self, request: Any, context: object
    ) -> AsyncIterator[esign_pb2.DownloadDocumentResponse]:
        yield esign_pb2.DownloadDocumentResponse(chunk=request.name.encode())


def add(server: grpc.aio.Server) -> None:
    answers = Answers()
    operations_pb2_grpc.add_OperationsServicer_to_server(answers, server)  # type: ignore[no-untyped-call]
    esign_pb2_grpc.add_EsignServiceServicer_to_server(answers, server)


async def answered(opened: grpc.aio.Channel, method: str, *wires: bytes) -> bytes:
    async def parts() -> AsyncIterator[bytes]:
        for wire in wires:
            yield wire

    if method == UPLOAD:
        return bytes(await opened.stream_unary(method)(parts()))
    if method == DOWNLOAD:
        return b"".join([part async for part in opened.unary_stream(method)(wires[0])])
    return bytes(await opened.unary_unary(method)(wires[0]))


async def test_what_can_be_read_is_answered() -> None:
    head = esign_pb2.DocumentHead(file_name="phở.pdf")
    upload = esign_pb2.UploadDocumentRequest(head=head).SerializeToString()
    get = operations_pb2.GetOperationRequest(name="operations/phở").SerializeToString()

    async with a_caller(Echo(), rules=RULES, add=add) as opened:
        for method, wire in ((GET, get), (UPLOAD, upload), (DOWNLOAD, get)):
            assert "phở".encode() in await answered(opened, method, wire, wire)


@pytest.mark.parametrize("method", [GET, UPLOAD, DOWNLOAD])
@pytest.mark.parametrize("wire", WIRES.values(), ids=WIRES)
async def test_what_cannot_be_read_is_refused_as_malformed(method: str, wire: bytes) -> None:
    async with a_caller(Echo(), rules=RULES, add=add) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as failure:
            await answered(opened, method, wire)

    assert failure.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    assert error_from(failure.value).reason == "MESSAGE_UNREADABLE"
