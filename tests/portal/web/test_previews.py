"""Previews: whole pages under a path of their own, that can do nothing but show."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent
from haidang.portal.web.entrance import Entrance
from haidang.portal.web.previews import POLICY, Previewed, Previews
from haidang.portal.web.site import application
from haidang.portal.web.visit import Visit

from tests.portal.web.browser import Browser
from tests.portal.web.house import ORIGIN, SECRET, House
from tests.portal.web.websites_house import WebsitesCalls, a_house_with_websites, a_site_of
from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.house import in_chunks
from tests.website_builder.served import draft_message

PACK = sites.BIEN


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house_with_websites(tmp_path) as found:
        yield found


async def _stored(visit: Visit) -> Previewed:
    request = websites_pb2.GetWebsiteRequest(name=f"websites/{visit['website']}")
    website = await visit.websites.GetWebsite(request)
    return Previewed(website.draft.pack, website=website.name)


async def _unsaved(visit: Visit) -> Previewed:
    if visit["start"] != "s1":
        raise Absent("WEBSITE_ABSENT")
    return Previewed(f"packs/{PACK}", draft=draft_message(sites.a_draft()), domain="nha-moi.vn")


class Rooms:
    """A room with a preview of each kind."""

    stored = Previews("/trang/{website}/xem", _stored)
    unsaved = Previews("/bat-dau/{start}/xem", _unsaved)

    def doors(self) -> tuple[object, ...]:
        return (*self.stored.doors(), *self.unsaved.doors())


def within(house: House, browser: Browser) -> Browser:
    """*browser* on a site that has these rooms."""
    rooms = (house.offices.assets, Rooms())
    app = application(Entrance(_frame(house), SECRET), rooms)  # type: ignore[arg-type]
    inside = Browser(app, ORIGIN)
    inside.cookies, inside.session = browser.cookies, browser.session
    return inside


def _frame(house: House) -> object:
    from haidang.portal.web.pages import Frame

    return Frame(
        house.accounts,
        house.calls,  # type: ignore[arg-type]  # a test's calls
        house.offices.assets,
        origin=ORIGIN,
        sandbox=True,
    )


async def test_a_stored_draft_is_shown_with_all_it_asks_for(house: House) -> None:
    owner = await house.owner()
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    photo = await calls.builder.media.take(
        owner.session.tenant, in_chunks(shot.a_jpeg(600, 400)), 0, {"vi": "Hiên"}
    )
    draft = sites.a_draft(lambda c: sites.section(c, 0).update(photo=photo.id))
    website = await a_site_of(house, owner, draft)
    inside = within(house, owner)
    href = Rooms.stored.href(f"packs/{PACK}", website=website.id)

    page = await inside.get(href)

    assert href == f"/trang/{website.id}/xem/{PACK}/"
    assert page.status == 200
    asked = set(
        re.findall(r"/trang/[^\s\"&<>]+\.(?:css|woff2|svg|jpg|webp|avif)", _plain(page.text))
    )
    assert {one.rpartition(".")[2] for one in asked} >= {"css", "woff2", "svg", "jpg", "webp"}
    for address in asked:
        got = await inside.get(address)
        assert (got.status, got.headers["cache-control"]) == (
            200,
            "private, max-age=31536000, immutable",
        )
    english = await inside.get(f"{href}en/")
    assert 'lang="en"' in english.text


def _plain(html: str) -> str:
    return html.replace("&#x2f;", "/")


async def test_a_preview_may_be_framed_by_us_and_do_nothing(house: House) -> None:
    owner = await house.owner()
    page = await within(house, owner).get(f"/bat-dau/s1/xem/{PACK}/")

    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert policy == POLICY
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "form-action 'none'" in policy
    assert "x-frame-options" not in page.headers
    assert page.headers["cache-control"] == "no-store"


async def test_every_other_page_still_refuses_to_be_framed(house: House) -> None:
    page = await (await house.owner()).get("/design")

    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_another_pack_in_the_address_leads_to_the_drafts_own(house: House) -> None:
    page = await within(house, await house.owner()).get("/bat-dau/s1/xem/vn.cu/en/")

    assert (page.status, page.location) == (303, f"/bat-dau/s1/xem/{PACK}/en/")


async def test_a_page_that_cannot_be_drawn_says_why_inside_the_frame(house: House) -> None:
    owner = await house.owner()
    broken = sites.a_draft(lambda c: sites.add(c, "khong-co"))
    website = await a_site_of(house, owner, broken)

    page = await within(house, owner).get(f"/trang/{website.id}/xem/{PACK}/")

    assert page.status == 409
    assert page.headers["content-security-policy"] == POLICY
    assert "khong-co" in page.text


async def test_what_is_not_there_and_what_is_anothers_is_not_found(house: House) -> None:
    owner, stranger = await house.owner(), await house.owner()
    website = await a_site_of(house, owner)
    inside = within(house, stranger)

    for address in (
        f"/trang/{website.id}/xem/{PACK}/",
        f"/bat-dau/s2/xem/{PACK}/",
        f"/bat-dau/s1/xem/{PACK}/khong-co/",
        f"/bat-dau/s1/xem/{PACK}/assets/pack.json",
        f"/bat-dau/s1/xem/{PACK}/media/{'0' * 64}.jpg",
        f"/bat-dau/s1/xem/{PACK}/media/x",
    ):
        assert (await inside.get(address)).status == 404


async def test_a_photo_is_only_its_tenants(house: House) -> None:
    owner, stranger = await house.owner(), await house.owner()
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    photo = await calls.builder.media.take(
        owner.session.tenant, in_chunks(shot.a_jpeg(300, 200)), 0, {}
    )
    address = f"/bat-dau/s1/xem/{PACK}/media/{photo.renditions[0].sha256}.webp"

    assert (await within(house, owner).get(address)).status == 200
    assert (await within(house, stranger).get(address)).status == 404


async def test_a_photo_that_did_not_arrive_whole_is_not_shown(house: House) -> None:
    head = websites_pb2.Rendition(type="image/webp", size_bytes=10)
    part = websites_pb2.DownloadRenditionResponse
    house.calls.answers["websites.DownloadRendition"] = lambda _: [
        part(head=head),
        part(chunk=b"short"),
    ]
    inside = within(house, await house.owner())

    page = await inside.get(f"/bat-dau/s1/xem/{PACK}/media/{'a' * 64}.webp")

    assert page.status == 503
