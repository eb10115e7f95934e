"""Databases: engines, sessions, one writer on SQLite, migrations.

Ledgers come in with a URL and their folder of migrations; they get sessions to read
and to write; what reads cannot write. On SQLite the writing engine has exactly one
connection, which orders the writers, and every transaction on it begins IMMEDIATE.
Nothing here knows a table.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from haidang.core.errors import Malformed, register
from sqlalchemy import Connection, DateTime, Dialect, event
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 30_000
WRITER_WAIT_SECONDS = 120
SCRUB_TRIES, SCRUB_PAUSE_SECONDS = 20, 0.1
READ_AT_ONCE = {"isolation_level": "AUTOCOMMIT", "skip_autocommit_rollback": True}
"""A query of SQLite is a transaction of its own in any case; without a rollback after each,
which is one more way to the driver's thread and back, it takes half as long."""
ENVIRONMENT = Path(__file__).parent / "schema"


LARGEST = 2**63

register(
    Malformed,
    {
        "VALUE_UNSTORABLE": (
            "A text with a NUL character, or a number of more than 64 bits, is kept nowhere here.",
            "Có đoạn chữ chứa ký tự rỗng (NUL) hoặc một số quá lớn; chúng tôi không lưu được.",
        ),
    },
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; SQLite keeps it naive, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive value; hand on UTC, naive for SQLite. Raises: ValueError."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant must be aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Hand out an aware UTC instant."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Any: DBAPI connections and records are untyped in SQLAlchemy's events.
def _on_sqlite_connect(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "secure_delete=ON",  # what is erased is overwritten, not only unlinked
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


# Any: as above.
def _only_reads(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


# Any: as above; *parameters* are those of one row, or with *many* of several.
def _only_storable(
    _connection: Any, _cursor: Any, _statement: str, parameters: Any, _context: Any, many: bool
) -> None:
    """Refuse what a driver would fail at, before it is asked. Raises: Malformed."""
    for row in parameters if many else (parameters,):
        if any(map(_is_unstorable, row.values() if isinstance(row, Mapping) else row)):
            raise Malformed("VALUE_UNSTORABLE")


def _is_unstorable(value: object) -> bool:
    """PostgreSQL keeps no NUL in a text, SQLite no integer of more than 64 bits."""
    if isinstance(value, str):
        return "\x00" in value
    return isinstance(value, int) and not -LARGEST <= value < LARGEST


def _engine(url: str, *, writes: bool) -> AsyncEngine:
    engine = _bare_engine(url, writes=writes)
    event.listen(engine.sync_engine, "before_cursor_execute", _only_storable)
    return engine


def _bare_engine(url: str, *, writes: bool) -> AsyncEngine:
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, hide_parameters=True)
    # Any: keyword arguments of the engine.
    options: dict[str, Any] = (
        {"pool_size": 1, "max_overflow": 0, "pool_timeout": WRITER_WAIT_SECONDS}
        if writes
        else {"pool_size": 4, "max_overflow": 4, **READ_AT_ONCE}
    )
    # Parameters are registrants' data; an error that quotes them would carry them into a log.
    engine = create_async_engine(url, hide_parameters=True, **options)
    event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
    if writes:
        # dbos asks for SERIALIZABLE and SQLAlchemy then resets the driver's own
        # isolation level: only an explicit BEGIN keeps a savepoint from committing.
        event.listen(engine.sync_engine, "begin", _begin_immediate)
    else:
        event.listen(engine.sync_engine, "connect", _only_reads)
    return engine


class Database:
    """One service's database: a writing engine, a reading one, and their sessions."""

    def __init__(self, url: str, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self.writer = writer
        self.reader = reader
        self._write_session = async_sessionmaker(writer, expire_on_commit=False)
        self._read_session = async_sessionmaker(reader, expire_on_commit=False)

    @classmethod
    async def open(cls, url: str, *, migrations: Mapping[str, Path] | Path) -> Database:
        """Open *url* and bring its schema to head.

        *migrations* is a folder holding `versions/`, or several by name; each name has
        a version table of its own. URLs: "sqlite+aiosqlite:///file",
        "postgresql+psycopg://...".
        """
        writer = _engine(url, writes=True)
        is_sqlite = writer.dialect.name == "sqlite"
        reader = (
            _engine(url, writes=False)
            if is_sqlite
            else writer.execution_options(postgresql_readonly=True)
        )
        folders = migrations if isinstance(migrations, Mapping) else {"ledger": migrations}
        for name, folder in folders.items():
            await _migrate(writer, name, folder)
        return cls(url, writer, reader)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries. Raises: DatabaseError when something is written through it."""
        async with self._read_session() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session in a transaction: commits at the end, rolls back on an error."""
        async with self._write_session() as session, session.begin():
            yield session

    async def scrub(self) -> None:
        """Let nothing of what was deleted linger in the log of earlier pages (SQLite).

        PostgreSQL reuses the space of dead rows by its own vacuum.
        """
        if self.writer.dialect.name != "sqlite":
            return
        for _ in range(SCRUB_TRIES):
            async with self.writer.connect() as connection:
                # Outside of a transaction: a checkpoint cannot be part of one.
                raw = await connection.get_raw_connection()
                assert raw.driver_connection is not None
                cursor = await raw.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                is_busy, _, _ = await cursor.fetchone()
            if not is_busy:
                return
            await asyncio.sleep(SCRUB_PAUSE_SECONDS)  # a reader still looks at earlier pages

    async def close(self) -> None:
        """Close every connection."""
        await self.writer.dispose()
        await self.reader.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of the SQLite database in *path*."""
    return f"sqlite+aiosqlite:///{path}"


async def _migrate(engine: AsyncEngine, name: str, folder: Path) -> None:
    config = Config(stdout=sys.stderr)
    config.set_main_option("script_location", str(ENVIRONMENT))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder / "versions"))

    def upgrade(connection: Connection) -> None:
        config.attributes.update(connection=connection, version_table=f"{name}_version")
        command.upgrade(config, "head")

    async with engine.begin() as connection:
        await connection.run_sync(upgrade)
