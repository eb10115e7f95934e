"""The registry's suite on our EPP provider, against the running sandbox registry over TLS."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from haidang.core.testing.conformance import RegistrySuite
from haidang.domains.providers.epp_settings import CAPABILITIES

from tests.domains.sandbox_house import SandboxHouse
from tests.esign.house import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

VERBS = {
    "create_contact": "contact.create",
    "create": "domain.create",
    "renew": "domain.renew",
    "delegate": "domain.update",
    "acknowledge": "poll",
}
TAKEN = "SELECT coalesce(max(seq), 0) - (SELECT count(*) FROM messages) FROM sqlite_sequence"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SandboxHouse]:
    """One registry for the module; every case takes names of its own."""
    async with SandboxHouse(tmp_path_factory.mktemp("registry"), max_sessions=400) as house:
        yield house


class TestEppRegistry(RegistrySuite):
    """Effects are counted in the registry's own journal."""

    capabilities = CAPABILITIES

    @pytest.fixture
    def provider(self, house: SandboxHouse) -> Any:
        self.house = house
        return house.client()

    async def waiting_message(self, provider: Any) -> str | None:
        """The only one in the queue: a registry hands out none but the oldest."""
        store = self.house.store
        client_id = self.house.credentials()["client_id"]
        while (waiting := store.waiting(client_id)[1]) is not None:
            store.dequeue(client_id, waiting.id)
        store.queue(client_id, "Tên miền sắp hết hạn", datetime.now(UTC))
        waiting = store.waiting(client_id)[1]
        return str(waiting.id) if waiting is not None else None

    async def count_effects(self, provider: Any, act: str) -> int | None:
        """Changes of names and contacts by the journal, acknowledgements by the queue."""
        if act != "acknowledge":
            return len(self.house.journal())
        (taken,) = self.house.store._db.execute(TAKEN).fetchone()
        return int(taken)

    async def reborn(self, provider: Any) -> Any:
        return self.house.client()

    async def unreachable(self) -> Any:
        return self.house.client(address=f"127.0.0.1:{free_port()}", server_name="localhost")

    def losing_answer(self, provider: Any, act: str) -> AbstractAsyncContextManager[Any] | None:
        return _losing(self.house, VERBS[act])


@asynccontextmanager
async def _losing(house: SandboxHouse, verb: str) -> AsyncIterator[None]:
    """The registry carries the next *verb* out and drops the connection."""
    house.order({"verb": verb, "when": "after-commit", "times": 1})
    yield
    house.order()
