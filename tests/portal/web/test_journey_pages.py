"""A journey as its owner sees it: while it runs, refused half-way, and online."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.errors import Malformed, Refused, Unavailable, sentence
from haidang.core.testing.memory import NOON
from haidang.portal.starts.values import Attempt
from haidang.portal.web.rooms.journey_watch import Watches, counter_of

from tests.portal.starts.known import DOMAIN, an_id
from tests.portal.web.browser import Browser
from tests.portal.web.house import House, a_house
from tests.portal.web.start_house import Portal, a_start, an_operation

ID = "0123456789abcdef0123456789abcdef"
NAME = f"operations/{ID}"
State = journeys_pb2.Journey
AT = f"/hanh-trinh/{ID}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        house.portal = Portal(house)  # type: ignore[attr-defined]  # for the tests below
        yield house


def a_journey(state: int, **more: Any) -> journeys_pb2.Journey:
    return State(name=f"journeys/{ID}", domain=DOMAIN, state=state, **more)  # type: ignore[arg-type]


def a_registration() -> domains_pb2.Registration:
    held = domains_pb2.Registration(
        domain=DOMAIN, unicode_domain=DOMAIN, state=domains_pb2.Registration.STATE_ACTIVE
    )
    held.expire_time.FromDatetime(NOON + timedelta(days=365))
    return held


def online() -> journeys_pb2.Journey:
    journey = a_journey(State.STATE_ONLINE, registration=a_registration())
    journey.payment.captured_dong = 450_000
    journey.deployment.uri = f"http://{DOMAIN}.localhost:8080/"
    journey.deployment.website = "websites/w1"
    journey.declaration.name = "documents/p1"
    journey.declaration.level = esign_pb2.LEVEL_B_LT
    report = journey.declaration.report
    report.indication = esign_pb2.INDICATION_TOTAL_PASSED
    report.summary_vi = "Kết luận: HỢP LỆ"
    report.signatures.add(signer="Hộ kinh doanh Nhà Gió Biển", issuer="Hải Đăng SANDBOX CA")
    return journey


async def begun(house: House, owner: Browser, *steps: tuple[str, str], **start: str) -> str:
    """A running journey of *owner*'s start: the start's id."""
    id = await a_start(house, owner, **start)
    starts, tenant, request = house.offices.starts, owner.session.tenant, an_id()
    attempt = Attempt(request, "digest", house.clock.now())
    await starts.attempt(tenant, id, attempt, is_over=True)
    await starts.sent(tenant, id, request, NAME)
    house.portal.operations[NAME] = an_operation(NAME, *(steps or (("quote", "INTENDED"),)))
    house.portal.journeys[ID] = a_journey(State.STATE_RUNNING)
    return id


async def test_a_running_journey_is_steps_in_plain_words(house: House) -> None:
    owner = await house.owner()
    await begun(
        house, owner, ("quote", "SETTLED"), ("authorize", "UNSETTLED"), ("register", "WAITING")
    )

    page = await owner.get(AT)

    assert page.status == 200
    assert "Chốt giá" in page.text
    assert "chưa nghe trả lời, đang hỏi lại" in page.text
    assert "chúng tôi hỏi lại và không gửi hai lần" in page.text
    assert f'data-events="{AT}/su-kien"' in page.text
    assert '<noscript><meta http-equiv="refresh"' in page.text


async def test_a_step_for_the_operator_is_said_calmly(house: House) -> None:
    owner = await house.owner()
    await begun(house, owner, ("register", "NEEDS_OPERATOR"))

    assert "không cần gửi lại" in (await owner.get(AT)).text


async def events(owner: Browser, last: str = "") -> str:
    headers = {"last-event-id": last} if last else {}
    return (await owner.get(f"{AT}/su-kien", headers=headers)).text


async def test_events_tell_each_move_and_end_with_the_journey(house: House) -> None:
    owner = await house.owner()
    await begun(house, owner, ("quote", "INTENDED"))
    listening = asyncio.create_task(events(owner))
    await asyncio.sleep(0.4)
    house.portal.operations[NAME] = an_operation(NAME, ("quote", "SETTLED"), done=True)

    text = await listening

    told = [line for line in text.splitlines() if line.startswith(("id:", "event:"))]
    assert told == ["id: 1", "event: message", "id: 10004", "event: end"]
    assert "Chốt giá" in text


async def test_a_browser_that_comes_back_gets_what_it_missed_and_nothing_twice(
    house: House,
) -> None:
    owner = await house.owner()
    await begun(house, owner)
    done = an_operation(NAME, ("quote", "SETTLED"), done=True)
    house.portal.operations[NAME] = done

    assert f"id: {counter_of(done)}" in await events(owner, last="1")
    assert "id:" not in await events(owner, last=str(counter_of(done)))
    assert f"id: {counter_of(done)}" in await events(owner, last="x1")


async def test_five_hundred_listeners_of_one_journey_cost_one_question_at_a_time() -> None:
    asked, moved = 0, asyncio.Event()

    async def read() -> operations_pb2.Operation:
        nonlocal asked
        asked += 1
        return an_operation(NAME, ("quote", "SETTLED"), done=moved.is_set())

    watches = Watches()

    async def listen() -> int:
        return len([one async for one in watches.listen("t1", NAME, read, seen=None)])

    listening = [asyncio.create_task(listen()) for _ in range(500)]
    await asyncio.sleep(0.6)
    assert len(watches) == 1
    moved.set()

    assert await asyncio.gather(*listening) == [2] * 500
    assert asked < 10
    assert len(watches) == 0


async def test_a_watch_ends_with_its_last_listener_and_begins_anew() -> None:
    asked = 0

    async def read() -> operations_pb2.Operation:
        nonlocal asked
        asked += 1
        return an_operation(NAME, ("quote", "INTENDED"))

    watches = Watches()
    for _ in range(2):
        listening = watches.listen("t1", NAME, read, seen=None)
        await anext(listening)
        await listening.aclose()
        assert len(watches) == 0
    before = asked
    await asyncio.sleep(0.6)

    assert asked == before


async def test_a_listener_is_let_go_after_its_time() -> None:
    async def read() -> operations_pb2.Operation:
        return an_operation(NAME, ("quote", "INTENDED"))

    listening = Watches().listen("t1", NAME, read, seen=None, seconds=0.3)

    assert [counter_of(one) async for one in listening] == [1]


async def test_a_service_that_is_away_is_asked_again() -> None:
    answers: list[Any] = [Unavailable("NOT_READY"), Unavailable("NOT_READY")]

    async def read() -> operations_pb2.Operation:
        if answers:
            raise answers.pop()
        return an_operation(NAME, ("quote", "SETTLED"), done=True)

    assert len([one async for one in Watches().listen("t1", NAME, read, seen=None)]) == 1


async def test_refused_half_way_says_what_was_charged_released_and_how_to_go_on(
    house: House,
) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    cause = Malformed("EMAIL_INVALID", field="registrant.email")
    refusal = Refused(
        "JOURNEY_RELEASED",
        field="registrant.email",
        cause=cause.reason,
        cause_vi=sentence(cause.reason, {}),
        cause_en=sentence(cause.reason, {}, "en"),
        amount="450.000 ₫",
    )
    payment = journeys_pb2.Payment(authorized_dong=450_000, released_dong=450_000)
    house.portal.end(ID, refusal, payment=payment)

    page = await owner.get(AT)

    assert "Số tiền 450.000 ₫ đã giữ được trả lại đầy đủ" in page.text
    assert f'href="/bat-dau/{id}/lien-he?sua=1&amp;ve=1#email"' in page.text
    assert "450.000\u00a0₫" in page.text
    english = await owner.get(f"{AT}?lang=en")
    assert "was given back in full" in english.text


async def test_stopped_with_the_name_paid_for_the_rest_is_offered(house: House) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    payment = journeys_pb2.Payment(authorized_dong=450_000, captured_dong=450_000)
    refusal = Refused("JOURNEY_STOPPED_HOLDING", cause="X", domain=DOMAIN, amount="450.000 ₫")
    house.portal.end(ID, refusal, registration=a_registration(), payment=payment)

    page = await owner.get(AT)

    assert "Làm nốt phần còn lại" in page.text
    assert f'href="/bat-dau/{id}/xem-lai"' in page.text
    assert (await house.offices.starts.get(owner.session.tenant, id)).is_held


async def test_stopped_unpaid_nobody_is_sent_to_register_again(house: House) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    refusal = Refused("JOURNEY_STOPPED_UNPAID", cause="X", domain=DOMAIN, amount="450.000 ₫")
    house.portal.end(ID, refusal, registration=a_registration())

    page = await owner.get(AT)

    assert "Không cần đăng ký lại" in page.text
    assert f"/bat-dau/{id}" not in page.text
    assert f'class="lamp" href="/ten-mien/{a_registration().domain}/tra-tien"' in page.text
    assert (await owner.get(f"/bat-dau/{id}/xem-lai")).location == AT
    assert not (await house.offices.starts.get(owner.session.tenant, id)).is_held


async def test_paid_since_the_rest_is_offered(house: House) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    refusal = Refused("JOURNEY_STOPPED_UNPAID", cause="X", domain=DOMAIN, amount="450.000 ₫")
    house.portal.end(ID, refusal, registration=a_registration())
    await owner.get(AT)
    payment = journeys_pb2.Payment(authorized_dong=450_000, captured_dong=450_000)
    house.portal.end(ID, refusal, registration=a_registration(), payment=payment)
    house.portal.journeys[ID].reason = "JOURNEY_STOPPED_HOLDING"  # as the service now says

    page = await owner.get(AT)

    assert "nay anh/chị đã trả" in page.text
    assert f'href="/bat-dau/{id}/xem-lai"' in page.text
    assert "tra-tien" not in page.text
    assert (await house.offices.starts.get(owner.session.tenant, id)).is_held


async def test_online_shows_address_registration_paper_and_code(house: House) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    house.portal.operations[NAME] = an_operation(NAME, ("declare", "SETTLED"), done=True)
    house.portal.journeys[ID] = online()

    page = await owner.get(AT)

    for said in (
        f'href="http://{DOMAIN}.localhost:8080/"',
        "Đang hoạt động",
        "23/11/2027",
        "Chữ ký số hợp lệ",
        "Hộ kinh doanh Nhà Gió Biển",
        "Kết luận: HỢP LỆ",
        f'src="{AT}/ma-qr.svg"',
        'href="/trang-web/w1"',
    ):
        assert said in page.text, said
    start = await house.offices.starts.get(owner.session.tenant, id)
    assert dict(start.facts) == {}
    assert (await owner.get(f"/bat-dau/{id}/co-so")).location == AT


async def test_the_sandbox_does_not_claim_the_real_network(house: House) -> None:
    owner = await house.owner()
    await begun(house, owner)
    house.portal.operations[NAME] = an_operation(NAME, done=True)
    house.portal.journeys[ID] = online()

    page = await owner.get(AT)

    assert "Ai gõ tên này cũng tới được" not in page.text
    assert f"{DOMAIN} chưa có trên mạng thật" in page.text


async def test_the_signed_paper_is_downloaded_under_a_name_of_ours(house: House) -> None:
    owner = await house.owner()
    house.portal.journeys[ID] = online()
    house.calls.answers["esign.DownloadDocument"] = [
        esign_pb2.DownloadDocumentResponse(chunk=b"%PDF-"),
        esign_pb2.DownloadDocumentResponse(chunk=b"1.7"),
    ]

    file = await owner.get(f"{AT}/ban-khai.pdf")

    assert file.body == b"%PDF-1.7"
    assert file.headers["content-type"] == "application/pdf"
    assert file.headers["content-disposition"] == (f'attachment; filename="ban-khai-{DOMAIN}.pdf"')


async def test_the_code_is_a_picture_of_the_address(house: House) -> None:
    owner = await house.owner()
    house.portal.journeys[ID] = online()

    code = await owner.get(f"{AT}/ma-qr.svg")

    assert code.headers["content-type"] == "image/svg+xml"
    assert b"<svg" in code.body
    assert b"<script" not in code.body


@pytest.mark.parametrize("door", ["", "/su-kien", "/ban-khai.pdf", "/ma-qr.svg"])
async def test_a_journey_of_nobody_or_somebody_else_is_not_found(house: House, door: str) -> None:
    owner = await house.owner()

    assert (await owner.get(f"{AT}{door}")).status == 404
    assert (await owner.get(f"/hanh-trinh/khong-co{door}")).status == 404


@pytest.mark.parametrize("door", ["/ban-khai.pdf", "/ma-qr.svg"])
async def test_what_a_running_journey_has_not_brought_is_not_there(house: House, door: str) -> None:
    owner = await house.owner()
    await begun(house, owner)

    assert (await owner.get(f"{AT}{door}")).status == 404


async def test_an_editor_follows_but_is_not_sent_to_the_wizard(house: House) -> None:
    owner = await house.owner()
    id = await begun(house, owner)
    house.portal.end(ID, Refused("JOURNEY_REFUSED", cause="X", cause_vi="Không được."))

    page = await (await house.editor(owner)).get(AT)

    assert page.status == 200
    assert f"/bat-dau/{id}" not in page.text
