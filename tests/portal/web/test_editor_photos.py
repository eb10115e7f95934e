"""Photos in the editor: taken in one by one or many at once, described, chosen, taken away."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.website_builder.values import StoredWebsite

from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House
from tests.portal.web.test_editor import at, content, section
from tests.portal.web.websites_house import a_house_with_websites, a_site_of
from tests.website_builder import photographs as shot
from tests.website_builder import sites

HERO = "pages/0/sections/mo-dau/data/photo"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house_with_websites(tmp_path) as found:
        yield found


async def send(
    browser: Browser,
    website: StoredWebsite,
    place: str,
    body: bytes,
    *,
    kind: str = "anh",
    alt: str = "Hiên nhà nhìn ra biển",
    headers: dict[str, str] | None = None,
) -> Page:
    files = {"photo": ("anh.jpg", body, "image/jpeg")}
    path = f"/trang-web/{website.id}/{kind}/{place}"
    return await browser.post(path, {"alt.vi": alt}, files=files, headers=headers)


async def test_a_photo_is_sent_described_and_shown(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    sent = await send(owner, website, HERO, shot.a_jpeg(600, 400))
    page = await at(owner, website, f"anh/{HERO}")

    assert (sent.status, sent.location) == (303, f"/trang-web/{website.id}/anh/{HERO}")
    assert section(await content(house, owner, website), "mo-dau")["data"]["photo"].startswith(
        "media/"
    )
    assert 'value="Hiên nhà nhìn ra biển"' in page.text
    source = re.findall(r'<img src="(/trang-web/anh/[0-9a-f]{64})"', page.text)[0]
    picture = await owner.get(source)
    assert (picture.status, picture.headers["content-type"][:6]) == (200, "image/")


async def test_words_of_a_photo_are_changed_in_every_language(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    await send(owner, website, HERO, shot.a_jpeg(600, 400))
    page = await at(owner, website, f"anh/{HERO}")
    words = f"/trang-web/{website.id}/loi-anh/{HERO}"

    saved = await owner.submit(page, words, **{"alt.vi": "Hiên", "alt.en": "A porch"})
    again = await at(owner, website, f"anh/{HERO}")
    wrong = await owner.submit(again, words, **{"alt.vi": "x" * 301})

    assert saved.status == 303
    assert 'value="A porch"' in again.text
    assert wrong.status == 422
    assert 'id="alt.vi-fault"' in wrong.text


async def test_a_photo_already_sent_is_chosen_and_taken_away_again(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    await send(owner, website, HERO, shot.a_jpeg(600, 400))
    name = section(await content(house, owner, website), "mo-dau")["data"]["photo"]
    room = f"/trang-web/{website.id}/anh/site/rooms/0/photo"

    chosen = await owner.post(room, {"photo_name": name})
    assert chosen.status == 303
    assert (await content(house, owner, website))["site"]["rooms"][0]["photo"] == name
    await owner.post(room, {"act": "remove"})

    assert "photo" not in (await content(house, owner, website))["site"]["rooms"][0]


async def test_only_a_photo_of_ones_own_can_be_chosen(house: House) -> None:
    owner, stranger = await house.owner(), await house.owner()
    website, other = await a_site_of(house, owner), await a_site_of(house, stranger)
    await send(stranger, other, HERO, shot.a_jpeg(600, 400))
    name = section(await content(house, stranger, other), "mo-dau")["data"]["photo"]

    chosen = await owner.post(f"/trang-web/{website.id}/anh/{HERO}", {"photo_name": name})

    assert chosen.status == 404


async def test_a_bad_photo_is_refused_at_its_field_in_plain_words(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    page = await send(owner, website, HERO, b"not a photo")
    none = await owner.post(f"/trang-web/{website.id}/anh/{HERO}", {"alt.vi": ""})

    assert page.status == 422
    assert "không phải ảnh đọc được" in page.text
    assert 'id="photo-fault"' in page.text
    assert none.status == 422
    assert "Hãy chọn một ảnh trước khi gửi" in none.text


async def test_the_module_reads_where_to_go_and_what_was_wrong(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    csrf = (await at(owner, website, f"anh/{HERO}")).csrf

    good = await send(owner, website, HERO, shot.a_jpeg(300, 200), headers={"x-csrf": csrf})
    bad = await send(owner, website, HERO, b"x", headers={"x-csrf": csrf})

    assert (good.status, good.headers["x-onward"]) == (204, f"/trang-web/{website.id}/anh/{HERO}")
    assert bad.status == 422
    assert bad.text.startswith("Tệp này không phải ảnh")


async def test_many_photos_go_into_a_gallery_once(house: House) -> None:
    owner = await house.owner()
    draft = sites.a_draft(lambda c: sites.add(c, "gallery", heading=sites.i("Ảnh", "Photos")))
    website = await a_site_of(house, owner, draft)
    place = "pages/0/sections/x-gallery/data/photos"

    for _ in range(2):
        sent = await send(owner, website, place, shot.a_jpeg(320, 200), kind="nhieu-anh")
    bad = await send(owner, website, place, b"x", kind="nhieu-anh")

    assert sent.status == 303
    photos = section(await content(house, owner, website), "x-gallery")["data"]["photos"]
    assert len(photos) == 1
    assert bad.status == 422
    assert "Ảnh anh.jpg:" in bad.text
    listed = await at(owner, website, f"sua/{place}")
    assert "multiple" in listed.text


async def test_a_list_whose_entries_need_words_takes_no_bare_photos(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)

    sent = await send(owner, website, "site/rooms", shot.a_jpeg(320, 200), kind="nhieu-anh")

    assert sent.status == 404
