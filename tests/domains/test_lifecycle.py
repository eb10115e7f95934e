"""The life of a registration, by the calendar of Vietnam."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from haidang.core.errors import Refused
from haidang.domains.law import law_on
from haidang.domains.lifecycle import (
    BARS_RENEWAL,
    RegistrationState,
    Term,
    add_years,
    days_past_expiry,
    decide_renewal,
    outlook,
    renewal_closes_on,
    state_on,
)
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON

PROFILES = law_on(date(2026, 11, 24)).lifecycles
PROFILE = PROFILES["vn-2022"]
EXPIRY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
"""Midnight in Vietnam at the beginning of 23 November."""
LATE_EXPIRY = datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)
"""The last second of 23 November in Vietnam."""

instants = st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, RegistrationState.ACTIVE),
        (0, RegistrationState.SUSPENDED),
        (1, RegistrationState.SUSPENDED),
        (25, RegistrationState.SUSPENDED),
        (26, RegistrationState.PENDING_REVOCATION),
        (400, RegistrationState.PENDING_REVOCATION),
    ],
)
def test_days_are_counted_in_vietnam(days: int, state: RegistrationState) -> None:
    assert state_on(EXPIRY, EXPIRY + timedelta(days=days, hours=12), PROFILE) is state


def test_a_name_is_suspended_at_the_very_instant_it_expires() -> None:
    moment = timedelta(microseconds=1)

    assert state_on(EXPIRY, EXPIRY - moment, PROFILE) is RegistrationState.ACTIVE
    assert state_on(EXPIRY, EXPIRY, PROFILE) is RegistrationState.SUSPENDED


def test_the_day_turns_at_midnight_in_vietnam_not_in_greenwich() -> None:
    turn = datetime(2026, 12, 18, 17, 0, tzinfo=UTC)
    before = turn - timedelta(seconds=1)

    for expiry in (EXPIRY, LATE_EXPIRY):
        assert days_past_expiry(expiry, before) == 25
        assert days_past_expiry(expiry, turn) == 26
        assert state_on(expiry, before, PROFILE) is RegistrationState.SUSPENDED
        assert state_on(expiry, turn, PROFILE) is RegistrationState.PENDING_REVOCATION
        assert renewal_closes_on(expiry, PROFILE) == date(2026, 12, 18)


def test_renewal_is_refused_from_the_twenty_sixth_day() -> None:
    held = Term("banhmi.vn", EXPIRY, frozenset())
    late = EXPIRY + timedelta(days=26)

    assert decide_renewal(held, 1, late - timedelta(seconds=1), profile=PROFILE).years == 1
    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 1, late, profile=PROFILE)
    assert refusal.value.reason == "RENEWAL_CLOSED"
    assert refusal.value.facts["closed"] == "18/12/2026"
    assert refusal.value.facts["citation"]


def test_another_profile_has_other_days() -> None:
    held = Term("banhmi.vn", EXPIRY, frozenset())
    late = EXPIRY + timedelta(days=30, hours=23)

    assert decide_renewal(held, 1, late, profile=PROFILES["vn-2024-registrars"])
    with pytest.raises(Refused):
        decide_renewal(held, 1, late, profile=replace(PROFILE, renewable_through_day=29))


def test_an_expired_name_is_renewed_from_its_expiry_not_from_today() -> None:
    held = Term("banhmi.vn", EXPIRY, frozenset())

    renewal = decide_renewal(held, 2, EXPIRY + timedelta(days=20), profile=PROFILE)

    assert renewal.current_expires_at == EXPIRY
    assert renewal.new_expires_at == add_years(EXPIRY, 2)


@pytest.mark.parametrize("status", sorted(BARS_RENEWAL))
def test_renewal_is_refused_while_a_status_bars_it(status: str) -> None:
    held = Term("banhmi.vn", add_years(NOON, 1), frozenset({status, "ok"}))

    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 1, NOON, profile=PROFILE)

    assert refusal.value.reason == "STATUS_BARS_RENEWAL"
    assert refusal.value.facts["statuses"] == [status]


def test_other_statuses_do_not_bar_it() -> None:
    held = Term(
        "banhmi.vn", add_years(NOON, 1), frozenset({"clientTransferProhibited", "inactive"})
    )

    assert decide_renewal(held, 1, NOON, profile=PROFILE)


def test_a_term_ends_at_ten_years_ahead() -> None:
    held = Term("banhmi.vn", add_years(NOON, 5), frozenset())

    assert decide_renewal(held, 5, NOON, profile=PROFILE).new_expires_at == add_years(NOON, 10)
    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 6, NOON, profile=PROFILE)
    assert (refusal.value.reason, refusal.value.field) == ("TERM_TOO_LONG", "years")


@given(instants, st.integers(-4000, 400))
def test_an_outlook_promises_just_the_years_that_a_renewal_is_granted(
    expiry: datetime, days: int
) -> None:
    now, held = expiry + timedelta(days=days), Term("a.vn", expiry, frozenset())

    promised = outlook(expiry, now, PROFILE).most_years

    for years in range(1, 11):
        try:
            decide_renewal(held, years, now, profile=PROFILE)
        except Refused:
            assert years > promised
        else:
            assert years <= promised


def test_an_outlook_gives_the_last_days_of_the_profile() -> None:
    found = outlook(EXPIRY, NOON, PROFILE)

    assert found.renewable_through == date(2026, 12, 18)
    assert found.deleted_by == date(2027, 1, 2)
    assert found.source == PROFILE.source


def test_a_leap_day_becomes_the_twenty_eighth() -> None:
    leap = datetime(2028, 2, 29, tzinfo=UTC)

    assert add_years(leap, 1) == datetime(2029, 2, 28, tzinfo=UTC)
    assert add_years(leap, 4) == datetime(2032, 2, 29, tzinfo=UTC)


@given(instants, st.integers(1, 10))
def test_a_year_is_a_calendar_year_whatever_its_days(instant: datetime, years: int) -> None:
    later = add_years(instant, years)

    assert later.year == instant.year + years
    assert (later.month, later.time()) == (instant.month, instant.time())
    assert later.day == instant.day or (instant.month, instant.day, later.day) == (2, 29, 28)


@given(instants, st.integers(0, 60))
def test_states_only_move_forward(expiry: datetime, days: int) -> None:
    order = list(RegistrationState)
    now = expiry + timedelta(days=days - 10)

    assert order.index(state_on(expiry, now, PROFILE)) <= order.index(
        state_on(expiry, now + timedelta(hours=5), PROFILE)
    )
