"""The registrar: quotes, registrations, renewals, each effect once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from haidang.core.database import Database
from haidang.core.errors import Absent, Conflict, HaidangError, Refused
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import MemoryRun, memory_database
from haidang.domains.ledger import MIGRATIONS, DomainLedger
from haidang.domains.lifecycle import add_years
from haidang.domains.registrar import Registrar, RegistrarPolicy
from haidang.domains.values import Action, ApplyZone, RegisterName, RenewName
from haidang.domains.zonekeeper import ZoneKeeper

from tests.domains.fakes import NOON, FakeDnsHost, FakeRegistry, a_party, lost
from tests.domains.test_zones import a_record

NAME = "phở-lan.vn"
ASCII = "xn--ph-lan-cp8b.vn"


class Office:
    """A registrar over fakes, at noon."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.registry, self.dns_host = FakeRegistry(), FakeDnsHost()
        ledger = DomainLedger(database)
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


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await memory_database(tmp_path, MIGRATIONS)
    yield Office(database)
    await database.close()


async def test_a_name_is_registered_for_its_tenant(office: Office) -> None:
    held = await office.registrar.register(office.run(), await office.command())

    assert (held.name, held.unicode_name) == (ASCII, NAME)
    assert held.expires_at == add_years(NOON, 2)
    assert held.nameservers == ("ns1.example.vn", "ns2.example.vn")
    assert await office.registrar.registration("t1", NAME) == held
    with pytest.raises(Absent):
        await office.registrar.registration("t2", NAME)


async def test_a_lost_answer_registers_once(office: Office) -> None:
    office.registry.moods = [lost()]

    held = await office.registrar.register(office.run(), await office.command())

    assert held.name == ASCII
    assert len(office.registry.names) == 1


async def test_a_replay_registers_nothing_again(office: Office) -> None:
    command, first = await office.command(), office.run()
    held = await office.registrar.register(first, command)

    again = office.run(recorded=first.recorded, seal_key=first.seal_key)

    assert await office.registrar.register(again, command) == held


async def test_a_taken_name_is_refused_at_its_field(office: Office) -> None:
    await office.registrar.register(office.run(1), await office.command())

    with pytest.raises(Conflict) as refusal:
        await office.registrar.register(office.run(2, tenant="t2"), await office.command("t2"))
    assert (refusal.value.reason, refusal.value.field) == ("NAME_HELD", "domain")
    with pytest.raises(Conflict):
        await office.registrar.admit(await office.command("t2"))


async def test_an_expired_quote_is_refused_and_nothing_is_sent(office: Office) -> None:
    command = await office.command()

    with pytest.raises(Refused) as refusal:
        await office.registrar.register(office.run(now=NOON + timedelta(minutes=31)), command)

    assert (refusal.value.reason, refusal.value.field) == ("QUOTE_EXPIRED", "quote")
    assert office.registry.names == {}
    assert office.registry.contacts == set()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"years": 1}, "QUOTE_MISMATCH"),
        ({"domain": "banhmi.vn"}, "QUOTE_MISMATCH"),
        ({"acknowledged_total_dong": 1}, "PRICE_CHANGED"),
        ({"quote": "khong-co"}, "QUOTE_ABSENT"),
        ({"party": a_party(tax_code="0100112438")}, "TAX_CODE_INVALID"),
    ],
)
async def test_a_wrong_command_sends_nothing(
    changes: dict[str, object], reason: str, office: Office
) -> None:
    with pytest.raises(HaidangError) as refusal:
        await office.registrar.register(office.run(), await office.command(**changes))

    assert refusal.value.reason == reason
    assert office.registry.contacts == set()


async def test_another_tenants_quote_is_absent(office: Office) -> None:
    command = await office.command("t2")

    with pytest.raises(Absent):
        await office.registrar.register(office.run(), command)


async def test_a_renewal_whose_answer_is_lost_happens_once(office: Office) -> None:
    await office.registrar.register(office.run(1), await office.command())
    quote = await office.registrar.quote("t1", NAME, Action.RENEW, 1)
    office.registry.moods = [lost()]

    held = await office.registrar.renew(
        office.run(2), RenewName(NAME, 1, quote.id, quote.total_dong)
    )

    assert held.expires_at == add_years(NOON, 3)
    assert office.registry.renewals == 1


async def test_only_a_held_name_is_quoted_for_renewal(office: Office) -> None:
    with pytest.raises(Absent):
        await office.registrar.quote("t1", NAME, Action.RENEW, 1)


async def test_availability_says_what_rules_and_registry_say(office: Office) -> None:
    await office.registrar.register(office.run(), await office.command())

    answers = [
        getattr(answer, "reason", "") or str(getattr(answer, "availability", ""))
        async for _, _, answer in office.registrar.check([NAME, "banhmi.vn", "a&b.vn"])
    ]

    assert sorted(answers) == ["AVAILABLE", "NAME_CHARACTER", "TAKEN"]


async def test_a_zone_is_published_only_for_a_held_name_and_at_the_planned_serial(
    office: Office,
) -> None:
    wanted = (a_record(),)
    with pytest.raises(Absent):
        await office.zonekeeper.plan("t1", NAME, wanted)
    await office.registrar.register(office.run(1), await office.command())

    planned = await office.zonekeeper.plan("t1", NAME, wanted)
    zone = await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, wanted, 0))
    with pytest.raises(Conflict) as refusal:
        await office.zonekeeper.apply(office.run(3), ApplyZone(NAME, wanted, 0))

    assert [record.type for record in planned.plan.created] == ["A", "NS"]
    assert zone.serial == 1
    assert refusal.value.reason == "ZONE_CHANGED"
