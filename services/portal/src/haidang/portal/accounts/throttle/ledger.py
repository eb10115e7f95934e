"""Failures that already cost a delay, kept so that a restart does not forgive them."""

from __future__ import annotations

import contextlib
from datetime import datetime

import sqlalchemy as sa
from haidang.core.database import Database, Instant

metadata = sa.MetaData()

failures = sa.Table(
    "account_throttle",
    metadata,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_at", Instant, nullable=False),
)


class ThrottleLedger:
    """Counts by the hash of what they are about: no identifier or address is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def failures(self, key: str) -> tuple[int, datetime] | None:
        """How often, and when last."""
        query = sa.select(failures.c.failures, failures.c.failed_at).where(failures.c.key == key)
        async with self._database.reading() as session:
            row = (await session.execute(query)).first()
        return None if row is None else (int(row[0]), row[1])

    async def put(self, key: str, count: int, failed_at: datetime, *, forget: datetime) -> None:
        """Keep a count; those older than *forget* go."""
        values = {"failures": count, "failed_at": failed_at}
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(failures).where(failures.c.failed_at < forget))
            changed = await tx.execute(
                sa.update(failures).where(failures.c.key == key).values(**values)
            )
            if changed.rowcount:  # type: ignore[attr-defined]
                return
            with contextlib.suppress(sa.exc.IntegrityError):  # one at once was faster
                async with tx.begin_nested():
                    await tx.execute(sa.insert(failures).values(key=key, **values))

    async def drop(self, key: str) -> None:
        """Forget a count."""
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(failures).where(failures.c.key == key))
