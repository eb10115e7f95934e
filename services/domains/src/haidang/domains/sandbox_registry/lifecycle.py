"""What becomes of a name after its expiry, by dated day counts.

Pure. Days are calendar dates in Vietnam: day 0 is the date of expiry. Under `vn-2022` a
name is suspended from its expiry on, renewable through day 25, refused from day 26, and
deleted at a moment nobody can foretell within the next 15 days: drawn here from a seed,
so that a test can know it.

Source: policy.toml, with citation and confidence.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from haidang.core.clock import VIETNAM


class Stage(StrEnum):
    """Where a name stands."""

    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    REVOKING = "REVOKING"
    DELETED = "DELETED"


@dataclass(frozen=True)
class LifecycleProfile:
    """One dated row of day counts. `max_years` bounds a period and the term ahead of now."""

    id: str
    valid_from: date
    citation: str
    confidence: str
    renewable_through_day: int
    deletion_within_days: int
    max_years: int


HASH_BYTES = 8
HASH_RANGE = 1 << (8 * HASH_BYTES)


def revocation_at(expires_at: datetime, profile: LifecycleProfile) -> datetime:
    """The midnight in Vietnam from which renewal is refused."""
    expiry_on = expires_at.astimezone(VIETNAM).date()
    begins_on = expiry_on + timedelta(days=profile.renewable_through_day + 1)
    midnight: datetime = datetime.combine(begins_on, time(), VIETNAM)
    return midnight.astimezone(UTC)


def deletion_at(name: str, expires_at: datetime, profile: LifecycleProfile, seed: str) -> datetime:
    """The moment of deletion, drawn evenly from the days after revocation began."""
    drawn = hashlib.sha256(f"{seed}|{name}|{expires_at.isoformat()}".encode()).digest()
    share = int.from_bytes(drawn[:HASH_BYTES], "big") / HASH_RANGE
    window = timedelta(days=profile.deletion_within_days)
    return revocation_at(expires_at, profile) + window * share


def stage_of(
    name: str, expires_at: datetime, now: datetime, profile: LifecycleProfile, seed: str
) -> Stage:
    """Where *name* stands at *now*."""
    if now < expires_at:
        return Stage.ACTIVE
    if now < revocation_at(expires_at, profile):
        return Stage.SUSPENDED
    if now < deletion_at(name, expires_at, profile, seed):
        return Stage.REVOKING
    return Stage.DELETED


def add_months(moment: datetime, months: int) -> datetime:
    """*moment* so many calendar months later; a day that does not exist becomes the last one."""
    months_per_year = 12
    year, month = divmod(moment.year * months_per_year + moment.month - 1 + months, months_per_year)
    following = date(year + (month + 1) // months_per_year, (month + 1) % months_per_year + 1, 1)
    last = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))
