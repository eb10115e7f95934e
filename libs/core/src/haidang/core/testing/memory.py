"""An in-memory Run for tests of offices: same effects, same rows, no dbos.

`MemoryRun` walks an office method with the very code of `run.effect`; only the journal
is a list. Hand the list of an interrupted run to the next one to replay it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from haidang.core.database import Database, sqlite_url
from haidang.core.operations.codec import Seal, new_seal_key
from haidang.core.operations.desk import MIGRATIONS
from haidang.core.operations.effects import Patience
from haidang.core.operations.faults import Faults, NoFaults
from haidang.core.operations.run import Run, RunFacts, Tx
from haidang.core.testing.clocks import FakeClock

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Noon in Vietnam on a Monday."""


class MemoryJournal:
    """A journal that is a list of recorded texts, in order."""

    def __init__(self, database: Database, clock: FakeClock, recorded: list[str | None]) -> None:
        self._database = database
        self._clock = clock
        self._recorded = recorded
        self._position = 0

    async def step(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """Replay the record, or do and record."""
        if self._position < len(self._recorded):
            self._position += 1
            return self._recorded[self._position - 1] or ""
        return self._record(await body())

    async def transaction(self, name: str, body: Callable[[Tx], Awaitable[str]]) -> str:
        """Replay the record, or do in a transaction and record."""
        if self._position < len(self._recorded):
            self._position += 1
            return self._recorded[self._position - 1] or ""
        async with self._database.writing() as tx:
            text = await body(tx)
        return self._record(text)

    async def pause(self, topic: str, seconds: float) -> str | None:
        """Move the clock instead of waiting; no message comes."""
        self._clock.advance(seconds)
        return None

    def _record(self, text: str) -> str:
        self._recorded.append(text)
        self._position += 1
        return text


class MemoryRun(Run):
    """A Run over a `MemoryJournal`. `recorded` is what it wrote down so far."""

    def __init__(
        self,
        database: Database,
        *,
        tenant: str = "t1",
        actor: str = "owner",
        now: datetime = NOON,
        operation: str = "operations/0123456789abcdef0123456789abcdef",
        kind: str = "test/1",
        recorded: list[str | None] | None = None,
        seal_key: str | None = None,
        life: str = "first",
        faults: Faults | None = None,
        patience: Patience | None = None,
    ) -> None:
        self.recorded: list[str | None] = [] if recorded is None else recorded
        self.seal_key = seal_key or new_seal_key()
        self.clock = FakeClock(now)
        super().__init__(
            RunFacts(operation, kind, tenant, actor, now, life),
            MemoryJournal(database, self.clock, self.recorded),
            Seal(self.seal_key),
            self.clock,
            faults=faults or NoFaults(),
            patience=patience or Patience(),
        )


async def memory_database(
    folder: Path, migrations: Path | None = None, *, url: str = ""
) -> Database:
    """A fresh database with the desk's tables and a ledger's: SQLite in *folder*, or at *url*."""
    folders = {"operations": MIGRATIONS, **({"ledger": migrations} if migrations else {})}
    return await Database.open(url or sqlite_url(folder / "ledger.sqlite"), migrations=folders)
