"""What the website builder holds of a tenant: SQL behind the part."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.operations import Tx
from haidang.core.ports.publishing import Withdrawal, WithdrawalReceipt
from haidang.core.privacy import JSON
from haidang.website_builder.ledger import (
    MEDIA,
    deployments,
    media,
    websites,
    working_blobs,
)
from haidang.website_builder.revisions.ledger import revisions


@dataclass(frozen=True, slots=True)
class HeldSite:
    """A website with its host."""

    id: str
    domain: str


class PersonalLedger:
    """Reads all of a tenant; forgets its rows."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def sites(self, tenant: str) -> list[HeldSite]:
        """Every website, by id."""
        query = sa.select(websites.c.id, websites.c.domain).where(websites.c.tenant == tenant)
        async with self._database.reading() as session:
            rows = (await session.execute(query.order_by(websites.c.id))).all()
        return [HeldSite(row.id, row.domain) for row in rows]

    async def counts(self, tenant: str) -> tuple[int, int]:
        """How many websites and photos."""
        found = []
        async with self._database.reading() as session:
            for table in (websites, media):
                query = sa.select(sa.func.count()).where(table.c.tenant == tenant)
                found.append(int(await session.scalar(query) or 0))
        return found[0], found[1]

    async def exported(self, tenant: str) -> tuple[list[JSON], list[JSON]]:
        """Websites with their drafts, of now and earlier, and photos."""
        async with self._database.reading() as session:
            sites = await _rows(session, websites, tenant)
            earlier = await _rows(session, revisions, tenant)
            live = await _rows(session, deployments, tenant)
            photos = await _rows(session, media, tenant)
        shown: list[JSON] = []
        for site in sites:
            mine = [row for row in earlier if row["site"] == site["id"]]
            shown.append(
                {
                    "id": site["id"],
                    "domain": site["domain"],
                    "draft": json.loads(site["draft"]),
                    "live_uri": site["live_uri"],
                    "earlier_drafts": [_revision(row) for row in mine],
                    "published": [
                        {"id": row["id"], "created_at": row["created_at"].isoformat()}
                        for row in live
                        if row["site"] == site["id"]
                    ],
                }
            )
        return shown, [json.loads(row["facts"]) for row in photos]

    async def withdrawn(self, tx: Tx, withdrawal: Withdrawal, receipt: WithdrawalReceipt) -> str:
        """The site is off the web; its row goes with the rest of the tenant's."""
        gone = websites.c.id == receipt.site
        await tx.execute(sa.update(websites).where(gone).values(live_deployment="", live_uri=""))
        return receipt.site

    async def lone_blobs(self, tenant: str) -> set[str]:
        """Digests of the tenant's bytes that no other tenant has."""
        mine: set[str] = set()
        others: set[str] = set()
        async with self._database.reading() as session:
            for row in (await session.execute(sa.select(media))).mappings():
                photo = MEDIA.validate_json(row["facts"])
                digests = {one.sha256 for one in photo.renditions}
                (mine if row["tenant"] == tenant else others).update(digests)
            for row in (await session.execute(sa.select(working_blobs))).mappings():
                (mine if row["tenant"] == tenant else others).add(row["sha256"])
        return mine - others

    async def forget(self, tenant: str) -> None:
        """Delete every row of the tenant."""
        async with self._database.writing() as tx:
            for table in (revisions, deployments, media, working_blobs, websites):
                await tx.execute(sa.delete(table).where(table.c.tenant == tenant))


async def _rows(session: Tx, table: sa.Table, tenant: str) -> Sequence[sa.RowMapping]:
    query = sa.select(table).where(table.c.tenant == tenant)
    return (await session.execute(query)).mappings().all()


def _revision(row: sa.RowMapping) -> JSON:
    return {
        "revision": row["revision"],
        "created_at": row["created_at"].isoformat(),
        "draft": json.loads(row["draft"]),
    }
