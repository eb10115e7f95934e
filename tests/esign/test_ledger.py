"""The ledger of papers on both databases: first come stays, settles may come twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent
from haidang.core.ports.signing import Enrolment, HeldCertificate, SigningSubject
from haidang.core.testing.memory import NOON, memory_database
from haidang.esign.ledger import MIGRATIONS, DocumentLedger, metadata
from haidang.esign.levels import Level
from haidang.esign.values import Assembly, AssemblyReceipt, PreparedDocument, StoredDocument

PAPER = StoredDocument("p1", "Hợp đồng.pdf", "ab" * 32, 1234, NOON)
SUBJECT = SigningSubject("Hộ kinh doanh Nhà Gió Biển", "077185003461", "Nguyễn Thị Hạnh")


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    yield database
    await database.close()


@pytest.fixture
def ledger(database: Database) -> DocumentLedger:
    return DocumentLedger(database)


async def completed(ledger: DocumentLedger, database: Database) -> StoredDocument:
    prepared = PreparedDocument("ab" * 32, "", "cd" * 32, 10, 20)
    settles = ledger.signing("t1", "s1", "Đã ký.pdf", "p1", NOON)
    assembly = Assembly(prepared, "", (), Level.B_LT, "banhmi.vn")
    async with database.writing() as tx:
        return await settles.completed(tx, assembly, AssemblyReceipt("cd" * 32, 4321, "{}"))


async def test_the_tables_are_as_the_migration_made_them(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_a_paper_reads_back_for_its_tenant_alone(ledger: DocumentLedger) -> None:
    assert await ledger.keep("t1", PAPER) == PAPER

    assert await ledger.document("t1", "p1") == PAPER
    assert await ledger.documents("t2", start=0, limit=9) == []
    with pytest.raises(Absent):
        await ledger.document("t2", "p1")


async def test_of_two_papers_at_once_under_one_id_the_first_stays(ledger: DocumentLedger) -> None:
    papers = [replace(PAPER, sha256=f"{number:064x}") for number in range(8)]

    answers = await asyncio.gather(*(ledger.keep("t1", paper) for paper in papers))

    assert set(answers) == {await ledger.document("t1", "p1")}


async def test_papers_are_listed_newest_first_page_by_page(ledger: DocumentLedger) -> None:
    for number in range(3):
        later = NOON + timedelta(minutes=number)
        await ledger.keep("t1", replace(PAPER, id=f"p{number}", created_at=later))

    first = await ledger.documents("t1", start=0, limit=2)
    rest = await ledger.documents("t1", start=2, limit=2)

    assert [paper.id for paper in (*first, *rest)] == ["p2", "p1", "p0"]


async def test_a_completion_that_settles_twice_leaves_one_paper(
    ledger: DocumentLedger, database: Database
) -> None:
    once = await completed(ledger, database)
    twice = await completed(ledger, database)

    assert once == twice == await ledger.document("t1", "s1")
    assert once.level is Level.B_LT
    assert len(await ledger.documents("t1", start=0, limit=9)) == 1


async def test_an_enrolment_that_settles_twice_leaves_one_key(
    ledger: DocumentLedger, database: Database
) -> None:
    receipt = HeldCertificate("k1", "CN=Gió Biển", "CN=CA", NOON, NOON, (), "ecdsa", "sandbox")
    settles = ledger.signing("t1", "s1", "Đã ký.pdf", "p1", NOON)
    for _ in range(2):
        async with database.writing() as tx:
            await settles.enrolled(tx, Enrolment("k1", SUBJECT), receipt)

    assert await ledger.key_names("t1") == ["k1"]
    assert await ledger.key_names("t2") == []
