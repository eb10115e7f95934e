"""For the whole suite: `--soak`, a database of each kind, one platform for all journeys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from haidang.core.database import sqlite_url
from hypothesis import settings

from tests.journeys.house import House, a_house
from tests.postgres import a_database, a_server

settings.register_profile("suite", derandomize=True, deadline=None)
settings.register_profile("soak", max_examples=5000, deadline=None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--soak", action="store_true", help="the long form of tests that have one")


def pytest_configure(config: pytest.Config) -> None:
    """The same examples on every run of the suite; others, and many, in the long form."""
    settings.load_profile("soak" if config.getoption("--soak") else "suite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A PostgreSQL server for every test that asks."""
    with a_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, once of each kind."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "ledger.sqlite")
    return a_database(request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A running platform, started once per worker."""
    with a_house(tmp_path_factory.mktemp("house") / "state") as running:
        yield running
