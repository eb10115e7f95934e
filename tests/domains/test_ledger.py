"""The ledger on both databases: every query names its tenant, every settle may come twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.ports.registry import Creation, CreationReceipt, Renewal, RenewalReceipt
from haidang.core.testing.memory import memory_database
from haidang.domains.fees import PriceLine
from haidang.domains.ledger import MIGRATIONS, DomainLedger, metadata
from haidang.domains.lifecycle import add_years
from haidang.domains.values import Action, Quote, Registration

from tests.builders import NOON, a_person, a_registration

QUOTE = Quote(
    "q1",
    "banhmi.vn",
    Action.RENEW,
    1,
    (PriceLine("Phí duy trì 1 năm", 350_000, "Thông tư", "secondary"),),
    NOON + timedelta(minutes=30),
    add_years(NOON, 1),
)


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    yield database
    await database.close()


@pytest.fixture
def ledger(database: Database) -> DomainLedger:
    return DomainLedger(database)


async def hold(
    ledger: DomainLedger, database: Database, name: str = "banhmi.vn", tenant: str = "t1"
) -> Registration:
    settle = ledger.holding(tenant, "operations/1", "fake", party=a_person(), unicode_name=name)
    creation = Creation(name, 1, "HD1", ("ns1.example.vn", "ns2.example.vn"), NOON)
    receipt = CreationReceipt(name, "D1-FAKE", NOON, add_years(NOON, 1))
    async with database.writing() as tx:
        return await settle.registered(tx, creation, receipt)


async def test_a_quote_reads_back_as_it_was_kept(ledger: DomainLedger) -> None:
    await ledger.keep_quote("t1", QUOTE)
    await ledger.keep_quote("t2", replace(QUOTE, term_expires_at=None))

    assert await ledger.quote("t1", "q1") == QUOTE
    assert (await ledger.quote("t2", "q1")).term_expires_at is None


async def test_another_tenants_quote_is_absent(ledger: DomainLedger) -> None:
    await ledger.keep_quote("t1", QUOTE)

    with pytest.raises(Absent) as refusal:
        await ledger.quote("t2", "q1")
    assert (refusal.value.reason, refusal.value.field) == ("QUOTE_ABSENT", "quote")


async def test_a_registration_reads_back_for_its_tenant_alone(
    ledger: DomainLedger, database: Database
) -> None:
    held = await hold(ledger, database)

    assert held == a_registration(party=a_person())
    assert await ledger.registration("t1", "banhmi.vn") == held
    with pytest.raises(Absent):
        await ledger.registration("t2", "banhmi.vn")
    assert await ledger.registrations("t2", after="", limit=9) == []


async def test_a_settle_that_comes_twice_changes_nothing(
    ledger: DomainLedger, database: Database
) -> None:
    assert await hold(ledger, database) == await hold(ledger, database)
    assert len(await ledger.registrations("t1", after="", limit=9)) == 1


async def test_a_name_given_anew_belongs_to_its_new_holder_alone(
    ledger: DomainLedger, database: Database
) -> None:
    await hold(ledger, database)
    await hold(ledger, database, tenant="t2")

    with pytest.raises(Absent):
        await ledger.registration("t1", "banhmi.vn")
    assert await ledger.registration("t2", "banhmi.vn")


async def test_names_are_listed_in_order_after_the_last_one_seen(
    ledger: DomainLedger, database: Database
) -> None:
    for name in ("c.com.vn", "a.com.vn", "b.com.vn"):
        await hold(ledger, database, name)
    await hold(ledger, database, "a1.com.vn", tenant="t2")

    first = await ledger.registrations("t1", after="", limit=2)
    rest = await ledger.registrations("t1", after=first[-1].name, limit=2)

    assert [one.name for one in (*first, *rest)] == ["a.com.vn", "b.com.vn", "c.com.vn"]


async def test_a_renewal_settles_for_its_tenant(ledger: DomainLedger, database: Database) -> None:
    held = await hold(ledger, database)
    later = add_years(held.expires_at, 1)
    renewal = Renewal(held.name, 1, held.expires_at, later)

    for _ in range(2):
        async with database.writing() as tx:
            found = await ledger.tenure("t1").renewed(tx, renewal, RenewalReceipt(held.name, later))

    assert found == replace(held, expires_at=later)
    assert await ledger.registration("t1", held.name) == found


async def test_another_tenants_term_is_never_moved(
    ledger: DomainLedger, database: Database
) -> None:
    held = await hold(ledger, database, tenant="t2")
    later = add_years(held.expires_at, 1)
    renewal = Renewal(held.name, 1, held.expires_at, later)

    async def settled() -> None:
        async with database.writing() as tx:
            await ledger.tenure("t1").renewed(tx, renewal, RenewalReceipt(held.name, later))

    with pytest.raises(sa.exc.NoResultFound):
        await settled()
    assert (await ledger.registration("t2", held.name)).expires_at == held.expires_at


async def test_the_migrations_make_the_very_tables_the_queries_ask(
    database: Database,
) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == {column.name for column in table.columns}
