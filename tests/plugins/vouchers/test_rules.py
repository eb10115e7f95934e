"""What a voucher pays for, and for whom."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from haidang.core.errors import HaidangError
from haidang.core.ports.payment import Authorization
from haidang.core.testing.memory import NOON
from haidang_vouchers.rules import (
    MOST_DONG,
    Hold,
    Voucher,
    decide_capture,
    decide_hold,
    decide_release,
)
from haidang_vouchers.settings import VoucherSettings
from hypothesis import given
from hypothesis import strategies as st

from tests.plugins.vouchers.programme import DONG, NAME, a_voucher

LAPSED = NOON + timedelta(days=7)
SITE = "tieu-dat-do.vn"


def a_hold(**changed: Any) -> Hold:
    fields = {"id": "h", "serial": 1, "reference": SITE, "amount_dong": 450_000}
    return Hold(**{**fields, "expires_at": LAPSED, **changed})


def held(voucher: Voucher, dong: int = 450_000, *, reference: str = SITE, **settings: Any) -> Hold:
    asked = Authorization("payer", dong, reference)
    return decide_hold(voucher, asked, NOON, id="h", settings=VoucherSettings(**settings))


def reason_of(call: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(HaidangError) as refusal:
        call(*arguments, **named)
    return refusal.value.reason


def test_a_hold_lasts_as_long_as_the_platform_says() -> None:
    assert held(a_voucher(), hold_days=3).expires_at == NOON + timedelta(days=3)
    assert held(a_voucher()).expires_at == LAPSED


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"valid_from": date(2100, 1, 1), "valid_to": date(2100, 2, 1)}, "VOUCHER_NOT_YET_VALID"),
        ({"valid_from": date(2020, 1, 1), "valid_to": date(2020, 2, 1)}, "VOUCHER_EXPIRED"),
        ({"amount_dong": 449_999}, "VOUCHER_NOT_ENOUGH"),
        ({"holds": (a_hold(reference="khac.vn"),)}, "VOUCHER_OF_ANOTHER"),
        ({"holds": (a_hold(amount_dong=DONG - 449_999),)}, "VOUCHER_NOT_ENOUGH"),
    ],
)
def test_a_voucher_that_does_not_pay_says_why_at_the_payer(
    changed: dict[str, Any], reason: str
) -> None:
    with pytest.raises(HaidangError) as refusal:
        held(a_voucher(**changed))

    assert (refusal.value.reason, refusal.value.field) == (reason, "payer")


def test_both_days_of_its_period_count_by_the_calendar_in_vietnam() -> None:
    today = date(NOON.year, NOON.month, NOON.day)

    assert held(a_voucher(valid_from=today, valid_to=today))


def test_only_the_programmes_named_pay_here() -> None:
    assert held(a_voucher(), programmes=frozenset({NAME}))
    assert (
        reason_of(held, a_voucher(), programmes=frozenset({"khác"}))
        == "VOUCHER_PROGRAMME_NOT_TAKEN"
    )


@pytest.mark.parametrize("dong", [0, -1, MOST_DONG + 1])
def test_no_money_and_absurd_money_are_malformed(dong: int) -> None:
    assert reason_of(held, a_voucher(), dong) == "VOUCHER_AMOUNT_INVALID"
    assert reason_of(decide_capture, a_hold(), dong, NOON) == "VOUCHER_AMOUNT_INVALID"


@pytest.mark.parametrize(
    "gone",
    [a_hold(reference="khac.vn", is_released=True), a_hold(reference="khac.vn", expires_at=NOON)],
)
def test_a_voucher_given_back_or_forgotten_is_anybodys_again(gone: Hold) -> None:
    assert held(a_voucher(holds=(gone,)), DONG)


def test_what_was_taken_stays_gone_after_the_hold_lapsed_or_was_given_back() -> None:
    taken = a_hold(captured_dong=450_000, is_released=True)
    lapsed = a_hold(captured_dong=450_000, expires_at=NOON)

    for hold in (taken, lapsed):
        assert a_voucher(holds=(hold,)).left_dong(NOON) == DONG - 450_000


@pytest.mark.parametrize(
    ("hold", "reason"),
    [
        (a_hold(is_released=True), "VOUCHER_HOLD_RELEASED"),
        (a_hold(expires_at=NOON), "VOUCHER_HOLD_LAPSED"),
        (a_hold(captured_dong=1), "VOUCHER_MORE_THAN_HELD"),
        (a_hold(amount_dong=449_999), "VOUCHER_MORE_THAN_HELD"),
    ],
)
def test_money_that_is_not_held_is_not_taken(hold: Hold, reason: str) -> None:
    assert reason_of(decide_capture, hold, 450_000, NOON) == reason


def test_a_hold_is_given_back_once_even_after_it_lapsed() -> None:
    assert decide_release(a_hold(expires_at=NOON)).is_released
    assert reason_of(decide_release, a_hold(is_released=True)) == "VOUCHER_HOLD_RELEASED"


@given(st.lists(st.tuples(st.sampled_from(("hold", "take", "free")), st.integers(1, DONG))))
def test_whatever_is_asked_a_voucher_never_pays_more_than_it_is_worth(
    asked: list[tuple[str, int]],
) -> None:
    voucher, holds = a_voucher(), list[Hold]()
    for verb, dong in asked:
        try:
            if verb == "hold":
                holds.append(held(a_voucher(holds=tuple(holds)), dong))
            elif holds and verb == "take":
                holds[-1] = decide_capture(holds[-1], dong, NOON)
            elif holds:
                holds[-1] = decide_release(holds[-1])
        except HaidangError:
            continue

    voucher = a_voucher(holds=tuple(holds))
    assert sum(one.captured_dong for one in holds) <= DONG
    assert 0 <= voucher.left_dong(NOON) <= DONG
    assert voucher.left_dong(LAPSED) == DONG - sum(one.captured_dong for one in holds)
