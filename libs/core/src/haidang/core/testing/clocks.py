"""A clock that stands still until it is moved."""

from __future__ import annotations

from datetime import datetime, timedelta


class FakeClock:
    """Tells the instant it was set to."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def now(self) -> datetime:
        """The instant set last."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move on by *seconds*."""
        self._now += timedelta(seconds=seconds)
