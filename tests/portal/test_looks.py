"""Looks at personal data on both databases: a reason first, an hour long, never changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Malformed
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, memory_database
from haidang.portal.accounts.values import Role, Session
from haidang.portal.looks import EVERYBODY, MIGRATIONS, LookLedger, Looks
from haidang.portal.looks.ledger import metadata

OPERATOR = Session("s1", "op1", "Người Vận Hành", "own", Role.OWNER, True, NOON, NOON, NOON)
OTHER = Session("s2", "op2", "Ca Đêm", "own", Role.OWNER, True, NOON, NOON, NOON)
WHY = "Chủ cơ sở gọi hỏi về trang web"


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def looks(database: Database, clock: FakeClock) -> Looks:
    return Looks(LookLedger(database), clock)


async def test_the_table_is_as_the_migration_made_it(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_without_a_reason_there_is_no_look(looks: Looks) -> None:
    assert not await looks.look(OPERATOR, "t1", "tenant")
    assert await looks.ledger.page(None, 9) == []


async def test_a_reason_is_the_operators_own_for_one_business_and_an_hour(
    looks: Looks, clock: FakeClock
) -> None:
    await looks.give_reason(OPERATOR, "t1", f"  {WHY}  ")

    assert await looks.look(OPERATOR, "t1", "tenant")
    assert not await looks.look(OTHER, "t1", "tenant")
    assert not await looks.look(OPERATOR, "t2", "tenant")
    clock.advance(3601)
    assert not await looks.look(OPERATOR, "t1", "tenant")
    assert [(one.what, one.why) for one in await looks.of_tenant("t1", None)] == [("tenant", WHY)]


@pytest.mark.parametrize(
    ("why", "reason"), [("xem", "LOOK_REASON_SHORT"), ("x" * 401, "LOOK_REASON_LONG")]
)
async def test_a_reason_is_a_few_words_and_not_a_book(looks: Looks, why: str, reason: str) -> None:
    with pytest.raises(Malformed) as refusal:
        await looks.give_reason(OPERATOR, "t1", why)

    assert (refusal.value.reason, refusal.value.field) == (reason, "why")


async def test_a_business_is_shown_lists_it_was_on_and_no_earlier_ones(
    looks: Looks, clock: FakeClock
) -> None:
    await looks.give_reason(OPERATOR, EVERYBODY, WHY)
    await looks.look(OPERATOR, EVERYBODY, "tenants")
    clock.advance(60)
    joined = clock.now()
    assert await looks.of_tenant("t1", joined) == []

    await looks.look(OPERATOR, EVERYBODY, "tenants")

    assert [one.what for one in await looks.of_tenant("t1", joined)] == ["tenants"]


async def test_the_audit_goes_page_by_page_newest_first(looks: Looks, clock: FakeClock) -> None:
    await looks.give_reason(OPERATOR, "t1", WHY)
    for _ in range(4):
        clock.advance(1)
        await looks.look(OPERATOR, "t1", "timeline")

    first = await looks.ledger.page(None, 3)
    rest = await looks.ledger.page((first[-1].at, first[-1].id), 3)

    times = [one.at for one in (*first, *rest)]
    assert times == sorted(times, reverse=True)
    assert len(set(times)) == 5


async def test_an_erasure_takes_the_words_and_leaves_that_somebody_looked(
    looks: Looks, clock: FakeClock
) -> None:
    await looks.give_reason(OPERATOR, "t1", "Chị Lan gọi hỏi về trang web")
    await looks.look(OPERATOR, "t1", "tenant")
    await looks.give_reason(OPERATOR, "t2", WHY)
    exported = await looks.ledger.export("t1")
    assert (await looks.ledger.holdings("t1"))[0].count == 2

    await looks.ledger.erase("t1")

    assert "Chị Lan" in str(exported)
    assert "Chị Lan" not in str(await looks.ledger.page(None, 9))
    assert len(await looks.ledger.page(None, 9)) == 3
    assert (await looks.ledger.holdings("t1"))[0].count == 0
    assert (await looks.ledger.holdings("t2"))[0].count == 1
