"""Earlier states of drafts: kept beside the draft, so that nothing removed is lost at once.

SQL of the website ledger. Every change of a draft leaves its state here, with who made it
and where. Saving while one types makes many: of an uninterrupted run of changes at one
place the middle ones are dropped, and of a website only the latest states are kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent
from haidang.core.operations import Tx
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.website import Draft
from pydantic import TypeAdapter

DRAFT = TypeAdapter(Draft)
MOST_KEPT = 100
SITTING = timedelta(minutes=15)
LATEST_OF_A_RUN = 5
"""States of a run that stay: a page whose last answer was lost still finds its own."""
MOST_CHANGE_CHARACTERS = 200

revisions = sa.Table(
    "draft_revision",
    sa.MetaData(),
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("site", sa.String(40), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("draft", sa.Text, nullable=False),
    sa.Column("author", sa.String(80), nullable=False),
    sa.Column("change", sa.String(200), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Change:
    """Who changed a draft, when, and where (a JSON pointer, or "")."""

    author: str
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One state of a draft. `draft` is None in lists."""

    site: str
    revision: int
    change: Change
    draft: Draft | None = None


async def keep_revision(
    tx: Tx, tenant: str, site: str, revision: int, draft_json: str, change: Change
) -> None:
    """Keep one state, in the transaction that made it; drop what is no longer kept."""
    key = (revisions.c.tenant == tenant) & (revisions.c.site == site)
    await tx.execute(
        sa.insert(revisions).values(
            tenant=tenant,
            site=site,
            revision=revision,
            draft=draft_json,
            author=change.author,
            change=change.place,
            created_at=change.at,
        )
    )
    of_another = sa.or_(
        revisions.c.author != change.author,
        revisions.c.change != change.place,
        revisions.c.created_at < change.at - SITTING,
    )
    before = await tx.scalar(sa.select(sa.func.max(revisions.c.revision)).where(key, of_another))
    inside = revisions.c.revision.between((before or 0) + 1, revision - LATEST_OF_A_RUN)
    await tx.execute(sa.delete(revisions).where(key, inside, revisions.c.revision > 1))
    oldest = (
        sa.select(revisions.c.revision)
        .where(key)
        .order_by(revisions.c.revision.desc())
        .offset(MOST_KEPT - 1)
        .limit(1)
    )
    if (least := await tx.scalar(oldest)) is not None:
        await tx.execute(sa.delete(revisions).where(key, revisions.c.revision < least))


class RevisionLedger:
    """The reading side."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def revisions(
        self, tenant: str, site: str, *, before: int | None, limit: int
    ) -> list[StoredRevision]:
        """Up to *limit* states of the tenant's website, newest first, older than *before*."""
        columns = (
            revisions.c.site,
            revisions.c.revision,
            revisions.c.author,
            revisions.c.change,
            revisions.c.created_at,
        )
        query = (
            sa.select(*columns)
            .filter_by(tenant=tenant, site=site)
            .order_by(revisions.c.revision.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(revisions.c.revision < before)
        async with self._database.reading() as session:
            return [_stored(row) for row in (await session.execute(query)).mappings()]

    async def revision(self, tenant: str, site: str, revision: int) -> StoredRevision:
        """One state with its content. Raises: Absent REVISION_ABSENT."""
        query = sa.select(revisions).filter_by(tenant=tenant, site=site, revision=revision)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("REVISION_ABSENT", revision=revision)
        return _stored(row, DRAFT.validate_json(row["draft"]))


def _stored(row: sa.RowMapping, draft: Draft | None = None) -> StoredRevision:
    change = Change(row["author"], row["created_at"], row["change"])
    return StoredRevision(row["site"], row["revision"], change, draft)
