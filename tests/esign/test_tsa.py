"""Time-stamps: the socket, and the check of every token before it is embedded."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from asn1crypto import cms, tsp
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID
from haidang.core.errors import Refused, Unavailable
from haidang.esign.formats.timestamps import (
    TimeStampResp,
    authority_chain,
    timestamp_request,
    timestamp_token,
)
from haidang.esign.providers.settings import TimestampSettings
from haidang.esign.providers.tsa import HttpTimestampAuthority

from tests.esign.house import Trust, free_port
from tests.esign.house import trust as trust  # a fixture
from tests.esign.pki import Identity, TestPki, an_identity, the_pki

REPLY = "application/timestamp-reply"
SIGNATURE, NONCE = b"gia tri chu ky", 2**63 + 5


async def by_the_sandbox(trust: Trust) -> bytes:
    return await trust.authority().request(timestamp_request(SIGNATURE, NONCE))


async def test_the_sandbox_stamps_now_and_names_itself(trust: Trust) -> None:
    token = timestamp_token(await by_the_sandbox(trust), SIGNATURE, NONCE)

    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    gap = datetime.now(UTC) - info["gen_time"].native
    assert abs(gap.total_seconds()) < 30
    assert len(authority_chain(token)) == 2


@pytest.mark.parametrize(
    ("signature", "nonce"), [(b"khac", NONCE), (SIGNATURE, NONCE + 1)], ids=["imprint", "nonce"]
)
async def test_an_answer_to_another_request_is_refused(
    trust: Trust, signature: bytes, nonce: int
) -> None:
    answer = await by_the_sandbox(trust)

    with pytest.raises(Refused) as refusal:
        timestamp_token(answer, signature, nonce)

    assert refusal.value.reason == "TIMESTAMP_REFUSED"
    assert refusal.value.facts["detail"] == "it answers another request"


@pytest.mark.parametrize(
    "part", [b"SANDBOX TSA", b"\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x2f"]
)
async def test_a_token_with_one_byte_changed_is_refused(trust: Trust, part: bytes) -> None:
    answer = bytearray(await by_the_sandbox(trust))
    at = answer.rindex(part) + len(part) - 1
    answer[at] ^= 1

    with pytest.raises(Refused):
        timestamp_token(bytes(answer), SIGNATURE, NONCE)


async def test_no_changed_byte_makes_a_token_of_another_time(trust: Trust) -> None:
    answer = await by_the_sandbox(trust)
    token = timestamp_token(answer, SIGNATURE, NONCE)
    info = cms.ContentInfo.load(token)["content"]["encap_content_info"]["content"].parsed
    written = info["gen_time"].contents
    at = answer.index(written)

    for offset in range(len(written) - 1):
        changed = bytearray(answer)
        changed[at + offset] ^= 1
        with pytest.raises(Refused):
            timestamp_token(bytes(changed), SIGNATURE, NONCE)


async def by(authority: Identity) -> bytes:
    """An answer by pyHanko's authority with *authority*'s certificate."""
    pki = TestPki.__new__(TestPki)
    pki.root, pki.issuing, pki.tsa = the_pki().root, the_pki().issuing, authority
    request = tsp.TimeStampReq.load(timestamp_request(SIGNATURE, NONCE))
    answer = await pki.timestamper().async_request_tsa_response(request)
    wire: bytes = answer.dump()
    return wire


async def test_an_authority_whose_key_is_rsa_is_understood() -> None:
    assert timestamp_token(await by(the_pki().tsa), SIGNATURE, NONCE)


@pytest.mark.parametrize("purpose", [None, ExtendedKeyUsageOID.CODE_SIGNING])
async def test_a_certificate_not_for_time_stamps_makes_none(purpose: object) -> None:
    other = an_identity(
        "Không phải TSA",
        the_pki().issuing,
        extended_usage=purpose,  # type: ignore[arg-type]
        rsa_bits=2048,
    )

    with pytest.raises(Refused) as refusal:
        timestamp_token(await by(other), SIGNATURE, NONCE)

    assert refusal.value.reason == "TIMESTAMP_REFUSED"


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"hello",
        TimeStampResp({"status": {"status": "rejection", "fail_info": {"bad_alg"}}}).dump(),
        TimeStampResp({"status": {"status": "granted"}}).dump(),
    ],
    ids=["empty", "text", "rejection", "no token"],
)
def test_what_is_no_token_is_refused(wire: bytes) -> None:
    with pytest.raises(Refused):
        timestamp_token(wire, SIGNATURE, NONCE)


@asynccontextmanager
async def an_authority(
    status: int, body: bytes, kind: str = REPLY
) -> AsyncIterator[HttpTimestampAuthority]:
    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=kind)

    app = web.Application()
    app.router.add_post("/", answer)
    async with TestServer(app) as server:
        yield HttpTimestampAuthority(TimestampSettings(url=str(server.make_url("/"))))


async def test_a_long_answer_arrives_whole() -> None:
    body = bytes(range(256)) * 200
    async with an_authority(200, body) as authority:
        assert await authority.request(b"q") == body


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"", REPLY),
        (200, b"<html>", "text/html"),
        (302, b"", REPLY),
        (200, b"x" * 70_000, REPLY),
    ],
)
async def test_what_is_no_answer_is_unavailable(status: int, body: bytes, kind: str) -> None:
    async with an_authority(status, body, kind) as authority:
        with pytest.raises(Unavailable) as refusal:
            await authority.request(b"q")

        assert refusal.value.reason == "TSA_UNREACHABLE"


async def test_nobody_there_is_unavailable() -> None:
    url = f"http://127.0.0.1:{free_port()}/"

    with pytest.raises(Unavailable):
        await HttpTimestampAuthority(TimestampSettings(url=url)).request(b"q")


async def test_a_redirect_is_not_followed() -> None:
    asked: list[str] = []

    async def redirect(_request: web.Request) -> web.StreamResponse:
        raise web.HTTPTemporaryRedirect("/elsewhere")

    async def elsewhere(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(body=b"x", content_type=REPLY)

    app = web.Application()
    app.router.add_post("/", redirect)
    app.router.add_post("/elsewhere", elsewhere)
    async with TestServer(app) as server:
        authority = HttpTimestampAuthority(TimestampSettings(url=str(server.make_url("/"))))
        with pytest.raises(Unavailable):
            await authority.request(b"q")

    assert asked == []


async def test_an_authority_that_hangs_is_unavailable() -> None:
    async def hang(_request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(30)
        return web.Response()

    app = web.Application()
    app.router.add_post("/", hang)
    async with TestServer(app, shutdown_timeout=0.1) as server:
        settings = TimestampSettings(url=str(server.make_url("/")), timeout_seconds=0.2)
        with pytest.raises(Unavailable) as refusal:
            await HttpTimestampAuthority(settings).request(b"q")

    assert refusal.value.reason == "TSA_UNREACHABLE"


async def test_a_mutilated_token_is_taken_or_refused_and_nothing_else(trust: Trust) -> None:
    whole = await by_the_sandbox(trust)

    for at in range(len(whole)):
        broken = bytearray(whole)
        broken[at] ^= 0x55
        with suppress(Refused):
            token = timestamp_token(bytes(broken), SIGNATURE, NONCE)
            for der in authority_chain(token):
                x509.load_der_x509_certificate(der)
