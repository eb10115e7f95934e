"""The operator's view on both databases: what stands where, why, and what an operator says."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from haidang.api.operations.v1 import operations_pb2, operations_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.clock import SystemClock
from haidang.core.errors import Absent, Malformed, Refused
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.faults import FaultsOnDemand
from haidang.core.operations.operator_servicer import METHODS, OperatorServicer
from haidang.core.operations.oversight import Oversight, Standing, Word
from haidang.core.server import Door
from haidang.core.tenancy import Actor, TokenVerifier, may
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import memory_database

from tests.core.doors import NOW, PUBLIC_KEY, a_token, bearing
from tests.core.operations import shop
from tests.core.operations.outside import Outside
from tests.core.operations.shop import Bought, Buy, Ledger, Shop

OWNER = Actor(id="owner", tenant="t1", grants=frozenset({"*"}))
STRANGER = Actor(id="other", tenant="t2", grants=frozenset({"*"}))
OPERATOR = Actor("operator:u1", "operator", frozenset({"operations.operate"}))
PERSONAL = "0901234567"
FAULT = "shop.buy/1/first:act-raises"
Metadata = operations_pb2.OperationMetadata


class House:
    """A desk that loses patience at once, its office and the operator's view of it."""

    def __init__(self, desk: Desk, office: Shop, faults: Path) -> None:
        self.desk, self.office, self.faults = desk, office, faults
        self.oversight = Oversight(desk, SystemClock())

    async def begins(self, item: str = "rice", *, actor: Actor = OWNER, n: int = 0) -> str:
        started = await self.desk.start(
            self.office.buy,
            Buy(item, PERSONAL),
            request_id=str(uuid.UUID(int=n)),
            actor=actor,
        )
        return started.name

    async def troubled(self) -> str:
        """An operation that needs an operator: its first act was done, and its answer lost."""
        self.faults.mkdir(exist_ok=True)
        (self.faults / "at").write_text(f"{FAULT}\n")
        name = await self.begins()
        async with asyncio.timeout(10):
            while await self.standing(name) is not Standing.NEEDS_OPERATOR:
                await asyncio.sleep(0.02)
        return name

    async def standing(self, name: str) -> Standing:
        return (await self.oversight.timeline(name)).seen.standing

    async def says(self, name: str, *, happened: bool, receipt: object = None, id: int = 1) -> None:
        word = Word(
            name, "first", happened, json.dumps(receipt) if receipt else "", str(uuid.UUID(int=id))
        )
        await self.oversight.resolve(word, actor="operator:u1")

    async def result(self, name: str) -> object:
        return (await self.desk.wait(name, tenant="t1", timeout_seconds=10)).result


@pytest.fixture
async def house(tmp_path: Path, url: str) -> AsyncIterator[House]:
    database = await memory_database(tmp_path, shop.MIGRATIONS, url=url)
    office = Shop(Ledger(database), Outside(tmp_path / "outside.sqlite"))
    patience = Patience(first_seconds=0.05, longest_seconds=60, unknown_seconds=0)
    desk = await Desk.open(
        DeskSettings("shop", tmp_path, patience=patience),
        database,
        [office],
        faults=FaultsOnDemand(frozenset(), tmp_path / "faults"),
    )
    yield House(desk, office, tmp_path / "faults")
    await desk.close()
    await database.close()


async def test_an_act_that_raised_and_cannot_be_asked_for_needs_an_operator(house: House) -> None:
    name = await house.troubled()

    timeline = await house.oversight.timeline(name)

    (first,) = timeline.seen.effects
    assert (first.name, first.tries, first.has_receipt) == ("first", 1, False)
    assert timeline.seen.failure is not None
    assert timeline.seen.failure["reason"] == "ACT_UNFORESEEN"
    assert timeline.waiting == ("second",)
    schema = json.loads(timeline.shapes["first"])
    assert set(schema["properties"]) == {"number", "item"}


async def test_an_operator_who_says_it_happened_lets_the_operation_end(house: House) -> None:
    name = await house.troubled()

    await house.says(name, happened=True, receipt={"number": 77, "item": "rice"})

    assert await house.result(name) == Bought((77, 2), 0)
    (said,) = (await house.oversight.timeline(name)).resolutions
    assert (said.effect, said.happened, said.actor) == ("first", True, "operator:u1")


async def test_an_operator_who_says_it_did_not_happen_lets_it_be_tried_again(house: House) -> None:
    name = await house.troubled()

    await house.says(name, happened=False)

    # The outside had done it: the operator erred, and only the operator could know.
    assert await house.result(name) == Bought((2, 3), 0)


async def test_the_same_word_twice_is_said_once(house: House) -> None:
    name = await house.troubled()

    await house.says(name, happened=False)
    await house.says(name, happened=False)
    await house.result(name)

    assert house.office.outside.count() == 3
    assert len((await house.oversight.timeline(name)).resolutions) == 1


async def test_a_second_tap_with_another_id_allows_no_further_act(house: House) -> None:
    name = await house.troubled()
    house.office.outside.moods = ["lost-after"]

    await asyncio.gather(
        *(house.desk.resolve(name, "first", tenant="t1", happened=False) for _ in range(2))
    )
    await house.result(name)

    # One act before, one the first word allowed, and the second effect's own.
    assert house.office.outside.count() == 3


async def test_one_request_id_cannot_say_two_things(house: House) -> None:
    name = await house.troubled()
    await house.says(name, happened=False)

    with pytest.raises(Malformed) as refusal:
        await house.says(name, happened=True, receipt={"number": 1, "item": "rice"})

    assert refusal.value.reason == "IDEMPOTENCY_MISMATCH"


async def test_a_receipt_of_the_wrong_shape_is_refused_at_its_field(house: House) -> None:
    name = await house.troubled()
    wrong: list[object] = [None, {"number": "many", "item": "rice"}, {"item": "rice"}, [1]]

    for receipt in wrong:
        with pytest.raises(Malformed) as refusal:
            await house.says(name, happened=True, receipt=receipt)

        assert refusal.value.reason == "RECEIPT_INVALID"
        assert (refusal.value.field or "").startswith("receipt")
        assert "rice" not in str(refusal.value.facts)
    await house.says(name, happened=True, receipt={"number": 5, "item": "rice"}, id=2)
    assert await house.result(name) == Bought((5, 2), 0)


async def test_what_is_not_waiting_cannot_be_resolved_and_leaves_no_record(house: House) -> None:
    name = await house.begins("beans")
    await house.result(name)

    with pytest.raises(Refused):
        await house.says(name, happened=False)

    assert (await house.oversight.timeline(name)).resolutions == ()


async def test_an_operation_that_is_not_there_is_absent(house: House) -> None:
    with pytest.raises(Absent):
        await house.oversight.timeline("operations/none")


async def test_operations_of_every_tenant_are_listed_oldest_first_page_by_page(
    house: House,
) -> None:
    names = [await house.begins(f"item-{n}", actor=(OWNER, STRANGER)[n % 2], n=n) for n in range(5)]

    first = await house.oversight.page(standing=None, tenant="", after=None, limit=3)
    last = first[-1].row
    rest = await house.oversight.page(
        standing=None, tenant="", after=(last.created_at, last.name), limit=3
    )

    assert [one.row.name for one in (*first, *rest)] == names
    theirs = await house.oversight.page(standing=None, tenant="t2", after=None, limit=9)
    assert {one.row.tenant for one in theirs} == {"t2"}


async def test_the_overview_counts_what_stands_where_and_since_when(house: House) -> None:
    done = await house.begins("beans", n=1)
    await house.result(done)
    troubled = await house.troubled()

    overview = await house.oversight.overview()

    assert {key: one.count for key, one in overview.counted.items()} == {
        Standing.SUCCEEDED: 1,
        Standing.NEEDS_OPERATOR: 1,
    }
    row = (await house.oversight.timeline(troubled)).seen.row
    assert overview.counted[Standing.NEEDS_OPERATOR].oldest_at == row.created_at
    assert len(overview.hours) == 24
    assert sum(hour.started for hour in overview.hours) == 2
    assert sum(hour.succeeded for hour in overview.hours) == 1
    assert 0 < max(hour.longest_seconds for hour in overview.hours) < 60


async def test_a_list_of_one_standing_holds_only_that(house: House) -> None:
    await house.result(await house.begins("beans", n=1))
    await house.troubled()

    for standing in Standing:
        found = await house.oversight.page(standing=standing, tenant="", after=None, limit=9)

        held = {Standing.SUCCEEDED, Standing.NEEDS_OPERATOR}
        assert [one.standing for one in found] == ([standing] if standing in held else [])


def a_door() -> Door:
    return Door(METHODS, TokenVerifier(PUBLIC_KEY, "shop"), clock=FakeClock(NOW))


@pytest.fixture
async def wire(house: House) -> AsyncIterator[int]:
    server = grpc.aio.server(interceptors=[a_door()])
    operations_pb2_grpc.add_OperatorServiceServicer_to_server(
        OperatorServicer(house.oversight), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(0)


def stub(port: int, actor: Actor) -> Any:  # Any: generic in what it awaits
    return operations_pb2_grpc.OperatorServiceStub(
        channel(f"127.0.0.1:{port}", bearing(a_token(actor, "shop")))
    )


async def test_an_operator_sees_and_resolves_over_the_wire(house: House, wire: int) -> None:
    name, operator = await house.troubled(), stub(wire, OPERATOR)

    listed = await operator.ListAllOperations(
        operations_pb2.ListAllOperationsRequest(state=Metadata.STATE_NEEDS_OPERATOR)
    )
    timeline = await operator.GetTimeline(operations_pb2.GetTimelineRequest(name=name))
    await operator.ResolveEffect(
        operations_pb2.ResolveEffectRequest(
            name=name,
            effect="first",
            happened=True,
            receipt_json='{"number": 7, "item": "rice"}',
            request_id=str(uuid.uuid4()),
        )
    )

    assert [one.name for one in listed.operations] == [name]
    assert (listed.operations[0].at_effect, listed.operations[0].reason) == (
        "first",
        "ACT_UNFORESEEN",
    )
    assert timeline.effects[0].is_open
    assert not timeline.effects[0].is_recording
    assert "number" in timeline.effects[0].receipt_schema_json
    assert "hỏi lại" in timeline.effects[0].message_vi
    assert await house.result(name) == Bought((7, 2), 0)


async def test_nothing_an_operator_is_shown_holds_what_was_asked(house: House, wire: int) -> None:
    name, operator = await house.troubled(), stub(wire, OPERATOR)

    shown = [
        await operator.GetTimeline(operations_pb2.GetTimelineRequest(name=name)),
        await operator.ListAllOperations(operations_pb2.ListAllOperationsRequest()),
        await operator.GetOverview(operations_pb2.GetOverviewRequest()),
    ]

    assert all(PERSONAL.encode() not in message.SerializeToString() for message in shown)


async def test_a_page_token_goes_on_and_a_broken_one_is_refused(house: House, wire: int) -> None:
    names = [await house.begins(f"item-{n}", n=n) for n in range(3)]
    operator = stub(wire, OPERATOR)

    first = await operator.ListAllOperations(operations_pb2.ListAllOperationsRequest(page_size=2))
    rest = await operator.ListAllOperations(
        operations_pb2.ListAllOperationsRequest(page_size=2, page_token=first.next_page_token)
    )

    assert [one.name for one in (*first.operations, *rest.operations)] == names
    assert not rest.next_page_token
    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await operator.ListAllOperations(
            operations_pb2.ListAllOperationsRequest(page_token="moi-trang")
        )
    assert error_from(refusal.value).reason == "PAGE_TOKEN_INVALID"


async def test_an_owner_with_every_grant_is_no_operator(house: House, wire: int) -> None:
    owner = stub(wire, OWNER)
    for method in METHODS:
        name = method.rpartition("/")[2]
        request = getattr(operations_pb2, f"{name}Request")()

        with pytest.raises(grpc.aio.AioRpcError) as refusal:
            await getattr(owner, name)(request)

        assert refusal.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_every_grant_does_not_include_the_operators() -> None:
    assert not may(OWNER, "operations.operate")
    assert may(OPERATOR, "operations.operate")
