"""Typed values: the schemas' lengths, patterns and calendars, to the character."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from haidang.core.errors import Malformed
from haidang.domains.epp import values
from hypothesis import given
from hypothesis import strategies as some


@pytest.mark.parametrize(
    ("check", "low", "high"),
    [
        (values.transaction_id, 3, 64),
        (values.client_id, 3, 16),
        (values.password, 6, 16),
        (values.domain_name, 1, 255),
    ],
)
def test_lengths_are_exact(check: Callable[[str], str], low: int, high: int) -> None:
    assert check("a" * low) == "a" * low
    assert check("a" * high) == "a" * high
    for length in (low - 1, high + 1):
        with pytest.raises(Malformed) as refusal:
            check("a" * length)
        assert refusal.value.reason == "EPP_VALUE"


@pytest.mark.parametrize("value", [" abc", "abc ", "a  bc", "a\tbc", "a\nbc", "a\x00bc"])
def test_a_token_has_no_loose_white_space_or_control_characters(value: str) -> None:
    with pytest.raises(Malformed):
        values.transaction_id(value)


@pytest.mark.parametrize("years", [1, 10, 99])
def test_periods_are_1_to_99(years: int) -> None:
    assert values.period_years(years) == str(years)


@pytest.mark.parametrize("years", [0, -1, 100])
def test_other_periods_are_refused(years: int) -> None:
    with pytest.raises(Malformed):
        values.period_years(years)


@pytest.mark.parametrize(
    ("phone", "written"),
    [
        ("+84901234567", "+84.901234567"),
        ("+12025550123", "+1.2025550123"),
        ("+855235551234", "+855.235551234"),
        ("+84.901234567", "+84.901234567"),
        ("", ""),
    ],
)
def test_a_phone_is_written_with_its_country_apart(phone: str, written: str) -> None:
    assert values.voice(phone) == written


@pytest.mark.parametrize("phone", ["0901234567", "+84 90", "+8490123456789012345", "+84.", "84.1"])
def test_other_phones_are_refused(phone: str) -> None:
    with pytest.raises(Malformed):
        values.voice(phone)


@pytest.mark.parametrize("country", ["vn", "V", "VNM", "ĐN", "V1"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    with pytest.raises(Malformed):
        values.country(country)


def test_there_are_17_domain_statuses() -> None:
    assert len(values.DOMAIN_STATUSES) == 17
    assert values.domain_status("clientHold") == "clientHold"
    with pytest.raises(Malformed):
        values.domain_status("onHold")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-24T01:02:03.0Z", datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-24T01:02:03", datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-24T08:02:03+07:00", datetime(2026, 11, 24, 1, 2, 3, tzinfo=UTC)),
        ("2026-11-24T01:02:03.123456789Z", datetime(2026, 11, 24, 1, 2, 3, 123456, tzinfo=UTC)),
    ],
)
def test_instants_become_utc(text: str, instant: datetime) -> None:
    assert values.instant(text, "exDate") == instant


def test_the_current_expiry_is_sent_as_its_utc_date() -> None:
    late_in_vietnam = datetime.fromisoformat("2027-11-25T05:00:00+07:00")

    assert values.day(late_in_vietnam) == "2027-11-24"


@pytest.mark.parametrize("roid", ["D1-HDSANDBX", "2FF7D42-APP", "_x-y"])
def test_roids_are_known(roid: str) -> None:
    assert values.roid(roid) == roid


@pytest.mark.parametrize("roid", ["D1", "D1-", "-VN", "D1-TOOLONGID", "D 1-VN"])
def test_other_roids_are_refused(roid: str) -> None:
    with pytest.raises(Malformed):
        values.roid(roid)


@given(some.text(max_size=300))
def test_a_transaction_prefix_always_leaves_room_for_a_nonce(effect_id: str) -> None:
    prefix = values.transaction_prefix(effect_id)

    assert values.transaction_id(f"{prefix}-0123abcd")
    assert prefix == values.transaction_prefix(effect_id)


def test_refusals_never_show_the_value() -> None:
    with pytest.raises(Malformed) as refusal:
        values.password("bi-mat-bi-mat-bi-mat")

    assert "bi-mat" not in str(refusal.value) + repr(refusal.value.facts)
