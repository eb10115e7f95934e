"""Clients: a deadline on every call, tokens kept while fresh, failures told apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.api.journeys.v1 import journeys_pb2, journeys_pb2_grpc
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.tokens.v1 import tokens_pb2, tokens_pb2_grpc
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.client import CHUNK_BYTES, DEADLINE_SECONDS, Haidang, Tokens, channel, error_from
from haidang.core.errors import Malformed, OutcomeUnknown, Refused, Unavailable, Unsupported
from haidang.core.statuses import status_of
from haidang.core.testing.clocks import FakeClock

from tests.core.doors import KINDS, NOW, SERVICE, Echo, a_caller, a_server, bearing, call


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_call_has_a_deadline_and_a_token(kind: str) -> None:
    left: list[float] = []
    echo = Echo()
    echo.meanwhile = lambda: left.append(echo.contexts[-1].time_remaining())
    async with a_caller(echo) as opened:
        await call(opened, kind)
        await call(opened, kind, timeout=60)

    assert abs(left[0] - DEADLINE_SECONDS) < 5  # grpc rounds, and the way takes a moment
    assert abs(left[-1] - 60) < 5


@asynccontextmanager
async def bare(handler: Any) -> AsyncIterator[grpc.aio.Channel]:
    """A server without our Door, whose one method is *handler*."""
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(handler)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"unary_unary": method}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with channel(f"127.0.0.1:{port}") as opened:
        yield opened
    await server.stop(0)


async def failure(call: Callable[[], Awaitable[object]]) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as failed:
        await call()
    return failed.value


@pytest.mark.parametrize(
    "address", ["127.0.0.1:1", "nowhere.invalid:443", "unix:/does/not/exist.socket"]
)
async def test_what_was_never_sent_is_unavailable(address: str) -> None:
    async with channel(address) as opened:
        failed = await failure(lambda: call(opened, "unary_unary", timeout=5))

    assert failed.code() is grpc.StatusCode.UNAVAILABLE
    error = error_from(failed)
    assert (type(error), error.reason) == (Unavailable, "SERVICE_UNREACHABLE")


async def test_a_connection_lost_under_way_is_unknown() -> None:
    entered = asyncio.Event()

    async def handler(request: bytes, context: Any) -> bytes:
        entered.set()
        await asyncio.Event().wait()
        return b""

    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(handler)
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(SERVICE, {"unary_unary": method}),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with channel(f"127.0.0.1:{port}") as opened:
        running = asyncio.ensure_future(call(opened, "unary_unary"))
        await entered.wait()
        await server.stop(0)
        failed = await failure(lambda: running)

    assert isinstance(error_from(failed), OutcomeUnknown)


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (grpc.StatusCode.UNIMPLEMENTED, Unsupported, "SERVICE_LACKS_METHOD"),
        (grpc.StatusCode.UNAVAILABLE, OutcomeUnknown, "SERVICE_DID_NOT_ANSWER"),
        (grpc.StatusCode.INTERNAL, OutcomeUnknown, "SERVICE_DID_NOT_ANSWER"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, OutcomeUnknown, "SERVICE_DID_NOT_ANSWER"),
        (grpc.StatusCode.CANCELLED, OutcomeUnknown, "SERVICE_DID_NOT_ANSWER"),
    ],
)
async def test_a_bare_code_says_no_more_than_it_knows(
    code: grpc.StatusCode, kind: type, reason: str
) -> None:
    async def handler(request: bytes, context: Any) -> None:
        await context.abort(code, "a proxy's words")

    async with bare(handler) as opened:
        error = error_from(await failure(lambda: call(opened, "unary_unary")))

    assert (type(error), error.reason) == (kind, reason)


@pytest.mark.parametrize("wire", [b"\xff\xff", status_of(Refused("X")).SerializeToString()])
async def test_details_that_contradict_their_code_are_not_believed(wire: bytes) -> None:
    async def handler(request: bytes, context: Any) -> None:
        context.set_trailing_metadata((("grpc-status-details-bin", wire),))
        await context.abort(grpc.StatusCode.NOT_FOUND, "another")

    async with bare(handler) as opened:
        error = error_from(await failure(lambda: call(opened, "unary_unary")))

    assert error.reason == "SERVICE_DID_NOT_ANSWER"


class Portal(tokens_pb2_grpc.TokensServiceServicer):
    """Exchanges one key for numbered tokens of five minutes."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.exchanges: list[str] = []

    async def ExchangeKey(self, request, context):  # type: ignore[no-untyped-def]
        if request.api_key != "hd_live_good_key":
            await context.abort(grpc.StatusCode.UNAUTHENTICATED, "no")
        self.exchanges.append(request.audience)
        answer = tokens_pb2.ExchangeKeyResponse(token=f"t{len(self.exchanges)}")
        answer.expire_time.FromDatetime(self.clock.now() + timedelta(minutes=5))
        return answer


@asynccontextmanager
async def a_portal(clock: FakeClock) -> AsyncIterator[tuple[Portal, grpc.aio.Channel]]:
    portal, server = Portal(clock), grpc.aio.server()
    tokens_pb2_grpc.add_TokensServiceServicer_to_server(portal, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with channel(f"127.0.0.1:{port}") as opened:
        yield portal, opened
    await server.stop(0)


async def test_a_key_is_exchanged_once_for_each_audience_also_by_many_at_once() -> None:
    clock = FakeClock(NOW)
    async with a_portal(clock) as (portal, opened):
        tokens = Tokens(opened, "hd_live_good_key", clock)
        domains, esign = tokens.source("domains"), tokens.source("esign")

        given = await asyncio.gather(*(domains() for _ in range(20)))

        assert set(given) == {"t1"}
        assert await esign() == "t2"
        assert portal.exchanges == ["domains", "esign"]


async def test_a_token_is_renewed_before_it_ends() -> None:
    clock = FakeClock(NOW)
    async with a_portal(clock) as (_, opened):
        source = Tokens(opened, "hd_live_good_key", clock).source("domains")
        first = await source()
        clock.advance(239)
        still = await source()
        clock.advance(2)
        second = await source()

    assert (first, still, second) == ("t1", "t1", "t2")


@pytest.mark.parametrize("kind", KINDS)
async def test_a_refused_key_ends_every_kind_of_call(kind: str) -> None:
    clock = FakeClock(NOW)
    async with a_portal(clock) as (_, exchange), a_server(Echo()) as address:
        source = Tokens(exchange, "hd_live_wrong_key", clock).source("echo")
        async with channel(address, source) as opened:
            failed = await failure(lambda: call(opened, kind))

    assert failed.code() is grpc.StatusCode.UNAUTHENTICATED


class Domains(domains_pb2_grpc.DomainsServiceServicer):
    async def GetZone(self, request, context):  # type: ignore[no-untyped-def]
        token = dict(context.invocation_metadata())["authorization"]
        return domains_pb2.Zone(name=token)


class Operations(operations_pb2_grpc.OperationsServicer):
    """Gives the next of *answers* at each wait: an operation, or a code to fail with."""

    def __init__(self, *answers: operations_pb2.Operation | grpc.StatusCode) -> None:
        self.answers = list(answers)

    async def WaitOperation(self, request, context):  # type: ignore[no-untyped-def]
        answer = self.answers.pop(0)
        if isinstance(answer, grpc.StatusCode):
            await context.abort(answer, "away")
        return answer


def an_operation(step: str = "", *, failed: bool = False, done: bool = False) -> Any:
    operation = operations_pb2.Operation(name="operations/1", done=done)
    metadata = metadata_pb2.OperationMetadata(steps=[metadata_pb2.Step(name=step)])
    operation.metadata.Pack(metadata)
    if failed:
        operation.error.CopyFrom(status_of(Refused("FIELD_REQUIRED", field="domain")))
    return operation


@asynccontextmanager
async def a_platform(
    operations: Operations, add: Callable[[grpc.aio.Server], None] = lambda server: None
) -> AsyncIterator[Haidang]:
    from haidang.core.clock import SystemClock

    server = grpc.aio.server()
    portal = Portal(FakeClock(SystemClock().now()))
    tokens_pb2_grpc.add_TokensServiceServicer_to_server(portal, server)
    domains_pb2_grpc.add_DomainsServiceServicer_to_server(Domains(), server)
    operations_pb2_grpc.add_OperationsServicer_to_server(operations, server)
    add(server)
    address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    names = ("journeys", "domains", "websites", "esign")
    async with Haidang(dict.fromkeys(names, address), "hd_live_good_key") as haidang:
        yield haidang
    await server.stop(0)


async def test_the_facade_calls_with_a_token_for_each_service() -> None:
    async with a_platform(Operations()) as haidang:
        zone = await haidang.domains.GetZone(domains_pb2.GetZoneRequest())

    assert zone.name == "Bearer t1"


async def test_waiting_shows_each_step_and_survives_an_absent_service() -> None:
    shown: list[str] = []
    operations = Operations(
        an_operation("register"),
        grpc.StatusCode.UNAVAILABLE,
        an_operation("publish"),
        an_operation("done", done=True),
    )
    async with a_platform(operations) as haidang:
        ended = await haidang.wait(
            an_operation("pay"),
            "journeys",
            on_progress=lambda metadata: shown.append(metadata.steps[0].name),
        )

    assert ended.done
    assert shown == ["pay", "register", "publish", "done"]


async def test_waiting_raises_what_the_operation_ended_with() -> None:
    async with a_platform(Operations(an_operation(failed=True, done=True))) as haidang:
        with pytest.raises(Refused) as refused:
            await haidang.wait(an_operation(), "domains")

    assert (refused.value.reason, refused.value.field) == ("FIELD_REQUIRED", "domain")


async def test_an_operation_that_ended_is_not_waited_for() -> None:
    async with a_platform(Operations()) as haidang:
        assert (await haidang.wait(an_operation(done=True), "domains")).done


async def test_a_definite_no_is_not_asked_again() -> None:
    echo = Echo(Refused("FIELD_REQUIRED"))
    async with a_caller(echo) as opened, a_platform(Operations()) as haidang:
        with pytest.raises(Refused):
            await haidang.patiently(lambda: call(opened, "unary_unary"))

    assert echo.entered == 1


async def test_a_source_of_tokens_is_asked_for_every_call() -> None:
    given = iter(["bad", "worse"])

    async def source() -> str:
        return next(given)

    async with a_server(Echo()) as address, channel(address, source) as opened:
        for _ in range(2):
            failed = await failure(lambda: call(opened, "unary_unary"))
            assert error_from(failed).reason == "TOKEN_INVALID"

    assert list(given) == []
    assert await bearing("x")() == "x"


class Websites(websites_pb2_grpc.WebsitesServiceServicer):
    """Keeps what is sent; the first time it is away before anything was read."""

    def __init__(self, away: int = 0) -> None:
        self.away = away
        self.parts: list[Any] = []

    async def UploadMedia(self, request_iterator, context):  # type: ignore[no-untyped-def]
        if self.away:
            self.away -= 1
            await context.abort(grpc.StatusCode.UNAVAILABLE, "away")
        self.parts = [part async for part in request_iterator]
        return websites_pb2.Media(name="media/a1")


class Esign(esign_pb2_grpc.EsignServiceServicer):
    """Holds one paper."""

    def __init__(self) -> None:
        self.head = esign_pb2.DocumentHead()
        self.pdf = b""

    async def UploadDocument(self, request_iterator, context):  # type: ignore[no-untyped-def]
        async for part in request_iterator:
            if part.WhichOneof("part") == "head":
                self.head, self.pdf = part.head, b""
            self.pdf += part.chunk
        return esign_pb2.Document(name="documents/d1", size_bytes=len(self.pdf))

    async def DownloadDocument(self, request, context):  # type: ignore[no-untyped-def]
        for start in range(0, len(self.pdf), 1000):
            yield esign_pb2.DownloadDocumentResponse(chunk=self.pdf[start : start + 1000])


class Journeys(journeys_pb2_grpc.JourneysServiceServicer):
    """Starts a journey that runs until it is waited for."""

    def __init__(self) -> None:
        self.requests: list[Any] = []

    async def GoOnline(self, request, context):  # type: ignore[no-untyped-def]
        self.requests.append(request)
        return an_operation("register")


@asynccontextmanager
async def errands(*answers: operations_pb2.Operation, away: int = 0) -> AsyncIterator[Any]:
    """(the facade, websites, esign, journeys), all of it on one server."""
    websites, esign, journeys = Websites(away), Esign(), Journeys()

    def add(server: grpc.aio.Server) -> None:
        websites_pb2_grpc.add_WebsitesServiceServicer_to_server(websites, server)
        esign_pb2_grpc.add_EsignServiceServicer_to_server(esign, server)
        journeys_pb2_grpc.add_JourneysServiceServicer_to_server(journeys, server)

    async with a_platform(Operations(*answers), add) as haidang:
        yield haidang, websites, esign, journeys


async def test_a_photo_is_sent_head_first_and_in_pieces_and_named() -> None:
    async with errands() as (haidang, websites, _, _):
        name = await haidang.upload_photo(
            b"x" * (CHUNK_BYTES + 1), file_name="bien.jpg", alt={"vi": "Biển"}
        )

    head, *chunks = websites.parts
    assert name == "media/a1"
    assert (head.head.file_name, head.head.size_bytes) == ("bien.jpg", CHUNK_BYTES + 1)
    assert dict(head.head.alt) == {"vi": "Biển"}
    assert [len(part.chunk) for part in chunks] == [CHUNK_BYTES, 1]


async def test_a_photo_is_sent_whole_again_when_the_service_was_away() -> None:
    async with errands(away=1) as (haidang, websites, _, _):
        await haidang.upload_photo(b"anh")

    assert b"".join(part.chunk for part in websites.parts) == b"anh"


async def test_a_paper_goes_up_and_comes_down() -> None:
    pdf = bytes(range(256)) * 600
    async with errands() as (haidang, _, esign, _):
        document = await haidang.upload_paper(pdf, request_id="r1", file_name="a.pdf")
        received = await haidang.download_paper(document.name)

    assert received == pdf
    assert (esign.head.request_id, esign.head.file_name) == ("r1", "a.pdf")


async def test_a_journey_is_followed_to_what_it_brought() -> None:
    done = an_operation("publish", done=True)
    done.response.Pack(journeys_pb2.Journey(domain="a.vn"))
    request = journeys_pb2.GoOnlineRequest(domain="a.vn", request_id="r1")
    shown: list[str] = []
    async with errands(done) as (haidang, _, _, journeys):
        journey = await haidang.go_online(
            request, on_progress=lambda metadata: shown.append(metadata.steps[0].name)
        )

    assert journey.domain == "a.vn"
    assert journeys.requests == [request]
    assert shown == ["register", "publish"]


async def test_a_refused_journey_is_the_refusal() -> None:
    failed = an_operation(failed=True, done=True)
    async with errands(failed) as (haidang, _, _, _):
        with pytest.raises(Refused) as refusal:
            await haidang.go_online(journeys_pb2.GoOnlineRequest())

    assert refusal.value.field == "domain"


async def test_a_request_beyond_a_message_s_size_was_not_taken_and_an_answer_may_have_been() -> (
    None
):
    large = b"x" * 5_000_000

    async def taken(request: bytes, context: Any) -> bytes:
        return large

    async with bare(taken) as opened:
        send = opened.unary_unary(f"/{SERVICE}/unary_unary")
        refused = error_from(await failure(lambda: send(large)))
        unheard = error_from(await failure(lambda: send(b"x")))

    assert (type(refused), refused.reason) == (Malformed, "MESSAGE_TOO_LARGE")
    assert isinstance(unheard, OutcomeUnknown)
