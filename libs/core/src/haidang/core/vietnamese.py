"""Vietnamese text: folding to plain letters, slugs. Pure."""

from __future__ import annotations

import re
import unicodedata

_STROKED = str.maketrans({"đ": "d", "Đ": "D"})
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def fold(text: str) -> str:
    """*text* without diacritics: "Phở Đặc Biệt" becomes "Pho Dac Biet".

    đ has no decomposition in Unicode, so it is mapped by hand.
    """
    decomposed = unicodedata.normalize("NFD", text.translate(_STROKED))
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def slug(text: str) -> str:
    """*text* as lower-case words of a–z and 0–9 joined by single hyphens."""
    return _NOT_SLUG.sub("-", fold(text).lower()).strip("-")


def normal(text: str) -> str:
    """*text* in NFC with runs of white space as one space: one spelling per word."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def initials(text: str) -> str:
    """The first letters of the words of *text*, folded: "Nguyễn Thị Đào" becomes "NTD"."""
    return "".join(word[0] for word in slug(text).split("-") if word).upper()
