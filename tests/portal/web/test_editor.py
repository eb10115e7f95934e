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
from tests.website_builder import sites

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


async def test_what_another_saved_elsewhere_in_the_form_is_kept(house: House) -> None:
    owner = await house.owner()
    other = await house.editor(owner)
    website = await a_site_of(house, owner)
    mine, theirs = (
        await at(owner, website, "sua/business"),
        await at(other, website, "sua/business"),
    )

    await keep(other, website, "sua/business", theirs, email="moi@giobien.vn")
    saved = await keep(owner, website, "sua/business", mine, name="Gió Biển Mới")

    assert saved.status == 303
    business = (await stored(house, owner, website)).draft.business
    assert (business.name, business.email) == ("Gió Biển Mới", "moi@giobien.vn")


async def test_two_people_on_one_field_see_both_texts_and_choose(house: House) -> None:
    owner = await house.owner()
    other = await house.editor(owner)
    website = await a_site_of(house, owner)
    mine, theirs = await at(owner, website, FAQ), await at(other, website, FAQ)
    await keep(other, website, FAQ, theirs, **{"heading.vi": "Bản của Bình"})

    clash = await keep(
        owner, website, FAQ, mine, **{"heading.vi": "Bản của Lan", "heading.en": "Lan's"}
    )

    assert clash.status == 409
    assert "Bản của Bình" in clash.text
    assert "Bản của Lan" in clash.text
    assert section(await content(house, owner, website), "hoi-dap")["data"]["heading"] == {
        "vi": "Bản của Bình",
        "en": "Often asked",
    }
    path = f"/trang-web/{website.id}/{FAQ}"
    for pick, kept in (("mine", "Bản của Lan"), ("theirs", "Bản của Bình")):
        form = clash.form(path)
        fields = [(n, v) for n, v in form.fields if not n.startswith("pick.")]
        chosen = await owner.post(path, [*fields, ("pick.heading.vi", pick)], csrf="")
        heading = section(await content(house, owner, website), "hoi-dap")["data"]["heading"]
        if pick == "mine":
            assert chosen.status == 303, chosen.text
            assert heading == {"vi": kept, "en": "Lan's"}
            await keep(other, website, FAQ, **{"heading.vi": "Bản của Bình"})
            clash = await keep(
                owner, website, FAQ, mine, **{"heading.vi": "Bản của Lan", "heading.en": "x"}
            )
        else:
            assert heading["vi"] == kept


async def autosave(
    browser: Browser, website: StoredWebsite, path: str, page: Page, **typed: str
) -> Page:
    form = page.form(f"/trang-web/{website.id}/{path}")
    pairs = [(n, v) for n, v in form.fields if n not in typed] + list(typed.items())
    return await browser.post(form.action, pairs, csrf="", headers={"x-csrf": page.csrf})


async def test_typing_is_saved_by_the_module_again_and_again(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, FAQ)

    first = await autosave(owner, website, FAQ, page, **{"heading.vi": "Mộ"})
    second = await autosave(
        owner,
        website,
        FAQ,
        page,
        **{"heading.vi": "Một", "revision": first.headers["x-revision"]},
    )

    assert (first.status, first.text) == (200, "Đã lưu vào bản nháp.")
    assert (second.status, second.headers["x-revision"]) == (200, "3")
    assert (
        section(await content(house, owner, website), "hoi-dap")["data"]["heading"]["vi"] == "Một"
    )


async def test_the_module_does_not_write_over_another_and_says_so(house: House) -> None:
    owner = await house.owner()
    other = await house.editor(owner)
    website = await a_site_of(house, owner)
    page = await at(owner, website, "sua/business")
    await keep(other, website, "sua/business", email="moi@giobien.vn")

    told = await autosave(owner, website, "sua/business", page, name="Gió Biển Mới")

    assert told.status == 409
    assert "x-revision" not in told.headers
    assert (await stored(house, owner, website)).draft.business.name == "Gió Biển"


async def test_a_lost_answer_of_the_module_is_no_conflict_with_oneself(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, FAQ)
    await autosave(owner, website, FAQ, page, **{"heading.vi": "Một"})

    again = await autosave(owner, website, FAQ, page, **{"heading.vi": "Một"})

    assert (again.status, again.headers["x-revision"]) == (200, "2")


async def test_what_cannot_be_read_stays_typed_and_the_rest_is_saved(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await keep(
        owner, website, "sua/site/rooms/0", price="tùy mùa", **{"name.vi": "Phòng Mây Trắng"}
    )

    assert page.status == 422
    assert "Mục “Giá một đêm” cần là số tiền" in page.text
    assert 'value="tùy mùa"' in page.text
    room = (await content(house, owner, website))["site"]["rooms"][0]
    assert (room["name"]["vi"], room["price"]) == ("Phòng Mây Trắng", 650000)


async def test_what_may_not_be_published_is_saved_and_said_at_its_field(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await keep(owner, website, FAQ, **{"heading.vi": "x" * 90})

    assert page.status == 422
    assert 'id="heading.vi-fault"' in page.text
    assert 'href="#heading.vi"' in page.text
    heading = section(await content(house, owner, website), "hoi-dap")["data"]["heading"]
    assert heading["vi"] == "x" * 90


async def test_an_entry_taken_away_meanwhile_shows_what_was_typed(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, "sua/site/rooms/1")
    rooms = await at(owner, website, "sua/site/rooms")
    await order(owner, website, "site/rooms", "remove:1", rooms)

    gone = await keep(owner, website, "sua/site/rooms/1", page, **{"name.vi": "Phòng Sóng Lớn"})

    assert gone.status == 409
    assert "Phòng Sóng Lớn" in gone.text


async def order(browser: Browser, website: StoredWebsite, place: str, act: str, page: Page) -> Page:
    form = page.form(f"/trang-web/{website.id}/xep/{place}")
    fields = [(name, value) for name, value in form.fields if name != "act"]
    return await browser.post(form.action, [*fields, ("act", act)], csrf="")


def ids(content: Any) -> list[str]:
    return [one["id"] for one in content["pages"][0]["sections"]]


async def test_an_entry_that_moved_meanwhile_is_still_the_one_that_is_saved(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, "sua/site/rooms/0")
    await order(owner, website, "site/rooms", "down:0", await at(owner, website, "sua/site/rooms"))

    await keep(owner, website, "sua/site/rooms/0", page, **{"name.vi": "Phòng Mây Trắng"})

    rooms = (await content(house, owner, website))["site"]["rooms"]
    assert [room["name"]["vi"] for room in rooms] == ["Phòng Sóng", "Phòng Mây Trắng"]


async def test_sections_move_once_however_often_the_button_is_hit(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website)

    for _ in range(2):
        moved = await order(owner, website, "pages/0/sections", "up:hoi-dap", page)
        assert moved.status == 303

    assert ids(await content(house, owner, website)) == ["mo-dau", "hoi-dap", "phong", "chan-trang"]


async def test_a_section_is_taken_away_and_put_back_by_one_tap(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    for _ in range(2):
        page = await at(owner, website)
        removed = await order(owner, website, "pages/0/sections", "remove:phong", page)
    assert "phong" not in ids(await content(house, owner, website))
    first = await owner.get(f"/trang-web/{website.id}?bo=2")
    undo = f"/trang-web/{website.id}/ban-nhap/1"
    back = await owner.submit(first, undo)

    assert removed.status == 303
    assert back.location == f"/trang-web/{website.id}?lai=1"
    assert await content(house, owner, website) == sites.a_draft().content


async def test_undo_is_not_offered_once_something_else_has_changed(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    await order(owner, website, "pages/0/sections", "remove:phong", await at(owner, website))
    await keep(owner, website, "sua/business", name="Khác")

    page = await owner.get(f"/trang-web/{website.id}?bo=2")

    assert "/ban-nhap/" not in page.text


async def test_a_section_is_added_once_above_the_footer_and_opened(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, "them-phan/0")
    form = page.form(f"/trang-web/{website.id}/them-phan/0")

    for _ in range(2):
        added = await owner.post(form.action, [*form.fields, ("type", "story")], csrf="")

    sections = ids(await content(house, owner, website))
    assert len(sections) == 5
    assert sections[-1] == "chan-trang"
    assert added.location.startswith(f"/trang-web/{website.id}/sua/pages/0/sections/story-")
    opened = await owner.follow(added)
    assert opened.status == 200
    assert "fault" not in opened.text


async def test_no_more_of_a_kind_than_the_pack_allows_is_offered(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await at(owner, website, "them-phan/0")

    assert re.search(r'value="hero" disabled', page.text)
    assert re.search(r'value="story">', page.text)


async def test_an_entry_is_added_once_with_an_id_of_its_own(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, "sua/site/rooms/-")

    for _ in range(2):
        added = await keep(
            owner,
            website,
            "sua/site/rooms/-",
            page,
            price="900.000",
            **{"name.vi": "Phòng Mây"},
        )

    rooms = (await content(house, owner, website))["site"]["rooms"]
    assert added.status == 303
    assert rooms[2:] == [{"id": "phong-may-2", "name": {"vi": "Phòng Mây"}, "price": 900000}]


async def test_an_empty_entry_is_not_added(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await keep(owner, website, "sua/site/rooms/-")

    assert page.status == 422
    assert len((await content(house, owner, website))["site"]["rooms"]) == 2


async def test_a_button_to_another_screen_keeps_what_was_typed_first(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    go = "sua/pages/0/sections/hoi-dap/data/items"

    onward = await keep(owner, website, FAQ, go=go, **{"heading.vi": "Mới"})
    astray = await keep(owner, website, FAQ, go="//xau.vn", **{"heading.vi": "Nữa"})

    assert onward.location == f"/trang-web/{website.id}/{go}"
    assert (
        section(await content(house, owner, website), "hoi-dap")["data"]["heading"]["vi"] == "Nữa"
    )
    assert astray.location == f"/trang-web/{website.id}?luu=1"


async def test_rules_and_steps_are_entries_of_one_text(house: House) -> None:
    owner = await house.owner()
    draft = sites.a_draft(
        lambda c: sites.add(
            c, "rules", heading=sites.i("Nội quy", "Rules"), items=[sites.i("Một", "One")]
        )
    )
    website = await a_site_of(house, owner, draft)
    items = "sua/pages/0/sections/x-rules/data/items"

    await keep(owner, website, f"{items}/0", **{"text.vi": "Một điều"})
    await keep(owner, website, f"{items}/-", **{"text.vi": "Hai", "text.en": "Two"})

    assert section(await content(house, owner, website), "x-rules")["data"]["items"] == [
        {"vi": "Một điều", "en": "One"},
        {"vi": "Hai", "en": "Two"},
    ]


async def test_opening_hours_are_ticked_and_timed(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    page = await at(owner, website, "sua/site/opening_hours/-")
    path = f"/trang-web/{website.id}/sua/site/opening_hours/-"
    fields = [*page.form(path).fields, ("days", "tu"), ("days", "mo")]
    fields = [(n, v) for n, v in fields if n not in {"opens", "closes"}]

    await owner.post(path, [*fields, ("opens", "07:00"), ("closes", "21:00")], csrf="")

    hours = [{"days": ["mo", "tu"], "opens": "07:00", "closes": "21:00"}]
    assert (await content(house, owner, website))["site"]["opening_hours"] == hours
    listed = await at(owner, website, "sua/site/opening_hours")
    assert "Thứ hai, Thứ ba · 07:00 · 21:00" in listed.text


async def test_the_account_for_money_asks_who_it_is_again(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.clock.advance(3600)

    page = await owner.get(f"/trang-web/{website.id}/sua/site/bank_account")
    site = await at(owner, website, "sua/site")

    assert (page.status, page.location.partition("?")[0]) == (303, "/xac-nhan")
    assert "bank_account" not in site.text


async def test_languages_go_off_and_on_without_losing_a_word(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    path = f"/trang-web/{website.id}/ngon-ngu"
    page = await at(owner, website, "ngon-ngu")
    revision = dict(page.form(path).fields)["revision"]

    await owner.post(path, {"revision": revision})
    assert (await stored(house, owner, website)).draft.locales == ("vi",)
    assert "heading.en" not in (await at(owner, website, FAQ)).text
    await keep(owner, website, FAQ, **{"heading.vi": "Mới"})
    await owner.post(path, [("locale", "en"), ("locale", "fr")])

    assert (await stored(house, owner, website)).draft.locales == ("vi", "en")
    assert section(await content(house, owner, website), "hoi-dap")["data"]["heading"] == {
        "vi": "Mới",
        "en": "Often asked",
    }


async def test_a_viewer_sees_everything_and_changes_nothing(house: House) -> None:
    owner = await house.owner()
    viewer = await house.viewer(owner)
    website = await a_site_of(house, owner)

    for path in ("", FAQ, "sua/site/rooms", "dang", "lich-su", "ngon-ngu", "xem-truoc"):
        page = await at(viewer, website, path)
        assert 'class="lamp"' not in page.text, path
        assert 'name="act"' not in page.text
    posted = await viewer.post(f"/trang-web/{website.id}/{FAQ}", {"heading.vi": "x"})

    assert posted.status == 403


@pytest.mark.parametrize(
    "path",
    [
        "sua/khong-co",
        "sua/site/khong-co",
        "sua/site/rooms/9",
        "sua/site/rooms/x",
        "sua/pages/7",
        "sua/pages/0/sections/khong/data",
        "sua/pages/0/sections/hoi-dap",
        "sua/business/name",
        "sua/site//rooms",
        "them-phan/9",
        "them-phan/x",
        "anh/site/rooms/0/name",
        "anh/khong",
    ],
)
async def test_a_place_that_is_not_there_is_not_found(house: House, path: str) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    assert (await owner.get(f"/trang-web/{website.id}/{path}")).status == 404
