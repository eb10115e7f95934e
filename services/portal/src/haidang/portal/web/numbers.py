"""Whole numbers as they stand in paths, queries and forms: anybody may write anything there."""

from __future__ import annotations

MOST_DIGITS = 9
"""So many fit every integer of the contracts, whose narrowest has 32 bits."""


def whole_number(text: str, most_digits: int = MOST_DIGITS) -> int | None:
    """The number written in *text*; None unless it is 1 to *most_digits* of the digits 0-9."""
    is_number = text.isascii() and text.isdigit() and len(text) <= most_digits
    return int(text) if is_number else None
