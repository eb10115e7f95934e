"""The journey's order, its money, and what its owner reads when it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.core.errors import (
    Absent,
    Conflict,
    HaidangError,
    Malformed,
    Refused,
    Unavailable,
    sentence,
)
from haidang.core.testing.memory import memory_database
from haidang.portal.journeys import SitePolicy, admit, zone_request
from haidang.portal.ledger import MIGRATIONS
from haidang.portal.values import JourneyState

from tests.portal.neighbourhood import (
    A_LABEL,
    IN_ORDER,
    TOTAL_DONG,
    JourneyHouse,
    a_command,
)

NO = Refused("PAYMENT_REFUSED", detail="thử")
TAKEN = Conflict("NAME_TAKEN", field="domain", name="bánhmì.vn")
GONE = Unavailable("BANK_UNREACHABLE")


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[JourneyHouse]:
    database = await memory_database(tmp_path, MIGRATIONS)
    yield JourneyHouse(database)
    await database.close()


async def stopped(house: JourneyHouse, **changes: object) -> HaidangError:
    """What a walk that must not arrive ends with."""
    with pytest.raises(HaidangError) as refusal:
        await house.go_online(**changes)
    return refusal.value


def said(error: HaidangError) -> str:
    return sentence(error.reason, error.facts).replace("\u00a0", " ")


async def test_a_journey_does_everything_once_and_in_order(house: JourneyHouse) -> None:
    journey = await house.go_online()

    assert house.world.did == IN_ORDER
    assert journey.state is JourneyState.ONLINE
    assert (journey.authorized_dong, journey.captured_dong, journey.released_dong) == (
        TOTAL_DONG,
        TOTAL_DONG,
        0,
    )
    assert "bánhmì.vn" in journey.registration_json
    assert journey.deployment_json
    assert journey.declaration_json


async def test_what_is_asked_of_the_neighbours_is_in_their_contract(house: JourneyHouse) -> None:
    await house.go_online()

    registration = json_format.ParseDict(
        house.asked("register"), domains_pb2.RegisterDomainRequest()
    )
    zone = json_format.ParseDict(house.asked("zone"), domains_pb2.ApplyZoneRequest())
    declaration = json_format.ParseDict(
        house.asked("declare"), esign_pb2.DeclareRegistrationRequest()
    )

    assert (registration.quote, registration.acknowledged_total_dong) == ("quotes/q1", TOTAL_DONG)
    assert zone.name == f"zones/{A_LABEL}"
    assert declaration.address == "1 Lê Lợi, Phường Bến Thành, TP. HCM"
    assert declaration.party.identifier == "0300588569"
    assert house.asked("website")["domain"] == A_LABEL
    assert house.asked("publish") == {"name": "websites/w1"}


def test_a_zone_says_ipv6_only_where_there_is_any() -> None:
    both = zone_request("a.vn", SitePolicy(("127.0.0.1",), ("::1",)))
    one = zone_request("a.vn", SitePolicy(("127.0.0.1",)))

    for request, types in ((both, ["A", "CNAME", "AAAA"]), (one, ["A", "CNAME"])):
        message = json_format.ParseDict(request, domains_pb2.ApplyZoneRequest())
        assert [wanted.type for wanted in message.wanted] == types


async def test_a_price_above_the_accepted_one_is_refused_and_nothing_done(
    house: JourneyHouse,
) -> None:
    refusal = await stopped(house, accepted_total_dong=TOTAL_DONG - 1)

    assert (refusal.reason, refusal.field) == ("PRICE_ABOVE_ACCEPTED", "accepted_total_dong")
    assert house.world.did == ["domains.quote"]
    assert said(refusal) == (
        "Giá hiện nay là 525.000 ₫, cao hơn mức anh/chị đã đồng ý (524.999 ₫). "
        "Chưa có gì được thực hiện; hãy xem lại giá rồi gửi lại."
    )


@pytest.mark.parametrize("at", ["domains.quote", "payment.authorize"])
async def test_refused_before_money_is_set_aside_nothing_is_charged(
    house: JourneyHouse, at: str
) -> None:
    house.world.refusing[at] = Refused("PAYMENT_DECLINED", field="payer")

    refusal = await stopped(house)

    assert (refusal.reason, refusal.field) == ("JOURNEY_REFUSED", "payer")
    assert refusal.facts["cause"] == "PAYMENT_DECLINED"
    assert house.world.did == IN_ORDER[: IN_ORDER.index(at)]
    assert said(refusal) == (
        "Ngân hàng từ chối thanh toán; hãy kiểm tra tài khoản rồi thử lại. "
        "Anh/chị chưa bị trừ tiền và chưa có gì được đăng ký."
    )


async def test_a_name_taken_meanwhile_gives_all_the_money_back(house: JourneyHouse) -> None:
    house.world.refusing["domains.register"] = TAKEN

    refusal = await stopped(house)

    assert (refusal.reason, refusal.field) == ("JOURNEY_RELEASED", "domain")
    assert house.world.did == ["domains.quote", "payment.authorize", "payment.release"]
    assert said(refusal).endswith(
        "Số tiền 525.000 ₫ đã giữ được trả lại đầy đủ; chưa có gì được đăng ký."
    )
    journey = await house.journey()
    assert (journey.authorized_dong, journey.released_dong) == (TOTAL_DONG, TOTAL_DONG)
    assert (journey.captured_dong, journey.registration_json) == (0, "")


@pytest.mark.parametrize("why", [NO, GONE], ids=["refused", "unreachable"])
async def test_money_that_cannot_be_given_back_yet_is_said_with_its_date(
    house: JourneyHouse, why: HaidangError
) -> None:
    house.world.refusing["domains.register"] = TAKEN
    house.world.refusing["payment.release"] = why

    refusal = await stopped(house)

    assert (refusal.reason, refusal.facts["cause"]) == ("JOURNEY_NOT_RELEASED", "NAME_TAKEN")
    assert said(refusal).endswith(
        "Chưa có gì được đăng ký. Số tiền 525.000 ₫ đang giữ chưa trả lại được ngay; "
        "ngân hàng sẽ trả lại chậm nhất vào ngày 30/11/2026."
    )


@pytest.mark.parametrize("at", IN_ORDER[4:])
async def test_stopped_after_paying_the_owner_keeps_the_name_and_reads_so(
    house: JourneyHouse, at: str
) -> None:
    house.world.refusing[at] = Refused("PAYMENT_REFUSED", detail="thử")

    refusal = await stopped(house)

    assert refusal.reason == "JOURNEY_STOPPED_HOLDING"
    assert house.world.did == IN_ORDER[: IN_ORDER.index(at)]
    assert said(refusal) == (
        "Ngân hàng không thực hiện được yêu cầu (thử). "
        "Tên miền bánhmì.vn đã thuộc về anh/chị đến ngày 23/11/2027; "
        "số tiền đã trả là 525.000 ₫. Phần còn lại có thể làm tiếp mà không phải trả thêm."
    )
    assert (await house.journey()).captured_dong == TOTAL_DONG


async def test_a_name_held_but_not_paid_for_is_not_said_to_be_paid(house: JourneyHouse) -> None:
    house.world.refusing["payment.capture"] = NO

    refusal = await stopped(house)

    assert refusal.reason == "JOURNEY_STOPPED_UNPAID"
    assert house.world.did == [*IN_ORDER[:3], "payment.release"]
    assert said(refusal).endswith(
        "Tên miền bánhmì.vn đã thuộc về anh/chị đến ngày 23/11/2027, nhưng chưa thu được "
        "525.000 ₫. Hãy trả khoản này ở trang của tên miền; không cần đăng ký lại."
    )
    journey = await house.journey()
    assert (journey.captured_dong, journey.released_dong) == (0, TOTAL_DONG)


async def test_a_name_not_paid_for_is_said_so_though_nothing_can_be_given_back_now(
    house: JourneyHouse,
) -> None:
    house.world.refusing |= {"payment.capture": NO, "payment.release": NO}

    refusal = await stopped(house)

    assert refusal.reason == "JOURNEY_STOPPED_UNPAID"
    assert (await house.journey()).released_dong == 0


@pytest.mark.parametrize("at", IN_ORDER)
async def test_a_lost_answer_at_any_step_changes_nothing(house: JourneyHouse, at: str) -> None:
    house.world.losing.add(at)

    journey = await house.go_online()

    assert house.world.losing == set()
    assert house.world.did == IN_ORDER
    assert journey.state is JourneyState.ONLINE


async def test_a_lost_answer_to_the_release_gives_the_money_back_once(house: JourneyHouse) -> None:
    house.world.refusing["domains.register"] = TAKEN
    house.world.losing.add("payment.release")

    refusal = await stopped(house)

    assert refusal.reason == "JOURNEY_RELEASED"
    assert house.world.did.count("payment.release") == 1


async def test_a_neighbour_that_stays_away_before_the_name_costs_nothing(
    house: JourneyHouse,
) -> None:
    house.world.refusing["domains.register"] = Unavailable("SERVICE_UNREACHABLE")

    refusal = await stopped(house)

    assert (refusal.reason, refusal.facts["cause"]) == ("JOURNEY_RELEASED", "SERVICE_UNREACHABLE")


async def test_killed_anywhere_the_journey_goes_on_to_the_same_end(house: JourneyHouse) -> None:
    whole = house.run()
    journey = await house.office.go_online(whole, a_command())

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        assert await house.office.go_online(resumed, a_command()) == journey

    assert house.world.did == IN_ORDER


async def test_killed_anywhere_a_refused_journey_ends_refused_the_same_way(
    house: JourneyHouse,
) -> None:
    house.world.refusing["domains.register"] = TAKEN
    whole = house.run()
    with pytest.raises(Refused) as first:
        await house.office.go_online(whole, a_command())

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        with pytest.raises(Refused) as again:
            await house.office.go_online(resumed, a_command())
        assert (again.value.reason, again.value.facts) == (first.value.reason, first.value.facts)

    assert house.world.did == ["domains.quote", "payment.authorize", "payment.release"]


async def test_a_journey_of_another_tenant_is_not_there(house: JourneyHouse) -> None:
    journey = await house.go_online()

    with pytest.raises(Absent):
        await house.ledger.journey("t2", journey.id)


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"domain": ""}, "FIELD_REQUIRED", "domain"),
        ({"years": 0}, "YEARS_INVALID", "years"),
        ({"years": 11}, "YEARS_INVALID", "years"),
        ({"accepted_total_dong": 0}, "PRICE_NOT_STATED", "accepted_total_dong"),
        ({"payer": ""}, "PAYER_MISSING", "payer"),
    ],
)
def test_a_malformed_command_is_refused_at_its_field(
    change: dict[str, object], reason: str, field: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        admit(a_command(**change))

    assert (refusal.value.reason, refusal.value.field) == (reason, field)
