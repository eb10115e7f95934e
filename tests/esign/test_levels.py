"""Levels are ordered facts."""

from __future__ import annotations

import pytest
from haidang.esign.levels import Evidence, Level, missing_evidence
from hypothesis import given
from hypothesis import strategies as st

LEVELS = st.sampled_from(list(Level))


def test_levels_are_written_as_the_standard_writes_them() -> None:
    assert [one.written for one in Level] == ["B-B", "B-T", "B-LT", "B-LTA"]


@pytest.mark.parametrize(
    ("current", "wanted", "missing"),
    [
        (Level.B_B, Level.B_B, []),
        (Level.B_B, Level.B_T, [Evidence.SIGNATURE_TIMESTAMP]),
        (Level.B_T, Level.B_LT, [Evidence.REVOCATION]),
        (Level.B_B, Level.B_LTA, list(Evidence)),
        (Level.B_LTA, Level.B_B, []),
    ],
)
def test_what_is_missing_is_what_the_levels_between_add(
    current: Level, wanted: Level, missing: list[Evidence]
) -> None:
    assert missing_evidence(current, wanted) == missing


@given(LEVELS, LEVELS, LEVELS)
def test_going_up_in_two_steps_adds_the_same(low: Level, middle: Level, high: Level) -> None:
    low, middle, high = sorted((low, middle, high))

    by_steps = missing_evidence(low, middle) + missing_evidence(middle, high)

    assert by_steps == missing_evidence(low, high)
