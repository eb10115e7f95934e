"""The Door on a real server: who gets in, and what a refusal says, for all four kinds of call."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from haidang.core import telemetry
from haidang.core.client import channel, error_from
from haidang.core.errors import (
    Absent,
    Conflict,
    Forbidden,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unauthenticated,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.server import PUBLIC, Context, current_actor, listen
from haidang.core.tenancy import Actor

from tests.core.doors import (
    KINDS,
    NOW,
    RULES,
    SERVICE,
    Echo,
    a_caller,
    a_key_pair,
    a_server,
    a_token,
    call,
)

ERRORS = [
    (Malformed("FIELD_REQUIRED", field="registrant.tax_code"), "INVALID_ARGUMENT"),
    (Refused("TEST_BARRED", many=["a", "b"], count=3), "FAILED_PRECONDITION"),
    (Absent("OPERATION_ABSENT"), "NOT_FOUND"),
    (Conflict("TEST_HELD"), "ALREADY_EXISTS"),
    (Conflict("TEST_CHANGED"), "ABORTED"),
    (Unauthenticated("TOKEN_MISSING"), "UNAUTHENTICATED"),
    (Forbidden("NOT_PERMITTED", verb="x"), "PERMISSION_DENIED"),
    (Unsupported("CAPABILITY_ABSENT", port="x", capability="y"), "UNIMPLEMENTED"),
    (Unavailable("NOT_READY"), "UNAVAILABLE"),
    (OutcomeUnknown("ACT_CUT_OFF", port="x"), "UNKNOWN"),
]
register(Conflict, {"TEST_HELD": ("Held.", "Đã có.")})
register(Conflict, {"TEST_CHANGED": ("Changed.", "Đã đổi.")}, grpc_code="ABORTED")
register(Refused, {"TEST_BARRED": ("Barred.", "Chưa được.")})


async def refusal(echo: Echo, kind: str = "unary_unary", **caller: Any) -> grpc.aio.AioRpcError:
    async with a_caller(echo, **caller) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, kind)
    return refused.value


def details(refused: grpc.aio.AioRpcError) -> dict[str, Message]:
    found: dict[str, Message] = {}
    for detail in rpc_status.from_call(refused).details:
        name = detail.TypeName().rpartition(".")[2]
        message = getattr(error_details_pb2, name)()
        detail.Unpack(message)
        found[name] = message
    return found


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not holds():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_signed_token_opens_every_kind_of_call_for_its_tenant(kind: str) -> None:
    async with a_caller(Echo()) as opened:
        answers = await call(opened, kind)

    assert answers[0] == b"t1"
    assert len(answers) == (2 if kind.endswith("stream") else 1)


@pytest.mark.parametrize("kind", KINDS)
async def test_no_kind_of_call_gets_in_without_a_token(kind: str) -> None:
    echo = Echo()
    async with a_server(echo) as address, channel(address) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, kind)

    assert error_from(refused.value).reason == "TOKEN_MISSING"
    assert echo.entered == 0


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.",
        a_token(audience="esign"),
        a_token(at=NOW - timedelta(minutes=6)),
        a_token(key=a_key_pair()[0]),
    ],
    ids=["empty", "nonsense", "unsigned", "other audience", "expired", "other key"],
)
async def test_a_bad_token_is_unauthenticated(token: str) -> None:
    echo = Echo()

    refused = await refusal(echo, token=token)

    assert refused.code() is grpc.StatusCode.UNAUTHENTICATED
    assert echo.entered == 0


async def test_a_missing_grant_is_permission_denied() -> None:
    stranger = Actor("x", "t1", frozenset({"echo.read", "esign.write"}))

    refused = await refusal(Echo(), token=a_token(stranger))

    assert refused.code() is grpc.StatusCode.PERMISSION_DENIED
    assert error_from(refused).facts == {"verb": "echo.write"}


async def test_a_public_method_needs_no_token_and_has_no_actor() -> None:
    rules = {**RULES, f"/{SERVICE}/unary_unary": PUBLIC}
    async with a_server(Echo(), rules=rules) as address, channel(address) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, "unary_unary")  # the servicer asks who called

    assert error_from(refused.value).reason == "TOKEN_MISSING"
    with pytest.raises(Unauthenticated):
        current_actor()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("error", "code"), ERRORS)
async def test_each_error_arrives_with_its_code_and_is_rebuilt(
    error: HaidangError, code: str, kind: str
) -> None:
    refused = await refusal(Echo(error), kind)
    rebuilt = error_from(refused)

    assert refused.code().name == code
    assert (type(rebuilt), rebuilt.reason, rebuilt.facts) == (
        type(error),
        error.reason,
        error.facts,
    )


async def test_a_refusal_speaks_vietnamese_and_names_its_field() -> None:
    said = details(await refusal(Echo(ERRORS[0][0])))

    message, bad, info = said["LocalizedMessage"], said["BadRequest"], said["ErrorInfo"]
    assert isinstance(message, error_details_pb2.LocalizedMessage)
    assert isinstance(bad, error_details_pb2.BadRequest)
    assert isinstance(info, error_details_pb2.ErrorInfo)
    assert (message.locale, message.message) == ("vi", "Cần điền mục registrant.tax_code.")
    assert bad.field_violations[0].field == "registrant.tax_code"
    assert (info.reason, info.domain) == ("FIELD_REQUIRED", "haidang.vn")


async def test_only_what_may_be_repeated_says_when() -> None:
    repeatable = details(await refusal(Echo(Unavailable("NOT_READY"))))

    assert "RetryInfo" in repeatable
    assert "RetryInfo" not in details(await refusal(Echo(Absent("OPERATION_ABSENT"))))


@pytest.mark.parametrize("kind", KINDS)
async def test_an_unforeseen_error_is_internal_and_leaks_nothing(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    telemetry.setup("echo")

    refused = await refusal(Echo(ValueError("password=hunter2 of 0901234567")), kind)

    log = capsys.readouterr().err
    assert refused.code() is grpc.StatusCode.INTERNAL
    for secret in ("hunter2", "0901234567"):
        assert secret not in f"{refused.details()} {refused.trailing_metadata()}"
        assert secret not in log
    event = json.loads(log)
    assert (event["event"], event["alert"], event["tenant"]) == ("rpc_defect", True, "t1")
    assert "ValueError" in event["exception"]


async def test_a_stream_that_fails_half_way_says_why() -> None:
    class Broken:
        async def unary_stream(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
            yield b"1"
            raise Refused("TEST_BARRED")

    async with a_caller(Broken()) as opened:
        answers = opened.unary_stream(f"/{SERVICE}/unary_stream")(b"")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            async for answer in answers:
                assert answer == b"1"

    assert error_from(refused.value).reason == "TEST_BARRED"


async def test_a_handler_may_write_to_its_context_instead() -> None:
    class Writer:
        async def unary_stream(self, request: bytes, context: Context) -> None:
            await context.write(current_actor().tenant.encode())
            raise Refused("TEST_BARRED")

    async with a_caller(Writer()) as opened:
        answers = opened.unary_stream(f"/{SERVICE}/unary_stream")(b"")
        first = await answers.read()
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await answers.read()

    assert first == b"t1"
    assert error_from(refused.value).reason == "TEST_BARRED"


async def test_a_refusal_is_not_lost_on_a_caller_that_is_still_sending() -> None:
    """Without reading it out, one in a hundred of these callers would see INTERNAL."""

    class Refuses:
        async def stream_unary(self, requests: AsyncIterator[bytes], context: Context) -> bytes:
            async for _ in requests:
                raise Refused("TEST_BARRED")
            raise AssertionError

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 65_536

    reasons = set()
    async with a_caller(Refuses()) as opened:
        for _ in range(100):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await opened.stream_unary(f"/{SERVICE}/stream_unary")(chunks())
            reasons.add(error_from(refused.value).reason)

    assert reasons == {"TEST_BARRED"}


async def test_a_caller_that_never_ends_its_stream_is_refused_all_the_same() -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    async with a_caller(Echo(), token="bad") as opened:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await opened.stream_unary(f"/{SERVICE}/stream_unary")(endless())

    assert error_from(refused.value).reason == "TOKEN_INVALID"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_call_without_a_deadline_is_refused(kind: str) -> None:
    echo = Echo()
    async with a_server(echo) as address, grpc.aio.insecure_channel(address) as bare:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(bare, kind, metadata=(("authorization", f"Bearer {a_token()}"),))

    assert error_from(refused.value).reason == "DEADLINE_MISSING"
    assert echo.entered == 0


async def test_a_call_with_no_time_left_does_not_reach_the_servicer() -> None:
    echo = Echo()
    async with a_caller(echo) as opened:
        await call(opened, "unary_unary")
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, "unary_unary", timeout=0.004)

    assert refused.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert echo.entered == 1


async def test_a_method_without_a_rule_is_refused() -> None:
    echo = Echo()

    refused = await refusal(echo, rules={})

    assert error_from(refused).reason == "METHOD_UNKNOWN"
    assert echo.entered == 0


async def test_a_full_server_says_so_and_has_room_again_later() -> None:
    echo = Echo(waits=asyncio.Event())
    async with a_caller(echo, most_calls=1) as opened:
        first = asyncio.ensure_future(call(opened, "unary_unary"))
        await until(lambda: echo.entered)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await call(opened, "unary_unary")
        assert echo.waits is not None
        echo.waits.set()
        await first
        await call(opened, "unary_unary")

    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
    assert error_from(refused.value).reason == "SERVER_FULL"


@pytest.mark.parametrize("kind", KINDS)
async def test_a_cancelled_call_reaches_the_servicer_and_gives_its_place_back(kind: str) -> None:
    echo = Echo(waits=asyncio.Event())
    async with a_caller(echo, most_calls=1) as opened:
        running = asyncio.ensure_future(call(opened, kind))
        await until(lambda: echo.entered)
        running.cancel()
        await until(lambda: echo.cancelled)
        echo.waits = None

        assert (await call(opened, "unary_unary")) == [b"t1"]
    assert "CANCELLED" in " ".join(telemetry.snapshot()["calls"])


async def test_a_stream_nobody_reads_on_gives_its_place_back() -> None:
    class Endless:
        async def unary_stream(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
            while True:
                yield b"x" * 100_000

    async with a_caller(Endless(), most_calls=1) as opened:
        for _ in range(3):
            answers = await first_answered(opened, "unary_stream")
            answers.cancel()


async def first_answered(opened: grpc.aio.Channel, kind: str) -> Any:
    """A call that got in, once the place of the one before is given back."""
    async with asyncio.timeout(5):
        while True:
            answers = opened.unary_stream(f"/{SERVICE}/{kind}")(b"")
            with contextlib.suppress(grpc.aio.AioRpcError):
                assert await answers.read() != grpc.aio.EOF
                return answers
            assert await answers.code() is grpc.StatusCode.UNAVAILABLE
            await asyncio.sleep(0.01)


async def test_health_is_answered_without_token_or_deadline() -> None:
    checks = health.aio.HealthServicer()

    def add(server: grpc.aio.Server) -> None:
        health_pb2_grpc.add_HealthServicer_to_server(checks, server)

    await checks.set("", health_pb2.HealthCheckResponse.SERVING)
    async with (
        a_server(Echo(), add=add, most_calls=0) as address,
        grpc.aio.insecure_channel(address) as bare,
    ):
        answer = await health_pb2_grpc.HealthStub(bare).Check(health_pb2.HealthCheckRequest())

    assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def test_an_address_in_use_is_refused_by_name() -> None:
    async with a_server(Echo()) as address:
        second = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
        with pytest.raises(Conflict) as refused:
            listen(second, "echo", address)

    assert refused.value.reason == "ADDRESS_IN_USE"
    assert refused.value.facts["address"] == address
