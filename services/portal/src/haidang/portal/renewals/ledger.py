"""What became of each renewal: SQL behind the office. Every query names its tenant."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.portal.renewals.values import Renewal
from haidang.portal.values import Step, StepReceipt

MIGRATIONS = Path(__file__).parent / "migrations"
MOST_SHOWN = 20

metadata = sa.MetaData()

renewals = sa.Table(
    "renewal",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("domain", sa.String(255), nullable=False),
    sa.Column("years", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("renewed_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("authorized_dong", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("captured_dong", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("released_dong", sa.BigInteger, nullable=False, server_default="0"),
)
KEPT = tuple(field.name for field in fields(Renewal) if field.name in renewals.c)


class RenewalLedger:
    """Renewals of every tenant. Each settle is bound to the renewal it belongs to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def renewals(self, tenant: str, domain: str = "") -> list[Renewal]:
        """The tenant's newest renewals, of *domain* (A-label) or of every name."""
        query = sa.select(renewals).where(renewals.c.tenant == tenant)
        if domain:
            query = query.where(renewals.c.domain == domain)
        newest = query.order_by(renewals.c.created_at.desc(), renewals.c.id).limit(MOST_SHOWN)
        async with self._database.reading() as session:
            return [_renewal(row) for row in (await session.execute(newest)).mappings()]

    def of(self, tenant: str, id: str, *, years: int, now: datetime) -> RenewalSettles:
        """The settles of one renewal."""
        return RenewalSettles(tenant, id, years, now)


@dataclass(frozen=True)
class RenewalSettles:
    """Settles of one renewal: plain updates of its row, each repeatable."""

    tenant: str
    id: str
    years: int
    now: datetime

    async def quoted(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The quote as JSON. Nothing is kept before money is set aside."""
        return receipt.response_json

    async def authorized(
        self, tx: Tx, authorization: Authorization, receipt: AuthorizationReceipt
    ) -> AuthorizationReceipt:
        """The money is set aside: the renewal has begun."""
        found = await tx.scalar(sa.select(renewals.c.id).filter_by(tenant=self.tenant, id=self.id))
        if found is None:
            await tx.execute(
                sa.insert(renewals).values(
                    tenant=self.tenant,
                    id=self.id,
                    domain=authorization.reference,
                    years=self.years,
                    created_at=self.now,
                    authorized_dong=receipt.amount_dong,
                )
            )
        return receipt

    async def renewed(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The name is held for longer: the registration as JSON."""
        await self._update(tx, renewed_at=self.now)
        return receipt.response_json

    async def captured(self, tx: Tx, capture: Capture, receipt: CaptureReceipt) -> int:
        """The money was taken: đồng. With it the renewal is complete."""
        await self._update(tx, captured_dong=receipt.amount_dong, ended_at=receipt.captured_at)
        return receipt.amount_dong

    async def released(self, tx: Tx, release: Release, receipt: ReleaseReceipt) -> int:
        """The money was given back: đồng. With it the renewal has ended."""
        await self._update(tx, released_dong=receipt.amount_dong, ended_at=receipt.released_at)
        return receipt.amount_dong

    async def _update(self, tx: Tx, **values: Any) -> None:  # Any: column values of many types
        change = sa.update(renewals).filter_by(tenant=self.tenant, id=self.id)
        await tx.execute(change.values(**values))


def _renewal(row: sa.RowMapping) -> Renewal:
    return Renewal(**{name: row[name] for name in KEPT})
