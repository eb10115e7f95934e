"""The payment suite on our bank over HTTP, against the running sandbox bank."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from haidang.core.testing.conformance import PaymentProviderSuite, journal_count
from haidang.portal.providers.bank import Bank

from tests.esign.house import free_port
from tests.portal.bank_house import BankHouse
from tests.portal.bank_house import bank as bank  # a fixture

pytestmark = pytest.mark.asyncio(loop_scope="module")


class TestBank(PaymentProviderSuite):
    """Effects are counted in the bank's own journal."""

    @pytest_asyncio.fixture(loop_scope="module")
    async def provider(self, bank: BankHouse) -> AsyncIterator[Bank]:
        self.bank, self.clients = bank, [bank.client()]
        yield self.clients[0]
        for client in self.clients:
            await client.close()

    def another(self, port: int | None = None) -> Bank:
        self.clients.append(self.bank.client(port=port))
        return self.clients[-1]

    async def count_effects(self, provider: Any, act: str) -> int | None:
        return journal_count(self.bank.store)

    async def reborn(self, provider: Any) -> Any:
        return self.another()

    async def unreachable(self) -> Any:
        return self.another(free_port())

    def a_declined_payer(self) -> str | None:
        return "declined-account"

    def losing_answer(self, provider: Any, act: str) -> AbstractAsyncContextManager[Any] | None:
        return _losing(self.bank)


@asynccontextmanager
async def _losing(bank: BankHouse) -> AsyncIterator[None]:
    """The bank carries out what reaches it, and its answers are cut off."""
    bank.wire.is_cut = True
    yield
    bank.wire.is_cut = False
