"""What became of each journey: SQL behind the office."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Absent, register
from haidang.core.operations import Tx
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.portal.values import Journey, JourneyState, Step, StepReceipt

MIGRATIONS = Path(__file__).parent / "migrations"

metadata = sa.MetaData()

journeys = sa.Table(
    "journey",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("id", sa.String(80), primary_key=True),
    sa.Column("domain", sa.String(255), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("registration_json", sa.Text, nullable=False, server_default=""),
    sa.Column("website", sa.String(80), nullable=False, server_default=""),
    sa.Column("deployment_json", sa.Text, nullable=False, server_default=""),
    sa.Column("declaration_json", sa.Text, nullable=False, server_default=""),
    sa.Column("authorized_dong", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("captured_dong", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("released_dong", sa.BigInteger, nullable=False, server_default="0"),
)

register(
    Absent,
    {"JOURNEY_ABSENT": ("There is no such journey.", "Không tìm thấy hành trình này.")},
)


class JourneyLedger:
    """Journeys of every tenant. Each settle is bound to the journey it belongs to."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def journey(self, tenant: str, id: str) -> Journey:
        """One journey of the tenant. Raises: Absent JOURNEY_ABSENT."""
        query = sa.select(journeys).where(journeys.c.tenant == tenant, journeys.c.id == id)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            raise Absent("JOURNEY_ABSENT")
        return _journey(row)

    async def journeys(
        self, tenant: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[Journey]:
        """Up to *limit* of the tenant's journeys, newest first, older than *before*.

        *before* is (created_at, id) of the last one of the page before.
        """
        query = sa.select(journeys).where(journeys.c.tenant == tenant)
        if before is not None:
            at, id = before
            query = query.where(
                (journeys.c.created_at < at)
                | ((journeys.c.created_at == at) & (journeys.c.id < id))
            )
        newest = query.order_by(journeys.c.created_at.desc(), journeys.c.id.desc()).limit(limit)
        async with self._database.reading() as session:
            return [_journey(row) for row in (await session.execute(newest)).mappings()]

    async def is_unpaid(self, tenant: str, domain: str) -> bool:
        """Whether a journey of the tenant registered *domain* (A-label) and took no money."""
        query = sa.select(journeys.c.registration_json).where(
            journeys.c.tenant == tenant,
            journeys.c.authorized_dong > 0,
            journeys.c.captured_dong == 0,
            journeys.c.registration_json != "",
        )
        async with self._database.reading() as session:
            found = (await session.scalars(query)).all()
        return any(json.loads(text).get("domain") == domain for text in found)

    def of(
        self, tenant: str, id: str, domain: str, now: datetime, *, registration_json: str = ""
    ) -> JourneySettles:
        """The settles of one journey; with the registration it begins with, if it has one."""
        return JourneySettles(tenant, id, domain, now, registration_json=registration_json)


class JourneySettles:
    """Settles of one journey: plain updates of its row, each repeatable."""

    def __init__(
        self, tenant: str, id: str, domain: str, now: datetime, *, registration_json: str = ""
    ) -> None:
        self._key = {"tenant": tenant, "id": id}
        self._domain = domain
        self._now = now
        self._registration_json = registration_json

    async def quoted(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """Open the journey's row; the quote as JSON."""
        await self._open(tx)
        return receipt.response_json

    async def authorized(
        self, tx: Tx, authorization: Authorization, receipt: AuthorizationReceipt
    ) -> AuthorizationReceipt:
        """The money is set aside."""
        await self._update(tx, authorized_dong=receipt.amount_dong)
        return receipt

    async def captured(self, tx: Tx, capture: Capture, receipt: CaptureReceipt) -> int:
        """The money was taken: đồng."""
        await self._update(tx, captured_dong=receipt.amount_dong)
        return receipt.amount_dong

    async def released(self, tx: Tx, release: Release, receipt: ReleaseReceipt) -> int:
        """The money was given back: đồng."""
        await self._update(tx, released_dong=receipt.amount_dong)
        return receipt.amount_dong

    async def registered(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The name is held: the registration as JSON."""
        await self._update(tx, registration_json=receipt.response_json)
        return receipt.response_json

    async def zoned(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The zone is published; nothing of it is kept here. A finish begins with it."""
        await self._open(tx)
        return receipt.response_json

    async def drafted(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The website exists: the website as JSON."""
        return receipt.response_json

    async def published(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The website is live: the deployment as JSON."""
        await self._update(tx, deployment_json=receipt.response_json)
        return receipt.response_json

    async def declared(self, tx: Tx, step: Step, receipt: StepReceipt) -> str:
        """The declaration is signed, and with it the business is online."""
        await self._update(
            tx,
            declaration_json=receipt.response_json,
            state=JourneyState.ONLINE,
            ended_at=self._now,
        )
        return receipt.response_json

    async def _open(self, tx: Tx) -> None:
        found = await tx.scalar(sa.select(journeys.c.id).filter_by(**self._key))
        if found is None:
            row = {
                **self._key,
                "domain": self._domain,
                "state": JourneyState.RUNNING,
                "registration_json": self._registration_json,
                "created_at": self._now,
            }
            await tx.execute(sa.insert(journeys).values(row))

    async def _update(self, tx: Tx, **values: Any) -> None:  # Any: column values of many types
        await tx.execute(sa.update(journeys).filter_by(**self._key).values(**values))


def _journey(row: sa.RowMapping) -> Journey:
    values = {field.name: row[field.name] for field in fields(Journey)}
    return Journey(**{**values, "state": JourneyState(row["state"])})
