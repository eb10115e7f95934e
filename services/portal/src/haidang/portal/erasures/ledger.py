"""Tokens of farewell pages, as hashes: SQL behind the desk of erasures."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.portal.erasures.values import Forgetting, Forgotten, Leaving, Left

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = sa.MetaData()

farewells = sa.Table(
    "farewell",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("tenant", sa.String(80), nullable=False),
    sa.Column("operation", sa.String(80), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)


class FarewellLedger:
    """Who may read which erasure's page; and the settles of the erasure itself."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, hash: str, tenant: str, operation: str, now: datetime) -> None:
        """Let the holder of a token read an erasure's page."""
        row = {"hash": hash, "tenant": tenant, "operation": operation, "created_at": now}
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(farewells).where(farewells.c.hash == hash))
            await tx.execute(sa.insert(farewells).values(row))

    async def found(self, hash: str, since: datetime) -> tuple[str, str] | None:
        """(tenant, operation) of a token handed out since *since*."""
        query = sa.select(farewells.c.tenant, farewells.c.operation).where(
            farewells.c.hash == hash, farewells.c.created_at >= since
        )
        async with self._database.reading() as session:
            row = (await session.execute(query)).first()
        return (row.tenant, row.operation) if row else None

    async def forgotten(self, tx: Tx, intent: Forgetting, receipt: Forgotten) -> Forgotten:
        """A service forgot; nothing of it is kept here but the receipt."""
        return receipt

    async def left(self, tx: Tx, intent: Leaving, receipt: Left) -> Left:
        """The account is gone, or stays for another business."""
        return receipt
