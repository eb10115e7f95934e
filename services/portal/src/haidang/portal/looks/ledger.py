"""Looks at personal data: SQL behind the office.

Rows are added and never changed, but that an erasure takes the words of a reason, which
may name somebody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.privacy import JSON, Holding
from haidang.portal.looks.values import EVERYBODY, Look

MIGRATIONS = Path(__file__).parent / "migrations"
KIND = "portal.looks"
MOST_EXPORTED = 100_000

metadata = sa.MetaData()

looks = sa.Table(
    "look",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("operator", sa.String(80), nullable=False),
    sa.Column("operator_name", sa.String(200), nullable=False),
    sa.Column("tenant", sa.String(80), nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("why", sa.String(400), nullable=False),
    sa.Column("at", Instant, nullable=False),
)


class LookLedger:
    """Every look, of every operator, at every tenant."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, look: Look) -> None:
        """Keep a look."""
        values = {name: getattr(look, name) for name in Look.__slots__}
        async with self._database.writing() as tx:
            await tx.execute(sa.insert(looks).values(values))

    async def reason(self, operator: str, tenant: str, since: datetime) -> str:
        """The latest reason this operator gave for this tenant since *since*; "" for none."""
        query = (
            sa.select(looks.c.why)
            .where(
                looks.c.operator == operator,
                looks.c.tenant == tenant,
                looks.c.at >= since,
                looks.c.what == "reason",
            )
            .order_by(looks.c.at.desc())
            .limit(1)
        )
        async with self._database.reading() as session:
            return str(await session.scalar(query) or "")

    async def page(self, before: tuple[datetime, str] | None, limit: int) -> list[Look]:
        """Up to *limit* looks at anybody, newest first, before (at, id)."""
        return await self._found(sa.true(), before, limit)

    async def of_tenant(self, tenant: str, since: datetime | None, limit: int) -> list[Look]:
        """Looks at *tenant*, and at lists it was on since *since*, newest first."""
        whose = looks.c.tenant == tenant
        if since is not None:
            listed = (looks.c.tenant == EVERYBODY) & (looks.c.at >= since)
            whose = sa.or_(whose, listed)
        return await self._found(whose & (looks.c.what != "reason"), None, limit)

    async def _found(
        self, which: sa.ColumnElement[bool], before: tuple[datetime, str] | None, limit: int
    ) -> list[Look]:
        query = sa.select(looks).where(which).order_by(looks.c.at.desc(), looks.c.id.desc())
        if before is not None:
            age = sa.tuple_(looks.c.at, looks.c.id)
            query = query.where(age < sa.tuple_(sa.literal(before[0], Instant), before[1]))
        async with self._database.reading() as session:
            rows = (await session.execute(query.limit(limit))).mappings().all()
        return [Look(**row) for row in rows]

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Reasons that operators gave for looking."""
        query = sa.select(sa.func.count()).where(looks.c.tenant == tenant, looks.c.why != "")
        async with self._database.reading() as session:
            count = int(await session.scalar(query) or 0)
        vi = "Lý do người vận hành ghi khi xem dữ liệu của anh/chị"
        return (Holding(KIND, count, vi, "Reasons given by operators for looking at your data"),)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every look at the tenant."""
        found = await self.of_tenant(tenant, None, MOST_EXPORTED)
        return {
            KIND: [
                {
                    "who": one.operator_name,
                    "what": one.what,
                    "why": one.why,
                    "at": one.at.isoformat(),
                }
                for one in found
            ]
        }

    async def erase(self, tenant: str) -> None:
        """Erase the reasons' words; that somebody looked stays written."""
        async with self._database.writing() as tx:
            await tx.execute(sa.update(looks).where(looks.c.tenant == tenant).values(why=""))
