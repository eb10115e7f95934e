"""Durable journals on DBOS: the only room that imports it.

Launched inside `async main`, after ports, channels and the database exist; one per
process. Step outputs are sealed texts, so the journal holds no readable value.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from dbos import DBOS, DBOSConfig, SetWorkflowID
from dbos._datasource import AsyncSQLAlchemyDatasource
from dbos._serialization import DBOSPortableJSONSerializer
from haidang.core.database import BUSY_TIMEOUT_MS, Database

if TYPE_CHECKING:
    from haidang.core.operations.run import Tx

Body = Callable[[str], Awaitable[None]]
NOTIFICATION_POLL_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class JournalSettings:
    """Which journal this is. `executor` is `<service>-<n>`; `version` changes by decision only."""

    service: str
    executor: str
    version: str
    folder: Path


class Journals:
    """The process's durable runs: starts them, resumes them, sends them messages."""

    def __init__(self, datasource: AsyncSQLAlchemyDatasource, engine: sa.Engine | None) -> None:
        self._datasource = datasource
        self._engine = engine
        # Any: a workflow as dbos wraps it.
        self._workflows: dict[str, Any] = {}

    @classmethod
    async def open(
        cls, settings: JournalSettings, database: Database, bodies: dict[str, Body]
    ) -> Journals:
        """Register one workflow per kind, then launch; unfinished runs resume by themselves."""
        logging.getLogger("dbos").setLevel(logging.WARNING)
        serializer = DBOSPortableJSONSerializer()
        engine, url = _system_database(settings, database.url)
        config: DBOSConfig = {
            "name": f"haidang-{settings.service}".replace("_", "-"),
            "system_database_url": url,
            "application_version": settings.version,
            "executor_id": settings.executor,
            "serializer": serializer,
            "log_level": "WARNING",
            "enable_otlp": False,
            "notification_listener_polling_interval_sec": NOTIFICATION_POLL_SECONDS,
            "dbos_system_schema": f"journal_{settings.service}",
        }
        if engine is not None:
            config["system_database_engine"] = engine
        DBOS(config=config)
        datasource = await AsyncSQLAlchemyDatasource.create(
            database.url, engine=database.writer, serializer=serializer
        )
        journals = cls(datasource, engine)
        for kind, body in bodies.items():
            journals._workflows[kind] = DBOS.workflow(name=kind)(_named(body))
        DBOS.launch()
        return journals

    async def start(self, kind: str, name: str) -> None:
        """Start the run called *name* unless it was started before, here or elsewhere."""
        with SetWorkflowID(name):
            await DBOS.start_workflow_async(self._workflows[kind], name)

    async def send(self, name: str, topic: str, message: str) -> None:
        """Send *message* to a waiting run."""
        await DBOS.send_async(name, message, topic=topic)

    def journal(self) -> DurableJournal:
        """The journal of the run being carried out."""
        return DurableJournal(self._datasource)

    def close(self) -> None:
        """Stop; unfinished runs stay for the next life."""
        DBOS.destroy(destroy_registry=True)
        if self._engine is not None:
            self._engine.dispose()


class DurableJournal:
    """`Journal` on dbos steps and datasource transactions."""

    def __init__(self, datasource: AsyncSQLAlchemyDatasource) -> None:
        self._datasource = datasource

    async def step(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """A checkpointed step: at least once, recorded once."""

        async def run() -> str:
            return await body()

        return await DBOS.run_step_async({"name": name}, run)

    async def transaction(self, name: str, body: Callable[[Tx], Awaitable[str]]) -> str:
        """A datasource transaction: the body's rows and the checkpoint in one commit."""

        async def run() -> str:
            return await body(self._datasource.sql_session())

        return await self._datasource.run_tx_step_async({"name": name}, run)

    async def pause(self, topic: str, seconds: float) -> str | None:
        """A durable wait that a message ends."""
        message = await DBOS.recv_async(topic, timeout_seconds=seconds)
        return message if isinstance(message, str) else None


def _named(body: Body) -> Body:
    async def workflow(name: str) -> None:
        await body(name)

    return workflow


def _system_database(settings: JournalSettings, url: str) -> tuple[sa.Engine | None, str]:
    """The journal's own database: a WAL file beside the ledger, or a schema in PostgreSQL."""
    if not url.startswith("sqlite"):
        return None, url
    settings.folder.mkdir(parents=True, exist_ok=True)
    journal_url = f"sqlite:///{settings.folder / 'journal.sqlite'}"
    engine = sa.create_engine(journal_url)
    sa.event.listen(engine, "connect", _on_connect)
    return engine, journal_url


# Any: DBAPI connections and records are untyped in SQLAlchemy's events.
def _on_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = "IMMEDIATE"
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
