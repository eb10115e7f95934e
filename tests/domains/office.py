"""The two offices over fakes, at noon."""

from __future__ import annotations

from dataclasses import replace

from haidang.core.database import Database
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import MemoryRun
from haidang.domains.ledger import DomainLedger
from haidang.domains.registrar import Registrar, RegistrarPolicy
from haidang.domains.values import Action, RegisterName, RenewName
from haidang.domains.zonekeeper import ZoneKeeper

from tests.builders import NOON, a_party
from tests.domains.fakes import FakeDnsHost, FakeRegistry

NAME = "phở-lan.vn"
ASCII = "xn--ph-lan-cp8b.vn"


class Office:
    """A registrar over fakes, at noon."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.registry, self.dns_host = FakeRegistry(), FakeDnsHost()
        self.ledger = ledger = DomainLedger(database)
        policy = RegistrarPolicy("fake")
        self.clock = FakeClock(NOON)
        self.registrar = Registrar(ledger, self.registry, self.dns_host, self.clock, policy)
        self.zonekeeper = ZoneKeeper(ledger, self.dns_host)

    async def command(self, tenant: str = "t1", **changes: object) -> RegisterName:
        quote = await self.registrar.quote(tenant, NAME, Action.REGISTER, 2)
        valid = RegisterName(NAME, 2, a_party(), quote.id, quote.total_dong)
        return replace(valid, **changes)  # type: ignore[arg-type]  # a test's one change

    def run(self, number: int = 1, **how: object) -> MemoryRun:
        return MemoryRun(self.database, operation=f"operations/{number:032x}", **how)  # type: ignore[arg-type]

    async def registered(self, tenant: str = "t1") -> None:
        """NAME, held by *tenant* for two years from noon."""
        await self.registrar.register(self.run(99, tenant=tenant), await self.command(tenant))

    async def renewal(self, years: int = 1, tenant: str = "t1") -> RenewName:
        """A command to renew NAME at its quote."""
        quote = await self.registrar.quote(tenant, NAME, Action.RENEW, years)
        return RenewName(NAME, years, quote.id, quote.total_dong)
