"""The grpc.aio server and its Door: one interceptor that every call passes.

From outside in: counting -> error mapping -> deadline -> admission -> authentication ->
may(). Validation and `request_id` belong to hall and desk, for an interceptor sees no
message. Everything happens inside the wrapped handler: what is raised directly in
`intercept_service` reaches the client as UNKNOWN. A cancellation passes through untouched.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import inspect
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from google.protobuf.message import DecodeError
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from haidang.core import process, telemetry
from haidang.core.clock import Clock, SystemClock
from haidang.core.errors import (
    Conflict,
    HaidangError,
    Malformed,
    Unauthenticated,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.settings import Platform, platform
from haidang.core.statuses import status_of
from haidang.core.tenancy import Actor, TokenVerifier, require

PUBLIC = "public"
"""The rule of a method that is called without a token."""

HEALTH = "/grpc.health.v1.Health/"
LEAST_SECONDS = 0.005
MOST_CALLS = 256
MOST_MESSAGE_BYTES = 4 * 1024 * 1024
DRAIN_SECONDS = 5.0
READ_OUT_SECONDS = 0.25
KEY_WAIT_SECONDS = 30.0
KEY_POLL_SECONDS = 0.05
KEEPALIVE_MS = 60_000
"""Finds a client that vanished without a word; well above the pings a client may send."""
LEAST_PING_INTERVAL_MS = 10_000
MOST_TOKEN_CHARACTERS = 2048
TENANT_MARK_CHARACTERS = 8
BEARER = "Bearer "
DEFECT = "INTERNAL_DEFECT"

register(
    Malformed,
    {
        "DEADLINE_MISSING": (
            "Every call needs a deadline.",
            "Yêu cầu thiếu thời hạn chờ.",
        ),
        "MESSAGE_UNREADABLE": (
            "The message cannot be read as its contract says: bytes that are no such message, "
            "text that is not UTF-8, or more than a hundred levels in one another.",
            "Không đọc được yêu cầu theo hợp đồng: dữ liệu sai dạng, chữ không phải UTF-8 "
            "hoặc lồng nhau quá một trăm tầng.",
        ),
    },
)
register(
    Malformed,
    {
        "DEADLINE_TOO_SHORT": (
            "The deadline leaves no time to answer.",
            "Thời hạn chờ quá ngắn để trả lời.",
        ),
    },
    grpc_code="DEADLINE_EXCEEDED",
)
register(
    Conflict,
    {
        "ADDRESS_IN_USE": (
            "{name} cannot listen on {address}; another program may be using it.",
            "Phần {name} không mở được cổng {address}; có thể chương trình khác đang dùng.",
        ),
    },
)
register(
    Unsupported,
    {
        "METHOD_UNKNOWN": (
            "{method} has no rule here.",
            "Dịch vụ này không có chức năng đó ({method}).",
        ),
    },
)

_actor: ContextVar[Actor] = ContextVar("actor")

# Any: handlers are generic in messages that the Door never looks at.
Handler = Any

if TYPE_CHECKING:
    # Any: a servicer's context is generic in the messages its method is typed with anyway.
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]
else:
    Context = grpc.aio.ServicerContext


def current_actor() -> Actor:
    """The caller of the RPC being handled. Raises: Unauthenticated outside of one."""
    try:
        return _actor.get()
    except LookupError as error:
        raise Unauthenticated("TOKEN_MISSING") from error


class Door(grpc.aio.ServerInterceptor):
    """Wraps all four kinds of handler. *rules* maps a method's full name to a grant or PUBLIC."""

    def __init__(
        self,
        rules: Mapping[str, str],
        verifier: TokenVerifier,
        *,
        clock: Clock | None = None,
        most_calls: int = MOST_CALLS,
    ) -> None:
        self._rules = rules
        self._verifier = verifier
        self._clock = clock or SystemClock()
        self._most_calls = most_calls
        self._calls = 0
        self._log = telemetry.logger(__name__)

    async def intercept_service(
        self, continuation: Callable[..., Any], details: grpc.HandlerCallDetails
    ) -> Handler:
        """Hand out the handler, wrapped; health is answered unwrapped."""
        handler = await continuation(details)
        if handler is None or details.method.startswith(HEALTH):
            return handler
        return self._wrapped(handler, details.method)

    def _wrapped(self, handler: Handler, method: str) -> Handler:
        kind = f"{_word(handler.request_streaming)}_{_word(handler.response_streaming)}"
        inner = getattr(handler, kind)
        streams = bool(handler.request_streaming)
        # Read in here, not by gRPC, which would call what it cannot read our defect.
        reader = partial(_read_all if streams else _read, handler.request_deserializer)

        async def one(request: Any, context: Context) -> Any:
            async with self._passage(method, context, request if streams else None):
                return await inner(reader(request), context)

        async def many(request: Any, context: Context) -> AsyncIterator[Any]:
            async with self._passage(method, context, request if streams else None):
                answer = inner(reader(request), context)
                if inspect.isawaitable(answer):  # a handler that writes to its context instead
                    await answer
                    return
                async for response in answer:
                    yield response

        make = getattr(grpc, f"{kind}_rpc_method_handler")
        return make(
            many if handler.response_streaming else one,
            request_deserializer=None,
            response_serializer=handler.response_serializer,
        )

    @contextlib.asynccontextmanager
    async def _passage(
        self, method: str, context: Context, requests: AsyncIterator[Any] | None
    ) -> AsyncIterator[None]:
        began, outcome = time.perf_counter(), "CANCELLED"
        self._calls += 1
        try:
            self._enter(method, context)
            yield
            outcome = "OK"
        except HaidangError as error:
            outcome = error.reason
            if requests is not None and error.reason != "SERVER_FULL":
                await _read_out(requests)
            await self._refuse(error, method, context)
        except grpc.aio.AbortError:
            outcome = "ABORTED"
            raise
        except Exception:  # our defect: the caller learns that, the log learns why
            outcome = DEFECT
            self._log.exception("rpc_defect", method=method, alert=True)
            if requests is not None:
                await _read_out(requests)
            await self._refuse(HaidangError(DEFECT), method, context)
        finally:
            self._calls -= 1
            telemetry.count_call(method, outcome, time.perf_counter() - began)

    def _enter(self, method: str, context: Context) -> None:
        """Let the call in: its log lines and its servicer know the caller from here on."""
        metadata = dict(context.invocation_metadata() or ())
        telemetry.bind(method=method, trace=telemetry.trace_of(str(metadata.get("traceparent"))))
        actor = self._admitted(method, context, str(metadata.get("authorization", "")))
        if actor is not None:
            telemetry.bind(tenant=actor.tenant)
            _actor.set(actor)

    async def _refuse(self, error: HaidangError, method: str, context: Context) -> None:
        status = status_of(error)
        if type(error) is HaidangError and error.reason != DEFECT:
            self._log.error("rpc_defect", method=method, reason=error.reason, alert=True)
        await context.abort_with_status(rpc_status.to_status(status))

    def _admitted(self, method: str, context: Context, credentials: str) -> Actor | None:
        remaining = context.time_remaining()
        if remaining is None:
            raise Malformed("DEADLINE_MISSING")
        if remaining < LEAST_SECONDS:
            raise Malformed("DEADLINE_TOO_SHORT")
        if self._calls > self._most_calls:
            raise Unavailable("SERVER_FULL")
        rule = self._rules.get(method)
        if rule is None:
            raise Unsupported("METHOD_UNKNOWN", method=method)
        if rule == PUBLIC:
            return None
        if not credentials.startswith(BEARER):
            raise Unauthenticated("TOKEN_MISSING")
        actor = self._verifier.verify(credentials.removeprefix(BEARER), self._clock.now())
        require(actor, rule)
        return actor


# Any: messages of any contract; without a deserializer they are bytes.
def _read(deserialize: Callable[[bytes], Any] | None, wire: bytes) -> Any:
    """The message in *wire*. Raises: Malformed MESSAGE_UNREADABLE."""
    if deserialize is None:
        return wire
    try:
        return deserialize(wire)
    except DecodeError as error:
        raise Malformed("MESSAGE_UNREADABLE") from error


async def _read_all(
    deserialize: Callable[[bytes], Any] | None, requests: AsyncIterator[bytes]
) -> AsyncIterator[Any]:
    async for wire in requests:
        yield _read(deserialize, wire)


async def _read_out(requests: AsyncIterator[Any]) -> None:
    """Read what the caller is still sending, for a moment.

    A status that comes while the caller writes is now and then lost in its grpc.aio, which
    says INTERNAL instead: grpc issue 36066; this can go once pull request 43486 is released.
    """
    with contextlib.suppress(Exception):  # reason: what it sends no longer matters
        async with asyncio.timeout(READ_OUT_SECONDS):
            async for _ in requests:
                pass


def _word(is_streaming: bool) -> str:
    return "stream" if is_streaming else "unary"


async def public_key(place: Platform) -> bytes:
    """The key that tokens are verified with; waits for the portal to write it."""
    path = place.state / "public" / "token.pem"
    deadline = time.monotonic() + KEY_WAIT_SECONDS
    while not path.is_file():
        if time.monotonic() > deadline:
            raise Unavailable("NOT_READY")
        await asyncio.sleep(KEY_POLL_SECONDS)
    return await asyncio.to_thread(path.read_bytes)


async def run_service(
    name: str, *, methods: Mapping[str, str], add: Callable[[grpc.aio.Server], None]
) -> None:
    """Serve on the address called *name* until stopped, then drain.

    *methods* are the Door's rules; *add* adds the servicers. *name* is also the audience
    that tokens must be made for. Draining: health says NOT_SERVING, new calls are turned
    away, calls under way have five seconds to end.

    Raises: Unavailable NOT_READY, without the portal's public key; Conflict ADDRESS_IN_USE.
    """
    place = platform()
    door = Door(methods, TokenVerifier(await public_key(place), name))
    server = grpc.aio.server(interceptors=[door], options=_options())
    add(server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    listen(server, name, place.address(name))
    await server.start()
    for service in {"", *(method.split("/")[1] for method in methods)}:
        await checks.set(service, health_pb2.HealthCheckResponse.SERVING)
    stopped = process.stop_asked()
    process.announce_ready()
    await stopped.wait()
    await checks.enter_graceful_shutdown()
    await server.stop(DRAIN_SECONDS)
    calls = [f"{label} {count}" for label, count in telemetry.snapshot()["calls"].items()]
    telemetry.logger(__name__).info("served", calls=calls)


def listen(server: grpc.aio.Server, name: str, address: str) -> int:
    """Open *address* for the service called *name*; its port. Raises: Conflict ADDRESS_IN_USE."""
    try:
        return server.add_insecure_port(address)
    except RuntimeError as error:  # all that grpc says of a taken or foreign address
        raise Conflict("ADDRESS_IN_USE", name=name, address=address) from error


def _options() -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_time_ms", KEEPALIVE_MS),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", LEAST_PING_INTERVAL_MS),
    ]


def encode_page_token(values: Mapping[str, object], tenant: str) -> str:
    """An opaque, URL-safe token of *values*, texts and whole numbers; no personal data.

    It says where a list goes on, and nothing about who may read it: the next request is
    authenticated and filtered by its own tenant like any other.
    """
    text = json.dumps([_tenant_mark(tenant), dict(values)], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


# Any: texts and whole numbers, as the list that made the token knows.
def decode_page_token(token: str, tenant: str) -> dict[str, Any]:
    """The values of *token*; empty for "".

    Raises: Malformed PAGE_TOKEN_INVALID: not of our making, or of another tenant's list.
    """
    if not token:
        return {}
    found = _json_in(token) if len(token) <= MOST_TOKEN_CHARACTERS else None
    match found:
        case [mark, dict(values)] if mark == _tenant_mark(tenant) and all(
            type(value) in {str, int} for value in values.values()
        ):
            return values
    raise Malformed("PAGE_TOKEN_INVALID", field="page_token")


def _json_in(token: str) -> object:
    try:
        padded = token + "=" * (-len(token) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError):  # the depth of nesting is the sender's choice
        return None


def _tenant_mark(tenant: str) -> str:
    """Tells lists of two tenants apart without naming either; it guards nothing."""
    return hashlib.sha256(tenant.encode()).hexdigest()[:TENANT_MARK_CHARACTERS]
