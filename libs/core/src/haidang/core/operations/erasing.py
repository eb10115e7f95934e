"""The operations' part of personal data: what was asked and answered, forgotten by its keys."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.operations import rows
from haidang.core.operations.codec import Seal
from haidang.core.operations.rows import OperationRow, OperationState, operations
from haidang.core.privacy import JSON, Holding

KIND = "operations"
READ_AT_ONCE = 100


class OperationsPart:
    """Operations of a tenant. *service* names whose they are in the kind of the holding.

    Ended operations keep their state and times; their commands, intents, receipts and
    results stay sealed for ever once the key is gone, also in the journal and in every
    copy of it.
    """

    def __init__(self, service: str, database: Database) -> None:
        self._kind = f"{service}.{KIND}"
        self._database = database

    async def running(self, tenant: str, *, but: str = "") -> int:
        """How many are under way, not counting the one called *but*."""
        query = sa.select(sa.func.count()).where(
            operations.c.tenant == tenant,
            operations.c.state == OperationState.RUNNING,
            operations.c.name != but,
        )
        async with self._database.reading() as session:
            return int(await session.scalar(query) or 0)

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Those that can still be opened."""
        query = sa.select(sa.func.count()).where(
            operations.c.tenant == tenant,
            operations.c.seal_key.is_not(None),
            operations.c.state != OperationState.RUNNING,
        )
        async with self._database.reading() as session:
            count = int(await session.scalar(query) or 0)
        vi = "Nội dung các yêu cầu đã gửi và câu trả lời"
        return (Holding(self._kind, count, vi, "The content of requests sent and their answers"),)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every operation: what it was, how it went, what was asked and answered."""
        found: list[JSON] = []
        after = ""
        while True:
            async with self._database.reading() as session:
                page = await rows.operations_of(session, tenant, after=after, limit=READ_AT_ONCE)
                effects = await rows.effects_of(session, [row.name for row in page])
            found += [_exported(row, effects[row.name]) for row in page]
            if len(page) < READ_AT_ONCE:
                return {self._kind: found}
            after = page[-1].name

    async def erase(self, tenant: str) -> None:
        """Forget the keys of all that ended."""
        ended = (operations.c.tenant == tenant, operations.c.state != OperationState.RUNNING)
        async with self._database.writing() as tx:
            await tx.execute(sa.update(operations).where(*ended).values(seal_key=None))


def _exported(row: OperationRow, effects: list[rows.EffectRow]) -> JSON:
    seal = Seal(row.seal_key)
    return {
        "name": row.name,
        "kind": row.kind,
        "state": str(row.state),
        "actor": row.actor,
        "created_at": row.created_at.isoformat(),
        "updated_at": row.updated_at.isoformat(),
        "effects": [
            {
                "name": one.name,
                "state": str(one.state),
                "started_at": one.started_at.isoformat(),
                "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            }
            for one in effects
        ],
        "asked": _opened(seal, row.command),
        "answered": _opened(seal, row.result) if row.result else None,
    }


def _opened(seal: Seal, sealed: str) -> JSON:
    """A sealed value as JSON; None once its key is forgotten."""
    try:
        opened: JSON = json.loads(seal.open(sealed))
    except Absent:
        return None
    return opened
