"""Enquiries: SQL behind the reception. Answers are sealed with their website's own key.

Every query names its tenant, but two that serve the house: whose a site is, and what is
past its term.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent
from haidang.core.operations import Tx
from haidang.core.operations.codec import Seal, new_seal_key
from haidang.core.ports.publishing import Letter, LetterAnswer
from haidang.website_builder import enquiries as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.ledger import metadata, websites
from pydantic import TypeAdapter

ANSWERS = TypeAdapter(tuple[LetterAnswer, ...])

keys = sa.Table(
    "enquiry_key",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("site", sa.String(40), primary_key=True),
    sa.Column("seal_key", sa.String(80), nullable=False),
)
enquiries = sa.Table(
    "enquiry",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("site", sa.String(40), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("section", sa.String(40), nullable=False),
    sa.Column("locale", sa.String(20), nullable=False),
    sa.Column("is_done", sa.Boolean, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("erase_at", Instant, nullable=False),
    sa.Column("sealed", sa.Text, nullable=False),
    sa.Index("enquiry_by_age", "tenant", "site", "received_at", "id"),
    sa.Index("enquiry_by_term", "erase_at"),
)


@dataclass(frozen=True, slots=True)
class StoredEnquiry:
    """An enquiry as the ledger holds it, opened. It is erased at `erase_at`."""

    site: str
    id: str
    kind: str
    section: str
    locale: str
    is_done: bool
    received_at: datetime
    erase_at: datetime
    answers: tuple[LetterAnswer, ...]


class EnquiryLedger:
    """What visitors sent."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def owner_of(self, site: str) -> str | None:
        """The tenant whose website *site* is; asked when a letter comes in."""
        query = sa.select(websites.c.tenant).where(websites.c.id == site).limit(1)
        async with self._database.reading() as session:
            found = await session.scalar(query)
        return str(found) if found is not None else None

    async def keep(self, tenant: str, letter: Letter, erase_at: datetime) -> bool:
        """Keep *letter*; the same one again changes nothing. Whether it is new."""
        key = {"tenant": tenant, "site": letter.site, "id": letter.id}
        async with self._database.writing() as tx:
            held = sa.select(enquiries.c.id).filter_by(**key)
            if await tx.scalar(held) is not None:
                return False
            seal = await _seal_for(tx, tenant, letter.site)
            row = {
                **key,
                "kind": letter.kind,
                "section": letter.section,
                "locale": letter.locale,
                "is_done": False,
                "received_at": letter.received_at,
                "erase_at": erase_at,
                "sealed": seal.close(ANSWERS.dump_json(letter.answers).decode()),
            }
            await tx.execute(sa.insert(enquiries).values(row))
        return True

    async def enquiries(
        self, tenant: str, site: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[StoredEnquiry]:
        """Up to *limit* enquiries of a website, newest first, older than (received_at, id)."""
        age = sa.tuple_(enquiries.c.received_at, enquiries.c.id)
        query = (
            _opened(tenant)
            .where(enquiries.c.site == site)
            .order_by(enquiries.c.received_at.desc(), enquiries.c.id.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(age < sa.tuple_(sa.literal(before[0], Instant), before[1]))
        return await self._read(query)

    async def enquiry(self, tenant: str, site: str, id: str) -> StoredEnquiry:
        """One enquiry. Raises: Absent ENQUIRY_ABSENT."""
        query = _opened(tenant).where(enquiries.c.site == site, enquiries.c.id == id)
        found = await self._read(query)
        if not found:
            raise Absent("ENQUIRY_ABSENT")
        return found[0]

    async def mark(self, tenant: str, site: str, id: str, *, is_done: bool) -> None:
        """Say whether it was answered. Raises: Absent ENQUIRY_ABSENT."""
        change = (
            sa.update(enquiries)
            .filter_by(tenant=tenant, site=site, id=id)
            .values(is_done=is_done)
            .returning(enquiries.c.id)
        )
        async with self._database.writing() as tx:
            changed = await tx.scalar(change)
        if changed is None:
            raise Absent("ENQUIRY_ABSENT")

    async def delete(self, tenant: str, site: str, id: str) -> None:
        """Erase one for good. Raises: Absent ENQUIRY_ABSENT."""
        gone = (
            sa.delete(enquiries)
            .filter_by(tenant=tenant, site=site, id=id)
            .returning(enquiries.c.id)
        )
        async with self._database.writing() as tx:
            deleted = await tx.scalar(gone)
        if deleted is None:
            raise Absent("ENQUIRY_ABSENT")

    async def purge(self, tenant: str, site: str) -> int:
        """Erase all of a website with their key; how many there were."""
        key = {"tenant": tenant, "site": site}
        async with self._database.writing() as tx:
            gone = await tx.scalars(sa.delete(enquiries).filter_by(**key).returning(enquiries.c.id))
            erased = len(gone.all())
            await tx.execute(sa.delete(keys).filter_by(**key))
        return erased

    async def erase_overdue(self, now: datetime) -> int:
        """Erase, for every tenant, what is past its term; how many there were."""
        past = sa.delete(enquiries).where(enquiries.c.erase_at <= now)
        async with self._database.writing() as tx:
            gone = await tx.scalars(past.returning(enquiries.c.id))
            return len(gone.all())

    async def count(self, tenant: str) -> int:
        """How many of the tenant are held."""
        query = sa.select(sa.func.count()).select_from(enquiries).filter_by(tenant=tenant)
        async with self._database.reading() as session:
            return int(await session.scalar(query) or 0)

    async def all_of(self, tenant: str) -> list[StoredEnquiry]:
        """Every enquiry of the tenant, oldest first."""
        return await self._read(
            _opened(tenant).order_by(enquiries.c.received_at, enquiries.c.site, enquiries.c.id)
        )

    async def erase(self, tenant: str) -> None:
        """Erase every enquiry of the tenant, and the keys. Repeating it changes nothing."""
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(enquiries).filter_by(tenant=tenant))
            await tx.execute(sa.delete(keys).filter_by(tenant=tenant))

    # Any: what SQLAlchemy selects is known by its columns.
    async def _read(self, query: sa.Select[*tuple[object, ...]]) -> list[StoredEnquiry]:
        async with self._database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return _stored(rows)


def _opened(tenant: str) -> sa.Select[*tuple[object, ...]]:
    same = (keys.c.tenant == enquiries.c.tenant) & (keys.c.site == enquiries.c.site)
    return (
        sa.select(enquiries, keys.c.seal_key).join(keys, same).where(enquiries.c.tenant == tenant)
    )


async def _seal_for(tx: Tx, tenant: str, site: str) -> Seal:
    """The website's own key, made with its first letter."""
    key = {"tenant": tenant, "site": site}
    held = await tx.scalar(sa.select(keys.c.seal_key).filter_by(**key))
    if held is None:
        held = new_seal_key()
        await tx.execute(sa.insert(keys).values(**key, seal_key=held))
    return Seal(held)


def _stored(rows: Sequence[sa.RowMapping]) -> list[StoredEnquiry]:
    return [
        StoredEnquiry(
            site=row["site"],
            id=row["id"],
            kind=row["kind"],
            section=row["section"],
            locale=row["locale"],
            is_done=row["is_done"],
            received_at=row["received_at"],
            erase_at=row["erase_at"],
            answers=ANSWERS.validate_json(Seal(row["seal_key"]).open(row["sealed"])),
        )
        for row in rows
    ]
