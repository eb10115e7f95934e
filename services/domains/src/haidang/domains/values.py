"""What the offices of this service exchange: frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from haidang.core.errors import HaidangError
from haidang.core.ports.dnshost import RecordSet
from haidang.core.ports.registry import NameCheck, Party
from haidang.domains.fees import PriceLine
from haidang.domains.law import Meaning
from haidang.domains.lifecycle import Outlook, RegistrationState
from haidang.domains.suggestions import Idea


class Action(StrEnum):
    """What a quote is for."""

    REGISTER = "REGISTER"
    RENEW = "RENEW"


@dataclass(frozen=True, slots=True)
class Quote:
    """A price kept until *expires_at*. `name` is an A-label.

    A renewal's quote is for one term: `term_expires_at` is the expiry it was quoted on, so
    that no quote renews twice.
    """

    id: str
    name: str
    action: Action
    years: int
    lines: tuple[PriceLine, ...]
    expires_at: datetime
    term_expires_at: datetime | None = None

    @property
    def total_dong(self) -> int:
        """The sum of the lines."""
        return sum(line.amount_dong for line in self.lines)


@dataclass(frozen=True, slots=True)
class Registration:
    """A name the tenant holds; `outlook` is told where it is read, and never kept."""

    name: str
    unicode_name: str
    state: RegistrationState
    created_at: datetime
    expires_at: datetime
    nameservers: tuple[str, ...]
    statuses: frozenset[str]
    party: Party
    registry: str
    roid: str
    outlook: Outlook | None = None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An idea with what the registry or the rules say of it, and what it would cost.

    `lines` price registering it for *years*; none, and no `meaning`, when the rules forbid it.
    """

    idea: Idea
    answer: NameCheck | HaidangError
    years: int
    lines: tuple[PriceLine, ...] = ()
    meaning: Meaning | None = None


@dataclass(frozen=True, slots=True)
class RegisterName:
    """Register a name at an acknowledged price. `domain` is as the owner typed it."""

    domain: str
    years: int
    party: Party
    quote: str
    acknowledged_total_dong: int


@dataclass(frozen=True, slots=True)
class RenewName:
    """Renew a held name at an acknowledged price."""

    domain: str
    years: int
    quote: str
    acknowledged_total_dong: int


@dataclass(frozen=True, slots=True)
class ApplyZone:
    """Publish *wanted* as the whole zone, if it is still at *base_serial*."""

    domain: str
    wanted: tuple[RecordSet, ...]
    base_serial: int
