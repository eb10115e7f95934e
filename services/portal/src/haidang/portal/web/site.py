"""The application: every room's doors on one site, and the server that keeps it open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import uvicorn
from haidang.core import telemetry
from haidang.core.errors import Conflict
from haidang.portal.web.doors import Door, Room
from haidang.portal.web.entrance import Entrance
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

KEEP_ALIVE_SECONDS = 15
MOST_CONNECTIONS = 2048
STOP_SECONDS = 2
SMALLEST_ZIPPED = 700
SECRET_BYTES = 32
POLL_SECONDS = 0.01


def application(entrance: Entrance, rooms: Iterable[Room]) -> Starlette:
    """The site: one route for each door of *rooms*; `app.state.doors` lists them."""
    doors = [door for room in rooms for door in room.doors()]
    app = Starlette(
        routes=[_route(entrance, door) for door in doors],
        exception_handlers={
            404: partial(_as_page, entrance.not_found),
            405: partial(_as_page, entrance.not_found),
            Exception: partial(_defect, entrance),
        },
    )
    # Starlette's own redirect would name whatever Host it was sent, without our headers.
    app.router.redirect_slashes = False
    app.state.doors = tuple(doors)
    app.add_middleware(GZipMiddleware, minimum_size=SMALLEST_ZIPPED, compresslevel=5)
    return app


def _route(entrance: Entrance, door: Door) -> Route:
    async def endpoint(request: Request) -> Response:
        return await entrance.enter(door, request)

    return Route(door.path, endpoint, methods=[door.method])


async def _as_page(page: object, request: Request, error: Exception) -> Response:
    assert callable(page)
    answered = page(request)
    assert isinstance(answered, Response)
    return answered


async def _defect(entrance: Entrance, request: Request, error: Exception) -> Response:
    telemetry.logger(__name__).error("page_defect", route=_pattern(request), exc_info=error)
    return entrance.broken(request)


def _pattern(request: Request) -> str:
    """The route, not the path: a path may name somebody."""
    route = request.scope.get("route")
    return getattr(route, "path", "")


def site_secret(folder: Path) -> bytes:
    """The key of tokens against forgery, made on first use with mode 0600."""
    path = folder / "site-secret"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
    return path.read_bytes()


def _listening(address: str) -> socket.socket:
    """A socket bound here, not by uvicorn, which ends the process when it cannot."""
    host, _, port = address.rpartition(":")
    # Said to be TCP, or asyncio leaves Nagle's algorithm on: each answer would wait for the
    # other side's delayed acknowledgement, some 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
    except OSError as error:
        listener.close()
        raise Conflict("ADDRESS_IN_USE", name="portal", address=address) from error
    return listener


class _Server(uvicorn.Server):
    """Leaves signals to the process it lives in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    app: ASGIApp, address: str, *, proxies: Sequence[str] = ()
) -> AsyncIterator[None]:
    """Keep *app* open at *address* (host:port) for the length of the block.

    What *proxies* (addresses or networks) say of a visitor's address is believed.

    Raises: Conflict ADDRESS_IN_USE.
    """
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        date_header=True,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=list(proxies),
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=STOP_SECONDS,
        limit_concurrency=MOST_CONNECTIONS,
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[_listening(address)]))
    while not server.started and not running.done():  # noqa: ASYNC110 - uvicorn has no event
        await asyncio.sleep(POLL_SECONDS)
    try:
        yield
    finally:
        server.should_exit = True
        await running
