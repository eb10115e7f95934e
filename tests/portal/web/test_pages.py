"""How pages write numbers, days and codes."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from haidang.portal.web.pages import _environment, written_clock, written_day


def written(template: str, **facts: object) -> str:
    return _environment().from_string(template).render(**facts)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ 450000|dong }}", "450.000\u00a0₫"),
        ("{{ day|day }}", "23/11/2026"),
        ("{{ late|day }}", "24/11/2026"),
        ("{{ late|clock }}", "01:05"),
        ("{{ none|day }}{{ none|clock }}", ""),
        ("{{ '+84901234567'|phone }}", "0901\u00a0234\u00a0567"),
        ("{{ '3500123456-001'|code }}", "3500\u00a0123\u00a0456-001"),
        ("{{ 0.44|tenths('vi') }}", "0,4"),
        ("{{ 0.44|tenths('en') }}", "0.4"),
        ("{{ '<b>' }}", "&lt;b&gt;"),
    ],
)
def test_a_page_writes_it_as_vietnamese_do(template: str, expected: str) -> None:
    late = datetime(2026, 11, 23, 18, 5, tzinfo=UTC)  # already the next day in Vietnam

    assert written(template, day=date(2026, 11, 23), late=late, none=None) == expected


def test_the_last_hours_of_the_year_9999_are_written_too() -> None:
    for_ever = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)

    assert (written_day(for_ever), written_clock(for_ever)) == ("31/12/9999", "23:59")
