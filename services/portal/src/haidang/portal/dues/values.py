"""What a payment of a debt exchanges: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PayDue:
    """Pay all that is owed for a held name; refused unless it is *accepted_total_dong*."""

    domain: str
    accepted_total_dong: int
    payer: str


class DueKind(StrEnum):
    """What a debt comes from."""

    REGISTRATION = "REGISTRATION"
    RENEWAL = "RENEWAL"


@dataclass(frozen=True, slots=True)
class DueItem:
    """One debt: the journey or renewal *id* that held *domain* (A-label) and took no money.

    `years` are a renewal's, 0 of a registration; `created_at` is when that was begun.
    """

    kind: DueKind
    id: str
    domain: str
    years: int
    amount_dong: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class HeldName:
    """A name the tenant holds: its A-label, and as people write it."""

    domain: str
    shown: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Intent of *payment* to be the one that pays what is owed for a name, of the sum accepted."""

    tenant: str
    name: HeldName
    payment: str
    accepted_total_dong: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is to be paid, and by nobody else."""

    items: tuple[DueItem, ...]

    @property
    def total_dong(self) -> int:
        """The sum. đồng."""
        return total_of(self.items)


@dataclass(frozen=True, slots=True)
class DuePayment:
    """A payment that arrived: what was owed for `domain` (A-label) and is paid."""

    id: str
    domain: str
    items: tuple[DueItem, ...]
    captured_dong: int
    created_at: datetime
    ended_at: datetime


def total_of(items: tuple[DueItem, ...]) -> int:
    """The sum of *items*. đồng."""
    return sum(item.amount_dong for item in items)
