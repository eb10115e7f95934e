"""Template and photos: each photo by itself, faults at the field, a preview of one's own facts."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Malformed, Refused

from tests.portal.starts.known import PACK
from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House, a_house
from tests.portal.web.start_house import Portal, a_start, facts_of

THUMB = "b" * 64
JPEG = ("bien.jpg", b"\xff\xd8 a photo", "image/jpeg")
OTHER = ("vuon.jpg", b"\xff\xd8 another", "image/jpeg")
PAPER = ("hoa-don.pdf", b"%PDF", "application/pdf")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        Portal(house)
        house.calls.answers["websites.UploadMedia"] = upload
        yield house


async def upload(parts: Any) -> Any:
    """The media office: photos begin like a JPEG."""
    head, body = websites_pb2.MediaHead(), b""
    async for part in parts:
        if part.WhichOneof("part") == "head":
            head = part.head
        else:
            body += part.chunk
    assert head.size_bytes == len(body)
    if not body.startswith(b"\xff\xd8"):
        return Malformed("PHOTO_OF_ANOTHER_SERVICE", said_vi="Tệp này không phải ảnh đọc được.")
    return websites_pb2.Media(
        name=f"media/{hashlib.sha256(body).hexdigest()}",
        renditions=[
            websites_pb2.Rendition(type="image/webp", width_px=480, sha256=THUMB),
            websites_pb2.Rendition(type="image/webp", width_px=1200, sha256="c" * 64),
        ],
    )


async def send(owner: Browser, id: str, *files: Any, **headers: str) -> Page:
    """Send *files* from the page's form, one after the other under one name."""
    answer = None
    for file in files:
        answer = await owner.post(f"/bat-dau/{id}/anh", {}, files={"photo": file}, headers=headers)
    assert answer is not None
    return answer


async def photos(house: House, owner: Browser, id: str) -> list[str]:
    start = await house.offices.starts.get(owner.session.tenant, id)
    return [photo.file_name for photo in start.photos]


async def test_the_trade_s_own_template_comes_first_and_is_proposed(house: House) -> None:
    owner = await house.owner()

    page = await owner.get(
        f"/bat-dau/{await a_start(house, owner, kind='restaurant', pack='')}/mau"
    )

    bep, bien = page.text.index("Mẫu vn.restaurant.bep"), page.text.index("Mẫu vn.homestay.bien")
    assert bep < bien
    assert 'value="packs/vn.restaurant.bep" checked' in page.text
    assert "/xem-thu/vn.restaurant.bep/" in page.text


async def test_a_template_is_kept_and_leads_to_the_review(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, pack="")
    page = await owner.get(f"/bat-dau/{id}/mau")

    answer = await owner.submit(page, f"/bat-dau/{id}/mau", pack=PACK, summary="Mở cửa là biển.")

    assert answer.location == f"/bat-dau/{id}/xem-lai"
    assert (await facts_of(house, owner, id))["pack"] == PACK


async def test_a_template_that_is_not_installed_is_not_taken(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await owner.get(f"/bat-dau/{id}/mau")

    answer = await owner.submit(page, f"/bat-dau/{id}/mau", pack="packs/../../etc")

    assert answer.status == 422
    assert 'id="pack-fault"' in answer.text


async def test_photos_are_kept_in_the_order_they_came_and_once_each(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    await send(owner, id, JPEG, OTHER, JPEG)

    assert await photos(house, owner, id) == ["bien.jpg", "vuon.jpg"]
    page = await owner.get(f"/bat-dau/{id}/mau")
    assert page.text.count(f'src="/bat-dau/{id}/anh/{THUMB}"') == 2


async def test_a_wrong_file_is_refused_at_the_field_and_the_others_stay(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    await send(owner, id, JPEG)

    answer = await send(owner, id, PAPER)

    assert answer.status == 422
    assert 'id="photo-fault"' in answer.text
    assert "hoa-don.pdf: Tệp này không phải ảnh đọc được." in answer.text
    assert await photos(house, owner, id) == ["bien.jpg"]


async def test_our_module_is_told_in_plain_text(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    csrf = (await owner.get("/design")).csrf

    good = await send(owner, id, JPEG, **{"x-csrf": csrf})
    bad = await send(owner, id, PAPER, **{"x-csrf": csrf})

    assert good.headers["x-onward"] == f"/bat-dau/{id}/mau"
    assert (bad.status, bad.text) == (422, "hoa-don.pdf: Tệp này không phải ảnh đọc được.")


async def test_without_a_file_the_field_says_so(house: House) -> None:
    owner = await house.owner()

    answer = await owner.post(f"/bat-dau/{await a_start(house, owner)}/anh", {}, files={})

    assert answer.status == 422
    assert "Chưa chọn ảnh nào." in answer.text


async def test_photos_have_a_limit_that_is_told(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    for number in range(12):
        await send(owner, id, (f"{number}.jpg", b"\xff\xd8" + bytes([number]), "image/jpeg"))

    answer = await send(owner, id, ("13.jpg", b"\xff\xd8 the last", "image/jpeg"))

    assert answer.status == 422
    assert "nhiều nhất 12 ảnh" in answer.text
    assert len(await photos(house, owner, id)) == 12


async def test_a_photo_is_described_and_left_out(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    await send(owner, id, JPEG)
    digest = hashlib.sha256(JPEG[1]).hexdigest()
    house.calls.answers["websites.DescribeMedia"] = websites_pb2.Media()

    await owner.post(f"/bat-dau/{id}/anh/{digest}/ta", {"alt": "Bãi biển lúc sáng"})
    (asked,) = house.calls.asked("websites.DescribeMedia")
    assert dict(asked.alt) == {"vi": "Bãi biển lúc sáng"}
    assert "Bãi biển lúc sáng" in (await owner.get(f"/bat-dau/{id}/mau")).text

    await owner.post(f"/bat-dau/{id}/anh/{digest}/bo")
    assert await photos(house, owner, id) == []


async def test_a_photo_of_another_start_is_not_shown(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    assert (await owner.get(f"/bat-dau/{id}/anh/{THUMB}")).status == 404


async def test_the_preview_is_made_of_the_facts_and_photos_so_far(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, email="", summary="Mở cửa là biển.", languages="vi-en")
    await send(owner, id, JPEG)
    house.calls.answers["websites.PreviewDraft"] = websites_pb2.PreviewPageResponse(
        html="<p>xem</p>"
    )

    page = await owner.get(f"/bat-dau/{id}/xem-thu/vn.homestay.bien/")

    assert page.text == "<p>xem</p>"
    (asked,) = house.calls.asked("websites.SuggestDraft")
    assert list(asked.photos) == [f"media/{hashlib.sha256(JPEG[1]).hexdigest()}"]
    assert list(asked.locales) == ["vi", "en"]
    assert (asked.business.name, asked.business.phone) == ("Nhà Gió Biển", "+84901234567")
    assert asked.business.email == ""
    (drawn,) = house.calls.asked("websites.PreviewDraft")
    assert drawn.draft.content["site"]["summary"]["vi"] == "Mở cửa là biển."
    assert drawn.base == f"/bat-dau/{id}/xem-thu/vn.homestay.bien"


async def test_a_draft_that_cannot_be_drawn_says_why_in_its_frame(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    refusal = Refused("PACK_LACKS_STARTER", said_vi="Mẫu này chưa dựng sẵn được.")
    house.calls.answers["websites.SuggestDraft"] = refusal

    page = await owner.get(f"/bat-dau/{id}/xem-thu/vn.homestay.bien/")

    assert page.status == 409
    assert "Mẫu này chưa dựng sẵn được." in page.text
