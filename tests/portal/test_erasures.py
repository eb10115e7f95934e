"""The durable erasure: every service in turn, through kills and refusals, the account last."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from haidang.core.errors import HaidangError, OutcomeUnknown, Refused, Unavailable
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.ports.marks import acts, reads
from haidang.core.tenancy import Actor
from haidang.core.testing.memory import MemoryRun
from haidang.portal.erasures import (
    BusinessErasure,
    EraseBusiness,
    ErasedLine,
    FarewellLedger,
    Farewells,
)
from haidang.portal.erasures.office import SERVICES, Leavers
from haidang.portal.erasures.values import Forgetting, Forgotten

from tests.portal.web.house import House, a_house

SECRET = b"a secret of the tests"


@dataclass
class MemoryForgetter:
    """Services that forget a tenant once for each request; *moods* are errors, one an act."""

    moods: dict[str, list[HaidangError]] = field(default_factory=dict)
    did: list[str] = field(default_factory=list)
    known: dict[str, Forgotten] = field(default_factory=dict)
    behalf: set[str] = field(default_factory=set)

    @acts(find="find_forgotten")
    async def forget(self, intent: Forgetting, effect_id: str) -> Forgotten:
        self.behalf.add(intent.on_behalf_of)
        if moods := self.moods.get(intent.service):
            mood = moods.pop(0)
            if not isinstance(mood, OutcomeUnknown):
                raise mood
            self._done(intent)
            raise mood
        return self._done(intent)

    def _done(self, intent: Forgetting) -> Forgotten:
        if intent.request_id not in self.known:
            self.did.append(intent.service)
            line = ErasedLine(intent.service, f"{intent.service}.things", 1, "Đồ", "Things")
            self.known[intent.request_id] = Forgotten((line,))
        return self.known[intent.request_id]

    @reads
    async def find_forgotten(self, intent: Forgetting, effect_id: str) -> Forgotten | None:
        return None


@dataclass
class Leaving:
    """A house whose owner leaves."""

    house: House
    forgetter: MemoryForgetter
    office: BusinessErasure
    ledger: FarewellLedger

    def run(self, tenant: str, recorded: list[str | None] | None = None, **given: str) -> MemoryRun:
        return MemoryRun(
            self.house.database,
            tenant=tenant,
            kind="privacy.erase/1",
            recorded=recorded,
            patience=Patience(first_seconds=0.1, unavailable_seconds=1, longest_seconds=5),
            **given,  # type: ignore[arg-type]  # texts by name
        )


@pytest.fixture
async def leaving(tmp_path: Path) -> AsyncIterator[Leaving]:
    async with a_house(tmp_path) as house:
        forgetter, ledger = MemoryForgetter(), FarewellLedger(house.database)
        office = BusinessErasure(ledger, forgetter, Leavers(house.accounts))
        yield Leaving(house, forgetter, office, ledger)


async def test_every_service_forgets_in_turn_and_the_lines_are_told(leaving: Leaving) -> None:
    owner = await leaving.house.owner()
    await leaving.house.accounts.erase_tenant(owner.session.tenant)  # as the portal's own part
    run = leaving.run(owner.session.tenant)

    ended = await leaving.office.erase(run, EraseBusiness(owner.session.user_id))

    assert leaving.forgetter.did == list(SERVICES)
    assert [line.service for line in ended.lines] == list(SERVICES)
    assert ended.is_account_gone
    assert await leaving.house.accounts.ledger.user(owner.session.user_id) is None
    assert leaving.forgetter.behalf == {run.id}


async def test_an_account_stays_while_another_business_has_it(leaving: Leaving) -> None:
    owner = await leaving.house.owner()

    ended = await leaving.office.erase(
        leaving.run("elsewhere"), EraseBusiness(owner.session.user_id)
    )

    assert not ended.is_account_gone
    assert await leaving.house.accounts.ledger.user(owner.session.user_id) is not None


async def test_work_under_way_and_services_away_are_waited_for(leaving: Leaving) -> None:
    busy = Refused("PRIVACY_OPERATIONS_RUNNING", count=1)
    leaving.forgetter.moods = {
        "websites": [busy, busy],
        "esign": [Unavailable("NOT_READY") for _ in range(30)],
    }

    ended = await leaving.office.erase(leaving.run("t1"), EraseBusiness("nobody"))

    assert leaving.forgetter.did == list(SERVICES)
    assert len(ended.lines) == 4


async def test_an_answer_lost_on_the_way_is_asked_for_by_the_same_request(
    leaving: Leaving,
) -> None:
    leaving.forgetter.moods = {"domains": [OutcomeUnknown("SERVICE_DID_NOT_ANSWER")]}

    await leaving.office.erase(leaving.run("t1"), EraseBusiness("nobody"))

    assert leaving.forgetter.did == list(SERVICES)


async def test_a_refusal_that_waiting_cannot_mend_is_told(leaving: Leaving) -> None:
    leaving.forgetter.moods = {"domains": [Refused("EFFECT_NOT_OPEN")]}

    with pytest.raises(Refused) as refusal:
        await leaving.office.erase(leaving.run("t1"), EraseBusiness("nobody"))

    assert refusal.value.reason == "EFFECT_NOT_OPEN"
    assert leaving.forgetter.did == ["websites"]


async def test_killed_after_any_recorded_step_the_next_life_ends_it_alike(
    leaving: Leaving,
) -> None:
    first = leaving.run("t1")
    whole = await leaving.office.erase(first, EraseBusiness("nobody"))
    steps = list(first.recorded)

    for kept in range(len(steps)):
        run = leaving.run("t1", recorded=steps[:kept], seal_key=first.seal_key, life=f"l{kept}")
        again = await leaving.office.erase(run, EraseBusiness("nobody"))
        assert again == whole

    assert leaving.forgetter.did == list(SERVICES)


async def test_a_farewell_is_read_by_its_token_alone_and_not_for_ever(
    leaving: Leaving, tmp_path: Path
) -> None:
    house = leaving.house
    desk = await Desk.open(
        DeskSettings("portal", tmp_path), house.database, [leaving.office], clock=house.clock
    )
    farewells = Farewells(desk, leaving.office, leaving.ledger, secret=SECRET, clock=house.clock)
    actor, request = Actor("nobody", "t1", frozenset({"data.write"})), str(uuid.UUID(int=3))

    token = await farewells.start(actor, request)
    assert await farewells.start(actor, request) == token  # a double tap
    await desk.wait((await desk.page(tenant="t1"))[0].name, tenant="t1", timeout_seconds=10)
    standing = await farewells.standing(token)

    assert standing.done == (*SERVICES, "account")
    assert standing.farewell is not None
    assert len(await desk.page(tenant="t1")) == 1
    for wrong in ("", token[:-1], token.upper()):
        with pytest.raises(HaidangError):
            await farewells.standing(wrong)
    house.clock.advance(31 * 24 * 3600)
    with pytest.raises(HaidangError):
        await farewells.standing(token)
    await desk.close()
