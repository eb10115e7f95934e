"""Lost, garbled, failed and late answers: never a double creation or renewal.

Counted in the sandbox registry's own journal, through the provider, by the loop that
run.effect performs: ask, act, ask again after any doubt.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from haidang.core.errors import OutcomeUnknown
from haidang.core.ports.registry import Delegation
from haidang.domains.providers.epp_registry import EppRegistry
from haidang.domains.sandbox_registry.faults import EXECUTES, When

from tests.domains.sandbox_house import (
    SandboxHouse,
    a_contact,
    a_creation,
    a_renewal,
    find_then_act,
    registered,
)

LATE_SECONDS = 0.6
ANSWER_SECONDS = 0.25
EVERY_FAULT = [when for when in When if when is not When.CODE_2306]  # that one is an answer


def a_fault(verb: str, when: When, times: int = 1) -> dict[str, object]:
    return {"verb": verb, "when": when.value, "times": times, "seconds": LATE_SECONDS}


async def register(client: EppRegistry) -> None:
    await find_then_act(client.find_contact, client.create_contact, a_contact(), "o/1/contact")
    await find_then_act(client.find_creation, client.create, a_creation(), "o/1/create")


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("when", EVERY_FAULT)
async def test_a_lost_creation_ends_as_exactly_one(tmp_path: Path, when: When, times: int) -> None:
    async with SandboxHouse(tmp_path) as house:
        house.order(a_fault("domain.create", when, times), a_fault("contact.create", when, times))
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)

        await register(client)
        await asyncio.sleep(LATE_SECONDS if when is When.LATE_COMMIT else 0)

        assert house.count("domain.create") == 1
        assert house.count("contact.create") == 1
        assert (await client.info("bienxanh.vn")) is not None


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("when", EVERY_FAULT)
async def test_a_lost_renewal_ends_as_exactly_one(tmp_path: Path, when: When, times: int) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        renewal = a_renewal("bienxanh.vn", await registered(client))
        house.order(a_fault("domain.renew", when, times))

        receipt = await find_then_act(client.find_renewal, client.renew, renewal, "o/2/renew")
        await asyncio.sleep(LATE_SECONDS if when is When.LATE_COMMIT else 0)

        assert receipt.expires_at == renewal.new_expires_at
        assert house.count("domain.renew") == 1


@pytest.mark.parametrize("when", EVERY_FAULT)
async def test_a_lost_act_is_never_reported_as_done_or_refused(tmp_path: Path, when: When) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        await client.create_contact(a_contact(), "o/3/contact")
        house.order(a_fault("domain.create", when))

        with pytest.raises(OutcomeUnknown):
            await client.create(a_creation(), "o/3/create")

        happened = await client.find_creation(a_creation(), "o/3/create") is not None
        assert happened == (when in EXECUTES and when is not When.LATE_COMMIT)


async def test_a_lost_question_after_the_act_leaves_it_open(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        await client.create_contact(a_contact(), "o/4/contact")
        house.order(a_fault("domain.info", When.AFTER_COMMIT))

        with pytest.raises(OutcomeUnknown):
            await client.create(a_creation(), "o/4/create")

        assert await client.find_creation(a_creation(), "o/4/create") is not None


async def test_a_late_answer_is_never_taken_for_the_next_commands(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        await registered(client)
        house.order(a_fault("domain.renew", When.LATE))
        expires_at = (await client.info("bienxanh.vn")).expires_at  # type: ignore[union-attr]

        with pytest.raises(OutcomeUnknown):
            await client.renew(a_renewal("bienxanh.vn", expires_at), "o/5/renew")
        answers = [await client.info(name) for name in ("khongco.vn", "bienxanh.vn")]
        await asyncio.sleep(LATE_SECONDS)

        assert [answer and answer.name for answer in answers] == [None, "bienxanh.vn"]


async def test_a_delegation_survives_every_fault(tmp_path: Path) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        await registered(client)
        for at, when in enumerate(EVERY_FAULT):
            house.order(a_fault("domain.update", when))
            wanted = Delegation("bienxanh.vn", (f"ns{at}.haidang.example",))

            await find_then_act(client.find_delegation, client.delegate, wanted, f"o/{at}/ns")
            await asyncio.sleep(LATE_SECONDS if when is When.LATE_COMMIT else 0)

            record = await client.info("bienxanh.vn")
            assert record is not None
            assert record.nameservers == wanted.nameservers


async def test_a_registry_killed_and_restarted_at_any_moment_registers_once(
    tmp_path: Path,
) -> None:
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)
        client._session._patience = client._session._patience.__class__(
            answer=ANSWER_SECONDS, first_pause=0.01, longest_pause=0.01
        )

        async def disturb() -> None:
            for _ in range(5):
                await asyncio.sleep(0.02)
                await house.stop()
                await house.start()

        disturbance = asyncio.create_task(disturb())
        await register(client)
        await disturbance

        assert house.count("domain.create") == house.count("contact.create") == 1


@pytest.mark.slow
async def test_random_faults_on_many_names_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(20261124)
    names = [f"quan-{number}.vn" for number in range(40)]
    quick = [when for when in EVERY_FAULT if when not in {When.LATE, When.LATE_COMMIT}]
    verbs = ["domain.create", "domain.renew", "domain.info", "contact.create", "contact.info"]
    async with SandboxHouse(tmp_path) as house:
        client = house.client(answer_seconds=ANSWER_SECONDS, question_seconds=ANSWER_SECONDS)

        for at, name in enumerate(names):
            house.order(*(a_fault(chance.choice(verbs), chance.choice(quick)) for _ in range(3)))
            contact, creation = (
                a_contact(f"HD{at:010}"),
                a_creation(name=name, contact_id=f"HD{at:010}"),
            )
            find, act = client.find_contact, client.create_contact
            await find_then_act(find, act, contact, f"o/{at}/contact")
            held = await find_then_act(
                client.find_creation, client.create, creation, f"o/{at}/create"
            )
            renewal = a_renewal(name, held.expires_at)
            await find_then_act(client.find_renewal, client.renew, renewal, f"o/{at}/renew")

        for effect in ("contact.create", "domain.create", "domain.renew"):
            assert house.count(effect) == len(names), effect
