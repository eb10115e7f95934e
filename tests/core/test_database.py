"""Databases: aware instants, one writer, migrations that come once."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database, Instant, sqlite_url
from haidang.core.errors import Malformed
from sqlalchemy.exc import DatabaseError, StatementError

from tests.core.operations import shop

metadata = sa.MetaData()
moments = sa.Table("moment", metadata, sa.Column("at", Instant))


async def a_database(folder: Path) -> Database:
    database = await Database.open(sqlite_url(folder / "x.sqlite"), migrations=shop.MIGRATIONS)
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.create_all)
    return database


async def test_an_instant_comes_back_aware_and_in_utc(tmp_path: Path) -> None:
    database = await a_database(tmp_path)
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=7)))
    async with database.writing() as tx:
        await tx.execute(sa.insert(moments).values(at=noon))
    async with database.reading() as session:
        found = await session.scalar(sa.select(moments.c.at))
    await database.close()

    assert found == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


async def test_a_naive_instant_is_refused(tmp_path: Path) -> None:
    database = await a_database(tmp_path)
    with pytest.raises(StatementError):
        async with database.writing() as tx:
            await tx.execute(sa.insert(moments).values(at=datetime(2026, 1, 1)))
    await database.close()


async def test_fifty_writers_at_once_all_write(tmp_path: Path) -> None:
    database = await a_database(tmp_path)

    async def write() -> None:
        async with database.writing() as tx:
            await tx.execute(sa.insert(moments).values(at=datetime.now(UTC)))
            await asyncio.sleep(0)

    await asyncio.gather(*(write() for _ in range(50)))
    async with database.reading() as session:
        count = await session.scalar(sa.select(sa.func.count()).select_from(moments))
    await database.close()

    assert count == 50


async def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    database = await a_database(tmp_path)
    with pytest.raises(RuntimeError):
        async with database.writing() as tx:
            await tx.execute(sa.insert(moments).values(at=datetime.now(UTC)))
            raise RuntimeError("half-way")
    async with database.reading() as session:
        count = await session.scalar(sa.select(sa.func.count()).select_from(moments))
    await database.close()

    assert count == 0


async def test_opening_twice_migrates_once(tmp_path: Path) -> None:
    await (await a_database(tmp_path)).close()
    await (await a_database(tmp_path)).close()


async def test_an_error_of_the_database_does_not_quote_what_was_written(tmp_path: Path) -> None:
    database = await a_database(tmp_path)
    with pytest.raises(DatabaseError) as failed:
        async with database.writing() as tx:
            await tx.execute(sa.text("INSERT INTO absent VALUES (:name)"), {"name": "Nguyễn Lan"})
    await database.close()

    assert "Lan" not in str(failed.value)


async def test_what_reads_cannot_write(url: str) -> None:
    database = await Database.open(url, migrations=shop.MIGRATIONS)
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.create_all)
    with pytest.raises(DatabaseError):
        async with database.reading() as session:
            await session.execute(sa.insert(moments).values(at=datetime.now(UTC)))
    async with database.writing() as tx:
        await tx.execute(sa.insert(moments).values(at=datetime.now(UTC)))
    async with database.reading() as session:
        count = await session.scalar(sa.select(sa.func.count()).select_from(moments))
    await database.close()

    assert count == 1


async def test_a_reader_left_half_way_keeps_nobody_from_writing(url: str) -> None:
    database = await Database.open(url, migrations=shop.MIGRATIONS)
    async with database.writer.begin() as connection:
        await connection.run_sync(metadata.create_all)
    async with database.reading() as session:
        await session.scalar(sa.select(sa.func.count()).select_from(moments))
        async with database.writing() as tx:
            await tx.execute(sa.insert(moments).values(at=datetime.now(UTC)))
        seen = await session.scalar(sa.select(sa.func.count()).select_from(moments))
    await database.close()

    assert seen == 1


@pytest.mark.parametrize("value", ["a\x00b", "\x00", 2**63, -(10**30)])
async def test_what_a_driver_would_fail_at_is_refused_by_name(url: str, value: object) -> None:
    database = await Database.open(url, migrations=shop.MIGRATIONS)
    for session in (database.reading, database.writing):
        with pytest.raises(Malformed) as refusal:
            async with session() as opened:
                await opened.execute(sa.text("SELECT 1 WHERE 1 = :value"), {"value": value})
        assert refusal.value.reason == "VALUE_UNSTORABLE"
    async with database.reading() as opened:
        largest = await opened.scalar(sa.select(sa.literal(2**63 - 1, sa.BigInteger)))
    await database.close()

    assert largest == 2**63 - 1
