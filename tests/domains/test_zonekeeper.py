"""The zone keeper: zones of held names only, and only at the serial that was planned."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Conflict, HaidangError
from haidang.core.ports.dnshost import HostedZone, RecordSet
from haidang.core.testing.memory import memory_database
from haidang.domains.ledger import MIGRATIONS
from haidang.domains.values import ApplyZone
from haidang.domains.zones import delegation

from tests.domains.fakes import lost
from tests.domains.office import ASCII, NAME, Office

WANTED = (RecordSet("@", "A", 300, ("127.0.0.1",)),)
NS = delegation(("ns1.example.vn", "ns2.example.vn"))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    database = await memory_database(tmp_path, MIGRATIONS)
    office = Office(database)
    await office.registered()
    yield office
    await database.close()


async def test_before_the_first_publication_a_zone_is_empty(office: Office) -> None:
    assert await office.zonekeeper.zone("t1", NAME) == HostedZone(ASCII, 0, ())


async def test_a_plan_names_every_change_and_touches_nothing(office: Office) -> None:
    planned = await office.zonekeeper.plan("t1", NAME, WANTED)

    assert planned.plan.created == (*WANTED, NS)
    assert (planned.name, planned.base_serial) == (ASCII, 0)
    assert office.dns_host.zones == {}


async def test_a_plan_applied_is_the_zone(office: Office) -> None:
    zone = await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, WANTED, 0))

    assert zone == HostedZone(ASCII, 1, (*WANTED, NS))
    assert await office.zonekeeper.zone("t1", NAME) == zone
    assert (await office.zonekeeper.plan("t1", NAME, WANTED)).plan.is_empty


@pytest.mark.parametrize("tenant", ["t2", ""])
async def test_another_tenants_zone_is_absent(office: Office, tenant: str) -> None:
    keeper = office.zonekeeper
    with pytest.raises(Absent):
        await keeper.zone(tenant, NAME)
    with pytest.raises(Absent):
        await keeper.plan(tenant, NAME, WANTED)
    with pytest.raises(Absent):
        await keeper.apply(office.run(2, tenant=tenant), ApplyZone(NAME, WANTED, 0))
    assert office.dns_host.zones == {}


async def test_a_zone_changed_meanwhile_is_not_overwritten(office: Office) -> None:
    await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, WANTED, 0))

    with pytest.raises(Conflict) as refusal:
        await office.zonekeeper.apply(office.run(3), ApplyZone(NAME, (), 0))

    assert (refusal.value.reason, refusal.value.field) == ("ZONE_CHANGED", "base_serial")
    assert office.dns_host.zones[ASCII].serial == 1


async def test_what_is_already_so_is_not_published_again(office: Office) -> None:
    first = await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, WANTED, 0))

    assert await office.zonekeeper.apply(office.run(3), ApplyZone(NAME, WANTED, 1)) == first
    assert office.dns_host.publications == 1


async def test_a_lost_answer_publishes_once(office: Office) -> None:
    office.dns_host.moods = [lost()]

    zone = await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, WANTED, 0))

    assert zone.serial == 1
    assert office.dns_host.publications == 1


async def test_a_replay_publishes_nothing_again(office: Office) -> None:
    command, first = ApplyZone(NAME, WANTED, 0), office.run(2)
    zone = await office.zonekeeper.apply(first, command)

    again = office.run(2, recorded=first.recorded, seal_key=first.seal_key)

    assert await office.zonekeeper.apply(again, command) == zone
    assert office.dns_host.publications == 1


async def test_a_bad_record_is_refused_at_its_field_and_nothing_is_published(
    office: Office,
) -> None:
    wanted = (*WANTED, RecordSet("www", "A", 300, ("x",)))

    with pytest.raises(HaidangError) as refusal:
        await office.zonekeeper.apply(office.run(2), ApplyZone(NAME, wanted, 0))

    assert refusal.value.field == "wanted.1.values.0"
    assert office.dns_host.zones == {}
