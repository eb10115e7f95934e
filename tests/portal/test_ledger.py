"""The ledger of journeys on both databases: each settle moves its own row, and may come twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.core.testing.memory import NOON, memory_database
from haidang.portal.ledger import MIGRATIONS, JourneyLedger, metadata
from haidang.portal.values import Journey, JourneyState, Step, StepReceipt

STEP = Step("t1", "j1", "domains.register", "{}")
DONG = 3_000_000_000
"""More than 32 bits hold."""


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    yield database
    await database.close()


@pytest.fixture
def ledger(database: Database) -> JourneyLedger:
    return JourneyLedger(database)


async def opened(ledger: JourneyLedger, database: Database, id: str, tenant: str = "t1") -> None:
    async with database.writing() as tx:
        settles = ledger.of(tenant, id, "bánhmì.vn", NOON)
        await settles.quoted(tx, STEP, StepReceipt('{"name": "quotes/q1"}'))


async def test_the_tables_are_as_the_migration_made_them(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_a_journey_begins_once_and_for_its_tenant_alone(
    ledger: JourneyLedger, database: Database
) -> None:
    for _ in range(2):
        await opened(ledger, database, "j1")

    begun = Journey("j1", "bánhmì.vn", JourneyState.RUNNING, NOON)
    assert await ledger.journey("t1", "j1") == begun
    with pytest.raises(Absent):
        await ledger.journey("t2", "j1")


async def test_a_journey_that_settles_every_step_twice_is_online_with_its_papers(
    ledger: JourneyLedger, database: Database
) -> None:
    await opened(ledger, database, "j1")
    await opened(ledger, database, "j2")
    settles = ledger.of("t1", "j1", "bánhmì.vn", NOON + timedelta(minutes=1))
    for _ in range(2):
        async with database.writing() as tx:
            held = AuthorizationReceipt("a1", DONG, NOON)
            await settles.authorized(tx, Authorization("p", DONG, "HD"), held)
            await settles.registered(tx, STEP, StepReceipt('{"domain": "banhmi.vn"}'))
            taken = CaptureReceipt("a1", DONG, NOON)
            assert await settles.captured(tx, Capture("a1", DONG), taken) == DONG
            await settles.published(tx, STEP, StepReceipt('{"name": "deployments/d1"}'))
            await settles.declared(tx, STEP, StepReceipt('{"name": "documents/p1"}'))

    assert await ledger.journey("t1", "j1") == Journey(
        "j1",
        "bánhmì.vn",
        JourneyState.ONLINE,
        NOON,
        NOON + timedelta(minutes=1),
        registration_json='{"domain": "banhmi.vn"}',
        deployment_json='{"name": "deployments/d1"}',
        declaration_json='{"name": "documents/p1"}',
        authorized_dong=DONG,
        captured_dong=DONG,
    )
    assert (await ledger.journey("t1", "j2")).state is JourneyState.RUNNING


async def test_money_given_back_is_noted(ledger: JourneyLedger, database: Database) -> None:
    await opened(ledger, database, "j1")
    settles = ledger.of("t1", "j1", "bánhmì.vn", NOON)
    async with database.writing() as tx:
        given = ReleaseReceipt("a1", DONG, NOON)
        assert await settles.released(tx, Release("a1"), given) == DONG

    assert (await ledger.journey("t1", "j1")).released_dong == DONG
