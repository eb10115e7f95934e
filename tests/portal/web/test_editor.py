"""The website editor: whatever an owner types is kept, and two people never lose a word."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from haidang.website_builder.values import StoredWebsite

from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House
from tests.portal.web.websites_house import WebsitesCalls, a_house_with_websites, a_site_of

FAQ = "sua/pages/0/sections/hoi-dap/data"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house_with_websites(tmp_path) as found:
        yield found


async def stored(house: House, browser: Browser, website: StoredWebsite) -> StoredWebsite:
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    return await calls.builder.ledger.website(browser.session.tenant, website.id)


async def content(house: House, browser: Browser, website: StoredWebsite) -> Any:
    return (await stored(house, browser, website)).draft.content


def section(content: Any, identifier: str) -> Any:
    return next(one for one in content["pages"][0]["sections"] if one["id"] == identifier)


async def at(browser: Browser, website: StoredWebsite, path: str = "") -> Page:
    page = await browser.get(f"/trang-web/{website.id}{path and '/'}{path}")
    assert page.status == 200, page.text[:2000]
    return page


async def keep(
    browser: Browser, website: StoredWebsite, path: str, page: Page | None = None, **typed: str
) -> Page:
    """Type into the form at *path* as it is, or as *page* showed it, and save."""
    page = page or await at(browser, website, path)
    return await browser.submit(page, f"/trang-web/{website.id}/{path}", **typed)


async def test_the_only_website_is_opened_at_once_and_none_says_how_to_begin(
    house: House,
) -> None:
    owner = await house.owner()
    assert 'href="/bat-dau"' in (await owner.get("/trang-web")).text

    website = await a_site_of(house, owner)
    assert (await owner.get("/trang-web")).location == f"/trang-web/{website.id}"

    await a_site_of(house, owner)
    listed = await owner.get("/trang-web")
    assert listed.status == 200
    assert "nha-1.vn" in listed.text
    assert "nha-2.vn" in listed.text


async def test_sections_stand_as_cards_in_order(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await at(owner, website)

    order = re.findall(r'id="phan-([a-z-]+)"', page.text)
    assert order == ["mo-dau", "phong", "hoi-dap", "chan-trang"]
    assert page.text.count('class="lamp"') == 1


async def test_a_form_posted_back_unchanged_changes_nothing(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    for path in ("sua/business", "sua/site", FAQ, f"{FAQ}/items/0", "sua/pages/0"):
        saved = await keep(owner, website, path)
        assert saved.status == 303, saved.text

    assert (await stored(house, owner, website)).revision == 1


async def test_a_text_is_saved_at_its_place_with_its_history(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    saved = await keep(owner, website, FAQ, **{"heading.vi": "  Khách hay hỏi "})

    assert (saved.status, saved.location) == (303, f"/trang-web/{website.id}?luu=1")
    assert section(await content(house, owner, website), "hoi-dap")["data"]["heading"] == {
        "vi": "Khách hay hỏi",
        "en": "Often asked",
    }
    history = await at(owner, website, "lich-su")
    assert "anh/chị sửa" in history.text
