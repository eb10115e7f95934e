"""Money is integer đồng; there is no smaller unit in use."""

from __future__ import annotations

from typing import NewType

Dong = NewType("Dong", int)


def written(amount: Dong | int) -> str:
    """*amount* as Vietnamese write it: 450.000 ₫ (no-break space before the sign)."""
    return f"{amount:,}".replace(",", ".") + "\u00a0₫"
