"""The operator's console: strangers see nothing, looks are written first, words reach runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from haidang.api.domains.v1 import domains_pb2
from haidang.core.errors import Unavailable
from haidang.core.operations.rows import OperationState
from haidang.core.testing.memory import NOON
from haidang.portal.looks import EVERYBODY
from haidang.portal.web.doors import OPERATOR

from tests.portal.web.browser import Browser, Page
from tests.portal.web.operator_house import Console, a_console

WHY = "Chủ cơ sở gọi lúc 9:10 hỏi về yêu cầu"
RECEIPT = {
    "receipt.authorization_id": "gd-4711",
    "receipt.amount_dong": "525000",
    "receipt.expires_at": (NOON + timedelta(days=7)).isoformat(),
}


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    async with a_console(tmp_path) as console:
        yield console


async def opened(browser: Browser, path: str, tenant: str, why: str = WHY) -> Page:
    """The page at *path*, after the reason it asks for is given."""
    asked = await browser.get(path)
    assert 'name="why"' in asked.text
    sent = await browser.submit(asked, "/operator/ly-do", why=why)
    assert (sent.status, sent.location) == (303, path)
    return await browser.follow(sent)


async def test_a_stranger_and_an_owner_learn_nothing_of_the_console(console: Console) -> None:
    doors = [door for door in console.site.app.state.doors if door.needs == OPERATOR]
    owner, stranger = await console.site.owner(), console.site.browser()

    assert len(doors) >= 9
    for door in doors:
        path = door.path.format(service="journeys", id="x", effect="authorize", tenant="t1")
        send = owner.get if door.method == "GET" else owner.post
        assert (await send(path)).status == 404
        if door.method == "GET":
            assert (await stranger.get(path)).location.startswith("/dang-nhap")


async def test_the_first_glance_shows_trouble_first_and_what_is_down(console: Console) -> None:
    name = await console.troubled()
    operator = await console.site.operator()

    page = await operator.get("/operator")

    assert page.status == 200
    assert page.text.index("Cần người vận hành") < page.text.index("Yêu cầu theo trạng thái")
    assert f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}" in page.text
    assert "ACT_UNFORESEEN" in page.text
    assert "Tiến trình media-worker đang dừng." in page.text
    assert page.text.count("<polyline") == 3  # only journeys had hours to draw


async def test_a_deaf_service_hides_no_other(console: Console) -> None:
    console.calls.answers["operator.esign.GetOverview"] = Unavailable("NOT_READY")
    await console.troubled()
    operator = await console.site.operator()

    page = await operator.get("/operator")

    assert "Phần esign không trả lời (NOT_READY)" in page.text
    assert "ACT_UNFORESEEN" in page.text


async def test_a_timeline_asks_why_writes_the_look_and_shows_no_sealed_value(
    console: Console,
) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}"
    operator = await console.site.operator()

    page = await opened(operator, path, "t1")

    assert "Cần người vận hành" in page.text
    assert f'href="{path}/authorize"' in page.text
    assert "<code>register</code>" in page.text  # announced, still to come
    for personal in ("0901234567", "Nguyễn Thị Lan", "lan@example.vn", "sandbox-account"):
        assert personal not in page.text
    looks = await console.site.offices.looks.of_tenant("t1", None)
    assert [(one.what, one.why, one.operator_name) for one in looks] == [
        ("timeline", WHY, "Người Vận Hành")
    ]


async def test_a_reason_holds_an_hour_and_for_its_business_alone(console: Console) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}"
    operator = await console.site.operator()
    await opened(operator, path, "t1")

    other = await console.begins(tenant="t2", n=7)
    page = await operator.get(f"/operator/yeu-cau/journeys/{other.removeprefix('operations/')}")
    assert 'name="why"' in page.text
    console.site.clock.advance(3601)
    assert 'name="why"' in (await operator.get(path)).text


async def test_without_a_reason_nothing_is_shown_and_a_thin_one_is_refused(
    console: Console,
) -> None:
    operator = await console.site.operator()
    asked = await operator.get("/operator/co-so")

    thin = await operator.submit(asked, "/operator/ly-do", why="xem")

    assert thin.status == 422
    assert "cơ sở sẽ đọc được lý do này" in thin.text
    assert 'value="xem"' in thin.text
    assert await console.site.offices.looks.of_tenant(EVERYBODY, None) == []


async def test_a_reason_never_leads_off_the_console(console: Console) -> None:
    operator = await console.site.operator()

    for onward in ("https://xau.example/", "//xau.example", "/tai-khoan", "/operator/../dang-xuat"):
        sent = await operator.post(
            "/operator/ly-do", {"tenant": "t1", "onward": onward, "why": WHY}
        )
        assert sent.location.startswith("/operator")
        assert ".." not in sent.location


async def test_an_operators_word_lets_the_journey_end(console: Console) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}/authorize"
    operator = await console.site.operator()
    page = await opened(operator, path, "t1")
    assert 'name="receipt.authorization_id"' in page.text

    (held,) = console.journeys.bank.vault.left  # what a call to the bank would tell
    receipt = {**RECEIPT, "receipt.authorization_id": held}
    sent = await operator.submit(page, path, happened="yes", **receipt)

    assert sent.status == 303
    ended = await console.desk.wait(name, tenant="t1", timeout_seconds=10)
    assert ended.state is OperationState.SUCCEEDED
    shown = await operator.follow(sent)
    assert "việc đã xảy ra" in shown.text
    assert "do tôi" in shown.text
    assert console.journeys.world.did.count("payment.authorize") == 1


async def test_saying_it_did_not_happen_sends_the_order_once_more(console: Console) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}/authorize"
    operator = await console.site.operator()
    page = await opened(operator, path, "t1")

    for _ in range(2):  # a double tap
        await operator.submit(page, path, happened="no")

    ended = await console.desk.wait(name, tenant="t1", timeout_seconds=10)
    assert ended.state is OperationState.SUCCEEDED
    assert console.journeys.world.did[-1] == "esign.declare"


async def test_a_wrong_receipt_stands_at_its_fields_and_what_was_typed_stays(
    console: Console,
) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}/authorize"
    operator = await console.site.operator()
    page = await opened(operator, path, "t1")

    nothing = await operator.submit(page, path)
    assert nothing.status == 422
    assert "Hãy chọn việc đã xảy ra hay chưa." in nothing.text
    wrong = {**RECEIPT, "receipt.amount_dong": "nhiều", "receipt.expires_at": "mai"}
    refused = await operator.submit(page, path, happened="yes", **wrong)

    assert refused.status == 422
    assert 'href="#receipt.amount_dong"' in refused.text
    assert 'value="gd-4711"' in refused.text
    right = {**wrong, "receipt.amount_dong": "525000"}
    again = await operator.submit(refused, path, happened="yes", **right)
    assert 'href="#receipt.expires_at"' in again.text  # the service's own judgement
    done = await operator.submit(again, path, happened="yes", **RECEIPT)
    assert done.status == 303


async def test_an_effect_that_waits_for_nobody_has_no_danger_page(console: Console) -> None:
    name = await console.begins(n=3)
    await console.desk.wait(name, tenant="t1", timeout_seconds=10)
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}/authorize"
    operator = await console.site.operator()
    asked = await operator.get(path)
    sent = await operator.submit(asked, "/operator/ly-do", why=WHY)

    page = await operator.follow(sent)

    assert page.status == 409
    assert "không chờ người vận hành" in page.text


async def test_businesses_are_listed_and_opened_under_a_written_reason(console: Console) -> None:
    owner = await console.site.owner("Homestay Gió Biển")
    console.calls.answers["domains.ListRegistrations"] = domains_pb2.ListRegistrationsResponse(
        registrations=[domains_pb2.Registration(domain="gio-bien.vn", registry="sandbox")]
    )
    operator = await console.site.operator()
    tenant = owner.session.tenant

    listed = await opened(operator, "/operator/co-so", EVERYBODY)
    assert "Homestay Gió Biển" in listed.text
    one = await opened(operator, f"/operator/co-so/{tenant}", tenant, "Chủ gọi hỏi về tên miền")

    assert "gio-bien.vn" in one.text
    assert "0900" in one.text.replace("\u00a0", "")
    asked = console.calls.did[-1]
    assert (asked.actor.tenant, asked.actor.grants) == (
        tenant,
        frozenset({"domains.read", "websites.read"}),
    )
    looks = await console.site.offices.looks.of_tenant(tenant, NOON)
    assert {(one.what, one.why) for one in looks} == {
        ("tenants", WHY),
        ("tenant", "Chủ gọi hỏi về tên miền"),
    }
    audit = await operator.get("/operator/luot-xem")
    assert "Chủ gọi hỏi về tên miền" in audit.text
    assert "mọi cơ sở" in audit.text


async def test_a_name_is_searched_and_never_a_wild_card(console: Console) -> None:
    await console.site.owner("Quán Bến Cá")
    operator = await console.site.operator()
    await opened(operator, "/operator/co-so", EVERYBODY)

    found = await operator.get("/operator/co-so?tim=B%E1%BA%BFn")
    wild = await operator.get("/operator/co-so?tim=%25")

    assert "Quán Bến Cá" in found.text
    assert "Không có cơ sở nào khớp." in wild.text


async def test_plugins_and_processes_say_how_they_are(console: Console) -> None:
    operator = await console.site.operator()

    page = await operator.get("/operator/he-thong")

    assert "ImportError: no module" in page.text
    assert "Chạy nhưng không phục vụ" in page.text
    assert "Đang dừng" in page.text


async def test_every_page_of_the_console_is_whole_in_both_languages(console: Console) -> None:
    name = await console.troubled()
    path = f"/operator/yeu-cau/journeys/{name.removeprefix('operations/')}"
    operator = await console.site.operator()
    await opened(operator, f"{path}/authorize", "t1")
    await opened(operator, "/operator/co-so", EVERYBODY)
    paths = [
        "/operator",
        "/operator/yeu-cau",
        "/operator/yeu-cau?dich-vu=journeys&trang-thai=needs_operator",
        path,
        f"{path}/authorize",
        "/operator/co-so",
        "/operator/he-thong",
        "/operator/luot-xem",
    ]

    for each in paths:
        for language in ("vi", "en"):
            joined = "&" if "?" in each else "?"
            page = await operator.get(f"{each}{joined}lang={language}")
            assert page.status == 200, each
            assert f'lang="{language}"' in page.text
            assert "style=" not in page.text


async def test_a_list_of_a_service_that_is_not_there_is_not_found(console: Console) -> None:
    operator = await console.site.operator()

    assert (await operator.get("/operator/yeu-cau?dich-vu=khong-co")).status == 404
    assert (await operator.get("/operator/yeu-cau/khong-co/x")).status == 404
    assert (await operator.get("/operator/yeu-cau/journeys/khong-co")).status == 404
