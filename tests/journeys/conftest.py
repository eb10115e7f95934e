"""One platform for all the journeys, started once per worker."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.journeys.house import House, a_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("house") / "state") as running:
        yield running
