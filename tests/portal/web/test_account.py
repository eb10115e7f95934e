"""The account's rooms: devices, password, codes, passkeys, keys; and forms that come back."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.portal.accounts.operators.links import new_link
from haidang.portal.operator_command import LASTS
from haidang.portal.web.visit import SESSION

from tests.portal.accounts.authenticator import Authenticator
from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import ORIGIN, PASSWORD, SECRET, House, a_house

NEW = "bon mon do trong bep 7"
STALE_SECONDS = 11 * 60


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


def said_at(page: Page, field: str) -> str:
    found = re.search(rf'id="{field}-fault">.*?<span>([^<]+)</span>', page.text, re.DOTALL)
    return found[1] if found else ""


async def confirmed(browser: Browser, page: Page) -> Page:
    """Type the password where a sensitive door asks for it."""
    if page.location:
        page = await browser.follow(page)
    return await browser.submit(page, "/xac-nhan", password=PASSWORD)


async def test_a_form_whose_session_was_lost_comes_back_with_nothing_lost(house: House) -> None:
    identifier, owner = await house.user()
    page = await owner.get("/nhom")
    await house.accounts.sessions.end(owner.session, owner.session.id)

    lost = await owner.submit(page, "/nhom/ten", name="Nhà nghỉ Gió Biển  ")
    assert lost.status == 401
    assert "những gì anh/chị vừa gõ được giữ nguyên" in lost.text
    wrong = await owner.submit(lost, "/dang-nhap", identifier=identifier, password="sai mật khẩu")
    assert wrong.status == 422
    back = await owner.submit(wrong, "/dang-nhap", identifier=identifier, password=PASSWORD)
    assert "Tiếp tục" in back.text
    sent = await owner.submit(back, "/nhom/ten")

    assert sent.location == "/nhom"
    assert "Nhà nghỉ Gió Biển" in (await owner.get("/nhom")).text


async def test_a_stranger_who_is_asked_on_a_signed_in_page_can_sign_in_there(house: House) -> None:
    identifier, _ = await house.user()
    browser = house.browser()

    lost = await browser.post("/nhom/ten", {"name": "Gió Biển"}, csrf="00" * 64)
    back = await browser.submit(lost, "/dang-nhap", identifier=identifier, password=PASSWORD)

    assert ("name", "Gió Biển") in back.form("/nhom/ten").fields


async def test_a_form_of_another_tab_is_sent_again_by_one_tap(house: House) -> None:
    owner = await house.owner()
    tab = await owner.get("/nhom")
    house.clock.advance(STALE_SECONDS)
    await confirmed(owner, await owner.get("/tai-khoan/khoa-api"))

    asked = await owner.submit(tab, "/nhom/ten", name="Gió Biển")
    assert asked.status == 403
    assert "Gió Biển" not in (await owner.get("/nhom")).text
    assert (await owner.submit(asked, "/nhom/ten")).location == "/nhom"
    silent = await owner.post(
        "/nhom/ten", {"name": "x"}, csrf=tab.csrf, headers={"origin": "", "sec-fetch-site": ""}
    )
    assert "Tiếp tục" not in silent.text


async def test_several_values_of_one_field_are_all_kept(house: House) -> None:
    identifier, owner = await house.user()
    page = await owner.get("/tai-khoan/khoa-api")
    kept = [pair for pair in page.form("/tai-khoan/khoa-api").fields if pair[0] != "name"]
    await house.accounts.sessions.end(owner.session, owner.session.id)

    scopes = [("scopes", "domains.read"), ("scopes", "websites.read"), ("name", "Máy bán hàng")]
    lost = await owner.post("/tai-khoan/khoa-api", [*kept, *scopes], csrf="")
    back = await owner.submit(lost, "/dang-nhap", identifier=identifier, password=PASSWORD)
    sent = await owner.submit(back, "/tai-khoan/khoa-api")

    assert re.search(r"hd_live_[0-9a-f]{12}_[\w-]{43}", sent.text)


async def test_a_password_or_code_is_never_carried(house: House) -> None:
    _, owner = await house.user()
    await house.accounts.sessions.end(owner.session, owner.session.id)

    lost = await owner.post(
        "/tai-khoan/mat-khau",
        {"present_password": "cũ bí mật", "new_password": "mới bí mật", "ghi-chu": "giữ"},
        csrf="00" * 64,
    )

    assert "bí mật" not in lost.text
    assert 'name="giu-ghi-chu"' in lost.text


async def test_a_sensitive_page_asks_again_and_comes_back(house: House) -> None:
    owner = await house.owner()
    before = owner.cookies[SESSION]
    house.clock.advance(STALE_SECONDS)

    back = await confirmed(owner, await owner.get("/tai-khoan/khoa-api"))

    assert back.location == "/tai-khoan/khoa-api"
    assert owner.cookies[SESSION] != before
    assert (await owner.follow(back)).status == 200


async def test_a_sensitive_form_asks_again_and_is_sent_by_one_tap(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/nhom")
    house.clock.advance(STALE_SECONDS)

    asked = await owner.submit(page, "/nhom/moi", role="viewer")
    assert asked.status == 401
    wrong = await owner.submit(asked, "/xac-nhan", password="sai mật khẩu")
    assert (wrong.status, said_at(wrong, "password")) == (422, "Mật khẩu hiện tại chưa đúng.")
    back = await confirmed(owner, wrong)
    sent = await owner.submit(back, "/nhom/moi")

    assert re.search(rf"{ORIGIN}/moi/[\w-]{{43}}", sent.text)


async def test_another_device_is_signed_out_from_here(house: House) -> None:
    identifier, owner = await house.user()
    phone = house.browser(agent="Mozilla/5.0 (iPhone; CPU iPhone OS 19_0) Version/19 Safari/604")
    await phone.submit(
        await phone.get("/dang-nhap"), "/dang-nhap", identifier=identifier, password=PASSWORD
    )
    page = await owner.get("/tai-khoan/phien")
    assert "Safari · iPhone" in page.text

    done = await owner.submit(page, "/tai-khoan/phien")

    assert done.location.startswith("/tai-khoan/phien")
    assert "Đã đăng xuất máy đó." in (await owner.follow(done)).text
    assert (await phone.get("/tai-khoan")).location.startswith("/dang-nhap")
    assert (await owner.get("/tai-khoan")).status == 200


async def test_signing_out_everywhere_leaves_this_browser(house: House) -> None:
    identifier, owner = await house.user()
    phone = house.browser()
    await phone.submit(
        await phone.get("/dang-nhap"), "/dang-nhap", identifier=identifier, password=PASSWORD
    )

    await owner.submit(await owner.get("/tai-khoan/phien"), "/tai-khoan/phien/tat-ca")

    assert (await phone.get("/tai-khoan")).location.startswith("/dang-nhap")
    assert (await owner.get("/tai-khoan")).status == 200


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"present_password": "sai", "new_password": NEW}, "present_password"),
        ({"present_password": PASSWORD, "new_password": "ngan"}, "new_password"),
        ({"present_password": PASSWORD, "new_password": "password1"}, "new_password"),
    ],
)
async def test_a_fault_of_another_password_is_said_at_its_field(
    house: House, typed: dict[str, str], field: str
) -> None:
    owner = await house.owner()
    page = await owner.get("/tai-khoan/mat-khau")

    refused = await owner.submit(page, "/tai-khoan/mat-khau", **typed)

    assert refused.status == 422
    assert said_at(refused, field)
    assert not any(text in refused.text for text in typed.values() if len(text) > 4)


async def test_another_password_keeps_this_browser_signed_in(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/tai-khoan/mat-khau")

    done = await owner.submit(
        page, "/tai-khoan/mat-khau", present_password=PASSWORD, new_password=NEW
    )

    assert "Đã đổi mật khẩu" in (await owner.follow(done)).text


async def test_a_code_opens_a_forgotten_account(house: House) -> None:
    stranger = house.browser()
    typed = {"name": "Lan", "identifier": "0901234567", "password": PASSWORD}
    codes = await stranger.submit(await stranger.get("/dang-ky"), "/dang-ky", **typed)
    code = re.findall(r'class="code">([^<]+)<', codes.text)[4]

    other = house.browser()
    form = await other.get("/khoi-phuc")
    wrong = await other.submit(
        form, "/khoi-phuc", identifier="0901234567", code="AAAA-BBBB-CCCC", new_password=NEW
    )
    assert (wrong.status, bool(said_at(wrong, "code"))) == (422, True)
    assert "AAAA-BBBB-CCCC" not in wrong.text
    done = await other.submit(
        wrong, "/khoi-phuc", identifier="0901 234 567", code=code.lower(), new_password=NEW
    )

    assert done.location == "/tai-khoan/ma-khoi-phuc"
    assert "Còn 9 mã" in (await other.follow(done)).text
    assert (await stranger.get("/tai-khoan")).location.startswith("/dang-nhap")


async def test_new_codes_are_shown_once(house: House) -> None:
    owner = await house.owner()

    page = await owner.submit(await owner.get("/tai-khoan/ma-khoi-phuc"), "/tai-khoan/ma-khoi-phuc")

    codes = re.findall(r'class="code">([^<]+)<', page.text)
    assert len(codes) == 10
    after = await owner.get("/tai-khoan/ma-khoi-phuc")
    assert not any(code in after.text for code in codes)


async def test_a_passkey_is_added_used_and_removed(house: House) -> None:
    owner, phone = await house.owner(), Authenticator()
    options = await owner.post("/tai-khoan/khoa-truy-cap/tuy-chon")
    added = await owner.post(
        "/tai-khoan/khoa-truy-cap",
        {"name": "Máy của Lan", "credential": phone.create(options.text)},
    )
    assert added.location == "/tai-khoan/khoa-truy-cap"

    other = house.browser()
    await other.get("/dang-nhap")
    options = await other.post("/dang-nhap/tuy-chon")
    answer = {"credential": phone.get(options.text), "tiep": "/giay-to"}
    assert (await other.post("/dang-nhap/khoa", answer)).location == "/giay-to"
    again = await house.browser().post("/dang-nhap/khoa", answer)
    assert again.status == 422
    assert "chưa được chấp nhận" in again.text

    page = await owner.get("/tai-khoan/khoa-truy-cap")
    assert "Máy của Lan" in page.text
    await owner.submit(page, "/tai-khoan/khoa-truy-cap/go")
    assert "Máy của Lan" not in (await owner.get("/tai-khoan/khoa-truy-cap")).text


async def test_a_passkey_confirms_before_a_sensitive_page(house: House) -> None:
    owner, phone = await house.owner(), Authenticator()
    options = await owner.post("/tai-khoan/khoa-truy-cap/tuy-chon")
    made = {"name": "Khóa", "credential": phone.create(options.text)}
    await owner.post("/tai-khoan/khoa-truy-cap", made)
    house.clock.advance(STALE_SECONDS)

    options = await owner.post("/xac-nhan/tuy-chon")
    answer = {"credential": phone.get(options.text), "tiep": "/tai-khoan/khoa-api"}
    back = await owner.post("/xac-nhan/khoa", answer)

    assert back.location == "/tai-khoan/khoa-api"
    assert (await owner.follow(back)).status == 200


async def test_options_are_json_that_no_cache_keeps(house: House) -> None:
    owner = await house.owner()
    for path in ("/dang-nhap/tuy-chon", "/xac-nhan/tuy-chon", "/tai-khoan/khoa-truy-cap/tuy-chon"):
        page = await owner.post(path)
        assert json.loads(page.text)["challenge"]
        assert page.headers["cache-control"] == "no-store"


async def test_a_key_is_shown_once_listed_and_revoked(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/tai-khoan/khoa-api")
    typed = {"name": "Máy bán hàng", "scopes": "websites.read", "days": "30"}

    made = await owner.submit(page, "/tai-khoan/khoa-api", **typed)

    text = re.search(r"hd_live_[0-9a-f]{12}_[\w-]{43}", made.text)
    assert text is not None
    assert await house.accounts.keys.actor(text[0]) is not None
    listed = await owner.get("/tai-khoan/khoa-api")
    assert text[0] not in listed.text
    assert text[0][:20] in listed.text
    await owner.submit(listed, "/tai-khoan/khoa-api/thu-hoi")
    assert await house.accounts.keys.actor(text[0]) is None
    assert "Đã thu hồi" in (await owner.get("/tai-khoan/khoa-api")).text


async def test_a_key_form_keeps_what_was_chosen(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/tai-khoan/khoa-api")

    refused = await owner.submit(page, "/tai-khoan/khoa-api", scopes="esign.read", days="180")

    assert said_at(refused, "name")
    fields = refused.form("/tai-khoan/khoa-api").fields
    assert ("scopes", "esign.read") in fields
    assert ("days", "180") in fields
    for days in ("0", "999", "-1", "ba mươi", "³"):
        typed = {"name": "Khóa", "scopes": "esign.read", "days": days}
        assert said_at(await owner.submit(page, "/tai-khoan/khoa-api", **typed), "days")


async def test_an_operator_link_is_opened_signed_in_and_taken_by_a_button(house: House) -> None:
    owner = await house.owner()
    path = f"/quyen-van-hanh/{new_link(SECRET, house.clock.now() + LASTS)}"

    assert (await house.browser().get(path)).location.startswith("/dang-nhap?tiep=")
    page = await owner.get(path)
    assert not (await house.accounts.session(owner.cookies[SESSION])).is_operator
    taken = await owner.submit(page, path)

    assert taken.location == "/operator"
    assert (await house.accounts.session(owner.cookies[SESSION])).is_operator
    assert (await owner.get(path)).status == 200
    again = await owner.submit(page, path)
    assert "mở từ trước" in again.text, "its form was bound to the token before"
    assert (await owner.submit(again, path)).status == 404


async def test_a_name_is_changed_and_a_fault_keeps_it(house: House) -> None:
    owner = await house.owner()
    page = await owner.get("/tai-khoan")

    assert (await owner.submit(page, "/tai-khoan", name="Lê Thị Ẩn")).location == "/tai-khoan"
    assert "<h1>Lê Thị Ẩn</h1>" in (await owner.get("/tai-khoan")).text
    refused = await owner.submit(page, "/tai-khoan", name=" ")
    assert (refused.status, said_at(refused, "name")) == (
        422,
        "Hãy cho biết tên để chúng tôi xưng hô.",
    )
