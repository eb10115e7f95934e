"""Personal data of a service on both databases: seen, handed out, forgotten with its journals."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from haidang.api.privacy.v1 import privacy_pb2, privacy_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.database import Database
from haidang.core.erasures import Erasures
from haidang.core.errors import Malformed, Refused
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.faults import FaultsOnDemand
from haidang.core.operations.rows import OperationState
from haidang.core.privacy import JSON, Holding, Keeping, Parts, retention
from haidang.core.privacy_servicer import METHODS, PrivacyServicer
from haidang.core.server import Door
from haidang.core.tenancy import Actor, TokenVerifier
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, memory_database

from tests.core.doors import NOW, PUBLIC_KEY, a_token, bearing
from tests.core.operations import shop
from tests.core.operations.outside import Outside
from tests.core.operations.shop import Buy, Ledger, Shop

OWNER = Actor("lan", "t1", frozenset({"data.write"}))
PHONE, NAME = "+84901234567", "Nguyễn Thị Lan"
LAW = Keeping("Vì luật.", "By law.", "Luật 88/2015/QH13", "secondary", date(2036, 11, 23))
ID, OTHER_ID = (str(uuid.UUID(int=n)) for n in (7, 8))


class Drawer:
    """Notes of tenants in a table; *dies* is how often erasing is cut off half-way."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.dies = 0

    async def put(self, tenant: str, note: str) -> None:
        async with self.database.writing() as tx:
            await tx.execute(sa.text("INSERT INTO note VALUES (:t, :n)"), {"t": tenant, "n": note})

    async def notes(self, tenant: str) -> list[str]:
        query = sa.text("SELECT note FROM note WHERE tenant = :t")
        async with self.database.reading() as session:
            return list(await session.scalars(query, {"t": tenant}))

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        count = len(await self.notes(tenant))
        return (
            Holding("shop.notes", count, "Ghi chú", "Notes"),
            Holding("shop.bills", 1, "Hóa đơn", "Bills", LAW),
        )

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        return {"shop.notes": await self.notes(tenant)}

    async def erase(self, tenant: str) -> None:
        async with self.database.writing() as tx:
            await tx.execute(sa.text("DELETE FROM note WHERE tenant = :t"), {"t": tenant})
            await tx.execute(sa.text("DELETE FROM purchase"))  # of whom, the shop does not note
        if self.dies:
            self.dies -= 1
            raise ConnectionResetError


class House:
    """A service of its own: desk, drawer, erasures."""

    def __init__(self, desk: Desk, office: Shop, drawer: Drawer, folder: Path) -> None:
        self.desk, self.office, self.drawer, self.folder = desk, office, drawer, folder
        self.erasures = Erasures("shop", desk.database, Parts((drawer,)), FakeClock(NOON))

    async def buys(self, *, tenant: str = "t1", n: int = 0, item: str = NAME) -> str:
        """A purchase of personal things, ended."""
        actor = Actor("lan", tenant, frozenset({"*"}))
        started = await self.desk.start(
            self.office.buy, Buy(item, PHONE), request_id=str(uuid.UUID(int=n)), actor=actor
        )
        await self.desk.wait(started.name, tenant=tenant, timeout_seconds=2)
        return started.name


@pytest.fixture
async def house(tmp_path: Path, url: str) -> AsyncIterator[House]:
    database = await memory_database(tmp_path, shop.MIGRATIONS, url=url)
    async with database.writing() as tx:
        await tx.execute(sa.text("CREATE TABLE note (tenant TEXT, note TEXT)"))
    # The outside has its own store and its own law: it is not asked to forget.
    outside = tmp_path.parent / f"{tmp_path.name}-outside.sqlite"
    office = Shop(Ledger(database), Outside(outside))
    desk = await Desk.open(
        DeskSettings("shop", tmp_path, patience=Patience(unknown_seconds=0)),
        database,
        [office],
        faults=FaultsOnDemand(frozenset(), tmp_path / "faults"),
    )
    yield House(desk, office, Drawer(database), tmp_path)
    await desk.close()
    await database.close()


async def test_a_plan_says_what_goes_and_what_the_law_keeps_and_changes_nothing(
    house: House,
) -> None:
    await house.drawer.put("t1", PHONE)
    await house.buys()

    plan = await house.erasures.plan("t1")

    assert [(one.kind, one.count, one.kept) for one in plan.holdings] == [
        ("shop.notes", 1, None),
        ("shop.bills", 1, LAW),
        ("shop.operations", 1, None),
    ]
    assert plan.running == 0
    assert await house.drawer.notes("t1") == [PHONE]


async def test_an_export_holds_what_was_asked_and_answered(house: House) -> None:
    await house.drawer.put("t1", PHONE)
    await house.buys()
    await house.buys(tenant="t2", n=1, item="của người khác")

    text = "".join([piece async for piece in house.erasures.export("t1")])

    found = json.loads(text)
    assert found["shop.notes"] == [PHONE]
    (operation,) = found["shop.operations"]
    assert operation["asked"] == {"first": NAME, "second": PHONE}
    assert operation["answered"]["numbers"]
    assert [one["state"] for one in operation["effects"]] == ["SETTLED", "SETTLED"]
    assert "người khác" not in text


async def test_an_erasure_forgets_rows_and_keys_of_its_tenant_alone(house: House) -> None:
    await house.drawer.put("t1", PHONE)
    await house.drawer.put("t2", "của người khác")
    name, other = await house.buys(), await house.buys(tenant="t2", n=1)

    done = await house.erasures.erase("t1", ID)

    assert [(one.kind, one.count) for one in done.holdings if one.kept is None] == [
        ("shop.notes", 1),
        ("shop.operations", 1),
    ]
    assert await house.drawer.notes("t1") == []
    assert await house.drawer.notes("t2") == ["của người khác"]
    erased = await house.desk.get(name, tenant="t1")
    assert erased.state is OperationState.SUCCEEDED
    assert erased.error is not None
    assert erased.error.reason == "OPERATION_ERASED"
    assert (await house.desk.get(other, tenant="t2")).result is not None
    assert [one.kind for one in (await house.erasures.plan("t1")).holdings] == ["shop.bills"]


async def test_after_an_erasure_no_file_holds_a_personal_value(house: House) -> None:
    await house.drawer.put("t1", f"{NAME} {PHONE}")
    await house.buys()
    if house.desk.database.url.startswith("sqlite"):
        assert found_in(house.folder, PHONE)  # the drawer's note, in the clear

    await house.erasures.erase("t1", ID)

    assert not found_in(house.folder, PHONE)
    assert not found_in(house.folder, NAME)
    async with house.desk.database.reading() as session:
        for table in ("operation", "effect", "note"):
            rows = (await session.execute(sa.text(f"SELECT * FROM {table}"))).all()
            assert PHONE not in str(rows)
            assert NAME not in str(rows)


def found_in(folder: Path, text: str) -> list[Path]:
    """Files below *folder* that hold *text*, logs of earlier pages included."""
    return [
        path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()
    ]


async def test_what_is_under_way_refuses_and_nothing_is_erased(house: House) -> None:
    await house.drawer.put("t1", PHONE)
    (house.folder / "faults").mkdir()
    (house.folder / "faults" / "at").write_text("shop.buy/1/first:act-raises\n")
    name = await house.buys()

    with pytest.raises(Refused) as refusal:
        await house.erasures.erase("t1", ID)

    assert refusal.value.facts == {"count": 1}
    assert await house.drawer.notes("t1") == [PHONE]
    assert (await house.erasures.plan("t1")).running == 1
    # But the operation on whose behalf it is asked is let be.
    await house.erasures.erase("t1", ID, but=name)
    assert await house.drawer.notes("t1") == []


async def test_the_same_request_again_answers_alike_and_erases_nothing_newer(
    house: House,
) -> None:
    await house.drawer.put("t1", PHONE)
    first = await house.erasures.erase("t1", ID)
    await house.drawer.put("t1", "mới")

    assert await house.erasures.erase("t1", ID) == first
    assert await house.drawer.notes("t1") == ["mới"]
    await house.erasures.erase("t1", OTHER_ID)
    assert await house.drawer.notes("t1") == []


async def test_cut_off_half_way_the_next_call_goes_on_and_tells_the_whole(house: House) -> None:
    await house.drawer.put("t1", PHONE)
    name = await house.buys()
    house.drawer.dies = 1
    with pytest.raises(ConnectionResetError):
        await house.erasures.erase("t1", ID)

    done = await house.erasures.erase("t1", ID)

    assert ("shop.notes", 1) in [(one.kind, one.count) for one in done.holdings]
    assert (await house.desk.get(name, tenant="t1")).error is not None


async def test_a_request_id_that_is_none_is_refused(house: House) -> None:
    with pytest.raises(Malformed):
        await house.erasures.erase("t1", "mot")


@pytest.fixture
async def wire(house: House) -> AsyncIterator[int]:
    door = Door(METHODS, TokenVerifier(PUBLIC_KEY, "shop"), clock=FakeClock(NOW))
    server = grpc.aio.server(interceptors=[door])
    privacy_pb2_grpc.add_PrivacyServiceServicer_to_server(PrivacyServicer(house.erasures), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield port
    await server.stop(0)


async def test_over_the_wire_the_tenant_is_the_credentials(house: House, wire: int) -> None:
    await house.drawer.put("t1", PHONE * 9000)
    await house.drawer.put("t2", "của người khác")
    to_shop = channel(f"127.0.0.1:{wire}", bearing(a_token(OWNER, "shop")))
    owner = privacy_pb2_grpc.PrivacyServiceStub(to_shop)

    plan = await owner.PlanErasure(privacy_pb2.PlanErasureRequest())
    pieces = [
        one.chunk async for one in owner.ExportPersonalData(privacy_pb2.ExportPersonalDataRequest())
    ]
    done = await owner.ErasePersonalData(privacy_pb2.ErasePersonalDataRequest(request_id=ID))

    assert (plan.holdings[1].kept.citation, plan.holdings[1].kept.until) == (
        "Luật 88/2015/QH13",
        "2036-11-23",
    )
    assert len(pieces) > 1
    assert json.loads(b"".join(pieces))["shop.notes"] == [PHONE * 9000]
    assert done == plan
    assert await house.drawer.notes("t2") == ["của người khác"]
    await to_shop.close()


async def test_a_key_without_the_grant_sees_and_erases_nothing(house: House, wire: int) -> None:
    editor = Actor("binh", "t1", frozenset({"shop.write", "domains.write"}))
    to_shop = channel(f"127.0.0.1:{wire}", bearing(a_token(editor, "shop")))
    stub = privacy_pb2_grpc.PrivacyServiceStub(to_shop)

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await stub.ErasePersonalData(privacy_pb2.ErasePersonalDataRequest(request_id=ID))

    assert error_from(refusal.value).reason == "NOT_PERMITTED"
    await to_shop.close()


def test_retention_reads_the_row_in_force(tmp_path: Path) -> None:
    table = tmp_path / "retention.toml"
    table.write_text(
        '[[bill]]\nvalid_from = 2017-01-01\nvalid_to = 2026-01-01\nyears = 5\ncitation = "cũ"\n'
        'confidence = "secondary"\nwhy_vi = "a"\nwhy_en = "b"\n'
        '[[bill]]\nvalid_from = 2026-01-01\nyears = 10\ncitation = "mới"\n'
        'confidence = "unconfirmed"\nwhy_vi = "a"\nwhy_en = "b"\n'
    )

    old = retention(table, "bill", date(2025, 12, 31)).keeping(date(2024, 2, 29))
    new = retention(table, "bill", date(2026, 1, 1)).keeping(date(2026, 11, 23))

    assert (old.citation, old.until) == ("cũ", date(2029, 2, 28))
    assert (new.citation, new.until) == ("mới", date(2036, 11, 23))
    with pytest.raises(LookupError):
        retention(table, "bill", date(2016, 1, 1))


class Keeper(Drawer):
    """A drawer whose bills the law keeps, until a test says their time is over."""

    async def let_go(self, tenant: str) -> None:
        await self.put(f"let-go-{tenant}", "bills")


async def test_what_the_law_kept_is_let_go_of_those_who_left_alone(house: House) -> None:
    keeper = Keeper(house.drawer.database)
    erasures = Erasures("shop", house.desk.database, Parts((keeper,)), FakeClock(NOON))
    await house.drawer.put("t1", PHONE)
    await house.drawer.put("t2", "của người khác")
    await erasures.erase("t1", ID)
    await house.drawer.put("t1", "mới, sau khi rời")

    await erasures.let_go()

    assert await house.drawer.notes("let-go-t1") == ["bills"]
    assert await house.drawer.notes("let-go-t2") == []
    assert await house.drawer.notes("t1") == ["mới, sau khi rời"]
