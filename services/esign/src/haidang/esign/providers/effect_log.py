"""An effect log: what a provider without a foreign party remembers by effect id."""

from __future__ import annotations

import sqlite3
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
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.executescript(SCHEMA)

    def receipt(self, effect_id: str) -> str | None:
        """What was noted under *effect_id*."""
        row = self._db.execute(
            "SELECT value FROM receipt WHERE effect_id = ?", (effect_id,)
        ).fetchone()
        return row[0] if row else None

    def note(self, effect: str, effect_id: str, value: str, *, domain: str = "") -> str:
        """Note an effect; if it was noted before, what was noted then."""
        self._db.execute("BEGIN IMMEDIATE")
        held = self.receipt(effect_id)
        if held is None:
            operation = effect_id.rpartition("/")[0]
            row = (effect, domain, operation, self._clock.now().isoformat())
            self._db.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
            self._db.execute("INSERT INTO receipt VALUES (?, ?)", (effect_id, value))
        self._db.execute("COMMIT")
        return value if held is None else held
