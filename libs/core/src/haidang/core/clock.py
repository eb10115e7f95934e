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


def vietnamese_date(instant: datetime) -> str:
    """*instant* as a date in Vietnam, written 23/11/2026."""
    return instant.astimezone(VIETNAM).strftime("%d/%m/%Y")


def vietnamese_time(instant: datetime) -> str:
    """*instant* as date and time in Vietnam, written 14:05 23/11/2026."""
    return instant.astimezone(VIETNAM).strftime("%H:%M %d/%m/%Y")
