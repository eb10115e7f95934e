"""The team's rooms: inviting, joining by signing up or in, roles, leaving, switching."""

from __future__ import annotations

import re
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


async def invited(owner: Browser, role: str = "editor") -> str:
    """The path of a fresh invitation link."""
    page = await owner.submit(await owner.get("/nhom"), "/nhom/moi", role=role)
    found = re.search(r"/moi/[\w-]{43}", page.text)
    assert found is not None
    return found[0]


async def session(house: House, browser: Browser):
    return await house.accounts.session(browser.cookies[SESSION])


async def test_a_stranger_signs_up_and_joins(house: House) -> None:
    owner = await house.owner()
    await owner.submit(await owner.get("/nhom"), "/nhom/ten", name="Nhà nghỉ Gió Biển")
    path, binh = await invited(owner), house.browser()

    page = await binh.get(path)
    assert "Nhà nghỉ Gió Biển" in page.text
    form = await binh.get(re.findall(r'class="lamp" href="([^"]+)"', page.text)[0])
    typed = {"name": "Bình", "identifier": "binh@example.vn", "password": PASSWORD}
    codes = await binh.submit(form, "/dang-ky", **typed)
    assert f'href="{path}"' in codes.text
    joined = await binh.submit(await binh.get(path), path)

    assert joined.location == "/trang-chu"
    found = await session(house, binh)
    assert (found.tenant, found.role) == (owner.session.tenant, Role.EDITOR)
    assert (await house.browser().get(path)).status == 404


async def test_whoever_has_an_account_signs_in_and_joins(house: House) -> None:
    owner, path = await house.owner(), ""
    path = await invited(owner, "viewer")
    identifier, _ = await house.user("Bình")
    binh = house.browser()

    back = await binh.submit(
        await binh.get(f"/dang-nhap?tiep={path}"),
        "/dang-nhap",
        identifier=identifier,
        password=PASSWORD,
    )
    assert back.location == path
    await binh.submit(await binh.get(path), path)

    assert (await session(house, binh)).role is Role.VIEWER


async def test_an_invitation_that_is_gone_says_what_to_do(house: House) -> None:
    owner = await house.owner()
    path = await invited(owner)
    await owner.submit(await owner.get("/nhom"), "/nhom/rut")

    page = await house.browser().get(path)

    assert page.status == 404
    assert "Hãy xin một lời mời mới" in page.text


async def test_an_owner_changes_a_role_and_takes_somebody_out(house: House) -> None:
    owner = await house.owner()
    binh = await house.member(owner, Role.VIEWER)
    user = binh.session.user_id

    await owner.post("/nhom/vai-tro", {"user": user, "role": "editor"})
    assert (await session(house, binh)).role is Role.EDITOR
    page = await owner.get(f"/nhom/roi/{user}")
    assert "Trần Văn Bình" in page.text
    await owner.submit(page, "/nhom/go")

    assert (await binh.get("/nhom")).location.startswith("/dang-nhap")


async def test_the_last_owner_reads_why_they_stay(house: House) -> None:
    owner = await house.owner()
    await house.member(owner, Role.EDITOR)

    page = await owner.submit(await owner.get(f"/nhom/roi/{owner.session.user_id}"), "/nhom/roi")

    assert page.status == 422
    assert "trao quyền chủ cho người khác trước" in page.text


async def test_a_member_leaves_by_their_own_choice(house: House) -> None:
    owner = await house.owner()
    binh = await house.member(owner, Role.EDITOR)

    page = await binh.submit(await binh.get(f"/nhom/roi/{binh.session.user_id}"), "/nhom/roi")

    assert page.location == "/dang-nhap"
    assert len(await house.accounts.teams.team(owner.session)) == 1


async def test_a_member_sees_the_team_and_no_button_that_would_refuse(house: House) -> None:
    owner = await house.owner("Chủ Cơ Sở")
    viewer = await house.viewer(owner)

    page = await viewer.get("/nhom")

    assert "Chủ Cơ Sở" in page.text
    assert {form.action for form in page.forms} <= {"/nhom/doi", "/dang-xuat"}
    assert (await viewer.get(f"/nhom/roi/{owner.session.user_id}")).status == 404


async def test_whoever_belongs_to_two_businesses_switches(house: House) -> None:
    owner = await house.owner()
    path = await invited(owner)
    binh = await house.owner("Bình")
    await binh.submit(await binh.get(path), path)
    assert (await session(house, binh)).tenant == owner.session.tenant

    back = await binh.submit(await binh.get("/nhom"), "/nhom/doi")

    assert back.location == "/nhom"
    assert (await session(house, binh)).tenant == binh.session.tenant
    foreign = await house.owner("Người lạ")
    stayed = await foreign.post("/nhom/doi", {"tenant": owner.session.tenant})
    assert stayed.status == 404
    assert (await session(house, foreign)).tenant == foreign.session.tenant


@pytest.mark.parametrize(("name", "said"), [(" ", "tên cơ sở"), ("x" * 201, "dài nhất là 200")])
async def test_a_business_has_a_name(house: House, name: str, said: str) -> None:
    owner = await house.owner()

    page = await owner.submit(await owner.get("/nhom"), "/nhom/ten", name=name)

    assert page.status == 422
    assert said in page.text
