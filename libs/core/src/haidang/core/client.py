"""Channels, deadlines, typed clients: how services and integrators call the platform.

Deadlines are set by interceptor, per call: the service config's `timeout` fires at the
wrong time (grpc issue 40633). What fails before it was sent is Unavailable; what was
sent and not answered is OutcomeUnknown.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status
from haidang.api.domains.v1 import domains_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.api.journeys.v1 import journeys_pb2, journeys_pb2_grpc
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.tokens.v1 import tokens_pb2, tokens_pb2_grpc
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core import telemetry
from haidang.core.clock import Clock, SystemClock
from haidang.core.errors import (
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.local_operator import local_addresses, local_key
from haidang.core.statuses import error_of_status

TokenSource = Callable[[], Awaitable[str]]
Metadata = metadata_pb2.OperationMetadata
T = TypeVar("T")
M = TypeVar("M", bound=Message)

DEADLINE_SECONDS = 10.0
TRANSFER_SECONDS = 60.0
"""For a whole file; the longest is 24 MB."""
CHUNK_BYTES = 64 * 1024
PROGRESS_SECONDS = 0.2
WAIT_SECONDS = 20.0
RETRY_SECONDS = 0.5
PATIENCE_SECONDS = 120.0
REFRESH = timedelta(seconds=60)
NOT_TAKEN = "server: received message larger than max"
"""How gRPC begins when the other side refused a request by its size alone."""
NOT_SENT = (
    "failed to connect",
    "connection refused",
    "errors resolving",
    "name resolution",
    "hostname lookup",
    "no such file",
)
"""How gRPC words an UNAVAILABLE that never left; every other one may have arrived."""
FIRST_BACKOFF_MS, LONGEST_BACKOFF_MS = 100, 1000
CONNECT_MS = 5000
"""What one attempt to connect may take; gRPC names it min_reconnect_backoff. A refusal comes
at once, so this only matters where a busy machine is slow to shake hands."""
KEEPALIVE_MS, KEEPALIVE_ANSWER_MS = 30_000, 10_000
"""Finds a server that vanished while it is waited for; the server allows pings this often."""

register(
    Unavailable,
    {
        "SERVICE_UNREACHABLE": (
            "The service cannot be reached; nothing was sent.",
            "Chưa kết nối được với dịch vụ; yêu cầu chưa được gửi đi.",
        ),
    },
)
register(
    Unsupported,
    {
        "SERVICE_LACKS_METHOD": (
            "The service does not have this method.",
            "Dịch vụ này không có chức năng được yêu cầu; có thể cần cập nhật phiên bản.",
        ),
    },
)
register(
    Malformed,
    {
        "MESSAGE_TOO_LARGE": (
            "The request is larger than a message may be (4 MiB); nothing was done.",
            "Yêu cầu lớn hơn mức cho phép (4 MiB) nên chưa được nhận; hãy gửi ít hơn mỗi lần.",
        ),
    },
    grpc_code="RESOURCE_EXHAUSTED",
)
register(
    OutcomeUnknown,
    {
        "SERVICE_DID_NOT_ANSWER": (
            "The service did not answer; whether it acted is not known.",
            "Dịch vụ chưa trả lời; chưa rõ yêu cầu đã được thực hiện hay chưa.",
        ),
    },
)


class _CallSetup:
    """Gives each call a deadline and, where there is a source, a token."""

    def __init__(self, token: TokenSource | None, deadline_seconds: float) -> None:
        self._token = token
        self._deadline_seconds = deadline_seconds

    # Any: continuations, requests and calls are generic in messages not looked at here.
    async def set_up(self, continuation: Any, details: Any, request: Any) -> Any:
        metadata = grpc.aio.Metadata(*(details.metadata or ()))
        if self._token is not None:
            metadata.add("authorization", f"Bearer {await self._token()}")
        if traceparent := telemetry.traceparent():
            metadata.add("traceparent", traceparent)
        timeout = self._deadline_seconds if details.timeout is None else details.timeout
        changed = grpc.aio.ClientCallDetails(
            details.method, timeout, metadata, details.credentials, details.wait_for_ready
        )
        return await continuation(changed, request)


# One class per kind: grpc sorts interceptors by the first kind they are an instance of.
class _UnaryUnary(_CallSetup, grpc.aio.UnaryUnaryClientInterceptor):
    intercept_unary_unary = _CallSetup.set_up  # type: ignore[assignment]  # generic in messages


class _UnaryStream(_CallSetup, grpc.aio.UnaryStreamClientInterceptor):
    intercept_unary_stream = _CallSetup.set_up  # type: ignore[assignment]  # generic in messages


class _StreamUnary(_CallSetup, grpc.aio.StreamUnaryClientInterceptor):
    intercept_stream_unary = _CallSetup.set_up  # type: ignore[assignment]  # generic in messages


class _StreamStream(_CallSetup, grpc.aio.StreamStreamClientInterceptor):
    intercept_stream_stream = _CallSetup.set_up  # type: ignore[assignment]  # generic in messages


def channel(
    address: str, token: TokenSource | None = None, *, deadline_seconds: float = DEADLINE_SECONDS
) -> grpc.aio.Channel:
    """A channel to *address* (host:port) whose calls all have a deadline, and a token if given."""
    kinds = (_UnaryUnary, _UnaryStream, _StreamUnary, _StreamStream)
    return grpc.aio.insecure_channel(
        address,
        interceptors=[kind(token, deadline_seconds) for kind in kinds],
        options=[
            ("grpc.initial_reconnect_backoff_ms", FIRST_BACKOFF_MS),
            ("grpc.min_reconnect_backoff_ms", CONNECT_MS),
            ("grpc.max_reconnect_backoff_ms", LONGEST_BACKOFF_MS),
            ("grpc.keepalive_time_ms", KEEPALIVE_MS),
            ("grpc.keepalive_timeout_ms", KEEPALIVE_ANSWER_MS),
        ],
    )


def error_from(error: grpc.aio.AioRpcError) -> HaidangError:
    """The vocabulary's error behind a failed call.

    Without our details: Unavailable SERVICE_UNREACHABLE when the connection was never
    made, Unsupported SERVICE_LACKS_METHOD when nobody there knows the method, Malformed
    MESSAGE_TOO_LARGE when gRPC there took none of it, and OutcomeUnknown
    SERVICE_DID_NOT_ANSWER otherwise.
    """
    try:
        status = rpc_status.from_call(error)
    except (ValueError, DecodeError):  # details that contradict their code, or are none
        status = None
    if status is not None and status.details:
        return error_of_status(status)
    said = (error.details() or "").lower()
    if error.code() is grpc.StatusCode.UNAVAILABLE and any(word in said for word in NOT_SENT):
        return Unavailable("SERVICE_UNREACHABLE")
    if error.code() is grpc.StatusCode.UNIMPLEMENTED:
        return Unsupported("SERVICE_LACKS_METHOD")
    if error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and said.startswith(NOT_TAKEN):
        return Malformed("MESSAGE_TOO_LARGE")
    return OutcomeUnknown("SERVICE_DID_NOT_ANSWER")


@dataclass
class _Held:
    token: str
    expires_at: datetime


class Tokens:
    """Exchanges an API key for tokens, one per audience, and keeps them while fresh."""

    def __init__(
        self, exchange: grpc.aio.Channel, api_key: str, clock: Clock | None = None
    ) -> None:
        self._stub = tokens_pb2_grpc.TokensServiceStub(exchange)
        self._api_key = api_key
        self._clock = clock or SystemClock()
        self._held: dict[str, _Held] = {}
        self._exchanges = asyncio.Lock()  # calls made at once share one exchange

    def source(self, audience: str) -> TokenSource:
        """A source of tokens for *audience*."""

        async def token() -> str:
            async with self._exchanges:
                held = self._held.get(audience)
                if held is None or held.expires_at - self._clock.now() < REFRESH:
                    held = self._held[audience] = await self._exchanged(audience)
                return held.token

        return token

    async def _exchanged(self, audience: str) -> _Held:
        request = tokens_pb2.ExchangeKeyRequest(api_key=self._api_key, audience=audience)
        answer = await self._stub.ExchangeKey(request)
        return _Held(answer.token, answer.expire_time.ToDatetime(UTC))


class Haidang:
    """The whole platform for an integrator: typed stubs, and whole errands.

        async with Haidang(addresses, api_key) as haidang:
            journey = await haidang.go_online(request)

    *addresses* has host:port of journeys, domains, websites and esign. The stubs `domains`,
    `websites`, `esign` and `journeys` have every method of the contract and raise gRPC's own
    error (`error_from` translates it); the methods here raise the vocabulary's, and come
    back through restarts of the services for up to two minutes.
    """

    def __init__(self, addresses: Mapping[str, str], api_key: str) -> None:
        self._exchange = channel(addresses["journeys"])
        tokens = Tokens(self._exchange, api_key)
        self._channels = {
            name: channel(addresses[name], tokens.source(name))
            for name in ("domains", "websites", "esign", "journeys")
        }
        self.domains = domains_pb2_grpc.DomainsServiceStub(self._channels["domains"])
        self.websites = websites_pb2_grpc.WebsitesServiceStub(self._channels["websites"])
        self.esign = esign_pb2_grpc.EsignServiceStub(self._channels["esign"])
        self.journeys = journeys_pb2_grpc.JourneysServiceStub(self._channels["journeys"])

    @classmethod
    def on_this_machine(cls, state: Path, api_key: str = "") -> Haidang:
        """The platform that runs over the folder *state*; without a key as its local operator.

        Raises: Absent PLATFORM_NOT_RUNNING.
        """
        addresses = local_addresses(state)
        return cls(addresses, api_key or local_key(state))

    async def go_online(
        self,
        request: journeys_pb2.GoOnlineRequest,
        *,
        on_progress: Callable[[Metadata], None] | None = None,
    ) -> journeys_pb2.Journey:
        """The journey of *request* once it ended; sent again, the same one is followed.

        Raises: what it was refused for, with the field at fault.
        """
        operation = await self.patiently(lambda: self.journeys.GoOnline(request))
        return await self.ended(
            operation, "journeys", journeys_pb2.Journey, on_progress=on_progress
        )

    async def upload_photo(
        self, photo: bytes, *, file_name: str = "", alt: Mapping[str, str] | None = None
    ) -> str:
        """Send a photo; its name, "media/...", for drafts. The same bytes have the same name.

        *alt* says by locale what is to be seen. Raises: the website builder's refusal.
        """
        head = websites_pb2.MediaHead(file_name=file_name, size_bytes=len(photo), alt=alt)
        kind = websites_pb2.UploadMediaRequest
        send = partial(_sent, self.websites.UploadMedia, kind, head, photo)
        media: websites_pb2.Media = await self.patiently(send)
        return media.name

    async def upload_paper(
        self, pdf: bytes, *, request_id: str, file_name: str = ""
    ) -> esign_pb2.Document:
        """Keep a PDF; sent again under its *request_id* (a UUID), it is one document.

        Raises: the e-sign service's refusal.
        """
        head = esign_pb2.DocumentHead(
            file_name=file_name, size_bytes=len(pdf), request_id=request_id
        )
        kind = esign_pb2.UploadDocumentRequest
        send = partial(_sent, self.esign.UploadDocument, kind, head, pdf)
        document: esign_pb2.Document = await self.patiently(send)
        return document

    async def download_paper(self, name: str) -> bytes:
        """The bytes of the document called *name*. Raises: Absent DOCUMENT_ABSENT."""
        request = esign_pb2.DownloadDocumentRequest(name=name)

        async def received() -> bytes:
            parts = self.esign.DownloadDocument(request, timeout=TRANSFER_SECONDS)
            return b"".join([part.chunk async for part in parts])

        return await self.patiently(received)

    def operations(self, service: str) -> operations_pb2_grpc.OperationsStub:
        """The operations that *service* issued."""
        return operations_pb2_grpc.OperationsStub(self._channels[service])

    async def wait(
        self,
        operation: operations_pb2.Operation,
        service: str,
        *,
        on_progress: Callable[[Metadata], None] | None = None,
    ) -> operations_pb2.Operation:
        """*operation* once it ended, through restarts of the service.

        Raises: what it ended with; the last failure after two minutes without an answer.
        """
        seconds = PROGRESS_SECONDS if on_progress else WAIT_SECONDS
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.FromTimedelta(timedelta(seconds=seconds))
        while True:
            if on_progress is not None:
                metadata = Metadata()
                operation.metadata.Unpack(metadata)
                on_progress(metadata)
            if operation.done:
                break
            operation = await self.patiently(
                lambda: self.operations(service).WaitOperation(request, timeout=seconds + 10)
            )
        if operation.HasField("error"):
            raise error_of_status(operation.error)
        return operation

    async def ended(
        self,
        operation: operations_pb2.Operation,
        service: str,
        kind: type[M],
        *,
        on_progress: Callable[[Metadata], None] | None = None,
    ) -> M:
        """What *operation* of *service* brought, a message of *kind*. Raises: as `wait`."""
        operation = await self.wait(operation, service, on_progress=on_progress)
        found = kind()
        operation.response.Unpack(found)
        return found

    async def patiently(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a repeatable *call* again while the service is away, up to two minutes.

        Only for reads, and for calls that carry a request_id. Raises: its answer.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE_SECONDS
        while True:
            try:
                return await call()
            except grpc.aio.AioRpcError as failure:
                error = error_from(failure)
                is_away = isinstance(error, Unavailable | OutcomeUnknown)
                if not is_away or loop.time() > deadline:
                    raise error from failure
            await asyncio.sleep(RETRY_SECONDS)

    async def __aenter__(self) -> Haidang:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for each in (self._exchange, *self._channels.values()):
            await each.close()


# Any: a stub's method, its request's type and the head of what it takes.
async def _sent(call: Any, kind: Any, head: Any, content: bytes) -> Any:
    """Stream *content* after its head."""

    async def parts() -> AsyncIterator[Any]:
        yield kind(head=head)
        for start in range(0, len(content), CHUNK_BYTES):
            yield kind(chunk=content[start : start + CHUNK_BYTES])

    return await call(parts(), timeout=TRANSFER_SECONDS)
