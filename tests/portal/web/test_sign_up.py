"""Signing up: one form, codes to print, and every fault at its field."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.portal.web.house import PASSWORD, House, a_house

LAN = {"name": "Nguyễn Thị Lan", "identifier": "0901 234 567", "password": PASSWORD}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


async def test_whoever_signs_up_is_signed_in_and_sees_ten_codes(house: House) -> None:
    lan = house.browser()
    form = await lan.get("/dang-ky")

    page = await lan.submit(form, "/dang-ky", **LAN)

    assert page.status == 200
    codes = re.findall(r'class="code">([^<]+)<', page.text)
    assert len(set(codes)) == 10
    assert 'href="/bat-dau"' in page.text
    assert page.headers["cache-control"] == "no-store"
    assert (await lan.get("/dang-nhap")).location == "/trang-chu"


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("name", "", "cho biết tên"),
        ("name", "x" * 101, "dài nhất là 100"),
        ("identifier", "", "Số điện thoại chưa đúng"),
        ("identifier", "12345", "Số điện thoại chưa đúng"),
        ("identifier", "lan", "Hãy nhập số điện thoại"),
        ("identifier", "lan@", "thư điện tử chưa đúng"),
        ("password", "ngan", "ít nhất 8 ký tự"),
        ("password", "x y" * 60, "dài nhất là 128"),
        ("password", "password1", "dễ đoán"),
        ("password", "0901234567", "dễ đoán"),
        ("password", "nguyenthilan", "dễ đoán"),
        ("password", "mậtkhẩu1", "dễ đoán"),
    ],
)
async def test_a_fault_is_said_at_its_field_and_what_was_typed_is_kept(
    house: House, field: str, text: str, said: str
) -> None:
    lan = house.browser()
    form = await lan.get("/dang-ky")

    page = await lan.submit(form, "/dang-ky", **{**LAN, field: text})

    assert page.status == 422
    fault = re.search(rf'id="{field}-fault">.*?<span>([^<]+)</span>', page.text, re.DOTALL)
    assert fault is not None
    assert said in fault[1]
    again = dict(page.form("/dang-ky").fields)
    assert again["password"] == "", "no page shows a password"
    kept = {**LAN, field: text} | {"password": ""}
    assert {name: again[name] for name in kept} == kept


async def test_every_fault_of_the_form_is_said_at_once_in_its_order(house: House) -> None:
    lan = house.browser()
    form = await lan.get("/dang-ky")

    page = await lan.submit(form, "/dang-ky", name="", identifier="", password="")

    faults = re.findall(r'id="(\w+)-fault"', page.text)
    assert faults == ["name", "identifier", "password"]


async def test_a_double_tap_is_one_account_and_its_later_codes_hold(house: House) -> None:
    lan = house.browser()
    form = await lan.get("/dang-ky")

    answers = [await lan.submit(form, "/dang-ky", **LAN) for _ in range(2)]

    assert [page.status for page in answers] == [200, 200]
    user = await house.accounts.ledger.user_called("+84901234567")
    assert (await house.accounts.ledger.codes_left(user.id))[0] == 10


async def test_a_taken_identifier_is_said_in_every_spelling(house: House) -> None:
    lan, other = house.browser(), house.browser()
    await lan.submit(await lan.get("/dang-ky"), "/dang-ky", **LAN)

    taken = {**LAN, "identifier": "+84 901.234.567"}
    page = await other.submit(await other.get("/dang-ky"), "/dang-ky", **taken)

    assert page.status == 422
    assert "đã có tài khoản" in page.text
    assert "phien" not in other.cookies


async def test_mail_addresses_are_one_account_in_any_case_and_script(house: House) -> None:
    for number, spelling in enumerate(["Lan@Bánhmì.vn", "lan@xn--bnhm-5na3e.vn"]):
        browser = house.browser()
        typed = {**LAN, "identifier": spelling}
        page = await browser.submit(await browser.get("/dang-ky"), "/dang-ky", **typed)
        assert page.status == (422 if number else 200)
