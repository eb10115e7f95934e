"""A name as its pages and the home page show it: state in words, what comes next, when. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from haidang.api.domains.v1 import domains_pb2
from haidang.core.clock import VIETNAM

EXPIRING_DAYS = 60
"""From this many days before the expiry a name asks to be renewed: two of the registry's
usual reminders fit in."""
State = domains_pb2.Registration

CHIPS = {
    "active": "good",
    "expiring": "wait",
    "papers": "wait",
    "suspended": "bad",
    "lost": "bad",
    "revoked": "bad",
}
ORDER = tuple(reversed(CHIPS))
"""Trouble first."""


@dataclass(frozen=True)
class Name:
    """One registration for a page. `state` is a key of CHIPS; dates are Vietnam's."""

    domain: str
    shown: str
    state: str
    created_on: date
    expires_on: date
    renewable_through: date
    deleted_by: date
    days_left: int
    most_years: int
    citation: str

    @property
    def chip(self) -> str:
        """The kind of its chip."""
        return CHIPS[self.state]

    @property
    def is_renewable(self) -> bool:
        """Whether a renewal is taken today."""
        return self.most_years > 0

    @property
    def wants_renewal(self) -> bool:
        """Whether renewing is the next step."""
        return self.is_renewable and self.state in {"expiring", "suspended"}


def name_of(held: domains_pb2.Registration, now: datetime) -> Name:
    """*held* as it stands *now*."""
    expires_on = day_of(held.expire_time.ToDatetime(UTC))
    days_left = (expires_on - now.astimezone(VIETNAM).date()).days
    outlook = held.outlook
    return Name(
        domain=held.domain,
        shown=held.unicode_domain or held.domain,
        state=_state(held.state, days_left),
        created_on=day_of(held.create_time.ToDatetime(UTC)),
        expires_on=expires_on,
        renewable_through=_date(outlook.renewable_through, expires_on),
        deleted_by=_date(outlook.deleted_by, expires_on),
        days_left=days_left,
        most_years=outlook.most_years,
        citation=outlook.citation,
    )


def day_of(instant: datetime) -> date:
    """The calendar date in Vietnam."""
    return instant.astimezone(VIETNAM).date()


def later_by(day: date, years: int) -> date:
    """*day* some years on, as renewals count: 29 February becomes 28 where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def _state(state: domains_pb2.Registration.State.ValueType, days_left: int) -> str:
    if state == State.STATE_SUSPENDED:
        return "suspended"
    if state == State.STATE_PENDING_REVOCATION:
        return "lost"
    if state == State.STATE_REVOKED:
        return "revoked"
    if days_left <= EXPIRING_DAYS:
        return "expiring"
    return "papers" if state == State.STATE_ACTIVE_PENDING_DOCS else "active"


def _date(text: str, default: date) -> date:
    return date.fromisoformat(text) if text else default
