"""The server of the site: whom it believes about an address, and that it answers at once."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest
from haidang.portal.web.site import _listening, serving


def a_free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


async def asked_through(proxies: tuple[str, ...]) -> str:
    """What a site that trusts *proxies* takes for the address of a visitor behind one."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": scope["client"][0].encode()})

    address = a_free_address()
    async with serving(app, address, proxies=proxies):
        reader, writer = await asyncio.open_connection(*address.split(":"))
        writer.write(
            b"GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 203.0.113.9\r\n"
            b"Connection: close\r\n\r\n"
        )
        answer = (await reader.read()).decode()
        writer.close()
    return answer


async def test_without_a_proxy_nobody_is_believed_about_addresses() -> None:
    assert "127.0.0.1" in await asked_through(())


@pytest.mark.parametrize("proxies", [("127.0.0.1",), ("127.0.0.0/8",)])
async def test_a_trusted_proxy_names_the_visitor(proxies: tuple[str, ...]) -> None:
    assert "203.0.113.9" in await asked_through(proxies)


async def test_another_proxy_is_not_believed() -> None:
    assert "127.0.0.1" in await asked_through(("10.0.0.0/8",))


async def test_no_answer_waits_for_an_acknowledgement() -> None:
    accepted: list[int] = []

    class Answering(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connection = transport.get_extra_info("socket")
            accepted.append(connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
            transport.close()

    address = a_free_address()
    server = await asyncio.get_running_loop().create_server(Answering, sock=_listening(address))
    reader, writer = await asyncio.open_connection(*address.split(":"))
    await reader.read()
    writer.close()
    server.close()

    assert accepted == [1]
