"""Debts as walks leave them behind: rows of the portal's own ledger."""

from __future__ import annotations

import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.operations import rows
from haidang.core.testing.memory import NOON
from haidang.portal.renewals.ledger import renewals


async def an_unpaid_renewal(
    database: Database, tenant: str, domain: str, id: str, *, amount_dong: int = 350_000
) -> None:
    """*domain* was renewed for a year, and the bank refused to hand the money over."""
    renewal = {"tenant": tenant, "id": id, "domain": domain, "years": 1, "created_at": NOON}
    async with database.writing() as tx:
        await tx.execute(
            sa.insert(renewals).values(**renewal, renewed_at=NOON, authorized_dong=amount_dong)
        )
        name = f"operations/{id}"
        await rows.insert_effect(tx, name, "capture", intent="", life="x", now=NOON)
        await rows.change_effect(tx, name, "capture", rows.EffectState.REFUSED, now=NOON)


async def is_paid(database: Database, id: str) -> None:
    """The renewal's money was taken after all."""
    change = sa.update(renewals).where(renewals.c.id == id)
    async with database.writing() as tx:
        await tx.execute(change.values(captured_dong=350_000, ended_at=NOON))
