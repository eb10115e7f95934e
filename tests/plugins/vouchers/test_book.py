"""The book: one file, several processes, each effect once, and no code in it."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Conflict, Refused, Unavailable
from haidang.core.ports.payment import Authorization, Capture
from haidang_vouchers import book as room
from haidang_vouchers.book import Book
from haidang_vouchers.codes import read_code

from tests.plugins.vouchers.programme import DONG, Programme


@pytest.fixture
def programme(tmp_path: Path) -> Programme:
    return Programme(tmp_path)


async def test_money_goes_from_the_voucher_and_comes_back(programme: Programme) -> None:
    provider, code = programme.provider(), programme.issued()
    held = await provider.authorize(Authorization(code, 450_000, "a.vn"), "operations/1/authorize")

    await provider.capture(Capture(held.authorization_id, 300_000), "operations/1/capture")

    with programme.book.page() as page:
        [voucher] = page.vouchers()
    assert voucher.left_dong(programme.clock.now()) == DONG - 450_000
    assert voucher.business(programme.clock.now()) == "a.vn"
    programme.clock.advance(8 * 24 * 3600)
    assert voucher.left_dong(programme.clock.now()) == DONG - 300_000


async def test_an_effect_id_means_one_thing(programme: Programme) -> None:
    provider, code = programme.provider(), programme.issued()
    await provider.authorize(Authorization(code, 450_000, "a.vn"), "operations/1/authorize")

    for call in (provider.authorize, provider.find_authorization):
        with pytest.raises(Conflict) as refusal:
            await call(Authorization(code, 450_001, "a.vn"), "operations/1/authorize")
        assert refusal.value.reason == "VOUCHER_EFFECT_MISMATCH"


async def test_a_hold_that_is_not_there_is_absent(programme: Programme) -> None:
    with pytest.raises(Absent):
        await programme.provider().capture(Capture("hold-x", 1), "operations/1/capture")


async def test_what_was_refused_left_nothing_behind(programme: Programme) -> None:
    provider, code = programme.provider(), programme.issued(amount_dong=1)

    with pytest.raises(Refused):
        await provider.authorize(Authorization(code, 450_000, "a.vn"), "operations/1/authorize")

    with programme.book.page() as page:
        assert page.vouchers()[0].holds == ()


def test_two_who_pay_with_one_voucher_at_once_never_take_more_than_it_holds(
    programme: Programme,
) -> None:
    import asyncio

    code, answers = programme.issued(amount_dong=1_000_000), list[str]()

    def pay(number: int) -> None:
        asked = Authorization(code, 400_000, "a.vn")
        try:
            asyncio.run(programme.provider().authorize(asked, f"operations/{number}/authorize"))
            answers.append("held")
        except Refused as refusal:
            answers.append(refusal.reason)

    threads = [threading.Thread(target=pay, args=(number,)) for number in range(5)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    assert sorted(answers) == ["VOUCHER_NOT_ENOUGH"] * 3 + ["held"] * 2


def test_a_book_in_use_is_unavailable_and_nothing_is_written(
    programme: Programme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(programme.file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Unavailable) as refusal, Book(programme.file).page():
        pass
    other.close()

    assert refusal.value.reason == "VOUCHERS_BUSY"


async def test_no_code_stands_in_the_book(programme: Programme) -> None:
    code = programme.issued()
    await programme.provider().authorize(Authorization(code, 1, "a.vn"), "operations/1/authorize")

    kept = b"".join(path.read_bytes() for path in programme.folder.rglob("*") if path.is_file())
    assert b"a.vn" in kept
    for text in (code, read_code(code)):
        assert text.encode() not in kept
