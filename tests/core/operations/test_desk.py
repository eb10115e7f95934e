"""The desk, on a real journal: starting, joining, refusing, resolving, erasing."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.database import Database
from haidang.core.errors import Absent, Malformed, Refused
from haidang.core.operations.desk import Desk, DeskSettings, Operation
from haidang.core.operations.effects import Patience
from haidang.core.operations.rows import EffectState, OperationState
from haidang.core.tenancy import Actor
from haidang.core.testing.memory import memory_database

from tests.core.operations import shop
from tests.core.operations.outside import Outside
from tests.core.operations.shop import Bought, Buy, Ledger, Shop

OWNER = Actor(id="owner", tenant="t1", grants=frozenset({"*"}))
STRANGER = Actor(id="other", tenant="t2", grants=frozenset({"*"}))
BUY = Buy("rice", "salt")
REQUEST = "7b6f0a54-8d52-4b8e-9a52-6a3f4c1b2d10"


class House:
    """A desk with its office, database and outside."""

    def __init__(self, desk: Desk, office: Shop, database: Database) -> None:
        self.desk, self.office, self.database = desk, office, database

    async def buys(
        self, command: Buy = BUY, request_id: str = REQUEST, actor: Actor = OWNER
    ) -> Operation:
        started = await self.desk.start(
            self.office.buy, command, request_id=request_id, actor=actor
        )
        return await self.desk.wait(started.name, tenant=actor.tenant, timeout_seconds=10)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    database = await memory_database(tmp_path, shop.MIGRATIONS)
    office = Shop(Ledger(database), Outside(tmp_path / "outside.sqlite"))
    patience = Patience(first_seconds=0.05, longest_seconds=0.1, unavailable_seconds=0.2)
    desk = await Desk.open(DeskSettings("shop", tmp_path, patience=patience), database, [office])
    yield House(desk, office, database)
    await desk.close()
    await database.close()


async def test_an_operation_ends_with_its_result(house: House) -> None:
    ended = await house.buys()

    assert ended.state is OperationState.SUCCEEDED
    assert ended.result == Bought((1, 2), 0)
    assert [effect.name for effect in ended.effects] == ["first", "second"]


async def test_the_same_request_twenty_times_at_once_is_one_operation(house: House) -> None:
    ended = await asyncio.gather(*(house.buys() for _ in range(20)))

    assert {operation.name for operation in ended} == {ended[0].name}
    assert house.office.outside.count() == 2


async def test_the_same_request_with_another_body_is_refused(house: House) -> None:
    await house.buys()

    with pytest.raises(Malformed) as refusal:
        await house.buys(Buy("gold", "salt"))

    assert refusal.value.reason == "IDEMPOTENCY_MISMATCH"
    assert house.office.outside.count() == 2


async def test_two_bodies_at_once_agree_on_one_winner(house: House) -> None:
    ended = await asyncio.gather(
        *(house.buys(Buy("rice", str(n % 2))) for n in range(10)), return_exceptions=True
    )

    refused = [e for e in ended if isinstance(e, Malformed)]
    assert len(refused) == 5
    assert house.office.outside.count() == 2


async def test_the_same_request_id_of_two_tenants_is_two_operations(house: House) -> None:
    mine, theirs = await house.buys(), await house.buys(actor=STRANGER)

    assert mine.name != theirs.name
    assert house.office.outside.count() == 4


async def test_another_tenants_operation_is_absent(house: House) -> None:
    mine = await house.buys()

    with pytest.raises(Absent):
        await house.desk.get(mine.name, tenant="t2")


async def test_a_request_id_that_is_no_uuid_is_refused(house: House) -> None:
    with pytest.raises(Malformed) as refusal:
        await house.buys(request_id="1")

    assert refusal.value.field == "request_id"


async def test_a_refused_effect_fails_the_operation_with_its_reason(house: House) -> None:
    house.office.outside.moods = ["refused"]

    ended = await house.buys()

    assert ended.state is OperationState.FAILED
    assert ended.error is not None
    assert ended.error.reason == "EFFECT_NOT_OPEN"


async def test_a_defect_of_the_office_ends_as_internal_without_its_text(house: House) -> None:
    started = await house.desk.start(
        house.office.stumble, "private words", request_id=REQUEST, actor=OWNER
    )
    ended = await house.desk.wait(started.name, tenant="t1", timeout_seconds=10)

    assert ended.error is not None
    assert ended.error.reason == "INTERNAL_DEFECT"
    assert "private words" not in str(ended.error.facts)


async def test_an_operator_can_say_that_an_unknown_effect_happened(house: House) -> None:
    house.office.outside.deaf_to = "rice"
    started = await house.desk.start(house.office.buy, BUY, request_id=REQUEST, actor=OWNER)
    while not await is_unsettled(house, started.name):
        await asyncio.sleep(0.05)

    await house.desk.resolve(
        started.name, "first", tenant="t1", happened=True, receipt={"number": 77, "item": "rice"}
    )
    ended = await house.desk.wait(started.name, tenant="t1", timeout_seconds=10)

    assert ended.result == Bought((77, 1), 0)


async def is_unsettled(house: House, name: str) -> bool:
    operation = await house.desk.get(name, tenant="t1")
    return any(effect.state is EffectState.UNSETTLED for effect in operation.effects)


async def test_only_an_open_effect_can_be_resolved(house: House) -> None:
    ended = await house.buys()

    with pytest.raises(Refused):
        await house.desk.resolve(ended.name, "first", tenant="t1", happened=False)


async def test_an_erased_operation_keeps_its_state_and_loses_its_content(house: House) -> None:
    ended = await house.buys()

    await house.desk.erase(ended.name, tenant="t1")
    erased = await house.desk.get(ended.name, tenant="t1")

    assert erased.state is OperationState.SUCCEEDED
    assert erased.result is None
    assert erased.error is not None
    assert erased.error.reason == "OPERATION_ERASED"


async def test_operations_are_listed_by_tenant_page_by_page(house: House) -> None:
    for n in range(3):
        await house.buys(request_id=str(uuid.UUID(int=n)))
    await house.buys(actor=STRANGER)

    first = await house.desk.page(tenant="t1", limit=2)
    rest = await house.desk.page(tenant="t1", after=first[-1].name, limit=2)

    assert len(first) == 2
    assert len(rest) == 1
