"""What every form that pays has in common: who pays, and the sum that stood on the button."""

from __future__ import annotations

SANDBOX_PAYER = "sandbox-account"
"""The account that the forms of a sandbox offer."""
LONGEST_PAYER = 80
MOST_SUM_DIGITS = 12
"""Digits of the largest sum a button names. đồng."""
