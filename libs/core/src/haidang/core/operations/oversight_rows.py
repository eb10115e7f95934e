"""SQL across tenants: counts, lists and hours for operators; erasures; what operators said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Instant
from haidang.core.operations.rows import (
    EffectState,
    OperationRow,
    OperationState,
    effects,
    insert_into,
    metadata,
    operation_row,
    operations,
)
from sqlalchemy.ext.asyncio import AsyncSession

DAY_SECONDS = 86_400.0

resolutions = sa.Table(
    "resolution",
    metadata,
    sa.Column("request_id", sa.String(36), primary_key=True),
    sa.Column("operation", sa.String(80), nullable=False),
    sa.Column("effect", sa.String(80), nullable=False),
    sa.Column("word_sha256", sa.String(64), nullable=False),
    sa.Column("happened", sa.Boolean, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
)


@dataclass(frozen=True, slots=True)
class Counted:
    """How many, and when the oldest was accepted."""

    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Hour:
    """What began and ended in the hour from `start_at`; the longest of what ended, seconds."""

    start_at: datetime
    started: int
    succeeded: int
    failed: int
    longest_seconds: float


@dataclass(frozen=True, slots=True)
class ResolutionRow:
    """An operator's word as stored: its digest, never the receipt."""

    request_id: str
    operation: str
    effect: str
    word_sha256: str
    happened: bool
    actor: str
    created_at: datetime
    sent_at: datetime | None


def _has(state: EffectState) -> sa.ColumnElement[bool]:
    return sa.exists().where(effects.c.operation == operations.c.name, effects.c.state == state)


def _stands(standing: str) -> list[sa.ColumnElement[bool]]:
    """The conditions of a standing; RUNNING means without trouble."""
    if standing in {OperationState.SUCCEEDED, OperationState.FAILED}:
        return [operations.c.state == standing]
    running = operations.c.state == OperationState.RUNNING
    needs, unsettled = _has(EffectState.NEEDS_OPERATOR), _has(EffectState.UNSETTLED)
    if standing == EffectState.NEEDS_OPERATOR:
        return [running, needs]
    if standing == EffectState.UNSETTLED:
        return [running, unsettled, ~needs]
    return [running, ~needs, ~unsettled]


async def counted(session: AsyncSession) -> dict[str, Counted]:
    """How many operations stand where, and since when, by standing; none are left out."""
    found: dict[str, Counted] = {}
    for standing in ("RUNNING", "UNSETTLED", "NEEDS_OPERATOR", "SUCCEEDED", "FAILED"):
        query = sa.select(sa.func.count(), sa.func.min(operations.c.created_at)).where(
            *_stands(standing)
        )
        count, oldest = (await session.execute(query)).one()
        if count:
            found[standing] = Counted(int(count), oldest)
    return found


async def hours(session: AsyncSession, starts: Sequence[datetime]) -> tuple[Hour, ...]:
    """What happened in each hour of *starts*."""
    return tuple([await _hour(session, start) for start in starts])


async def _hour(session: AsyncSession, start: datetime) -> Hour:
    end, row = start + timedelta(hours=1), operations.c
    started = sa.select(sa.func.count()).where(row.created_at >= start, row.created_at < end)
    good = sa.case((row.state == OperationState.SUCCEEDED, 1), else_=0)
    ended = sa.select(
        sa.func.count(),
        sa.func.coalesce(sa.func.sum(good), 0),
        sa.func.coalesce(sa.func.max(_lasted(session)), 0.0),
    ).where(row.state != OperationState.RUNNING, row.updated_at >= start, row.updated_at < end)
    begun = int(await session.scalar(started) or 0)
    count, succeeded, longest = (await session.execute(ended)).one()
    return Hour(start, begun, int(succeeded), int(count) - int(succeeded), float(longest))


# Any: a number of seconds, in the words of the database behind *session*.
def _lasted(session: AsyncSession) -> sa.ColumnElement[Any]:
    row = operations.c
    if session.get_bind().dialect.name == "sqlite":
        days = sa.func.julianday(row.updated_at) - sa.func.julianday(row.created_at)
        return days * DAY_SECONDS
    return sa.extract("epoch", row.updated_at - row.created_at)


async def operations_anywhere(
    session: AsyncSession,
    *,
    standing: str | None,
    tenant: str,
    after: tuple[datetime, str] | None,
    limit: int,
) -> list[OperationRow]:
    """Up to *limit* operations of any tenant, or of *tenant*, oldest first."""
    query = sa.select(operations).order_by(operations.c.created_at, operations.c.name).limit(limit)
    if standing:
        query = query.where(*_stands(standing))
    if tenant:
        query = query.where(operations.c.tenant == tenant)
    if after is not None:
        age = sa.tuple_(operations.c.created_at, operations.c.name)
        query = query.where(age > sa.tuple_(sa.literal(after[0], Instant), after[1]))
    return [operation_row(row) for row in (await session.execute(query)).mappings()]


async def keep_resolution(tx: AsyncSession, row: ResolutionRow) -> ResolutionRow:
    """Keep an operator's word; a repeated request keeps the first. What is stored."""
    values = {name: getattr(row, name) for name in ResolutionRow.__slots__}
    await tx.execute(insert_into(tx, resolutions).values(values).on_conflict_do_nothing())
    query = sa.select(resolutions).where(resolutions.c.request_id == row.request_id)
    return _resolution((await tx.execute(query)).mappings().one())


async def sent_resolution(tx: AsyncSession, request_id: str, now: datetime) -> None:
    """The word reached the run."""
    ours = resolutions.c.request_id == request_id
    await tx.execute(sa.update(resolutions).where(ours).values(sent_at=now))


async def drop_resolution(tx: AsyncSession, request_id: str) -> None:
    """The word was refused: nothing was said."""
    await tx.execute(sa.delete(resolutions).where(resolutions.c.request_id == request_id))


async def resolutions_of(session: AsyncSession, operation: str) -> list[ResolutionRow]:
    """What operators said about an operation's effects, oldest first."""
    query = (
        sa.select(resolutions)
        .where(resolutions.c.operation == operation, resolutions.c.sent_at.is_not(None))
        .order_by(resolutions.c.created_at)
    )
    return [_resolution(row) for row in (await session.execute(query)).mappings()]


# Any: column values of many types.
def _resolution(row: sa.RowMapping) -> ResolutionRow:
    values: dict[str, Any] = {name: row[name] for name in ResolutionRow.__slots__}
    return ResolutionRow(**values)
