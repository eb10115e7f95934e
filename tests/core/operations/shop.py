"""A small office over the outside, with a ledger of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.operations import Run, Tx, operation

from tests.core.operations.outside import Order, OrderReceipt, Outside

MIGRATIONS = Path(__file__).parent / "shop_migrations"

metadata = sa.MetaData()
purchases = sa.Table(
    "purchase",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("item", sa.String(80)),
    sa.Column("number", sa.Integer),
)


@dataclass(frozen=True)
class Buy:
    """Buy two things, one after the other."""

    first: str
    second: str


@dataclass(frozen=True)
class Bought:
    """The numbers of both orders and how many purchases the ledger held before."""

    numbers: tuple[int, ...]
    before: int


class Ledger:
    """Purchases; `moods` are errors of its settles."""

    def __init__(self, database: Database, moods: list[str] | None = None) -> None:
        self.database = database
        self.moods = moods or []

    async def count(self) -> int:
        async with self.database.reading() as session:
            return int(await session.scalar(sa.select(sa.func.count()).select_from(purchases)) or 0)

    async def must_hold(self, item: str) -> int:
        async with self.database.reading() as session:
            found = await session.scalar(sa.select(purchases.c.id).where(purchases.c.item == item))
        if found is None:
            raise Absent("OPERATION_ABSENT")
        return int(found)

    async def bought(self, tx: Tx, order: Order, receipt: OrderReceipt) -> int:
        await tx.execute(sa.insert(purchases).values(item=order.item, number=receipt.number))
        if self.moods and self.moods.pop(0) == "fails":
            raise RuntimeError("the ledger failed after writing")
        return receipt.number


class Shop:
    """The office."""

    def __init__(self, ledger: Ledger, outside: Outside) -> None:
        self.ledger = ledger
        self.outside = outside

    @operation("shop.buy/1", steps=("first", "second"))
    async def buy(self, run: Run, command: Buy) -> Bought:
        before = await run.read(self.ledger.count)
        first = await self._order(run, "first", command.first)
        second = await self._order(run, "second", command.second)
        return Bought((first, second), before)

    @operation("shop.look/1")
    async def look(self, run: Run, command: str) -> int:
        return await run.read(self.ledger.must_hold, command)

    @operation("shop.stumble/1")
    async def stumble(self, run: Run, command: str) -> int:
        raise ValueError(f"a defect of the office: {command}")

    async def _order(self, run: Run, name: str, item: str) -> int:
        return await run.effect(
            name,
            Order(item, 1),
            ask=self.outside.find_order,
            act=self.outside.order,
            settle=self.ledger.bought,
        )
