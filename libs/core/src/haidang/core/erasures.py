"""Erasures of one service: planned, refused while work is under way, carried out, recorded.

Each service has one of these over its own database; the portal's durable operation asks
them in turn. Killed between two deletions, the same request goes on and answers alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from haidang.core import telemetry
from haidang.core.clock import Clock
from haidang.core.database import Database, Instant
from haidang.core.errors import Refused
from haidang.core.operations.codec import decode, encode
from haidang.core.operations.erasing import OperationsPart
from haidang.core.operations.names import valid_request_id
from haidang.core.operations.rows import insert_into, metadata
from haidang.core.privacy import Holding, KeepsForNow, PersonalData

DAY_SECONDS = 86_400

erasures = sa.Table(
    "erasure",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("request_id", sa.String(36), primary_key=True),
    sa.Column("holdings_json", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What an erasure would do now, and how many operations stand in its way."""

    holdings: tuple[Holding, ...]
    running: int


@dataclass(frozen=True, slots=True)
class _Recorded:
    holdings: tuple[Holding, ...]
    ended_at: datetime | None


class Erasures:
    """The office of privacy.v1: one service's personal data with its operations' journals."""

    def __init__(self, service: str, database: Database, data: PersonalData, clock: Clock) -> None:
        self._database = database
        self._data = data
        self._operations = OperationsPart(service, database)
        self._clock = clock
        self._log = telemetry.logger(__name__)

    async def plan(self, tenant: str) -> Plan:
        """What is held, what would be erased, what the law keeps. Changes nothing."""
        held = [*await self._data.holdings(tenant), *await self._operations.holdings(tenant)]
        running = await self._operations.running(tenant)
        return Plan(tuple(one for one in held if one.count), running)

    async def export(self, tenant: str) -> AsyncIterator[str]:
        """Everything held, as JSON text of one object in pieces."""
        yield "{"
        first = True
        for part in (self._data, self._operations):
            for kind, value in (await part.export(tenant)).items():
                yield f"{'' if first else ','}{encode(kind, str)}:{encode(value, object)}"
                first = False
        yield "}"

    async def erase(self, tenant: str, request_id: str, *, but: str = "") -> Plan:
        """Erase all but what the law keeps; what was erased and kept, as planned before.

        *but* names the operation on whose behalf this is done: it is running, and let be.

        Raises: Refused PRIVACY_OPERATIONS_RUNNING; Malformed REQUEST_ID_INVALID.
        """
        request_id = valid_request_id(request_id)
        recorded = await self._recorded(tenant, request_id)
        if recorded is None:
            recorded = await self._begun(tenant, request_id, but=but)
        if recorded.ended_at is None:
            await self._data.erase(tenant)
            await self._operations.erase(tenant)
            await self._end(tenant, request_id)
        # Also for a request that ended before: its last life may have died before this.
        await self._database.scrub()
        return Plan(recorded.holdings, 0)

    async def keep_promises(self) -> None:
        """Now and once a day: let go of what was kept of those who left, its time being over."""
        while True:
            try:
                await self.let_go()
            except Exception:  # tried again tomorrow, and told today
                self._log.exception("kept_too_long", alert=True)
            await asyncio.sleep(DAY_SECONDS)

    async def let_go(self) -> None:
        """Once, for everybody who left."""
        if not isinstance(self._data, KeepsForNow):
            return
        left = sa.select(erasures.c.tenant).where(erasures.c.ended_at.is_not(None)).distinct()
        async with self._database.reading() as session:
            tenants = list(await session.scalars(left))
        for tenant in tenants:
            await self._data.let_go(tenant)
        if tenants:
            await self._database.scrub()

    async def _begun(self, tenant: str, request_id: str, *, but: str) -> _Recorded:
        if running := await self._operations.running(tenant, but=but):
            raise Refused("PRIVACY_OPERATIONS_RUNNING", count=running)
        plan = await self.plan(tenant)
        row = {
            "tenant": tenant,
            "request_id": request_id,
            "holdings_json": encode(plan.holdings, tuple[Holding, ...]),
            "created_at": self._clock.now(),
        }
        async with self._database.writing() as tx:
            await tx.execute(insert_into(tx, erasures).values(row).on_conflict_do_nothing())
        recorded = await self._recorded(tenant, request_id)
        assert recorded is not None
        return recorded

    async def _recorded(self, tenant: str, request_id: str) -> _Recorded | None:
        query = sa.select(erasures).filter_by(tenant=tenant, request_id=request_id)
        async with self._database.reading() as session:
            row = (await session.execute(query)).mappings().first()
        if row is None:
            return None
        holdings: Sequence[Holding] = decode(row["holdings_json"], tuple[Holding, ...])
        return _Recorded(tuple(holdings), row["ended_at"])

    async def _end(self, tenant: str, request_id: str) -> None:
        change = sa.update(erasures).filter_by(tenant=tenant, request_id=request_id)
        async with self._database.writing() as tx:
            await tx.execute(change.values(ended_at=self._clock.now()))
