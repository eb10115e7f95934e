"""Names and quotes of a tenant as personal data: seen, handed out, erased."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa
from haidang.core.clock import VIETNAM, Clock
from haidang.core.database import Database
from haidang.core.privacy import JSON, Holding, retention
from haidang.domains.ledger import quotes, registrations

LAW = Path(__file__).parent.parent / "law" / "retention.toml"
NAMES, QUOTES = "domains.names", "domains.quotes"


class NamesPart:
    """Held names with their holders. Kept while held; *over_after* its expiry a name is not."""

    def __init__(self, database: Database, clock: Clock, over_after: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._over_after = over_after

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Names that are held, which the law keeps, and names that are over."""
        held = registrations.c
        query = sa.select(held.expires_at).where(held.tenant == tenant)
        async with self._database.reading() as session:
            ends = list(await session.scalars(query))
        alive = [one for one in ends if one > self._limit]
        found = []
        if alive:
            last = max(alive).astimezone(VIETNAM).date()
            kept = retention(LAW, "registrant", self._today).keeping()
            found.append(
                Holding(
                    NAMES,
                    len(alive),
                    "Tên miền đang giữ, với thông tin của người giữ tên",
                    "Names you hold, with their holder's details",
                    replace(kept, until=last),
                )
            )
        if over := len(ends) - len(alive):
            vi, en = "Tên miền đã hết hạn", "Names that are over"
            found.append(Holding(f"{NAMES}.over", over, vi, en))
        return found

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every name with its holder."""
        query = sa.select(registrations).where(registrations.c.tenant == tenant)
        async with self._database.reading() as session:
            rows = (await session.execute(query.order_by(registrations.c.name))).mappings().all()
        return {NAMES: [_name(row) for row in rows]}

    async def erase(self, tenant: str) -> None:
        """Erase names that are over; a held one stays."""
        held = registrations.c
        over = sa.delete(registrations).where(held.tenant == tenant, held.expires_at <= self._limit)
        async with self._database.writing() as tx:
            await tx.execute(over)

    async def let_go(self, tenant: str) -> None:
        """Names that are over by now."""
        await self.erase(tenant)

    @property
    def _limit(self) -> datetime:
        return self._clock.now() - self._over_after

    @property
    def _today(self) -> date:
        return self._clock.now().astimezone(VIETNAM).date()


class QuotesPart:
    """Prices that were asked for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """How many are kept."""
        query = sa.select(sa.func.count()).where(quotes.c.tenant == tenant)
        async with self._database.reading() as session:
            count = int(await session.scalar(query) or 0)
        return (Holding(QUOTES, count, "Báo giá tên miền", "Quotes for names"),)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every quote."""
        query = sa.select(quotes).where(quotes.c.tenant == tenant).order_by(quotes.c.id)
        async with self._database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return {QUOTES: [_quote(row) for row in rows]}

    async def erase(self, tenant: str) -> None:
        """Erase every quote."""
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(quotes).where(quotes.c.tenant == tenant))


def _name(row: sa.RowMapping) -> JSON:
    return {
        "name": row["name"],
        "unicode_name": row["unicode_name"],
        "holder": json.loads(row["party"]),
        "created_at": row["created_at"].isoformat(),
        "expires_at": row["expires_at"].isoformat(),
        "nameservers": row["nameservers"].split(),
        "registry": row["registry"],
    }


def _quote(row: sa.RowMapping) -> JSON:
    return {
        "id": row["id"],
        "name": row["name"],
        "action": row["action"],
        "years": row["years"],
        "lines": json.loads(row["lines"]),
        "expires_at": row["expires_at"].isoformat(),
    }
