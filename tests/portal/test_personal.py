"""Journeys and people as personal data: what was paid stays, the rest goes. Both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from haidang.core.database import Database
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS
from haidang.core.ports.payment import Authorization, AuthorizationReceipt
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.ledger import MIGRATIONS, JourneyLedger
from haidang.portal.personal import JourneysPart
from haidang.portal.personal.ledger import TenantLedger
from haidang.portal.renewals.ledger import MIGRATIONS as RENEWALS
from haidang.portal.values import Step, StepReceipt

from tests.portal.web.house import a_house

STEP = Step("t1", "j1", "register", "{}")
PHONE = "+84901234567"


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    folders = {"operations": OPERATIONS, "ledger": MIGRATIONS, "renewals": RENEWALS}
    database = await Database.open(url, migrations=folders)
    yield database
    await database.close()


async def a_journey(database: Database, id: str, *, paid: int, tenant: str = "t1") -> None:
    settles = JourneyLedger(database).of(tenant, id, "gio-bien.vn", NOON)
    async with database.writing() as tx:
        await settles.quoted(tx, STEP, StepReceipt("{}"))
        if paid:
            held = AuthorizationReceipt("a1", paid, NOON)
            await settles.authorized(tx, Authorization("p", paid, "HD"), held)
        registered = StepReceipt(f'{{"registrant": {{"phone": "{PHONE}"}}}}')
        await settles.registered(tx, STEP, registered)


async def test_an_erased_journey_keeps_what_the_books_need_and_nothing_else(
    database: Database,
) -> None:
    part = JourneysPart(database, FakeClock(NOON))
    await a_journey(database, "j1", paid=525_000)
    await a_journey(database, "j2", paid=0)
    await a_journey(database, "j3", paid=1, tenant="t2")
    assert PHONE in str(await part.export("t1"))

    before = await part.holdings("t1")
    await part.erase("t1")
    await part.erase("t1")

    assert [(one.kind, one.count) for one in before] == [
        ("portal.journeys", 2),
        ("portal.payments", 1),
    ]
    kept = before[1].kept
    assert kept is not None
    assert kept.until == date(2036, 11, 23)
    left = await part.export("t1")
    assert PHONE not in str(left)
    assert [one["authorized_dong"] for one in left["portal.payments"]] == [525_000]  # type: ignore[index, union-attr, call-overload]  # JSON
    assert len(left["portal.journeys"]) == 1  # type: ignore[arg-type]  # a list
    assert PHONE in str(await part.export("t2"))
    assert [one.count for one in await part.holdings("t1") if one.kept is None] == [0]


async def test_payments_are_let_go_of_after_their_years(database: Database) -> None:
    await a_journey(database, "j1", paid=525_000)
    later = FakeClock(NOON + timedelta(days=11 * 366))

    await JourneysPart(database, FakeClock(NOON)).let_go("t1")
    assert (await JourneysPart(database, later).export("t1"))["portal.payments"]
    await JourneysPart(database, later).let_go("t1")

    assert not (await JourneysPart(database, later).export("t1"))["portal.payments"]


async def test_businesses_are_listed_with_their_people_page_by_page(tmp_path: Path) -> None:
    async with a_house(tmp_path) as house:
        ledger = TenantLedger(house.database)
        names = ["Quán Bến Cá", "Vườn Tiêu", "Gió Biển"]
        owners = [await house.owner(name) for name in names]
        await house.editor(owners[0])
        for_one = await ledger.tenant(owners[0].session.tenant)

        first = await ledger.page(after=None, limit=2)
        rest = await ledger.page(after=(first[-1].created_at, first[-1].id), limit=9)
        found = await ledger.page(after=None, limit=9, search="vườn tiêu".title())

        assert for_one is not None
        assert (for_one.name, for_one.users) == ("Quán Bến Cá", 2)
        assert {one.name for one in (*first, *rest)} >= set(names)
        assert len(first) + len(rest) == await ledger.count()
        assert [one.name for one in found] == ["Vườn Tiêu"]
        assert await ledger.tenant("khong-co") is None
