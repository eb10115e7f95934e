"""Starts as they are kept: SQL behind the office. Every query names its tenant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent
from haidang.core.operations import Tx
from haidang.portal.starts import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.starts.changes import folded
from haidang.portal.starts.values import Attempt, Change, Consent, Photo, Start
from pydantic import TypeAdapter
from sqlalchemy.exc import IntegrityError

MIGRATIONS = Path(__file__).parent / "migrations"
ATTEMPT = TypeAdapter(Attempt)
MOST_CHANGES = 1500
"""More than a long sitting makes; then what was overwritten is forgotten."""

metadata = sa.MetaData()

starts = sa.Table(
    "start",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("touched_at", Instant, nullable=False, index=True),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("quote_json", sa.Text, nullable=False, server_default=""),
    sa.Column("attempt_json", sa.Text, nullable=False, server_default=""),
    sa.Column("operation", sa.String(80), nullable=False, server_default=""),
    sa.Column("held_domain", sa.String(255), nullable=False, server_default=""),
    sa.Column("online_at", Instant),
)

changes = sa.Table(
    "start_change",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("start", sa.String(40), primary_key=True),
    sa.Column("revision", sa.Integer, primary_key=True),
    sa.Column("field", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("tab", sa.String(40), nullable=False),
)

photos = sa.Table(
    "start_photo",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("start", sa.String(40), primary_key=True),
    sa.Column("media", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("file_name", sa.String(255), nullable=False),
    sa.Column("alt", sa.Text, nullable=False),
    sa.Column("thumb", sa.String(64), nullable=False),
)

consents = sa.Table(
    "start_consent",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("start", sa.String(40), primary_key=True),
    sa.Column("request_id", sa.String(40), primary_key=True),
    sa.Column("purpose", sa.String(40), primary_key=True),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("version", sa.String(40), nullable=False),
    sa.Column("given_at", Instant, nullable=False),
    sa.Column("user_id", sa.String(80), nullable=False),
)

Judge = Callable[[Sequence[Change]], Mapping[str, str]]


class StartLedger:
    """What every tenant has begun."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def create(self, tenant: str, id: str, facts: Mapping[str, str], now: datetime) -> None:
        """Keep a new start; the one that has this id already stays as it is."""
        row = {"tenant": tenant, "id": id, "revision": 1, "created_at": now, "touched_at": now}
        try:
            async with self.database.writing() as tx:
                if await _row(tx, tenant, id) is None:
                    await tx.execute(sa.insert(starts).values(row))
                    await _write(tx, tenant, id, facts, revision=1, tab="")
        except IntegrityError:  # the same tap, twice at once
            return

    async def start(self, tenant: str, id: str) -> Start:
        """One start of the tenant. Raises: Absent START_ABSENT."""
        async with self.database.reading() as session:
            row = await _row(session, tenant, id)
            if row is None:
                raise Absent("START_ABSENT")
            return await _whole(session, tenant, row)

    async def of_operation(self, tenant: str, operation: str) -> Start | None:
        """The start whose last attempt is *operation*; None when it was not begun here."""
        query = sa.select(starts).where(
            starts.c.tenant == tenant, starts.c.operation == operation, starts.c.operation != ""
        )
        async with self.database.reading() as session:
            row = (await session.execute(query)).mappings().first()
            return None if row is None else await _whole(session, tenant, row)

    async def starts(self, tenant: str) -> list[Start]:
        """Every start of the tenant, last touched first."""
        query = (
            sa.select(starts)
            .where(starts.c.tenant == tenant)
            .order_by(starts.c.touched_at.desc(), starts.c.id)
        )
        async with self.database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
            return [await _whole(session, tenant, row) for row in rows]

    async def save(self, tenant: str, id: str, judge: Judge, *, tab: str, now: datetime) -> Start:
        """Write what *judge* makes of the changes so far. Raises: Absent START_ABSENT."""
        async with self.database.writing() as tx:
            row = await _locked(tx, tenant, id)
            known = await _changes(tx, tenant, id)
            if written := judge(known):
                revision = row["revision"] + 1
                await _write(tx, tenant, id, written, revision=revision, tab=tab)
                if len(known) > MOST_CHANGES:
                    await _forget_overwritten(tx, tenant, id, known)
                await _update(tx, tenant, id, revision=revision, touched_at=now)
        return await self.start(tenant, id)

    async def change(
        self, tenant: str, id: str, judge: Callable[[Start], Mapping[str, Any]]
    ) -> Start:
        """Set the columns that *judge* makes of the start as it stands, both in one transaction.

        Raises: Absent START_ABSENT; what *judge* raises.
        """
        async with self.database.writing() as tx:
            row = await _locked(tx, tenant, id)
            values = dict(judge(await _whole(tx, tenant, row)))
            if (attempt := values.pop("attempt", ...)) is not ...:
                values["attempt_json"] = ATTEMPT.dump_json(attempt).decode() if attempt else ""
                values["operation"] = attempt.operation if attempt else ""
            if values:
                await _update(tx, tenant, id, **values)
        return await self.start(tenant, id)

    async def put_photo(
        self, tenant: str, id: str, photo: Photo, *, most: int, now: datetime
    ) -> bool:
        """Keep a photo as the last one, or its newer text; False when there are *most* already."""
        key = (photos.c.tenant == tenant) & (photos.c.start == id)
        async with self.database.writing() as tx:
            await _locked(tx, tenant, id)
            known = (await tx.execute(sa.select(photos).where(key))).mappings().all()
            if any(row["media"] == photo.media for row in known):
                change = sa.update(photos).where(key, photos.c.media == photo.media)
                await tx.execute(change.values(alt=photo.alt))
            elif len(known) >= most:
                return False
            else:
                position = 1 + max((row["position"] for row in known), default=0)
                row = {"tenant": tenant, "start": id, "position": position}
                values = {field.name: getattr(photo, field.name) for field in fields(Photo)}
                await tx.execute(sa.insert(photos).values({**row, **values}))
            await _update(tx, tenant, id, touched_at=now)
        return True

    async def drop_photo(self, tenant: str, id: str, media: str) -> None:
        """Leave a photo out of the start; leaving it out twice is the same."""
        key = (photos.c.tenant == tenant) & (photos.c.start == id) & (photos.c.media == media)
        async with self.database.writing() as tx:
            await tx.execute(sa.delete(photos).where(key))

    async def consent(
        self, tenant: str, id: str, request_id: str, given: Iterable[Consent]
    ) -> None:
        """Keep what was agreed to for this request; agreed twice, the first time stays."""
        key = {"tenant": tenant, "start": id, "request_id": request_id}
        async with self.database.writing() as tx:
            await _locked(tx, tenant, id)
            known = set(await tx.scalars(sa.select(consents.c.purpose).filter_by(**key)))
            for one in given:
                if one.purpose not in known:
                    values = {field.name: getattr(one, field.name) for field in fields(Consent)}
                    await tx.execute(sa.insert(consents).values({**key, **values}))

    async def consents(self, tenant: str) -> list[tuple[str, Consent]]:
        """What the tenant agreed to, with the start it was for."""
        query = sa.select(consents).where(consents.c.tenant == tenant)
        ordered = query.order_by(consents.c.given_at, consents.c.purpose)
        async with self.database.reading() as session:
            rows = (await session.execute(ordered)).mappings().all()
        names = [field.name for field in fields(Consent)]
        return [(row["start"], Consent(**{name: row[name] for name in names})) for row in rows]

    async def arrive(self, tenant: str, id: str, now: datetime) -> None:
        """The journey arrived: the facts and photos are forgotten, the consents stay."""
        async with self.database.writing() as tx:
            await _locked(tx, tenant, id)
            await _forget(tx, tenant, id)
            await _update(tx, tenant, id, online_at=now, quote_json="")

    async def drop(self, tenant: str, id: str) -> None:
        """Forget a start, all of its facts, and what was agreed to for it."""
        async with self.database.writing() as tx:
            await _forget(tx, tenant, id)
            agreed = (consents.c.tenant == tenant) & (consents.c.start == id)
            await tx.execute(sa.delete(consents).where(agreed))
            await tx.execute(sa.delete(starts).where(starts.c.tenant == tenant, starts.c.id == id))

    async def erase(self, tenant: str) -> None:
        """Forget everything of the tenant."""
        async with self.database.writing() as tx:
            for table in (changes, photos, consents, starts):
                await tx.execute(sa.delete(table).where(table.c.tenant == tenant))

    async def stale(self, before: datetime) -> list[tuple[str, str]]:
        """(tenant, id) of the starts not online and not touched since *before*."""
        query = sa.select(starts.c.tenant, starts.c.id).where(
            starts.c.touched_at < before, starts.c.online_at.is_(None)
        )
        async with self.database.reading() as session:
            return [(row.tenant, row.id) for row in await session.execute(query)]


def _is(tenant: str, id: str) -> sa.ColumnElement[bool]:
    return (starts.c.tenant == tenant) & (starts.c.id == id)


async def _row(session: Tx, tenant: str, id: str) -> sa.RowMapping | None:
    query = sa.select(starts).where(_is(tenant, id))
    return (await session.execute(query)).mappings().first()


async def _locked(tx: Tx, tenant: str, id: str) -> sa.RowMapping:
    """The start's row, which no other transaction changes before this one ends."""
    query = sa.select(starts).where(_is(tenant, id)).with_for_update()
    row = (await tx.execute(query)).mappings().first()
    if row is None:
        raise Absent("START_ABSENT")
    return row


async def _changes(session: Tx, tenant: str, id: str) -> list[Change]:
    query = (
        sa.select(changes)
        .where(changes.c.tenant == tenant, changes.c.start == id)
        .order_by(changes.c.revision)
    )
    rows = (await session.execute(query)).mappings()
    return [Change(row["revision"], row["field"], row["value"], row["tab"]) for row in rows]


async def _photos(session: Tx, tenant: str, id: str) -> tuple[Photo, ...]:
    query = (
        sa.select(photos)
        .where(photos.c.tenant == tenant, photos.c.start == id)
        .order_by(photos.c.position, photos.c.media)
    )
    rows = (await session.execute(query)).mappings()
    names = [field.name for field in fields(Photo)]
    return tuple(Photo(**{name: row[name] for name in names}) for row in rows)


async def _whole(session: Tx, tenant: str, row: sa.RowMapping) -> Start:
    text = row["attempt_json"]
    return Start(
        id=row["id"],
        created_at=row["created_at"],
        touched_at=row["touched_at"],
        revision=row["revision"],
        facts=folded(await _changes(session, tenant, row["id"])),
        photos=await _photos(session, tenant, row["id"]),
        quote_json=row["quote_json"],
        attempt=ATTEMPT.validate_json(text) if text else None,
        held_domain=row["held_domain"],
        online_at=row["online_at"],
    )


async def _write(
    tx: Tx, tenant: str, id: str, written: Mapping[str, str], *, revision: int, tab: str
) -> None:
    for field, value in written.items():
        row = {"tenant": tenant, "start": id, "revision": revision, "field": field}
        await tx.execute(sa.insert(changes).values({**row, "value": value, "tab": tab}))


async def _forget_overwritten(tx: Tx, tenant: str, id: str, known: Sequence[Change]) -> None:
    latest = {change.field: change.revision for change in known}
    for change in known:
        if change.revision < latest[change.field]:
            await tx.execute(
                sa.delete(changes).where(
                    changes.c.tenant == tenant,
                    changes.c.start == id,
                    changes.c.field == change.field,
                    changes.c.revision == change.revision,
                )
            )


async def _update(tx: Tx, tenant: str, id: str, **values: Any) -> None:  # Any: column values
    await tx.execute(sa.update(starts).where(_is(tenant, id)).values(**values))


async def _forget(tx: Tx, tenant: str, id: str) -> None:
    for table in (changes, photos):
        await tx.execute(sa.delete(table).where(table.c.tenant == tenant, table.c.start == id))
