"""Journeys of a tenant as personal data, and the operator's list of businesses.

What a journey held is erased, what was paid is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.clock import VIETNAM, Clock
from haidang.core.database import Database, Instant
from haidang.core.privacy import JSON, Holding, retention
from haidang.portal.accounts.teams.ledger import members, tenants
from haidang.portal.ledger import journeys
from haidang.portal.renewals.ledger import renewals

LAW = Path(__file__).parent / "retention.toml"
JOURNEYS, PAYMENTS = "portal.journeys", "portal.payments"
TEXTS = ("registration_json", "deployment_json", "declaration_json", "website")


class JourneysPart:
    """Journeys. A row that money moved in keeps the name, the amounts and the dates."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Journeys with their papers, and payments that the law keeps."""
        rows, renewed = await self._rows(tenant), await self._renewals(tenant)
        texts = sum(1 for row in rows if any(row[name] for name in TEXTS) or not _paid(row))
        paid = [row for row in (*rows, *renewed) if _paid(row)]
        found = [
            Holding(
                JOURNEYS,
                texts,
                "Các lần đưa cơ sở lên mạng, với thông tin đã khai",
                "Times you went online, with the details you gave",
            )
        ]
        if paid:
            last = max(row["created_at"] for row in paid).astimezone(VIETNAM).date()
            today = self._clock.now().astimezone(VIETNAM).date()
            found.append(
                Holding(
                    PAYMENTS,
                    len(paid),
                    "Các khoản đã thu hoặc đã trả lại: tên miền, số tiền, ngày",
                    "Money taken or given back: name, amount, date",
                    retention(LAW, "payment", today).keeping(last),
                )
            )
        return found

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every journey, and every payment."""
        rows, renewed = await self._rows(tenant), await self._renewals(tenant)
        return {
            JOURNEYS: [_journey(row) for row in rows],
            PAYMENTS: [_payment(row) for row in (*rows, *renewed) if _paid(row)],
        }

    async def erase(self, tenant: str) -> None:
        """Erase what took no money, or was long ago; of the others what they held."""
        await self.let_go(tenant)
        async with self._database.writing() as tx:
            for table in (journeys, renewals):
                free = (table.c[name] == 0 for name in AMOUNTS)
                await tx.execute(sa.delete(table).where(table.c.tenant == tenant, *free))
            ours = journeys.c.tenant == tenant
            await tx.execute(sa.update(journeys).where(ours).values(dict.fromkeys(TEXTS, "")))

    async def let_go(self, tenant: str) -> None:
        """Payments that the books need no more."""
        today = self._clock.now().astimezone(VIETNAM).date()
        years = retention(LAW, "payment", today).years or 0
        over = self._clock.now().replace(year=today.year - years, day=1)
        async with self._database.writing() as tx:
            for table in (journeys, renewals):
                old = (table.c.tenant == tenant, table.c.created_at < over)
                await tx.execute(sa.delete(table).where(*old))

    async def _renewals(self, tenant: str) -> Sequence[sa.RowMapping]:
        query = sa.select(renewals).where(renewals.c.tenant == tenant)
        async with self._database.reading() as session:
            return (await session.execute(query.order_by(renewals.c.created_at))).mappings().all()

    async def _rows(self, tenant: str) -> Sequence[sa.RowMapping]:
        query = sa.select(journeys).where(journeys.c.tenant == tenant)
        async with self._database.reading() as session:
            return (await session.execute(query.order_by(journeys.c.created_at))).mappings().all()


AMOUNTS = ("authorized_dong", "captured_dong", "released_dong")


def _paid(row: sa.RowMapping) -> bool:
    return any(row[name] for name in AMOUNTS)


def _journey(row: sa.RowMapping) -> JSON:
    return {
        "id": row["id"],
        "domain": row["domain"],
        "state": row["state"],
        "created_at": row["created_at"].isoformat(),
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
        "registration": json.loads(row["registration_json"] or "null"),
        "deployment": json.loads(row["deployment_json"] or "null"),
        "declaration": json.loads(row["declaration_json"] or "null"),
    }


def _payment(row: sa.RowMapping) -> JSON:
    return {
        "domain": row["domain"],
        **{name: row[name] for name in AMOUNTS},
        "created_at": row["created_at"].isoformat(),
    }


@dataclass(frozen=True, slots=True)
class ListedTenant:
    """A business as the operator's list shows it."""

    id: str
    name: str
    users: int
    created_at: datetime


class TenantLedger:
    """Every business of the platform, for its operators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, *, after: tuple[datetime, str] | None, limit: int, search: str = ""
    ) -> list[ListedTenant]:
        """Up to *limit* businesses, oldest first, after (created_at, id); *search* in names."""
        query = _listed().order_by(tenants.c.created_at, tenants.c.id).limit(limit)
        if search:
            query = query.where(tenants.c.name.icontains(search, autoescape=True))
        if after is not None:
            age = sa.tuple_(tenants.c.created_at, tenants.c.id)
            query = query.where(age > sa.tuple_(sa.literal(after[0], Instant), after[1]))
        async with self._database.reading() as session:
            return [ListedTenant(**row) for row in (await session.execute(query)).mappings()]

    async def tenant(self, id: str) -> ListedTenant | None:
        """One business; None for one that left or never was."""
        async with self._database.reading() as session:
            query = _listed().where(tenants.c.id == id)
            row = (await session.execute(query)).mappings().first()
        return ListedTenant(**row) if row else None

    async def count(self) -> int:
        """How many there are."""
        async with self._database.reading() as session:
            found = await session.scalar(sa.select(sa.func.count()).select_from(tenants))
        return int(found or 0)


def _listed() -> sa.Select[tuple[str, str, int, datetime]]:
    users = (
        sa.select(sa.func.count())
        .where(members.c.tenant == tenants.c.id)
        .scalar_subquery()
        .label("users")
    )
    return sa.select(tenants.c.id, tenants.c.name, users, tenants.c.created_at)
