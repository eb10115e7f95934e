"""Businesses, memberships and invitations: SQL behind the team office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.portal.accounts.values import Invitation, Membership, Role

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
invitations = sa.Table(
    "account_invitation",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(20), nullable=False),
    sa.Column("made_by", sa.String(40), nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("used_by", sa.String(40), nullable=False, server_default=""),
    sa.Column("used_at", Instant),
    sa.Column("revoked_at", Instant),
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

    async def rename(self, tx: Tx, tenant: str, name: str) -> None:
        """Call a business *name*."""
        await tx.execute(sa.update(tenants).where(tenants.c.id == tenant).values(name=name))

    async def role(self, tx: Tx, tenant: str, user_id: str) -> Role | None:
        """The user's role at a business, its row kept still until the transaction ends."""
        query = sa.select(members.c.role).where(_member(tenant, user_id)).with_for_update()
        found = (await tx.execute(query)).scalar()
        return None if found is None else Role(found)

    async def count_owners(self, tx: Tx, tenant: str) -> int:
        """How many owners a business has; two that leave at once are told in turn."""
        query = (
            sa.select(members.c.user_id)
            .where(members.c.tenant == tenant, members.c.role == Role.OWNER.value)
            .with_for_update()
        )
        return len((await tx.execute(query)).all())

    async def change_role(self, tx: Tx, tenant: str, user_id: str, role: Role) -> None:
        """Give a member another role."""
        where = _member(tenant, user_id)
        await tx.execute(sa.update(members).where(where).values(role=role.value))

    async def remove_member(self, tx: Tx, tenant: str, user_id: str) -> None:
        """Take a member out."""
        await tx.execute(sa.delete(members).where(_member(tenant, user_id)))

    async def put_invitation(self, tx: Tx, made: Invitation, hash: str) -> None:
        """Keep an invitation under its link's hash; the same id again replaces the link."""
        values = {name: getattr(made, name) for name in Invitation.__slots__}
        await tx.execute(
            sa.delete(invitations).where(
                invitations.c.id == made.id, invitations.c.tenant == made.tenant
            )
        )
        await tx.execute(
            sa.insert(invitations).values({**values, "role": made.role.value, "hash": hash})
        )

    async def invitations(self, tenant: str, now: datetime) -> tuple[Invitation, ...]:
        """Open invitations of a business, newest first."""
        query = (
            sa.select(*(invitations.c[name] for name in Invitation.__slots__))
            .where(invitations.c.tenant == tenant, _is_open(now))
            .order_by(invitations.c.made_at.desc(), invitations.c.id)
        )
        async with self.database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return tuple(_as_invitation(row) for row in rows)

    async def count_invitations(self, tx: Tx, tenant: str, now: datetime) -> int:
        """How many invitations of a business are open."""
        query = sa.select(sa.func.count()).select_from(invitations)
        found = await tx.execute(query.where(invitations.c.tenant == tenant, _is_open(now)))
        return int(found.scalar_one())

    async def invitation(self, hash: str, now: datetime) -> tuple[Invitation, str] | None:
        """The open invitation behind a link, and the name of its business."""
        query = (
            sa.select(*(invitations.c[name] for name in Invitation.__slots__))
            .add_columns(tenants.c.name)
            .join(tenants, tenants.c.id == invitations.c.tenant)
            .where(invitations.c.hash == hash, _is_open(now))
        )
        async with self.database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        return None if row is None else (_as_invitation(row), row["name"])

    async def use_invitation(self, tx: Tx, id: str, user_id: str, now: datetime) -> bool:
        """Use an open invitation up; False when somebody was faster."""
        changed = await tx.execute(
            sa.update(invitations)
            .where(invitations.c.id == id, _is_open(now))
            .values(used_by=user_id, used_at=now)
        )
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def revoke_invitation(self, tx: Tx, tenant: str, id: str, now: datetime) -> None:
        """Take an open invitation back."""
        await tx.execute(
            sa.update(invitations)
            .where(invitations.c.tenant == tenant, invitations.c.id == id, _is_open(now))
            .values(revoked_at=now)
        )

    async def erase_tenant(self, tx: Tx, tenant: str) -> None:
        """Forget a business: its members' places, its invitations, its row."""
        await tx.execute(sa.delete(invitations).where(invitations.c.tenant == tenant))
        await tx.execute(sa.delete(members).where(members.c.tenant == tenant))
        await tx.execute(sa.delete(tenants).where(tenants.c.id == tenant))

    async def forget_user(self, tx: Tx, user_id: str) -> None:
        """Take a user out of every business; invitations they made stay the business's."""
        await tx.execute(sa.delete(members).where(members.c.user_id == user_id))

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


def _member(tenant: str, user_id: str) -> sa.ColumnElement[bool]:
    return (members.c.tenant == tenant) & (members.c.user_id == user_id)


def _is_open(now: datetime) -> sa.ColumnElement[bool]:
    return (
        invitations.c.used_at.is_(None)
        & invitations.c.revoked_at.is_(None)
        & (invitations.c.expires_at > now)
    )


def _as_invitation(row: Any) -> Invitation:  # Any: a row's mapping
    return Invitation(
        **{name: row[name] for name in Invitation.__slots__ if name != "role"},
        role=Role(row["role"]),
    )


def _as_membership(row: Any) -> Membership:  # Any: a row's mapping
    return Membership(**{**row, "role": Role(row["role"])})
