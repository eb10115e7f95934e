"""An effect log: what a provider without a foreign party remembers by effect id."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Iterable
from pathlib import Path

from haidang.core.clock import Clock

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS receipt (effect_id TEXT PRIMARY KEY, value TEXT);
"""
BUSY_SECONDS = 30


class EffectLog:
    """One SQLite file: a journal line and a receipt per effect, in one transaction."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._clock = clock
        self._db = sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._one_at_a_time = threading.Lock()
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("PRAGMA secure_delete=ON")
        self._db.executescript(SCHEMA)

    async def receipt(self, effect_id: str) -> str | None:
        """What was noted under *effect_id*."""
        return await asyncio.to_thread(self._receipt, effect_id)

    async def note(self, effect: str, effect_id: str, value: str, *, domain: str = "") -> str:
        """Note an effect, durably; if it was noted before, what was noted then."""
        return await asyncio.to_thread(self._note, effect, effect_id, value, domain)

    async def forget(self, operations: Iterable[str]) -> None:
        """Forget the receipts of *operations*; that they had effects stays written."""
        await asyncio.to_thread(self._forget, tuple(operations))

    def close(self) -> None:
        """Give the file back, after what is being written."""
        with self._one_at_a_time:
            self._db.close()

    def _receipt(self, effect_id: str) -> str | None:
        with self._one_at_a_time:
            return self._found(effect_id)

    def _note(self, effect: str, effect_id: str, value: str, domain: str) -> str:
        operation = effect_id.rpartition("/")[0]
        row = (effect, domain, operation, self._clock.now().isoformat())
        with self._one_at_a_time:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                held = self._found(effect_id)
                if held is None:
                    self._db.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
                    self._db.execute("INSERT INTO receipt VALUES (?, ?)", (effect_id, value))
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
        return value if held is None else held

    def _forget(self, operations: tuple[str, ...]) -> None:
        with self._one_at_a_time:
            for operation in operations:
                # A name is hexadecimal and holds no wild card.
                like = (f"{operation}/%",)
                self._db.execute("DELETE FROM receipt WHERE effect_id LIKE ?", like)
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _found(self, effect_id: str) -> str | None:
        query = "SELECT value FROM receipt WHERE effect_id = ?"
        row = self._db.execute(query, (effect_id,)).fetchone()
        return row[0] if row else None
