"""Names and quotes as personal data, on both databases: a held name stays, with its law."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, memory_database
from haidang.domains.ledger import MIGRATIONS, quotes, registrations
from haidang.domains.personal import NamesPart, QuotesPart

OVER_AFTER = timedelta(days=40)
PARTY = '{"name": "Nguyễn Thị Lan", "phone": "+84901234567"}'


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    yield database
    await database.close()


def names(database: Database, now: datetime = NOON) -> NamesPart:
    return NamesPart(database, FakeClock(now), OVER_AFTER)


async def a_name(
    database: Database, name: str, expires_at: datetime, *, tenant: str = "t1"
) -> None:
    row = {
        "tenant": tenant,
        "name": name,
        "unicode_name": name,
        "operation": "operations/1",
        "registry": "sandbox",
        "roid": "1",
        "party": PARTY,
        "nameservers": "ns1.vn ns2.vn",
        "created_at": NOON,
        "expires_at": expires_at,
    }
    async with database.writing() as tx:
        await tx.execute(sa.insert(registrations).values(row))


async def test_a_held_name_is_kept_by_law_until_its_term_and_named_with_it(
    database: Database,
) -> None:
    await a_name(database, "gio-bien.vn", datetime(2027, 11, 23, 5, tzinfo=UTC))
    await a_name(database, "cua-nguoi-khac.vn", NOON, tenant="t2")

    (held,) = await names(database).holdings("t1")
    await names(database).erase("t1")

    assert held.kept is not None
    assert (held.count, held.kept.until) == (1, datetime(2027, 11, 23).date())
    assert "147/2024" in held.kept.citation
    assert held.kept.confidence == "unconfirmed"
    exported = await names(database).export("t1")
    assert "Nguyễn Thị Lan" in str(exported)
    assert "nguoi-khac" not in str(exported)


async def test_a_name_that_is_over_is_erased_and_one_in_its_grace_is_not(
    database: Database,
) -> None:
    await a_name(database, "vua-het.vn", NOON - timedelta(days=39))
    await a_name(database, "da-qua.vn", NOON - timedelta(days=41))

    found = await names(database).holdings("t1")
    await names(database).erase("t1")

    assert [(one.kind, one.count) for one in found] == [
        ("domains.names", 1),
        ("domains.names.over", 1),
    ]
    left = await names(database).export("t1")
    assert "vua-het.vn" in str(left)
    assert "da-qua.vn" not in str(left)


async def test_a_kept_name_is_let_go_of_once_it_is_over(database: Database) -> None:
    await a_name(database, "gio-bien.vn", NOON + timedelta(days=1))
    await names(database).erase("t1")

    await names(database, NOON + timedelta(days=42)).let_go("t1")

    assert await names(database).export("t1") == {"domains.names": []}


async def test_quotes_are_erased_of_their_tenant_alone(database: Database) -> None:
    part = QuotesPart(database)
    async with database.writing() as tx:
        for tenant in ("t1", "t2"):
            row = {"tenant": tenant, "id": "q1", "name": "a.vn", "action": "REGISTER", "years": 1}
            await tx.execute(sa.insert(quotes).values(**row, lines="[]", expires_at=NOON))

    await part.erase("t1")
    await part.erase("t1")

    assert [one.count for one in await part.holdings("t1")] == [0]
    assert [one.count for one in await part.holdings("t2")] == [1]
    assert await part.export("t1") == {"domains.quotes": []}
