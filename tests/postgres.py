"""A PostgreSQL server of our own for tests, patient where the machine is busy."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

TRIES = 4
"""pgserver gives a start ten seconds, which a loaded machine may exceed."""


@contextlib.contextmanager
def a_server() -> Iterator[str]:
    """The URL of a fresh server; skips by name where the package is absent.

    Its folder is none of pytest's: each session of pytest, one inside a test too, closes
    its root to other users, and as root the server runs as a user of its own.
    """
    pgserver = pytest.importorskip("pgserver", reason="pgserver is not installed")
    for left in reversed(range(TRIES)):
        folder = Path(tempfile.mkdtemp(prefix="haidang-pg-"))
        try:
            server = pgserver.get_server(folder, cleanup_mode="delete")
            break
        except subprocess.SubprocessError:
            _stop(folder)
            if not left:
                raise
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    _hurry(url)
    yield url
    server.cleanup()


def _hurry(server: str) -> None:
    """Wait for no disk: our processes are killed in tests, PostgreSQL and the machine never."""
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(sa.text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(sa.text("SELECT pg_reload_conf()"))
    engine.dispose()


def _stop(folder: Path) -> None:
    """End a server that was given up on and may have started since."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        os.kill(int((folder / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


def a_database(server: str) -> str:
    """The URL of an empty database on *server*."""
    name = f"t{uuid.uuid4().hex[:12]}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return server.replace("/postgres?", f"/{name}?")
