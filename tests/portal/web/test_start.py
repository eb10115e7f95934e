"""The wizard's questions: kept as they are typed, judged at their fields, taken up anywhere."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.errors import sentence

from tests.portal.starts.known import FACTS, an_id
from tests.portal.web.house import House, a_house
from tests.portal.web.start_house import Portal, a_start, facts_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        Portal(house)
        yield house


async def test_the_first_visit_is_the_first_question(house: House) -> None:
    owner = await house.owner()

    page = await owner.get("/bat-dau")

    assert page.status == 200
    assert "Tên trên biển hiệu" in page.text
    assert not await house.offices.starts.open_ones(owner.session.tenant)


async def test_the_first_answers_make_a_start_that_knows_the_account(house: House) -> None:
    owner = await house.owner("Nguyễn Thị Lan")
    page = await owner.get("/bat-dau")

    answer = await owner.submit(
        page, "/bat-dau", sign_name="Nhà Gió Biển", kind="homestay", holder="HOUSEHOLD"
    )

    (start,) = await house.offices.starts.open_ones(owner.session.tenant)
    assert (answer.status, answer.location) == (303, f"/bat-dau/{start.id}/dang-ky")
    assert start["representative_name"] == "Nguyễn Thị Lan"
    assert start["phone"].startswith("0900")
    assert start["sign_name"] == "Nhà Gió Biển"


async def test_a_double_tap_makes_one_start(house: House) -> None:
    owner = await house.owner()
    typed = {"sign_name": "Nhà Gió Biển", "kind": "homestay", "holder": "HOUSEHOLD"}
    sent = {**typed, "request_id": an_id()}

    first, second = await owner.post("/bat-dau", sent), await owner.post("/bat-dau", sent)

    assert first.location == second.location
    assert len(await house.offices.starts.open_ones(owner.session.tenant)) == 1


async def test_what_is_missing_is_said_at_its_field_and_what_was_typed_is_kept(
    house: House,
) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, tax_code="", legal_name="")
    page = await owner.get(f"/bat-dau/{id}/dang-ky")

    answer = await owner.submit(
        page, f"/bat-dau/{id}/dang-ky", tax_code="0318472051", legal_name=""
    )

    assert answer.status == 422
    assert 'id="tax_code-fault"' in answer.text
    assert sentence("TAX_CODE_INVALID", {}) in answer.text
    assert "Ghi tên như trên giấy tờ." in answer.text
    assert 'value="0318472051"' in answer.text
    assert "data-focus" in answer.text
    assert (await facts_of(house, owner, id))["tax_code"] == "0318472051"


async def test_only_a_person_is_asked_for_number_and_birth_date(house: House) -> None:
    owner = await house.owner()
    firm = await owner.get(f"/bat-dau/{await a_start(house, owner)}/dang-ky")
    person = await owner.get(f"/bat-dau/{await a_start(house, owner, holder='PERSON')}/dang-ky")

    assert 'name="personal_id"' not in firm.text
    assert 'name="representative_name"' in firm.text
    assert 'name="birth_on"' in person.text
    assert 'name="representative_name"' not in person.text


@pytest.mark.parametrize(
    ("screen", "onward"),
    [("co-so", "dang-ky"), ("dang-ky", "lien-he"), ("lien-he", "ten")],
)
async def test_a_complete_screen_leads_to_the_next(house: House, screen: str, onward: str) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await owner.get(f"/bat-dau/{id}/{screen}")
    typed = {key: FACTS[key] for key in ("kind", "holder", "province") if f'"{key}"' in page.text}

    answer = await owner.submit(page, f"/bat-dau/{id}/{screen}", **typed)

    assert (answer.status, answer.location) == (303, f"/bat-dau/{id}/{onward}")


async def test_from_the_review_a_correction_leads_back_to_it(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await owner.get(f"/bat-dau/{id}/lien-he?ve=1")

    answer = await owner.submit(page, f"/bat-dau/{id}/lien-he", phone="0912 345 678")

    assert answer.location == f"/bat-dau/{id}/xem-lai"
    assert (await facts_of(house, owner, id))["phone"] == "0912 345 678"


async def test_two_tabs_lose_no_field(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    one = await owner.get(f"/bat-dau/{id}/lien-he")
    two = await owner.get(f"/bat-dau/{id}/lien-he")

    for page, typed in ((one, {"phone": "0911 111 111"}), (two, {"email": "moi@bien.vn"})):
        fields = dict(page.form(f"/bat-dau/{id}/lien-he").fields) | typed
        assert (await owner.post(f"/bat-dau/{id}/luu", fields)).status == 200

    facts = await facts_of(house, owner, id)
    assert (facts["phone"], facts["email"]) == ("0911 111 111", "moi@bien.vn")


async def test_saving_says_when_and_judges_nothing(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    answer = await owner.post(f"/bat-dau/{id}/luu", {"phone": "09", "unheard_of": "x", "tab": "a"})

    assert (answer.status, answer.text) == (200, "Đã lưu lúc 12:00")
    facts = await facts_of(house, owner, id)
    assert facts["phone"] == "09"
    assert "unheard_of" not in facts


@pytest.mark.parametrize(
    ("fact", "value", "kind", "said"),
    [
        ("tax_code", "0318472050", "good", "0318 472 050"),
        ("tax_code", "0318472051", "bad", "có chữ số bị gõ nhầm"),
        ("tax_code", "0314409058-002", "good", "0314 409 058-002"),
        ("tax_code", "077185003461", "good", "077 185 003 461"),
        ("tax_code", "12345", "bad", "10 hoặc 13 chữ số"),
        ("personal_id", "000185003461", "bad", "không bắt đầu bằng 000"),
        ("birth_on", "31/2/1990", "bad", "ngày/tháng/năm"),
        ("birth_on", "17/5/1990", "good", "17/05/1990"),
        ("phone", "0901234567", "good", "0901 234 567"),
        ("email", "chao@", "bad", "thư điện tử chưa đúng"),
    ],
)
async def test_a_fact_is_read_while_it_is_typed(
    house: House, fact: str, value: str, kind: str, said: str
) -> None:
    owner = await house.owner()

    answer = await owner.post(f"/bat-dau/kiem-tra/{fact}", {"value": value})

    assert answer.headers["x-kind"] == kind
    assert said in answer.text


async def test_a_start_is_taken_up_where_something_is_missing(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, email="", domain="")

    assert (await owner.get(f"/bat-dau/{id}")).location == f"/bat-dau/{id}/lien-he"
    page = await owner.get("/bat-dau")
    assert "Nhà Gió Biển" in page.text
    assert f'href="/bat-dau/{id}"' in page.text


async def test_a_start_is_dropped_from_a_page_that_says_what_it_means(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await owner.get(f"/bat-dau/{id}/xoa")

    assert "Chưa có tên miền nào được đăng ký" in page.text
    assert (await owner.submit(page, f"/bat-dau/{id}/xoa")).location == "/bat-dau"
    assert (await owner.get(f"/bat-dau/{id}/co-so")).status == 404


async def test_another_business_finds_nothing_at_any_door(house: House) -> None:
    owner, other = await house.owner(), await house.owner()
    id = await a_start(house, owner)
    doors = [one for one in house.app.state.doors if "{start}" in one.path]

    assert len(doors) > 15
    for door in doors:
        path = door.path.replace("{start}", id).replace("{media}", "0" * 64)
        path = path.replace("{pack}", "p").replace("{file}", "f").replace("{page:path}", "")
        if door.method == "GET":
            answer = await other.get(path)
        else:
            answer = await other.post(path, {"tab": "x"}, files={})
        is_of_the_service = "/assets/" in path or "/media/" in path or "favicon" in path
        assert answer.status == (503 if is_of_the_service else 404), door
    assert len(await house.offices.starts.open_ones(owner.session.tenant)) == 1


async def test_who_may_not_bind_the_business_may_not_begin(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    for browser in (await house.editor(owner), await house.viewer(owner)):
        assert (await browser.get("/bat-dau")).status == 403
        assert (await browser.get(f"/bat-dau/{id}/xem-lai")).status == 403


async def test_a_session_lost_while_typing_comes_back_with_what_was_typed(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    stranger = house.browser()

    answer = await stranger.post(f"/bat-dau/{id}/lien-he", {"phone": "0912 345 678"})

    assert answer.status == 401
    assert f"/bat-dau/{id}/lien-he" in answer.text
    assert "0912 345 678" in answer.text
