"""The registrar: quotes, registrations, renewals, each effect once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Conflict, HaidangError, Refused
from haidang.core.testing.memory import memory_database
from haidang.domains.ledger import MIGRATIONS
from haidang.domains.lifecycle import add_years
from haidang.domains.registrar import RegistrarPolicy, contact_id
from haidang.domains.values import Action, RegisterName, RenewName

from tests.builders import NOON, a_party
from tests.domains.fakes import lost
from tests.domains.office import ASCII, NAME, Office


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
    assert replace(await office.registrar.registration("t1", NAME), outlook=None) == held
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


async def test_a_contact_is_made_once_for_each_order(office: Office) -> None:
    command, first = await office.command(), office.run()
    await office.registrar.register(first, command)

    assert office.registry.contacts == {contact_id(first.id)}
    assert len(contact_id(first.id)) == 16
    assert contact_id("operations/1") != contact_id("operations/2")


async def test_what_the_registry_refuses_is_refused_and_nothing_is_held(office: Office) -> None:
    command = await office.command()
    office.registry.refuses = Refused("REGISTRY_POLICY", field="domain")

    with pytest.raises(Refused):
        await office.registrar.register(office.run(), command)
    with pytest.raises(Absent):
        await office.registrar.registration("t1", NAME)


async def test_an_ineligible_holder_is_refused_before_anything_is_sent(office: Office) -> None:
    quote = await office.registrar.quote("t1", "lan.id.vn", Action.REGISTER, 1)
    command = RegisterName("lan.id.vn", 1, a_party(), quote.id, quote.total_dong)

    with pytest.raises(Refused) as refusal:
        await office.registrar.register(office.run(), command)

    assert refusal.value.reason == "HOLDER_NOT_ELIGIBLE"
    assert office.registry.contacts == set()


async def test_a_renewal_adds_to_the_expiry_and_a_replay_adds_nothing(office: Office) -> None:
    await office.registered()
    command, first = await office.renewal(), office.run(2)
    held = await office.registrar.renew(first, command)

    again = office.run(2, recorded=first.recorded, seal_key=first.seal_key)

    assert held.expires_at == add_years(NOON, 3)
    assert await office.registrar.renew(again, command) == held
    assert replace(await office.registrar.registration("t1", NAME), outlook=None) == held
    assert office.registry.renewals == 1


@pytest.mark.parametrize("kept", range(6))
async def test_a_renewal_cut_off_anywhere_happens_once(office: Office, kept: int) -> None:
    await office.registered()
    command, first = await office.renewal(), office.run(2)
    await office.registrar.renew(first, command)

    heir = office.run(2, recorded=first.recorded[:kept], seal_key=first.seal_key, life="second")
    try:
        held = await office.registrar.renew(heir, command)
    except Refused as refusal:  # nothing was recorded: it begins anew, on the term as it is now
        assert (kept, refusal.reason) == (0, "QUOTE_OF_EARLIER_TERM")  # noqa: PT017
    else:
        assert held.expires_at == add_years(NOON, 3)
    assert office.registry.renewals == 1


async def test_one_quote_never_renews_twice(office: Office) -> None:
    await office.registered()
    command = await office.renewal()
    await office.registrar.renew(office.run(2), command)

    with pytest.raises(Refused) as refusal:
        await office.registrar.renew(office.run(3), command)

    assert (refusal.value.reason, refusal.value.field) == ("QUOTE_OF_EARLIER_TERM", "quote")
    assert office.registry.renewals == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"years": 2}, "QUOTE_MISMATCH"),
        ({"acknowledged_total_dong": 1}, "PRICE_CHANGED"),
        ({"quote": "khong-co"}, "QUOTE_ABSENT"),
        ({"domain": "banhmi.vn"}, "REGISTRATION_ABSENT"),
    ],
)
async def test_a_wrong_renewal_sends_nothing(
    changes: dict[str, object], reason: str, office: Office
) -> None:
    await office.registered()
    command = replace(await office.renewal(), **changes)  # type: ignore[arg-type]  # one change

    with pytest.raises(HaidangError) as refusal:
        await office.registrar.renew(office.run(2), command)

    assert refusal.value.reason == reason
    assert office.registry.renewals == 0


async def test_a_quote_for_registering_does_not_renew(office: Office) -> None:
    quote = await office.registrar.quote("t1", NAME, Action.REGISTER, 2)
    await office.registered()
    command = RenewName(NAME, 2, quote.id, quote.total_dong)

    with pytest.raises(Refused) as refusal:
        await office.registrar.renew(office.run(2), command)

    assert refusal.value.reason == "QUOTE_MISMATCH"


async def test_another_tenants_name_is_not_renewed(office: Office) -> None:
    await office.registered("t2")

    with pytest.raises(Absent):
        await office.renewal()
    command = await office.renewal(tenant="t2")
    with pytest.raises(Absent):
        await office.registrar.renew(office.run(2), command)
    assert office.registry.renewals == 0


async def test_what_the_registry_says_bars_a_renewal(office: Office) -> None:
    await office.registered()
    office.registry.statuses = frozenset({"serverRenewProhibited"})

    with pytest.raises(Refused) as refusal:
        await office.registrar.renew(office.run(2), await office.renewal())

    assert refusal.value.reason == "STATUS_BARS_RENEWAL"
    assert office.registry.renewals == 0


@pytest.mark.parametrize(("days", "state"), [(0, "SUSPENDED"), (26, "PENDING_REVOCATION")])
async def test_a_held_name_is_shown_as_it_stands_today(
    office: Office, days: int, state: str
) -> None:
    await office.registered()
    office.clock.advance((add_years(NOON, 2) - NOON + timedelta(days=days)).total_seconds())

    assert (await office.registrar.registration("t1", NAME)).state == state
    (listed,) = await office.registrar.registrations("t1", after="", limit=5)
    assert listed.state == state


@pytest.mark.parametrize("years", [0, -1, 11])
async def test_years_out_of_range_are_refused_at_their_field(office: Office, years: int) -> None:
    with pytest.raises(HaidangError) as refusal:
        await office.registrar.quote("t1", NAME, Action.REGISTER, years)

    assert (refusal.value.reason, refusal.value.field) == ("YEARS_OUT_OF_RANGE", "years")


async def test_an_unheard_registry_makes_names_unknown_never_available(office: Office) -> None:
    office.registry.is_down = True

    answers = [answer async for _, _, answer in office.registrar.check([NAME, "banhmi.vn"])]

    assert [answer.availability for answer in answers] == ["UNKNOWN", "UNKNOWN"]
    assert [answer.reason for answer in answers] == ["REGISTRY_UNREACHABLE"] * 2


@pytest.mark.parametrize("count", [0, 101])
async def test_too_many_names_at_once_are_refused(office: Office, count: int) -> None:
    with pytest.raises(HaidangError) as refusal:
        [answer async for answer in office.registrar.check(["banhmi.vn"] * count)]

    assert (refusal.value.reason, refusal.value.field) == ("TOO_MANY_NAMES", "domains")


async def test_a_profile_that_is_not_in_force_is_said(office: Office) -> None:
    office.registrar.policy = RegistrarPolicy("fake", lifecycle="khong-co")

    with pytest.raises(Absent) as refusal:
        await office.registrar.quote("t1", NAME, Action.REGISTER, 1)

    assert refusal.value.reason == "LIFECYCLE_PROFILE_ABSENT"


async def test_a_held_name_tells_what_the_calendar_holds_for_it(office: Office) -> None:
    await office.registered()

    (listed,) = await office.registrar.registrations("t1", after="", limit=9)

    assert listed.outlook is not None
    assert listed.outlook.renewable_through.isoformat() == "2028-12-18"
    assert listed.outlook.most_years == 8
    assert listed == await office.registrar.registration("t1", NAME)


@pytest.mark.parametrize(
    ("years", "days", "reason"),
    [(9, 0, "TERM_TOO_LONG"), (1, 2 * 365 + 60, "RENEWAL_CLOSED")],
)
async def test_a_renewal_the_calendar_forbids_is_not_priced(
    office: Office, years: int, days: int, reason: str
) -> None:
    await office.registered()
    office.clock.advance(days * 86400)

    with pytest.raises(Refused) as refusal:
        await office.registrar.quote("t1", NAME, Action.RENEW, years)

    assert refusal.value.reason == reason
