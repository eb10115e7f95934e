"""Instants from text, and by the clocks of Vietnam, at the ends of what a datetime holds."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from haidang.core.clock import in_vietnam, instant_of, vietnamese_date, vietnamese_time

FOR_EVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_an_instant_is_read_in_utc() -> None:
    assert instant_of("2026-11-23T12:00:00+07:00") == datetime(2026, 11, 23, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-11-23",
        "2026-11-23T05:00:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "khi nào đó",
    ],
)
def test_what_names_no_instant_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        instant_of(text)


def test_what_never_ends_is_written_as_it_is() -> None:
    assert in_vietnam(FOR_EVER) == FOR_EVER
    assert vietnamese_date(FOR_EVER) == "31/12/9999"
    assert vietnamese_time(FOR_EVER) == "23:59 31/12/9999"
