"""The clock's one door: everything that needs the time is given a Clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Tells the time as an aware UTC instant."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present instant, aware, UTC."""
        return datetime.now(UTC)


def instant_of(text: str) -> datetime:
    """The aware instant that ISO 8601 *text* names, in UTC.

    Raises: ValueError, also for one without a zone or, in UTC, outside of years 1 to 9999.
    """
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("an instant has a zone")
    try:
        return found.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("an instant is within years 1 to 9999") from error


def in_vietnam(instant: datetime) -> datetime:
    """*instant* by the clocks of Vietnam.

    The last seven hours of the year 9999, which certificates that never expire name, are
    left in UTC: no clock of a datetime shows them. Source: RFC 5280 section 4.1.2.5.
    """
    try:
        return instant.astimezone(VIETNAM)
    except OverflowError:
        return instant


def vietnamese_date(instant: datetime) -> str:
    """*instant* as a date in Vietnam, written 23/11/2026."""
    return in_vietnam(instant).strftime("%d/%m/%Y")


def vietnamese_time(instant: datetime) -> str:
    """*instant* as date and time in Vietnam, written 14:05 23/11/2026."""
    return in_vietnam(instant).strftime("%H:%M %d/%m/%Y")
