"""The connection under a hostile or clumsy server: order, ids, time, and the end of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from haidang.domains.epp.commands import InfoDomain, to_xml
from haidang.domains.epp.endpoint import Credentials
from haidang.domains.epp.frames import FrameBuffer, put_frame
from haidang.domains.epp.responses import Greeting, Response
from haidang.domains.epp.session import READ_PREFIX, Connection, ConnectionLost

GREETING = (
    b'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><greeting><svID>test</svID>'
    b"<svDate>2026-11-24T00:00:00Z</svDate><svcMenu><version>1.0</version><lang>en</lang>"
    b"<objURI>urn:a</objURI></svcMenu></greeting></epp>"
)


def an_answer(cl_trid: str, code: int = 1000) -> bytes:
    return (
        f'<epp xmlns="urn:ietf:params:xml:ns:epp-1.0"><response><result code="{code}">'
        f"<msg>ok</msg></result><trID><clTRID>{cl_trid}</clTRID><svTRID>S-1</svTRID></trID>"
        "</response></epp>"
    ).encode()


Behave = Callable[[list[bytes]], bytes]


@asynccontextmanager
async def connected(behave: Behave, *, after: int = 1) -> AsyncIterator[Connection]:
    """A connection to a server that, after so many messages, answers with *behave*'s bytes.

    Empty bytes close the connection; b"-" keeps silent.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(put_frame(GREETING))
        frames, messages = FrameBuffer(), []
        while chunk := await reader.read(65536):
            messages += frames.feed(chunk)
            if len(messages) < after:
                continue
            wire = behave(messages)
            messages = []
            if not wire:
                break
            if wire != b"-":
                writer.write(wire)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(*await asyncio.open_connection("127.0.0.1", port))
    try:
        assert isinstance(await connection.greeting, Greeting)
        yield connection
    finally:
        connection.close("test over")
        server.close()


def ask(connection: Connection, cl_trid: str, patience: float = 5) -> asyncio.Task[Response]:
    message = to_xml(InfoDomain("bienxanh.vn"), cl_trid)

    async def asked() -> Response:
        answer = await connection.exchange(message, cl_trid, patience)
        assert isinstance(answer, Response)
        return answer

    return asyncio.create_task(asked())


def ids_of(messages: list[bytes]) -> list[str]:
    return [m.decode().split("<clTRID>")[1].split("</clTRID>")[0] for m in messages]


async def test_pipelined_commands_each_get_their_own_answer() -> None:
    def in_order(messages: list[bytes]) -> bytes:
        return b"".join(put_frame(an_answer(cl_trid)) for cl_trid in ids_of(messages))

    async with connected(in_order, after=5) as connection:
        asked = [ask(connection, f"HD-{n}") for n in range(5)]

        answers = await asyncio.gather(*asked)

        assert [answer.cl_trid for answer in answers] == [f"HD-{n}" for n in range(5)]


async def test_answers_out_of_order_end_the_connection() -> None:
    def reversed_order(messages: list[bytes]) -> bytes:
        return b"".join(put_frame(an_answer(cl_trid)) for cl_trid in ids_of(messages)[::-1])

    async with connected(reversed_order, after=2) as connection:
        asked = [ask(connection, f"HD-{n}") for n in range(2)]

        ends = await asyncio.gather(*asked, return_exceptions=True)

        assert all(isinstance(end, ConnectionLost) and end.sent for end in ends)
        assert not connection.is_open


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        put_frame(an_answer("HD-OTHER")),
        put_frame(GREETING),
        put_frame(b"<html/>"),
        b"\x00\x00\x00\x00",
        b"\xff\xff\xff\xff",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
    ],
)
async def test_anything_but_the_awaited_answer_ends_the_connection(wire: bytes) -> None:
    async with connected(lambda _: wire) as connection:
        with pytest.raises(ConnectionLost) as lost:
            await ask(connection, "HD-1")

        assert lost.value.sent
        with pytest.raises(ConnectionLost) as refused:
            await ask(connection, "HD-2")
        assert not refused.value.sent


async def test_an_answer_nobody_asked_for_ends_the_connection() -> None:
    def twice(messages: list[bytes]) -> bytes:
        return put_frame(an_answer(ids_of(messages)[0])) * 2

    async with connected(twice) as connection:
        await ask(connection, "HD-1")
        await asyncio.sleep(0.05)

        assert not connection.is_open


async def test_a_timeout_ends_the_connection_for_everybody_on_it() -> None:
    async with connected(lambda _: b"-") as connection:
        patient, impatient = ask(connection, "HD-1"), ask(connection, "HD-2", patience=0.05)

        ends = await asyncio.gather(patient, impatient, return_exceptions=True)

        assert [type(end) for end in ends] == [ConnectionLost, ConnectionLost]
        assert not connection.is_open


async def test_a_cancelled_command_leaves_the_others_in_step() -> None:
    def in_order(messages: list[bytes]) -> bytes:
        return b"".join(put_frame(an_answer(cl_trid)) for cl_trid in ids_of(messages))

    async with connected(in_order, after=2) as connection:
        given_up = ask(connection, "HD-1")
        await asyncio.sleep(0)
        given_up.cancel()
        answer = await ask(connection, "HD-2")

        assert answer.cl_trid == "HD-2"
        assert connection.is_open


async def test_the_deadline_holds_when_whoever_asked_has_gone_away() -> None:
    async with connected(lambda _: b"-") as connection:
        given_up = ask(connection, "HD-1", patience=0.1)
        await asyncio.sleep(0.02)
        given_up.cancel()
        assert connection.is_open
        await asyncio.sleep(0.2)

        assert not connection.is_open


async def test_a_closing_code_is_delivered_and_then_the_end() -> None:
    def closing(messages: list[bytes]) -> bytes:
        return put_frame(an_answer(ids_of(messages)[0], code=2500))

    async with connected(closing) as connection:
        answer = await ask(connection, "HD-1")

        assert answer.code == 2500
        assert not connection.is_open


async def test_an_answer_in_single_bytes_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("haidang.domains.epp.session.CHUNK_BYTES", 1)

    async with connected(lambda m: put_frame(an_answer(ids_of(m)[0]))) as connection:
        assert (await ask(connection, "HD-1")).code == 1000


def test_credentials_never_show_the_password() -> None:
    assert "hush-hush" not in repr(Credentials("haidang-sbx", "hush-hush"))
    assert READ_PREFIX != "HD"
