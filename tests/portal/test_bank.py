"""The bank's provider before banks that answer oddly: what it calls a no, and what it does not."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from haidang.core.errors import HaidangError, Malformed, OutcomeUnknown, Refused, Unavailable
from haidang.core.ports.payment import Authorization, Capture
from haidang.portal.providers.bank import Bank
from haidang.portal.providers.settings import BankSettings
from pydantic import SecretStr

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]

HOLD = Authorization("homestay", 450_000, "bienxanh.vn")
EFFECT = "operations/0123456789abcdef/authorize"


@asynccontextmanager
async def a_bank(answer: Answering) -> AsyncIterator[Bank]:
    """Our provider before a bank that answers every request by *answer*."""
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    client = Bank(BankSettings(url=f"http://127.0.0.1:{port}", secret=SecretStr("bi-mat")))
    try:
        yield client
    finally:
        await client.close()
        await runner.cleanup()


def saying(status: int, body: object) -> Answering:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status)

    return answer


async def in_html(request: web.Request) -> web.StreamResponse:
    return web.Response(text="<h1>502</h1>", status=502, content_type="text/html")


async def hanging_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.mark.parametrize(
    ("status", "error", "expected", "reason"),
    [
        (402, "PAYMENT_DECLINED", Refused, "PAYMENT_DECLINED"),
        (400, "AMOUNT_INVALID", Malformed, "PAYMENT_MALFORMED"),
        (409, "KEY_REUSED", Refused, "PAYMENT_REFUSED"),
        (404, "NO_SUCH_AUTHORIZATION", Refused, "PAYMENT_REFUSED"),
        (401, "UNKNOWN_CALLER", Unavailable, "BANK_UNREACHABLE"),
        (429, "SLOWLY", Unavailable, "BANK_UNREACHABLE"),
        (500, "OOPS", OutcomeUnknown, "BANK_DID_NOT_ANSWER"),
        (503, "BUSY", OutcomeUnknown, "BANK_DID_NOT_ANSWER"),
    ],
)
async def test_what_the_bank_answers_is_said_in_our_words(
    status: int, error: str, expected: type[HaidangError], reason: str
) -> None:
    async with a_bank(saying(status, {"error": error})) as bank:
        with pytest.raises(expected) as raised:
            await bank.authorize(HOLD, EFFECT)

    assert raised.value.reason == reason


@pytest.mark.parametrize("answer", [in_html, hanging_up], ids=["HTML", "hanging up"])
async def test_an_answer_that_is_none_leaves_the_payment_open(answer: Answering) -> None:
    async with a_bank(answer) as bank:
        with pytest.raises(OutcomeUnknown):
            await bank.authorize(HOLD, EFFECT)
        with pytest.raises(Unavailable):
            await bank.find_authorization(HOLD, EFFECT)


@pytest.mark.parametrize("body", [[], "x", {}, {"authorization_id": "a"}, {"amount_dong": "1"}])
async def test_a_yes_that_does_not_say_what_was_done_is_no_receipt(body: object) -> None:
    async with a_bank(saying(201, body)) as bank:
        with pytest.raises(OutcomeUnknown):
            await bank.authorize(HOLD, EFFECT)
    async with a_bank(saying(200, {"status": 200, "body": body})) as bank:
        with pytest.raises(Unavailable):
            await bank.find_capture(Capture("auth-1", 1), EFFECT)


@pytest.mark.parametrize("status", [401, 429, 500])
async def test_a_question_that_is_not_answered_is_no_absence(status: int) -> None:
    async with a_bank(saying(status, {"error": "X"})) as bank:
        with pytest.raises(Unavailable):
            await bank.find_authorization(HOLD, EFFECT)


async def test_a_recorded_refusal_is_nothing_done() -> None:
    recorded = {"status": 402, "body": {"error": "PAYMENT_DECLINED"}}
    async with a_bank(saying(200, recorded)) as bank:
        assert await bank.find_authorization(HOLD, EFFECT) is None


async def test_the_effect_id_is_the_idempotency_key_and_the_secret_the_bearer() -> None:
    seen: list[tuple[str, str, str]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        headers = request.headers
        seen.append(
            (request.raw_path, headers.get("Idempotency-Key", ""), headers["Authorization"])
        )
        return web.json_response({"error": "NO_SUCH_REQUEST"}, status=404)

    async with a_bank(answer) as bank:
        with pytest.raises(Refused):
            await bank.capture(Capture("auth/../1?x", 1), EFFECT)
        assert await bank.find_capture(Capture("auth-1", 1), EFFECT) is None

    assert seen == [
        ("/v1/authorizations/auth%2F..%2F1%3Fx/capture", EFFECT, "Bearer bi-mat"),
        (f"/v1/requests/{EFFECT}", "", "Bearer bi-mat"),
    ]


async def test_a_bank_whose_credentials_are_not_there_yet_is_unavailable(tmp_path: Path) -> None:
    bank = Bank(BankSettings(url="http://127.0.0.1:1", credentials=tmp_path / "none.json"))

    with pytest.raises(Unavailable) as raised:
        await bank.authorize(HOLD, EFFECT)

    assert raised.value.reason == "BANK_CREDENTIALS_ABSENT"


def test_settings_without_any_secret_are_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        BankSettings(url="http://127.0.0.1:1")


def test_the_secret_is_never_shown() -> None:
    assert "bi-mat" not in repr(BankSettings(url="http://b", secret=SecretStr("bi-mat")))
