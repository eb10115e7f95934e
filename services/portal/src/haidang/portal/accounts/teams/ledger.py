"""Businesses, memberships and invitations: SQL behind the team office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.portal.accounts.values import Membership, Role

metadata = sa.MetaData()

tenants = sa.Table(
    "account_tenant",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
members = sa.Table(
    "account_member",
    metadata,
    sa.Column("tenant", sa.String(40), primary_key=True),
    sa.Column("user_id", sa.String(40), primary_key=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("joined_at", Instant, nullable=False),
)
_people = sa.table("account_user", sa.column("id"), sa.column("name"))


class TeamLedger:
    """Who belongs where. Writes take the transaction they belong to."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add_tenant(self, tx: Tx, id: str, name: str, now: datetime) -> None:
        """Keep a new business."""
        await tx.execute(sa.insert(tenants).values(id=id, name=name, created_at=now))

    async def add_member(
        self, tx: Tx, tenant: str, user_id: str, role: Role, now: datetime
    ) -> None:
        """Let a user in."""
        await tx.execute(
            sa.insert(members).values(
                tenant=tenant, user_id=user_id, role=role.value, joined_at=now
            )
        )

    async def memberships(self, user_id: str) -> tuple[Membership, ...]:
        """The user's businesses, joined first first."""
        return await self._found(members.c.user_id == user_id)

    async def team(self, tenant: str) -> tuple[Membership, ...]:
        """Everybody of a business, joined first first."""
        return await self._found(members.c.tenant == tenant)

    async def _found(self, which: sa.ColumnElement[bool]) -> tuple[Membership, ...]:
        async with self.database.reading() as session:
            rows = (await session.execute(_membership().where(which))).mappings().all()
        return tuple(_as_membership(row) for row in rows)


def _membership() -> sa.Select[Any]:  # Any: a select of named columns
    return (
        sa.select(members, tenants.c.name.label("tenant_name"), _people.c.name.label("user_name"))
        .join(tenants, tenants.c.id == members.c.tenant)
        .join(_people, _people.c.id == members.c.user_id)
        .order_by(members.c.joined_at, members.c.tenant, members.c.user_id)
    )


def _as_membership(row: Any) -> Membership:  # Any: a row's mapping
    return Membership(**{**row, "role": Role(row["role"])})
