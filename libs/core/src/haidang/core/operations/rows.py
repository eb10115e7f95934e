"""The desk's rows: operations and their effects, kept in the service's own database."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Instant
from sqlalchemy.ext.asyncio import AsyncSession

metadata = sa.MetaData()

operations = sa.Table(
    "operation",
    metadata,
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("tenant", sa.String(80), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("request_id", sa.String(36), nullable=False),
    sa.Column("request_sha256", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(80), nullable=False),
    sa.Column("seal_key", sa.String(64)),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("updated_at", Instant, nullable=False),
)

effects = sa.Table(
    "effect",
    metadata,
    sa.Column("operation", sa.String(80), primary_key=True),
    sa.Column("name", sa.String(80), primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("intent", sa.Text, nullable=False),
    sa.Column("receipt", sa.Text),
    sa.Column("failure", sa.Text),
    sa.Column("life", sa.String(32), nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("tries", sa.Integer, nullable=False, server_default="0"),
)

receipt_shapes = sa.Table(
    "receipt_shape",
    metadata,
    sa.Column("kind", sa.String(80), primary_key=True),
    sa.Column("effect", sa.String(80), primary_key=True),
    sa.Column("schema_json", sa.Text, nullable=False),
)


class OperationState(StrEnum):
    """What the row says; UNSETTLED and NEEDS_OPERATOR are read off the effects."""

    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


class EffectState(StrEnum):
    """Life of an intent."""

    INTENDED = "INTENDED"
    UNSETTLED = "UNSETTLED"
    SETTLED = "SETTLED"
    REFUSED = "REFUSED"
    NEEDS_OPERATOR = "NEEDS_OPERATOR"


@dataclass(frozen=True, slots=True)
class OperationRow:
    """An operation as stored; `command` and `result` are sealed."""

    name: str
    tenant: str
    actor: str
    request_id: str
    request_sha256: str
    kind: str
    seal_key: str | None
    command: str
    state: OperationState
    result: str | None
    failure: Mapping[str, object] | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class EffectRow:
    """An effect as stored, without its sealed values. `tries`: attempts when last written."""

    operation: str
    name: str
    state: EffectState
    failure: Mapping[str, object] | None
    life: str
    started_at: datetime
    ended_at: datetime | None
    has_receipt: bool = False
    tries: int = 0


async def insert_operation(tx: AsyncSession, row: OperationRow) -> None:
    """Insert *row* unless its name is already there."""
    values = {
        **{name: getattr(row, name) for name in OperationRow.__slots__},
        "state": str(row.state),
        "failure": None,
    }
    await tx.execute(insert_into(tx, operations).values(values).on_conflict_do_nothing())


# Any: the two dialects' Insert classes share no base with on_conflict_do_nothing.
def insert_into(tx: AsyncSession, table: sa.Table) -> Any:
    """An INSERT that knows conflicts, in the dialect of the database behind *tx*."""
    if tx.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


async def operation(session: AsyncSession, name: str) -> OperationRow | None:
    """The operation called *name*."""
    query = sa.select(operations).where(operations.c.name == name)
    row = (await session.execute(query)).mappings().first()
    return operation_row(row) if row else None


async def operations_of(
    session: AsyncSession, tenant: str, *, after: str, limit: int
) -> list[OperationRow]:
    """Up to *limit* of the tenant's operations by name, after the one called *after*."""
    query = (
        sa.select(operations)
        .where(operations.c.tenant == tenant, operations.c.name > after)
        .order_by(operations.c.name)
        .limit(limit)
    )
    return [operation_row(row) for row in (await session.execute(query)).mappings()]


async def running_operations(session: AsyncSession) -> list[OperationRow]:
    """Every operation not ended yet, oldest first."""
    query = (
        sa.select(operations)
        .where(operations.c.state == OperationState.RUNNING)
        .order_by(operations.c.created_at)
    )
    return [operation_row(row) for row in (await session.execute(query)).mappings()]


def operation_row(row: sa.RowMapping) -> OperationRow:
    """The operation in a row of its table."""
    values = {name: row[name] for name in OperationRow.__slots__}
    values["state"] = OperationState(values["state"])
    values["failure"] = json.loads(values["failure"]) if values["failure"] else None
    return OperationRow(**values)


async def finish_operation(
    tx: AsyncSession,
    name: str,
    *,
    result: str | None,
    failure: Mapping[str, object] | None,
    now: datetime,
) -> None:
    """End the operation: SUCCEEDED with a sealed result, or FAILED with an error's facts."""
    await tx.execute(
        sa.update(operations)
        .where(operations.c.name == name)
        .values(
            state=OperationState.FAILED if failure else OperationState.SUCCEEDED,
            result=result,
            failure=json.dumps(failure) if failure else None,
            updated_at=now,
        )
    )


async def forget_key(tx: AsyncSession, tenant: str, name: str) -> None:
    """Erase: without its key nothing of the operation's values opens again."""
    await tx.execute(
        sa.update(operations)
        .where(operations.c.tenant == tenant, operations.c.name == name)
        .values(seal_key=None)
    )


async def insert_effect(
    tx: AsyncSession, operation: str, name: str, *, intent: str, life: str, now: datetime
) -> tuple[str, str]:
    """Record an intent; a repeated insert keeps the first. Answers (intent, life) as stored."""
    position = sa.select(sa.func.count()).where(effects.c.operation == operation).scalar_subquery()
    await tx.execute(
        insert_into(tx, effects)
        .values(
            operation=operation,
            name=name,
            position=position,
            state=EffectState.INTENDED,
            intent=intent,
            life=life,
            started_at=now,
        )
        .on_conflict_do_nothing()
    )
    stored = sa.select(effects.c.intent, effects.c.life).where(
        effects.c.operation == operation, effects.c.name == name
    )
    row = (await tx.execute(stored)).one()
    return row.intent, row.life


async def change_effect(
    tx: AsyncSession,
    operation: str,
    name: str,
    state: EffectState,
    *,
    now: datetime,
    receipt: str | None = None,
    failure: Mapping[str, object] | None = None,
    tries: int | None = None,
) -> None:
    """Move an effect to *state*; ends it when settled or refused."""
    is_end = state in {EffectState.SETTLED, EffectState.REFUSED}
    await tx.execute(
        sa.update(effects)
        .where(effects.c.operation == operation, effects.c.name == name)
        .values(
            state=state,
            failure=json.dumps(failure) if failure else None,
            ended_at=now if is_end else None,
            **({"receipt": receipt} if receipt is not None else {}),
            **({"tries": tries} if tries is not None else {}),
        )
    )


async def keep_shape(tx: AsyncSession, kind: str, effect: str, schema_json: str) -> None:
    """Keep the JSON Schema of an effect's receipt: an operator's form is drawn from it."""
    insert = insert_into(tx, receipt_shapes).values(
        kind=kind, effect=effect, schema_json=schema_json
    )
    changed = receipt_shapes.c.schema_json != insert.excluded.schema_json
    await tx.execute(
        insert.on_conflict_do_update(
            index_elements=["kind", "effect"], set_={"schema_json": schema_json}, where=changed
        )
    )


async def shapes_of(session: AsyncSession, kind: str) -> dict[str, str]:
    """The JSON Schemas of a kind's receipts, by effect, of effects that were ever begun."""
    query = sa.select(receipt_shapes).where(receipt_shapes.c.kind == kind)
    return {row["effect"]: row["schema_json"] for row in (await session.execute(query)).mappings()}


async def effects_of(session: AsyncSession, names: Sequence[str]) -> dict[str, list[EffectRow]]:
    """The effects of each of the named operations, in order."""
    query = (
        sa.select(effects)
        .where(effects.c.operation.in_(names))
        .order_by(effects.c.operation, effects.c.position)
    )
    found: dict[str, list[EffectRow]] = {name: [] for name in names}
    for row in (await session.execute(query)).mappings():
        found[row["operation"]].append(
            EffectRow(
                operation=row["operation"],
                name=row["name"],
                state=EffectState(row["state"]),
                failure=json.loads(row["failure"]) if row["failure"] else None,
                life=row["life"],
                started_at=row["started_at"],
                ended_at=row["ended_at"],
                has_receipt=row["receipt"] is not None,
                tries=row["tries"],
            )
        )
    return found
