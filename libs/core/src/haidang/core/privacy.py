"""Personal data: what each service says of what it holds, hands out, and forgets.

A service implements `PersonalData` once, mostly by listing its `Part`s; the servicer of
privacy.v1 puts the operations' own part before them, so that journals are forgotten by
their keys. What the law keeps is said with the row of dated law it rests on.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from haidang.core.errors import Refused, register

JSON = str | int | float | bool | None | Sequence["JSON"] | Mapping[str, "JSON"]
"""What an export holds: JSON, dates and instants as ISO 8601 text."""

register(
    Refused,
    {
        "PRIVACY_OPERATIONS_RUNNING": (
            "{count} operations are still under way; nothing can be erased before they ended.",
            "Còn {count} yêu cầu đang thực hiện; dữ liệu chỉ xóa được khi chúng đã xong. "
            "Hãy đợi ít phút rồi làm lại.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Keeping:
    """Why something stays after an erasure, from dated law.

    `until` is the last day it is kept, None while the thing it belongs to lasts.
    `confidence` is "standard", "observed", "secondary" or "unconfirmed".
    """

    why_vi: str
    why_en: str
    citation: str
    confidence: str
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """One kind of thing that is held of a tenant: how many, in words; `kept` by law or erased.

    `kind` is "<service>.<things>" and also the name under which an export holds it. The
    texts are whole noun phrases without the count: "Bản nháp của trang web".
    """

    kind: str
    count: int
    vi: str
    en: str
    kept: Keeping | None = None


class PersonalData(Protocol):
    """What one service holds of a tenant. Every method may be repeated at will."""

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """What is held now, and which of it the law keeps: what `erase` would do."""
        ...

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """All of it, by `Holding.kind`, also what the law keeps."""
        ...

    async def erase(self, tenant: str) -> None:
        """Erase all of it but what the law keeps. Killed half-way, the next call goes on."""
        ...


class Part(Protocol):
    """One kind of thing, as a ledger or office offers it; see `Parts`."""

    async def holdings(self, tenant: str) -> Sequence[Holding]: ...

    async def export(self, tenant: str) -> Mapping[str, JSON]: ...

    async def erase(self, tenant: str) -> None: ...


@runtime_checkable
class KeepsForNow(Protocol):
    """A part of which the law keeps something for a time."""

    async def let_go(self, tenant: str) -> None:
        """Erase what was kept and whose time is over; nothing else, whatever came since."""
        ...


@dataclass(frozen=True)
class Parts:
    """A service's personal data as the sum of its parts, erased in their order."""

    parts: tuple[Part, ...]

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Those of all parts; kinds of which nothing is held are left out."""
        found = [one for part in self.parts for one in await part.holdings(tenant)]
        return tuple(one for one in found if one.count)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Those of all parts."""
        found: dict[str, JSON] = {}
        for part in self.parts:
            found |= await part.export(tenant)
        return found

    async def erase(self, tenant: str) -> None:
        """Each part in turn."""
        for part in self.parts:
            await part.erase(tenant)

    async def let_go(self, tenant: str) -> None:
        """What was kept for a time that is over."""
        for part in self.parts:
            if isinstance(part, KeepsForNow):
                await part.let_go(tenant)


@dataclass(frozen=True, slots=True)
class Retention:
    """One row of retention law. `years` after the event; None: as long as the thing lasts."""

    why_vi: str
    why_en: str
    citation: str
    confidence: str
    years: int | None

    def keeping(self, since: date | None = None) -> Keeping:
        """The keeping of something that happened on *since*."""
        until = None if self.years is None or since is None else _years_after(since, self.years)
        return Keeping(self.why_vi, self.why_en, self.citation, self.confidence, until)


def retention(table: Path, row: str, on: date) -> Retention:
    """The row called *row* of a dated TOML *table* that is in force on *on*.

    Rows are lists of tables with `valid_from`, `valid_to` (exclusive, absent while in use),
    `citation`, `confidence`, `why_vi`, `why_en` and, where a time is set, `years`.

    Raises: LookupError when no row is in force.
    """
    # Any: TOML, judged by the names taken out of it.
    rows: list[dict[str, Any]] = tomllib.loads(table.read_text("utf-8"))[row]
    for one in rows:
        if one["valid_from"] <= on and on < one.get("valid_to", date.max):
            return Retention(
                one["why_vi"], one["why_en"], one["citation"], one["confidence"], one.get("years")
            )
    raise LookupError(f"{row} has no row in force on {on}")


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return day.replace(year=day.year + years, day=28)
