"""Settings of the provider: light, so that the offer stays cheap to list."""

from __future__ import annotations

from pydantic import BaseModel, Field


class VoucherSettings(BaseModel, extra="forbid", frozen=True):
    """What this platform takes, section [portal.payment].

    `programmes`: the programmes whose vouchers pay here; empty means every one in the book.
    `hold_days`: how long money stays set aside; a week exceeds the longest time a
    registration was ever left unsettled, and a forgotten voucher is free again after it.
    """

    programmes: frozenset[str] = frozenset()
    hold_days: int = Field(default=7, ge=1, le=30)
