"""Somebody who asks too often waits, and what is remembered of all of them is bounded."""

from __future__ import annotations

from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.web.pacing import Pace


def a_pace(clock: FakeClock, **changed: int) -> Pace:
    return Pace(clock, **{"burst": 3, "seconds": 60, **changed})


def went(pace: Pace, key: str, times: int) -> int:
    return sum(pace.admit(key) for _ in range(times))


def test_so_many_at_once_and_then_no_more() -> None:
    pace = a_pace(FakeClock(NOON))

    assert went(pace, "a", 10) == 3
    assert went(pace, "b", 10) == 3


def test_one_more_after_its_share_of_the_time() -> None:
    clock = FakeClock(NOON)
    pace = a_pace(clock)
    went(pace, "a", 3)

    clock.advance(19)
    assert went(pace, "a", 2) == 0
    clock.advance(1)
    assert went(pace, "a", 2) == 1
    clock.advance(600)
    assert went(pace, "a", 9) == 3


def test_refused_attempts_cost_nothing() -> None:
    clock = FakeClock(NOON)
    pace = a_pace(clock)
    went(pace, "a", 1000)

    clock.advance(60)
    assert went(pace, "a", 9) == 3


def test_a_flood_of_networks_stays_within_bounds_and_the_busy_one_is_remembered() -> None:
    pace = a_pace(FakeClock(NOON), remembered=100)
    for number in range(1000):
        pace.admit(f"net-{number}")
        pace.admit("busy")

    assert len(pace) == 100
    assert not pace.admit("busy")
    assert pace.admit("net-0")
