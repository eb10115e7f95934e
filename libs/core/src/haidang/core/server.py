"""The grpc.aio server and its Door: one interceptor that every call passes.

From outside in: counting -> error mapping -> deadline -> admission -> authentication ->
may(). Validation and `request_id` belong to hall and desk, for an interceptor sees no
message. Everything happens inside the wrapped handler: what is raised directly in
`intercept_service` reaches the client as UNKNOWN.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_status import rpc_status
from haidang.core import process, telemetry
from haidang.core.clock import Clock, SystemClock
from haidang.core.errors import (
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
KEY_WAIT_SECONDS = 30.0
KEY_POLL_SECONDS = 0.05
MOST_TOKEN_CHARACTERS = 2048
BEARER = "Bearer "

register(
    Malformed,
    {
        "DEADLINE_MISSING": (
            "Every call needs a deadline.",
            "Yêu cầu thiếu thời hạn chờ.",
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

        async def one(request: Any, context: Context) -> Any:
            async with self._passage(method, context):
                return await inner(request, context)

        async def many(request: Any, context: Context) -> AsyncIterator[Any]:
            async with self._passage(method, context):
                async for response in inner(request, context):
                    yield response

        make = getattr(grpc, f"{kind}_rpc_method_handler")
        return make(
            many if handler.response_streaming else one,
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )

    @contextlib.asynccontextmanager
    async def _passage(self, method: str, context: Context) -> AsyncIterator[None]:
        began, code = time.perf_counter(), "OK"
        self._calls += 1
        try:
            actor = self._admitted(method, context)
            if actor is not None:
                _actor.set(actor)
            yield
        except HaidangError as error:
            status = status_of(error)
            code = error.reason
            await context.abort_with_status(rpc_status.to_status(status))
        except grpc.aio.AbortError:
            raise
        except Exception:  # our defect: the caller learns that, the log learns why
            code = "INTERNAL"
            self._log.exception("rpc_defect", method=method)
            defect = status_of(HaidangError("INTERNAL_DEFECT"))
            await context.abort_with_status(rpc_status.to_status(defect))
        finally:
            self._calls -= 1
            telemetry.count_call(method, code, time.perf_counter() - began)

    def _admitted(self, method: str, context: Context) -> Actor | None:
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
        actor = self._verifier.verify(_bearer(context), self._clock.now())
        require(actor, rule)
        return actor


def _word(is_streaming: bool) -> str:
    return "stream" if is_streaming else "unary"


def _bearer(context: Context) -> str:
    for key, value in context.invocation_metadata() or ():
        if key == "authorization" and isinstance(value, str) and value.startswith(BEARER):
            return value.removeprefix(BEARER)
    raise Unauthenticated("TOKEN_MISSING")


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
    that tokens must be made for.
    """
    place = platform()
    door = Door(methods, TokenVerifier(await public_key(place), name))
    server = grpc.aio.server(interceptors=[door], options=_options())
    add(server)
    checks = health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    server.add_insecure_port(place.address(name))
    await server.start()
    await checks.set("", health_pb2.HealthCheckResponse.SERVING)
    process.announce_ready()
    await process.until_stopped()
    await checks.enter_graceful_shutdown()
    await server.stop(DRAIN_SECONDS)


def _options() -> list[tuple[str, int]]:
    return [
        ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
        ("grpc.so_reuseport", 0),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ]


def encode_page_token(values: Mapping[str, object], tenant: str) -> str:
    """An opaque, URL-safe token of *values*; it carries no authority and no personal data."""
    text = json.dumps([_tenant_mark(tenant), dict(values)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_page_token(token: str, tenant: str) -> dict[str, Any]:  # Any: JSON values
    """The values of *token*; empty for "". Raises: Malformed PAGE_TOKEN_INVALID."""
    if not token:
        return {}
    try:
        padded = token[:MOST_TOKEN_CHARACTERS] + "=" * (-len(token) % 4)
        mark, values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, binascii.Error) as error:
        raise Malformed("PAGE_TOKEN_INVALID", field="page_token") from error
    if mark != _tenant_mark(tenant) or not isinstance(values, dict):
        raise Malformed("PAGE_TOKEN_INVALID", field="page_token")
    return values


def _tenant_mark(tenant: str) -> str:
    return hashlib.sha256(tenant.encode()).hexdigest()[:8]
