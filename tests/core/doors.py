"""A real server behind the Door, with all four kinds of call, and callers with tokens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import grpc
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from haidang.core.client import channel
from haidang.core.server import Context, Door, current_actor
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier
from haidang.core.testing.clocks import FakeClock

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
OWNER = Actor("lan", "t1", frozenset({"echo.write"}))
KINDS = ("unary_unary", "unary_stream", "stream_unary", "stream_stream")
SERVICE = "haidang.tests.Echo"


def a_key_pair() -> tuple[bytes, bytes]:
    """A fresh Ed25519 key: (private PEM, public PEM)."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return private, public


PRIVATE, PUBLIC_KEY = a_key_pair()


def a_token(
    actor: Actor = OWNER, audience: str = "echo", at: datetime = NOW, key: bytes = PRIVATE
) -> str:
    """What the portal would sign for *actor*."""
    return TokenSigner(key, "k1").issue(actor, audience, at)


def bearing(token: str) -> Callable[[], Awaitable[str]]:
    """A source that always gives *token*."""

    async def source() -> str:
        return token

    return source


class Echo:
    """One method of each kind: answers the tenant, or does what a test asks for.

    `entered` counts the calls that came through the Door, `cancelled` those cut off.
    """

    def __init__(
        self, raises: BaseException | None = None, *, waits: asyncio.Event | None = None
    ) -> None:
        self.raises = raises
        self.waits = waits
        self.entered = 0
        self.cancelled = 0
        self.contexts: list[Context] = []
        self.meanwhile: Callable[[], None] = lambda: None

    async def _answer(self, context: Context) -> bytes:
        self.entered += 1
        self.contexts.append(context)
        self.meanwhile()
        try:
            if self.waits is not None:
                await self.waits.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        if self.raises is not None:
            raise self.raises
        return current_actor().tenant.encode()

    async def unary_unary(self, request: bytes, context: Context) -> bytes:
        return await self._answer(context)

    async def unary_stream(self, request: bytes, context: Context) -> AsyncIterator[bytes]:
        yield await self._answer(context)
        yield b"2"

    async def stream_unary(self, requests: AsyncIterator[bytes], context: Context) -> bytes:
        assert [one async for one in requests] == [b"a", b"b"]
        return await self._answer(context)

    async def stream_stream(
        self, requests: AsyncIterator[bytes], context: Context
    ) -> AsyncIterator[bytes]:
        async for _ in requests:
            yield await self._answer(context)


def handlers(echo: object) -> grpc.GenericRpcHandler:
    """The methods of *echo*, one per kind, without messages: bytes in, bytes out."""
    return grpc.method_handlers_generic_handler(
        SERVICE,
        {
            kind: getattr(grpc, f"{kind}_rpc_method_handler")(getattr(echo, kind))
            for kind in KINDS
            if hasattr(echo, kind)
        },
    )


RULES = {f"/{SERVICE}/{kind}": "echo.write" for kind in KINDS}


@asynccontextmanager
async def a_server(
    echo: object,
    *,
    rules: Mapping[str, str] = RULES,
    add: Callable[[grpc.aio.Server], object] = lambda server: None,
    **door: Any,
) -> AsyncIterator[str]:
    """*echo* behind the Door: its address."""
    verifier = TokenVerifier(PUBLIC_KEY, "echo")
    server = grpc.aio.server(interceptors=[Door(rules, verifier, clock=FakeClock(NOW), **door)])
    server.add_generic_rpc_handlers((handlers(echo),))
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        await server.stop(0)


@asynccontextmanager
async def a_caller(
    echo: object, token: str | None = None, **server: Any
) -> AsyncIterator[grpc.aio.Channel]:
    """A channel of our client to *echo*, bearing *token* or a good one."""
    source = bearing(a_token() if token is None else token)
    async with a_server(echo, **server) as address, channel(address, source) as opened:
        yield opened


async def call(opened: grpc.aio.Channel, kind: str, **options: Any) -> list[bytes]:
    """Call the method of *kind*: all answers."""
    method = getattr(opened, kind)(f"/{SERVICE}/{kind}")
    request = b"x" if kind.startswith("unary") else _parts()
    if kind.endswith("stream"):
        return [answer async for answer in method(request, **options)]
    return [await method(request, **options)]


async def _parts() -> AsyncIterator[bytes]:
    yield b"a"
    yield b"b"
