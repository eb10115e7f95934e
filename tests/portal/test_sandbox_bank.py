"""The sandbox bank as a stranger meets it: plain HTTP, a process and books of its own."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from haidang.core.testing.conformance import journal_count
from haidang.core.testing.processes import ModuleProcess
from haidang.portal.sandbox_bank.app import LONGEST_BODY_BYTES
from haidang.portal.sandbox_bank.store import MOST_DONG, Store

from tests.portal.bank_house import BankHouse
from tests.portal.bank_house import bank as bank  # a fixture

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOLDS = "/v1/authorizations"
A_HOLD = {"payer": "homestay", "amount_dong": 450_000, "reference": "bienxanh.vn"}
ONCE = """
import sys, pathlib
from haidang.portal.sandbox_bank.store import Store
store = Store(pathlib.Path(sys.argv[1]))
sys.stdin.readline()
for number in range(20):
    request = {"verb": "authorize", "payer": "a", "amount_dong": 1, "reference": "b.vn"}
    print(store.once(f"key-{number}", request).body["authorization_id"])
"""


class Caller:
    """Anybody with an HTTP client."""

    def __init__(self, bank: BankHouse, http: aiohttp.ClientSession) -> None:
        self.bank = bank
        self._http = http

    async def post(
        self, path: str, body: Any, *, key: str | None = None, secret: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """(status, answer) of one POST; *body* is JSON or raw bytes. A fresh key by default."""
        key = uuid.uuid4().hex if key is None else key
        headers = {"Authorization": f"Bearer {secret or self.bank.secret}"}
        if key:
            headers["Idempotency-Key"] = key
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self._http.post(self.bank.url + path, data=data, headers=headers) as answer:
            assert answer.headers["X-Sandbox"] == "no money moves"
            return answer.status, await answer.json()

    async def answered(self, key: str, *, secret: str | None = None) -> tuple[int, dict[str, Any]]:
        """(status, answer) of the question what was answered to *key*."""
        headers = {"Authorization": f"Bearer {secret or self.bank.secret}"}
        async with self._http.get(f"{self.bank.url}/v1/requests/{key}", headers=headers) as answer:
            return answer.status, await answer.json()

    async def held(self) -> str:
        """Path of a fresh authorisation."""
        status, answer = await self.post(HOLDS, A_HOLD)
        assert status == 201
        return f"{HOLDS}/{answer['authorization_id']}"


@pytest_asyncio.fixture(loop_scope="module")
async def caller(bank: BankHouse) -> AsyncIterator[Caller]:
    async with aiohttp.ClientSession() as http:
        yield Caller(bank, http)


async def test_the_same_key_and_body_get_the_same_answer_and_one_effect(caller: Caller) -> None:
    before = journal_count(caller.bank.store)

    answers = [await caller.post(HOLDS, A_HOLD, key="cung-mot-khoa") for _ in range(3)]

    assert answers[0][0] == 201
    assert answers[0] == answers[1] == answers[2]
    assert journal_count(caller.bank.store) == before + 1
    assert (await caller.answered("cung-mot-khoa"))[1]["body"] == answers[0][1]


@pytest.mark.parametrize("change", [{"amount_dong": 1}, {"payer": "ai-khac"}, {"more": "x"}])
async def test_a_key_reused_for_another_body_is_refused(
    caller: Caller, change: dict[str, object]
) -> None:
    key = uuid.uuid4().hex
    first = await caller.post(HOLDS, A_HOLD, key=key)
    before = journal_count(caller.bank.store)

    status, answer = await caller.post(HOLDS, {**A_HOLD, **change}, key=key)

    assert (status, answer) == (409, {"error": "KEY_REUSED"})
    assert journal_count(caller.bank.store) == before
    assert await caller.post(HOLDS, A_HOLD, key=key) == first


async def test_some_payers_are_refused_when_money_is_set_aside_others_when_it_is_taken(
    caller: Caller,
) -> None:
    refused = (402, {"error": "PAYMENT_DECLINED"})
    declined = await caller.post(HOLDS, {**A_HOLD, "payer": "declined-card"})
    status, hold = await caller.post(HOLDS, {**A_HOLD, "payer": "uncollectable-card"})
    path = f"{HOLDS}/{hold['authorization_id']}"

    assert (declined, status) == (refused, 201)
    before = journal_count(caller.bank.store)
    assert await caller.post(f"{path}/capture", {"amount_dong": 450_000}) == refused
    assert journal_count(caller.bank.store) == before
    status, given_back = await caller.post(f"{path}/release", {})
    assert (status, given_back["amount_dong"]) == (200, 450_000)


async def test_a_key_reused_for_another_verb_is_refused(caller: Caller) -> None:
    hold, key = await caller.held(), uuid.uuid4().hex
    await caller.post(f"{hold}/release", {}, key=key)

    status, answer = await caller.post(f"{hold}/capture", {}, key=key)

    assert (status, answer["error"]) == (409, "KEY_REUSED")


@pytest.mark.parametrize("amount", [450_001, MOST_DONG])
async def test_more_than_was_authorized_is_not_captured(caller: Caller, amount: int) -> None:
    hold = await caller.held()

    status, answer = await caller.post(f"{hold}/capture", {"amount_dong": amount})

    assert (status, answer["error"]) == (409, "NOTHING_TO_CAPTURE")


async def test_money_is_captured_in_parts_up_to_what_is_held(caller: Caller) -> None:
    hold = await caller.held()

    first = await caller.post(f"{hold}/capture", {"amount_dong": 400_000})
    beyond = await caller.post(f"{hold}/capture", {"amount_dong": 50_001})
    rest = await caller.post(f"{hold}/capture", {"amount_dong": 50_000})

    assert [first[0], beyond[0], rest[0]] == [200, 409, 200]


async def test_what_is_captured_is_not_released(caller: Caller) -> None:
    hold = await caller.held()
    await caller.post(f"{hold}/capture", {"amount_dong": 450_000})

    status, answer = await caller.post(f"{hold}/release", {})

    assert (status, answer["error"]) == (409, "NOTHING_TO_RELEASE")


async def test_the_rest_after_a_partial_capture_is_released(caller: Caller) -> None:
    hold = await caller.held()
    await caller.post(f"{hold}/capture", {"amount_dong": 400_000})

    status, answer = await caller.post(f"{hold}/release", {})

    assert (status, answer["amount_dong"]) == (200, 50_000)


async def test_released_money_is_not_captured(caller: Caller) -> None:
    hold = await caller.held()
    await caller.post(f"{hold}/release", {})

    status, answer = await caller.post(f"{hold}/capture", {"amount_dong": 1})

    assert (status, answer["error"]) == (409, "NOTHING_TO_CAPTURE")


@pytest.mark.parametrize("secret", ["sai", "x" * 5000, "khóa"])
async def test_an_unknown_caller_learns_and_does_nothing(caller: Caller, secret: str) -> None:
    await caller.post(HOLDS, A_HOLD, key="khoa-cua-nguoi-khac")
    before = journal_count(caller.bank.store)

    status, answer = await caller.post(HOLDS, A_HOLD, secret=secret)

    assert (status, answer) == (401, {"error": "UNKNOWN_CALLER"})
    assert (await caller.answered("khoa-cua-nguoi-khac", secret=secret))[0] == 401
    assert journal_count(caller.bank.store) == before


async def test_a_request_without_a_key_is_not_carried_out(caller: Caller) -> None:
    before = journal_count(caller.bank.store)

    assert await caller.post(HOLDS, A_HOLD, key="") == (400, {"error": "KEY_MISSING"})
    assert journal_count(caller.bank.store) == before


async def test_a_key_never_seen_has_no_answer(caller: Caller) -> None:
    assert await caller.answered("khong-ai-gui") == (404, {"error": "NO_SUCH_REQUEST"})


GARBAGE = {
    "no JSON": b"{amount",
    "a list": b"[1, 2]",
    "a number": b"7",
    "no text at all": b"\xff\xfe\x00",
    "half a character": b'{"payer": "\\ud800", "amount_dong": 1, "reference": "a"}',
    "deeper than a stack": b"[" * 15_000,
    "a body too long": json.dumps({**A_HOLD, "note": "x" * LONGEST_BODY_BYTES}).encode(),
    "megabytes": b" " * 4_000_000,
    "no payer": b'{"amount_dong": 1, "reference": "a"}',
    "no reference": b'{"amount_dong": 1, "payer": "a"}',
    "a payer that is a number": b'{"amount_dong": 1, "payer": 7, "reference": "a"}',
    "nothing": b"",
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
async def test_a_body_that_is_not_understood_is_answered_so(caller: Caller, body: bytes) -> None:
    before = journal_count(caller.bank.store)

    assert await caller.post(HOLDS, body) == (400, {"error": "BODY_INVALID"})
    assert journal_count(caller.bank.store) == before


@pytest.mark.parametrize("amount", [0, -1, 1.5, "9", True, None, MOST_DONG + 1, 10**30])
@pytest.mark.parametrize("verb", ["authorize", "capture"])
async def test_an_amount_that_is_no_money_is_refused(
    caller: Caller, verb: str, amount: object
) -> None:
    path = HOLDS if verb == "authorize" else f"{await caller.held()}/capture"

    status, answer = await caller.post(path, {**A_HOLD, "amount_dong": amount})

    assert (status, answer) == (400, {"error": "AMOUNT_INVALID"})


@pytest.mark.parametrize("verb", ["capture", "release"])
async def test_an_authorisation_that_does_not_exist_is_not_found(caller: Caller, verb: str) -> None:
    status, answer = await caller.post(f"{HOLDS}/auth-khong-co/{verb}", {"amount_dong": 1})

    assert (status, answer["error"]) == (404, "NO_SUCH_AUTHORIZATION")


async def test_a_body_cannot_name_another_authorisation_or_verb(caller: Caller) -> None:
    mine, others = await caller.held(), await caller.held()
    body = {"authorization": others.rpartition("/")[2], "verb": "capture", "amount_dong": 1}

    status, answer = await caller.post(f"{mine}/release", body)

    assert status == 200
    assert answer["authorization_id"] == mine.rpartition("/")[2]
    assert (await caller.post(f"{others}/release", {}))[1]["amount_dong"] == 450_000


async def test_two_processes_with_one_key_carry_it_out_once(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    Store(path)
    rivals = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", ONCE, str(path)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(2)
    ]

    said = await asyncio.gather(*(rival.communicate(b"go\n") for rival in rivals))

    assert [rival.returncode for rival in rivals] == [0, 0]
    assert said[0][0] == said[1][0]
    assert journal_count(path) == len(said[0][0].splitlines()) == 20


async def test_a_bank_killed_and_restarted_remembers_its_answers(caller: Caller) -> None:
    first = await caller.post(HOLDS, A_HOLD, key="truoc-khi-mat-dien")
    secret = caller.bank.secret

    await caller.bank.process.kill()
    await caller.bank.process.start()
    await caller.bank.process.wait_ready()

    assert caller.bank.secret == secret
    assert await caller.post(HOLDS, A_HOLD, key="truoc-khi-mat-dien") == first


async def test_its_secret_is_readable_by_nobody_else(bank: BankHouse) -> None:
    path = bank.state / "bank" / "credentials.json"

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert bank.secret not in bank.process.text


@pytest.mark.parametrize(
    ("name", "environment", "said"),
    [
        ("bank", {"HAIDANG_SANDBOX": "1"}, "in use by process"),
        ("bank-2", {"HAIDANG_SANDBOX": "0"}, "sandbox platform only"),
    ],
)
async def test_it_refuses_a_folder_in_use_and_a_platform_that_is_no_sandbox(
    bank: BankHouse, name: str, environment: dict[str, str], said: str
) -> None:
    environment["HAIDANG_ADDRESSES__BANK"] = "127.0.0.1:1"
    second = ModuleProcess("haidang.portal.sandbox_bank", bank.state, name, environment=environment)
    ready = bank.state / "run" / "bank.ready"
    kept = ready.read_bytes()
    await second.start()

    assert await second.wait() != 0
    assert said in second.text
    ready.write_bytes(kept)
