"""Signing in and out; what was typed into a form whose session was lost comes back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.portal.accounts import Role
from haidang.portal.web.visit import SESSION

from tests.portal.web.browser import Browser
from tests.portal.web.house import PASSWORD, House, a_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


async def signing_in(browser: Browser, identifier: str, password: str = PASSWORD, at: str = ""):
    page = await browser.get(f"/dang-nhap{at}")
    return await browser.submit(page, "/dang-nhap", identifier=identifier, password=password)


async def test_sign_in_goes_where_the_visitor_was_going(house: House) -> None:
    identifier, _ = await house.user()
    browser = house.browser()

    page = await signing_in(browser, identifier, at="?tiep=/ten-mien?trang=2")

    assert (page.status, page.location) == (303, "/ten-mien?trang=2")
    assert SESSION in browser.cookies


async def test_unknown_and_wrong_are_answered_in_the_same_words(house: House) -> None:
    identifier, _ = await house.user()

    wrong = await signing_in(house.browser(), identifier, "another password 1")
    unknown = await signing_in(house.browser(), "0911111111", "another password 1")

    assert wrong.status == unknown.status == 422
    told = "Số điện thoại hoặc thư điện tử và mật khẩu chưa khớp nhau"
    assert told in wrong.text
    assert told in unknown.text


async def test_every_sign_in_is_a_new_token_and_the_old_one_is_not_revived(house: House) -> None:
    identifier, first = await house.user()
    browser = house.browser()
    browser.cookies[SESSION] = "planted-by-somebody-else-0123456789"

    await signing_in(browser, identifier)

    assert browser.cookies[SESSION] not in {
        "planted-by-somebody-else-0123456789",
        first.cookies[SESSION],
    }


async def test_whoever_signs_out_is_out_everywhere_with_that_token(house: House) -> None:
    owner = await house.owner()
    token = owner.cookies[SESSION]

    page = await owner.post("/dang-xuat")

    assert (page.status, page.location) == (303, "/")
    assert SESSION not in owner.cookies
    assert await house.accounts.session(token) is None


async def test_members_have_the_roles_the_house_gives_them(house: House) -> None:
    owner = await house.owner()

    team = [await house.editor(owner), await house.viewer(owner), await house.operator()]

    assert [one.session.role for one in team] == [Role.EDITOR, Role.VIEWER, Role.OWNER]
    assert team[0].session.tenant == team[1].session.tenant == owner.session.tenant
    assert team[2].session.is_operator
