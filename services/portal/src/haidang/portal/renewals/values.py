"""What a renewal exchanges: frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RenewName:
    """Renew a held name; refused when the price is above *accepted_total_dong*."""

    domain: str
    years: int
    accepted_total_dong: int
    payer: str


@dataclass(frozen=True, slots=True)
class Renewal:
    """A renewal as the ledger holds it: `domain` is an A-label, instants as they were reached.

    Not ended, it is under way or was stopped: its operation says which. `registration_json`
    is the name as the registry then held it; the ledger does not keep it.
    """

    id: str
    domain: str
    years: int
    created_at: datetime
    renewed_at: datetime | None = None
    ended_at: datetime | None = None
    authorized_dong: int = 0
    captured_dong: int = 0
    released_dong: int = 0
    registration_json: str = ""

    @property
    def is_unpaid(self) -> bool:
        """Whether the name was renewed and its price not collected."""
        return self.renewed_at is not None and not self.captured_dong
