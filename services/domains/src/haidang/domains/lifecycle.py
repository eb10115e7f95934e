"""The life of a registration: states by date, and whether it may be renewed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from haidang.core.clock import VIETNAM
from haidang.core.errors import Refused
from haidang.core.ports.registry import Renewal
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.law import LifecycleProfile, Source

BARS_RENEWAL = frozenset(
    {
        "clientRenewProhibited",
        "serverRenewProhibited",
        "pendingRenew",
        "pendingDelete",
        "pendingTransfer",
    }
)
"""EPP statuses under which a name is not renewed. Source: RFC 5731 section 2.3."""


class RegistrationState(StrEnum):
    """Where a registration stands."""

    ACTIVE = "ACTIVE"
    ACTIVE_PENDING_DOCS = "ACTIVE_PENDING_DOCS"
    SUSPENDED = "SUSPENDED"
    PENDING_REVOCATION = "PENDING_REVOCATION"
    REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class Term:
    """What renewal rests on: a held name, its expiry and its EPP statuses."""

    name: str
    expires_at: datetime
    statuses: frozenset[str]


def add_years(instant: datetime, years: int) -> datetime:
    """*instant* some years on; 29 February becomes 28 February where there is none."""
    year = instant.year + years
    try:
        return instant.replace(year=year)
    except ValueError:
        return instant.replace(year=year, day=28)


def days_past_expiry(expires_at: datetime, now: datetime) -> int:
    """Calendar days in Vietnam since the expiry date; the expiry date itself is day 0."""
    return (now.astimezone(VIETNAM).date() - expires_at.astimezone(VIETNAM).date()).days


def state_on(expires_at: datetime, now: datetime, profile: LifecycleProfile) -> RegistrationState:
    """The state by the calendar alone: suspended from the expiry, revocable after the grace."""
    if now < expires_at:
        return RegistrationState.ACTIVE
    if days_past_expiry(expires_at, now) <= profile.renewable_through_day:
        return RegistrationState.SUSPENDED
    return RegistrationState.PENDING_REVOCATION


def renewal_closes_on(expires_at: datetime, profile: LifecycleProfile) -> date:
    """The last calendar date in Vietnam on which renewal is taken."""
    return expires_at.astimezone(VIETNAM).date() + timedelta(days=profile.renewable_through_day)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What the calendar holds for a name. Calendar dates in Vietnam.

    `most_years` is how long a renewal may be today; 0 when none is taken.
    """

    renewable_through: date
    deleted_by: date
    most_years: int
    source: Source


def outlook(expires_at: datetime, now: datetime, profile: LifecycleProfile) -> Outlook:
    """What happens next to a name that expires then, if nobody renews it."""
    closes = renewal_closes_on(expires_at, profile)
    is_open = state_on(expires_at, now, profile) is not RegistrationState.PENDING_REVOCATION
    last = add_years(now, profile.most_years)
    fitting = (
        years
        for years in range(profile.most_years, 0, -1)
        if is_open and add_years(expires_at, years) <= last
    )
    deleted_by = closes + timedelta(days=profile.deletion_within_days)
    return Outlook(closes, deleted_by, next(fitting, 0), profile.source)


def decide_renewal(held: Term, years: int, now: datetime, *, profile: LifecycleProfile) -> Renewal:
    """The renewal of *held* by *years*.

    Raises: Refused STATUS_BARS_RENEWAL, RENEWAL_CLOSED, TERM_TOO_LONG.
    """
    if barred := held.statuses & BARS_RENEWAL:
        raise Refused("STATUS_BARS_RENEWAL", statuses=sorted(barred))
    if state_on(held.expires_at, now, profile) is RegistrationState.PENDING_REVOCATION:
        closed = renewal_closes_on(held.expires_at, profile)
        raise Refused(
            "RENEWAL_CLOSED",
            closed=closed.strftime("%d/%m/%Y"),
            citation=profile.source.citation,
        )
    new_expires_at = add_years(held.expires_at, years)
    if new_expires_at > add_years(now, profile.most_years):
        raise Refused("TERM_TOO_LONG", field="years", most=profile.most_years)
    return Renewal(held.name, years, held.expires_at, new_expires_at)
