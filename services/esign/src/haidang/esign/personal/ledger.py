"""What the e-sign service holds of a tenant: SQL behind the part."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.operations.rows import operations
from haidang.core.privacy import JSON
from haidang.esign.ledger import documents, signers, working_blobs


@dataclass(frozen=True, slots=True)
class Held:
    """What is held of one tenant; `lone` are digests that nobody else's papers have."""

    papers: tuple[JSON, ...]
    finished: tuple[str, ...]
    lone: tuple[str, ...]
    keys: tuple[str, ...]
    operations: tuple[str, ...]


class PersonalLedger:
    """Reads all of a tenant; forgets its rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def held(self, tenant: str) -> Held:
        """All of it."""
        ours = sa.select(documents).where(documents.c.tenant == tenant)
        keys = sa.select(signers.c.key_name).where(signers.c.tenant == tenant)
        names = sa.select(operations.c.name).where(operations.c.tenant == tenant)
        async with self._database.reading() as session:
            rows = (await session.execute(ours.order_by(documents.c.created_at))).mappings().all()
            lone = list(await session.scalars(_lone(tenant)))
            held_keys = list(await session.scalars(keys))
            held_names = list(await session.scalars(names))
        return Held(
            papers=tuple(_paper(row) for row in rows),
            finished=tuple(row["sha256"] for row in rows),
            lone=tuple(str(one) for one in lone),
            keys=tuple(held_keys),
            operations=tuple(held_names),
        )

    async def forget(self, tenant: str) -> None:
        """Delete every row of the tenant."""
        async with self._database.writing() as tx:
            for table in (documents, signers, working_blobs):
                await tx.execute(sa.delete(table).where(table.c.tenant == tenant))


def _lone(tenant: str) -> sa.Select[tuple[str]]:
    def digests(*, ours: bool) -> sa.Select[tuple[str]]:
        both = []
        for table in (documents, working_blobs):
            which = table.c.tenant == tenant if ours else table.c.tenant != tenant
            both.append(sa.select(table.c.sha256).where(which))
        found = sa.union(*both).subquery()
        return sa.select(found.c.sha256)

    mine = digests(ours=True).subquery()
    return sa.select(mine.c.sha256).where(mine.c.sha256.not_in(digests(ours=False)))


def _paper(row: sa.RowMapping) -> JSON:
    return {
        "id": row["id"],
        "file_name": row["file_name"],
        "sha256": row["sha256"],
        "size_bytes": row["size_bytes"],
        "created_at": row["created_at"].isoformat(),
        "source": row["source"],
        "verdict": row["report_json"],
    }
