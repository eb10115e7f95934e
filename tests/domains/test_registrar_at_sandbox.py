"""The offices over the sandbox registry and the zone files, by EPP over TLS: no fake between."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from haidang.core.clock import SystemClock
from haidang.core.errors import Conflict, Refused
from haidang.core.operations.effects import Patience
from haidang.core.testing.memory import MemoryRun, memory_database
from haidang.domains.ledger import MIGRATIONS, DomainLedger
from haidang.domains.lifecycle import add_years
from haidang.domains.providers.zonefiles.host import ZoneFileHost
from haidang.domains.providers.zonefiles.settings import ZoneFileSettings
from haidang.domains.registrar import Registrar, RegistrarPolicy
from haidang.domains.values import Action, ApplyZone, RegisterName, RenewName
from haidang.domains.zonekeeper import ZoneKeeper

from tests.builders import a_party
from tests.domains.office import ASCII, NAME
from tests.domains.sandbox_house import SandboxHouse
from tests.domains.test_zonekeeper import WANTED


async def test_a_name_lives_from_quote_to_renewal(tmp_path: Path) -> None:
    database, clock = await memory_database(tmp_path, MIGRATIONS), SystemClock()
    ledger = DomainLedger(database)
    host = ZoneFileHost(ZoneFileSettings(folder=tmp_path / "zones"), tmp_path, clock)

    def run(number: int) -> MemoryRun:
        patience = Patience(first_seconds=0.05)
        name = f"operations/{number:032x}"
        return MemoryRun(database, operation=name, now=datetime.now(UTC), patience=patience)

    async with SandboxHouse(tmp_path / "registry") as house:
        office = Registrar(ledger, house.client(), host, clock, RegistrarPolicy("epp"))
        keeper = ZoneKeeper(ledger, host)

        async def register(number: int) -> object:
            quote = await office.quote("t1", NAME, Action.REGISTER, 1)
            command = RegisterName(NAME, 1, a_party(), quote.id, quote.total_dong)
            return await office.register(run(number), command)

        await register(1)
        held = await office.registration("t1", NAME)
        with pytest.raises(Conflict) as taken:
            await register(2)
        zone = await keeper.apply(run(3), ApplyZone(NAME, WANTED, 0))
        quote = await office.quote("t1", NAME, Action.RENEW, 2)
        renewal = RenewName(NAME, 2, quote.id, quote.total_dong)
        renewed = await office.renew(run(4), renewal)
        with pytest.raises(Refused):
            await office.renew(run(5), renewal)

        assert (taken.value.reason, taken.value.field) == ("NAME_HELD", "domain")
        assert (house.count("domain.create"), house.count("domain.renew")) == (1, 1)
    assert held.name == ASCII
    assert renewed.expires_at == add_years(held.expires_at, 2)
    assert await host.read(ASCII) == zone
    await database.close()


async def test_a_registration_whose_answer_is_lost_is_found_at_the_registry(
    tmp_path: Path,
) -> None:
    database, clock = await memory_database(tmp_path, MIGRATIONS), SystemClock()
    host = ZoneFileHost(ZoneFileSettings(folder=tmp_path / "zones"), tmp_path, clock)
    async with SandboxHouse(tmp_path / "registry") as house:
        office = Registrar(
            DomainLedger(database), house.client(), host, clock, RegistrarPolicy("epp")
        )
        quote = await office.quote("t1", NAME, Action.REGISTER, 1)
        house.order(
            {"verb": "contact.create", "when": "after-commit"},
            {"verb": "domain.create", "when": "mid-frame"},
        )

        held = await office.register(
            MemoryRun(database, now=datetime.now(UTC), patience=Patience(first_seconds=0.05)),
            RegisterName(NAME, 1, a_party(), quote.id, quote.total_dong),
        )

        assert (house.count("contact.create"), house.count("domain.create")) == (1, 1)
    assert held.name == ASCII
    await database.close()
