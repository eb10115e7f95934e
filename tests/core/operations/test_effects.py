"""The life of one effect, walked in memory by the very code of `run.effect`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.database import Database
from haidang.core.errors import Absent, Refused, Unavailable
from haidang.core.operations import rows
from haidang.core.operations.effects import Patience
from haidang.core.operations.rows import EffectState
from haidang.core.testing.memory import MemoryRun, memory_database

from tests.core.operations import shop
from tests.core.operations.outside import Order, OrderReceipt, Outside
from tests.core.operations.shop import Bought, Buy, Ledger, Shop

BUY = Buy("rice", "salt")


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = await memory_database(tmp_path, shop.MIGRATIONS)
    yield opened
    await opened.close()


def a_shop(
    database: Database, tmp_path: Path, *moods: str, ledger: list[str] | None = None
) -> Shop:
    return Shop(Ledger(database, ledger), Outside(tmp_path / "outside.sqlite", list(moods)))


async def states(database: Database, run: MemoryRun) -> dict[str, EffectState]:
    async with database.reading() as session:
        found = await rows.effects_of(session, [run.id])
    return {effect.name: effect.state for effect in found[run.id]}


async def test_both_effects_are_settled_in_order(database: Database, tmp_path: Path) -> None:
    run = MemoryRun(database)

    assert await a_shop(database, tmp_path).buy(run, BUY) == Bought((1, 2), 0)
    assert await states(database, run) == {
        "first": EffectState.SETTLED,
        "second": EffectState.SETTLED,
    }


@pytest.mark.parametrize("mood", ["lost-before", "lost-after", "raises-after", "unavailable"])
async def test_a_lost_answer_is_asked_for_and_never_doubled(
    mood: str, database: Database, tmp_path: Path
) -> None:
    office = a_shop(database, tmp_path, mood)

    assert await office.buy(MemoryRun(database), BUY) == Bought((1, 2), 0)
    assert office.outside.count() == 2
    assert office.outside.asked == 1


async def test_a_first_try_of_the_life_that_wrote_the_intent_need_not_ask(
    database: Database, tmp_path: Path
) -> None:
    office = a_shop(database, tmp_path)

    await office.buy(MemoryRun(database), BUY)

    assert office.outside.asked == 0


async def test_a_later_life_asks_before_it_acts(database: Database, tmp_path: Path) -> None:
    office = a_shop(database, tmp_path)
    first = MemoryRun(database, life="first")
    await office.buy(first, BUY)
    until_first_intent = first.recorded[:2]  # the read and the first intent

    again = MemoryRun(database, life="second", recorded=until_first_intent, seal_key=first.seal_key)
    await office.buy(again, BUY)

    assert office.outside.count() == 2
    assert office.outside.asked == 2


async def test_a_definite_no_is_recorded_and_raised(database: Database, tmp_path: Path) -> None:
    run = MemoryRun(database)

    with pytest.raises(Refused):
        await a_shop(database, tmp_path, "refused").buy(run, BUY)

    assert await states(database, run) == {"first": EffectState.REFUSED}


async def test_a_refusal_after_a_lost_answer_may_be_the_echo_of_our_own_success(
    database: Database, tmp_path: Path
) -> None:
    outside = LateOutside(tmp_path / "outside.sqlite")
    office = Shop(Ledger(database), outside)

    assert await office.buy(MemoryRun(database), BUY) == Bought((1, 2), 0)
    assert outside.count() == 2


async def test_a_neighbours_own_defect_is_not_taken_for_a_no(
    database: Database, tmp_path: Path
) -> None:
    run = MemoryRun(database)
    office = a_shop(database, tmp_path, "defect-after")

    await office.buy(run, BUY)

    assert office.outside.count() == 2
    assert set((await states(database, run)).values()) == {EffectState.SETTLED}


class LateOutside(Outside):
    """Loses the first answer, is not yet seen when first asked, refuses the repeat."""

    async def order(self, order: Order, effect_id: str) -> OrderReceipt:
        if self.asked == 1 and effect_id.endswith("/first"):
            raise Refused("EFFECT_NOT_OPEN")
        if self.asked == 0 and effect_id.endswith("/first"):
            self.moods = ["lost-after"]
        return await super().order(order, effect_id)

    async def find_order(self, order: Order, effect_id: str) -> OrderReceipt | None:
        found = await super().find_order(order, effect_id)
        return None if self.asked == 1 else found

    find_order.__haidang_mark__ = ("reads", None)  # type: ignore[attr-defined]
    order.__haidang_mark__ = ("acts", "find_order")  # type: ignore[attr-defined]


async def test_what_was_never_sent_ends_after_the_stated_patience(
    database: Database, tmp_path: Path
) -> None:
    run = MemoryRun(database, patience=Patience(unavailable_seconds=5))
    office = a_shop(database, tmp_path, *["unavailable"] * 20)

    with pytest.raises(Unavailable):
        await office.buy(run, BUY)

    assert office.outside.count() == 0
    assert await states(database, run) == {"first": EffectState.REFUSED}


async def test_a_settle_that_fails_is_repeated_and_leaves_one_row(
    database: Database, tmp_path: Path
) -> None:
    office = a_shop(database, tmp_path, ledger=["fails", "", "fails"])

    assert await office.buy(MemoryRun(database), BUY) == Bought((1, 2), 0)
    assert await office.ledger.count() == 2


async def test_a_replay_reads_what_the_ledger_said_then(database: Database, tmp_path: Path) -> None:
    office = a_shop(database, tmp_path)
    first = MemoryRun(database)
    await office.buy(first, BUY)

    again = MemoryRun(database, recorded=first.recorded, seal_key=first.seal_key)

    assert await office.buy(again, BUY) == Bought((1, 2), 0)
    assert office.outside.count() == 2


async def test_a_query_that_refuses_refuses_the_operation(
    database: Database, tmp_path: Path
) -> None:
    with pytest.raises(Absent):
        await a_shop(database, tmp_path).look(MemoryRun(database), "gold")


async def test_an_effect_name_is_used_once(database: Database, tmp_path: Path) -> None:
    run = MemoryRun(database)
    office = a_shop(database, tmp_path)
    await office.buy(run, BUY)

    with pytest.raises(ValueError, match="twice"):
        await office.buy(run, BUY)


async def test_nothing_readable_is_journalled(database: Database, tmp_path: Path) -> None:
    run = MemoryRun(database)

    await a_shop(database, tmp_path).buy(run, Buy("secret-rice", "salt"))

    assert "secret-rice" not in "".join(text or "" for text in run.recorded)
    async with database.reading() as session:
        stored = (await session.execute(rows.effects.select())).mappings().all()
    assert all("secret-rice" not in row["intent"] for row in stored)


async def test_an_ask_that_is_not_the_acts_own_find_is_refused(
    database: Database, tmp_path: Path
) -> None:
    outside = Outside(tmp_path / "outside.sqlite")

    with pytest.raises(Refused) as refusal:
        await MemoryRun(database).effect(
            "first",
            Order("rice", 1),
            ask=outside.order,
            act=outside.order,
            settle=Ledger(database).bought,
        )

    assert refusal.value.reason == "ASK_DOES_NOT_MATCH"
