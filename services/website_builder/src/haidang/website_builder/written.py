"""How facts are written on a page: money, phones, dates, links (pure).

These are the filters of templates. `safe_url` is the only way a link reaches an
attribute: autoescaping alone would let `javascript:` through.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from haidang.core.identifiers import written_phone
from haidang.core.money import written
from haidang.website_builder.schemas import LINK

MONTHS = 12
_REMEMBERED = 4096
"""Answers kept: the same prices and links come back on every page and language."""

_INTERNAL = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[^\s\"'<>\\]*)?")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


@lru_cache(maxsize=_REMEMBERED)
def vnd(amount: object) -> str:
    """450000 as 450.000 ₫; what is not a whole number is written as it stands."""
    return written(amount) if isinstance(amount, int) else str(amount)


@lru_cache(maxsize=_REMEMBERED)
def safe_url(href: object) -> str:
    """*href* if it is a link a page may carry, else "#"."""
    text = str(href)
    return text if LINK.fullmatch(text) or _INTERNAL.fullmatch(text) else "#"


def written_date(iso: object) -> str:
    """2026-11-23 as 23/11/2026; anything else as it stands."""
    found = _DATE.fullmatch(str(iso))
    return f"{found[3]}/{found[2]}/{found[1]}" if found else str(iso)


def by_month(rows: object, name: str) -> list[object]:
    """The value called *name* for each month of the year, from rows that list their `months`.

    Of two rows for one month the later counts; None where there is no row.
    """
    year: list[object] = [None] * MONTHS
    for row in rows if isinstance(rows, list) else ():
        for month in row["months"]:
            year[month - 1] = row[name]
    return year


FILTERS: Mapping[str, object] = {
    "vnd": vnd,
    "safe_url": safe_url,
    "phone": lambda number: written_phone(str(number)),
    "date": written_date,
    "by_month": by_month,
}
