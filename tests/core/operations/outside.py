"""A foreign party for tests: a file that counts effects and would gladly count one twice."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from haidang.core.errors import HaidangError, OutcomeUnknown, Refused, Unavailable
from haidang.core.ports.marks import EffectId, acts, reads


@dataclass(frozen=True)
class Order:
    """What is asked of the outside."""

    item: str
    amount: int


@dataclass(frozen=True)
class OrderReceipt:
    """What the outside answers."""

    number: int
    item: str


class Outside:
    """Takes orders. `moods` are errors to raise, one per act: before or after ordering."""

    def __init__(self, path: Path, moods: list[str] | None = None) -> None:
        self.path = path
        self.moods = moods or []
        self.asked = 0
        self.deaf_to = ""
        with self._open() as store:
            store.execute("CREATE TABLE IF NOT EXISTS orders (effect TEXT, item TEXT)")

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None)
        connection.execute("PRAGMA busy_timeout=10000")
        return connection

    @acts(find="find_order")
    async def order(self, order: Order, effect_id: EffectId) -> OrderReceipt:
        mood = self.moods.pop(0) if self.moods else ""
        if mood == "unavailable":
            raise Unavailable("BREAKER_OPEN", port="outside")
        if mood == "refused":
            raise Refused("EFFECT_NOT_OPEN")
        if mood == "lost-before" or order.item == self.deaf_to:
            raise OutcomeUnknown("ACT_CUT_OFF", port="outside")
        with self._open() as store:
            cursor = store.execute("INSERT INTO orders VALUES (?, ?)", (effect_id, order.item))
        if mood == "lost-after":
            raise OutcomeUnknown("ACT_CUT_OFF", port="outside")
        if mood == "defect-after":
            raise HaidangError("INTERNAL_DEFECT")
        if mood == "raises-after":
            raise KeyError("a defect of the provider")
        return OrderReceipt(cursor.lastrowid or 0, order.item)

    @reads
    async def find_order(self, order: Order, effect_id: EffectId) -> OrderReceipt | None:
        self.asked += 1
        with self._open() as store:
            row = store.execute(
                "SELECT rowid, item FROM orders WHERE effect = ?", (effect_id,)
            ).fetchone()
        return OrderReceipt(*row) if row else None

    def count(self) -> int:
        """How many orders were really taken."""
        with self._open() as store:
            return int(store.execute("SELECT count(*) FROM orders").fetchone()[0])
