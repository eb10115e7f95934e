"""What a journey left undone is finished without paying again, and only by who holds the name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from haidang.core.errors import Absent, HaidangError, Refused, sentence
from haidang.core.testing.memory import memory_database
from haidang.portal.ledger import MIGRATIONS
from haidang.portal.values import FinishOnline, Journey, JourneyState

from tests.portal.neighbourhood import A_LABEL, ANSWERS, JourneyHouse

REST = ["domains.zone", "websites.website", "websites.publish", "esign.declare"]
COMMAND = FinishOnline("bánhmì.vn", '{"pack": "packs/vn.homestay.bien"}')
REGISTRANT = {
    "name": "Hộ kinh doanh Lan",
    "tax_code": "0300588569",
    "address": {"street": "1 Lê Lợi", "commune": "Phường Bến Thành", "province": "TP. HCM"},
}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[JourneyHouse]:
    database = await memory_database(tmp_path, MIGRATIONS)
    house = JourneyHouse(database)
    house.world.held = {
        "registration": {**ANSWERS["register"], "registrant": REGISTRANT},
        "held-zone": {"name": f"zones/{A_LABEL}"},
        "websites": {},
    }
    yield house
    await database.close()


async def finish(house: JourneyHouse, **given: Any) -> Journey:
    return await house.finishing.finish_online(house.run(**given), COMMAND)


async def test_the_rest_is_done_and_nothing_paid_or_registered(house: JourneyHouse) -> None:
    journey = await finish(house)

    assert house.world.did == REST
    assert journey.state is JourneyState.ONLINE
    assert (journey.authorized_dong, journey.captured_dong) == (0, 0)
    assert (await house.journey()).registration_json
    assert house.asked("declare")["party"]["identifier"] == "0300588569"


async def test_a_website_that_is_there_is_published_as_it_is(house: JourneyHouse) -> None:
    house.world.held["websites"] = {
        "websites": [
            {"name": "websites/other", "domain": "khac.vn"},
            {"name": "websites/mine", "domain": A_LABEL},
        ]
    }

    await finish(house)

    assert "websites.website" not in house.world.did
    assert house.asked("publish") == {"name": "websites/mine"}


async def test_records_the_owner_made_are_kept(house: JourneyHouse) -> None:
    mail = {"owner": "@", "type": "MX", "ttl_seconds": 3600, "values": ["10 mail.example."]}
    house.world.held["held-zone"] = {
        "serial": 7,
        "record_sets": [
            mail,
            {"owner": "@", "type": "A", "ttl_seconds": 60, "values": ["192.0.2.9"]},
            {"owner": "@", "type": "NS", "ttl_seconds": 60, "values": ["ns1.haidang.test."]},
        ],
    }

    await finish(house)

    zone = house.asked("zone")
    assert zone["base_serial"] == 7
    assert mail in zone["wanted"]
    assert [(one["owner"], one["type"]) for one in zone["wanted"]] == [
        ("@", "A"),
        ("www", "CNAME"),
        ("@", "MX"),
    ]


async def test_a_name_that_is_not_held_is_not_finished(house: JourneyHouse) -> None:
    del house.world.held["registration"]

    with pytest.raises(Absent) as refusal:
        await finish(house)

    assert refusal.value.reason == "REGISTRATION_ABSENT"
    assert house.world.did == []


async def test_a_name_whose_money_was_never_taken_is_not_finished_for_free(
    house: JourneyHouse,
) -> None:
    house.world.refusing["payment.capture"] = Refused("PAYMENT_REFUSED", detail="thử")
    with pytest.raises(Refused):
        await house.go_online()

    with pytest.raises(Refused) as refusal:
        await finish(house)

    assert refusal.value.reason == "NAME_NOT_PAID"
    assert not set(REST) & set(house.world.did)


@pytest.mark.parametrize("at", REST)
async def test_stopped_again_the_owner_reads_that_nothing_was_charged(
    house: JourneyHouse, at: str
) -> None:
    house.world.refusing[at] = Refused("PAYMENT_REFUSED", detail="thử")

    with pytest.raises(HaidangError) as stopped:
        await finish(house)

    refusal = stopped.value
    assert (refusal.reason, refusal.facts["cause"]) == ("FINISH_STOPPED", "PAYMENT_REFUSED")
    assert "lần này không thu thêm tiền" in sentence(refusal.reason, refusal.facts)
    assert house.world.did == REST[: REST.index(at)]


@pytest.mark.parametrize("at", REST)
async def test_a_lost_answer_changes_nothing(house: JourneyHouse, at: str) -> None:
    house.world.losing.add(at)

    assert (await finish(house)).state is JourneyState.ONLINE
    assert house.world.did == REST


async def test_killed_anywhere_it_goes_on_to_the_same_end(house: JourneyHouse) -> None:
    whole = house.run()
    journey = await house.finishing.finish_online(whole, COMMAND)
    house.world.held["websites"] = {"websites": [{"name": "websites/late", "domain": A_LABEL}]}

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        assert await house.finishing.finish_online(resumed, COMMAND) == journey

    assert [one for one in house.world.did if one != "websites.publish"] == [
        one for one in REST if one != "websites.publish"
    ]
