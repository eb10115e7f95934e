"""The lifecycle of .vn names as the sandbox registry keeps it: to the day, to the seed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from haidang.domains.sandbox_registry.lifecycle import (
    Stage,
    add_months,
    deletion_at,
    revocation_at,
    stage_of,
)
from haidang.domains.sandbox_registry.policy import load_policy
from hypothesis import given
from hypothesis import strategies as some

VN_2022 = load_policy("vn-2022").lifecycle
EXPIRY = datetime(2027, 3, 10, 4, 30, tzinfo=UTC)  # 11:30 in Vietnam
MIDNIGHT_OF_DAY_26 = datetime(2027, 4, 4, 17, tzinfo=UTC)  # 00:00 of 5 April in Vietnam


def stage_at(now: datetime, name: str = "bienxanh.vn") -> Stage:
    return stage_of(name, EXPIRY, now, VN_2022, "seed")


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        (EXPIRY - timedelta(seconds=1), Stage.ACTIVE),
        (EXPIRY, Stage.SUSPENDED),
        (MIDNIGHT_OF_DAY_26 - timedelta(seconds=1), Stage.SUSPENDED),
        (MIDNIGHT_OF_DAY_26, Stage.REVOKING),
        (MIDNIGHT_OF_DAY_26 + timedelta(days=15), Stage.DELETED),
    ],
)
def test_a_name_is_suspended_at_once_and_revoked_from_day_26(now: datetime, stage: Stage) -> None:
    assert stage_at(now) is stage


def test_days_are_counted_in_vietnam() -> None:
    assert revocation_at(EXPIRY, VN_2022) == MIDNIGHT_OF_DAY_26
    late_utc = datetime(2027, 3, 10, 18, tzinfo=UTC)  # already 11 March in Vietnam
    assert revocation_at(late_utc, VN_2022) == MIDNIGHT_OF_DAY_26 + timedelta(days=1)


@given(some.text(min_size=1, max_size=20), some.text(max_size=8))
def test_the_moment_of_deletion_is_within_the_window_and_repeatable(name: str, seed: str) -> None:
    moment = deletion_at(name, EXPIRY, VN_2022, seed)

    assert timedelta(0) <= moment - MIDNIGHT_OF_DAY_26 < timedelta(days=15)
    assert moment == deletion_at(name, EXPIRY, VN_2022, seed)


def test_moments_of_deletion_are_spread() -> None:
    moments = {deletion_at(f"ten-{n}.vn", EXPIRY, VN_2022, "seed").date() for n in range(200)}

    assert len(moments) >= 15


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 11, 24), 120, date(2036, 11, 24)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
    ],
)
def test_months_are_calendar_months(start: date, months: int, end: date) -> None:
    moment = datetime(start.year, start.month, start.day, 5, tzinfo=UTC)

    assert add_months(moment, months).date() == end


def test_the_profile_says_where_its_figures_come_from() -> None:
    assert VN_2022.confidence == "secondary"
    assert "21/2021" in VN_2022.citation
    with pytest.raises(ValueError, match="no profile"):
        load_policy("vn-1999")
