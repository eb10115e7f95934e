"""API keys of integrators: SQL behind the key office."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.portal.accounts.values import ApiKey

metadata = sa.MetaData()

keys = sa.Table(
    "account_api_key",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
    sa.Column("grants", sa.String(400), nullable=False),
    sa.Column("made_by", sa.String(40), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
)


class KeyLedger:
    """Keys by their public id. Lists and changes are bound to one tenant."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def put(self, tx: Tx, key: ApiKey, hash: str) -> None:
        """Keep a key; the same id of the same tenant again replaces its secret."""
        where = (keys.c.id == key.id) & (keys.c.tenant == key.tenant)
        await tx.execute(sa.delete(keys).where(where))
        values = {name: getattr(key, name) for name in ApiKey.__slots__}
        await tx.execute(
            sa.insert(keys).values({**values, "grants": " ".join(key.grants), "hash": hash})
        )

    async def keys(self, tenant: str) -> tuple[ApiKey, ...]:
        """A tenant's keys, newest first; revoked and expired ones too."""
        query = sa.select(keys).where(keys.c.tenant == tenant)
        async with self.database.reading() as session:
            rows = (
                (await session.execute(query.order_by(keys.c.made_at.desc(), keys.c.id)))
                .mappings()
                .all()
            )
        return tuple(_as_key(row) for row in rows)

    async def count(self, tx: Tx, tenant: str, now: datetime) -> int:
        """How many keys of a tenant work."""
        query = (
            sa.select(sa.func.count())
            .select_from(keys)
            .where(keys.c.tenant == tenant, keys.c.revoked_at.is_(None), keys.c.expires_at > now)
        )
        return int((await tx.execute(query)).scalar_one())

    async def key(self, id: str) -> tuple[ApiKey, str] | None:
        """The key with *id* and the hash of its text."""
        async with self.database.reading() as session:
            row = (await session.execute(sa.select(keys).where(keys.c.id == id))).mappings().first()
        return None if row is None else (_as_key(row), row["hash"])

    async def used(self, id: str, at: datetime) -> None:
        """Note when a key was last used."""
        async with self.database.writing() as tx:
            await tx.execute(sa.update(keys).where(keys.c.id == id).values(used_at=at))

    async def revoke(self, tx: Tx, tenant: str, id: str, at: datetime) -> bool:
        """Revoke a key of the tenant; False when there is no such working one."""
        where = (keys.c.tenant == tenant) & (keys.c.id == id) & keys.c.revoked_at.is_(None)
        changed = await tx.execute(sa.update(keys).where(where).values(revoked_at=at))
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def erase_tenant(self, tx: Tx, tenant: str) -> None:
        """Forget every key of a tenant."""
        await tx.execute(sa.delete(keys).where(keys.c.tenant == tenant))


def _as_key(row: sa.RowMapping) -> ApiKey:
    values = {name: row[name] for name in ApiKey.__slots__}
    return ApiKey(**{**values, "grants": tuple(row["grants"].split())})
