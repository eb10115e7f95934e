"""What a look is. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

EVERYBODY = "*"
"""Whose data a list of all businesses shows."""


@dataclass(frozen=True, slots=True)
class Look:
    """*operator* looked at *what* of *tenant*, for the reason *why*. `id` orders equal times.

    `what` is a word such as "tenants", "tenant", "timeline"; catalogues say it in full.
    """

    id: str
    operator: str
    operator_name: str
    tenant: str
    what: str
    why: str
    at: datetime
