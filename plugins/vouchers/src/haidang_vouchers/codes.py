"""Codes of vouchers: made by chance, read from a printed sheet, kept only as a fingerprint.

    HBK7M-2QXRT-94CVN-PGJ3N

Nineteen random symbols (85 bits) and a check symbol. The alphabet has no vowel, no D and
no W, because Vietnamese input methods turn "as" into "á", "dd" into "đ" and "w" into "ư"
while it is typed; it also lacks 0 1 I L O S Z, which are misread on paper. It has 23
symbols, a prime, so that the weighted sum finds every wrong symbol and every two swapped.
"""

from __future__ import annotations

import hashlib
import secrets

from haidang.core.errors import Malformed

from haidang_vouchers import reasons as _reasons  # noqa: F401 - registers the sentences

ALPHABET = "23456789BCFGHJKMNPQRTVX"
RANDOM_SYMBOLS = 19
GROUP = 5


def new_code() -> str:
    """A fresh code, in groups of five."""
    symbols = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_SYMBOLS))
    whole = symbols + check_symbol(symbols)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def read_code(text: str) -> str:
    """The symbols of a code as somebody typed it: spaces, hyphens and case do not matter.

    Raises: Malformed VOUCHER_MISTYPED at the field payer.
    """
    symbols = "".join(one for one in text.upper() if not one.isspace() and one != "-")
    is_whole = len(symbols) == RANDOM_SYMBOLS + 1 and set(symbols) <= set(ALPHABET)
    if not is_whole or check_symbol(symbols[:-1]) != symbols[-1]:
        raise Malformed("VOUCHER_MISTYPED", field="payer")
    return symbols


def check_symbol(symbols: str) -> str:
    """The symbol that makes the sum of position times value divisible by 23."""
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(symbols, start=1))
    last = len(symbols) + 1
    return ALPHABET[-total * pow(last, -1, len(ALPHABET)) % len(ALPHABET)]


def fingerprint(symbols: str) -> str:
    """What is kept of a code. A plain hash will do: 85 random bits cannot be guessed."""
    return hashlib.sha256(symbols.encode()).hexdigest()
