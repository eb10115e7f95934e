"""Publishing from the editor: what is in the way is one tap from its field; and going back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from google.longrunning import operations_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, Refused
from haidang.core.statuses import status_of
from haidang.portal.tokens import PLATFORM
from haidang.portal.web.editing.places import place_of
from haidang.portal.web.editing.schema_forms import fields_of, texts_of
from haidang.website_builder.values import StoredDeployment

from tests.portal.web.house import House
from tests.portal.web.test_editor import at, keep, stored
from tests.portal.web.websites_house import WebsitesCalls, a_house_with_websites, a_site_of
from tests.website_builder import sites

OPERATION = "operations/o1"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house_with_websites(tmp_path) as found:
        yield found


def an_operation(
    *, done: bool = False, error: Any = None, state: int = metadata_pb2.Step.STATE_INTENDED
) -> operations_pb2.Operation:
    about = metadata_pb2.OperationMetadata(
        kind="websites.publish/1",
        steps=[metadata_pb2.Step(name="upload", state=state)],  # type: ignore[arg-type]
    )
    operation = operations_pb2.Operation(name=OPERATION, done=done)
    operation.metadata.Pack(about)
    if error is not None:
        operation.error.CopyFrom(status_of(error))
    elif done:
        operation.response.Pack(websites_pb2.Deployment(uri="http://nha-1.vn.localhost:8090/"))
    return operation


async def test_a_clean_draft_has_one_button_and_publishes_what_was_seen(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.calls.answers["websites.PublishWebsite"] = an_operation()
    page = await at(owner, website, "dang")

    begun = await owner.submit(page, f"/trang-web/{website.id}/dang")

    assert page.text.count('class="lamp"') == 1
    assert begun.location == f"/trang-web/{website.id}/dang/o1"
    (asked,) = house.calls.asked("websites.PublishWebsite")
    assert (asked.revision, len(asked.request_id)) == (1, 36)


async def test_every_obstacle_leads_to_the_field_that_can_remove_it(house: House) -> None:
    owner = await house.owner()

    def spoil(found: Any) -> None:
        found["site"]["rooms"][1]["price"] = "rẻ"
        sites.section(found, 2)["items"][0]["answer"]["vi"] = ""
        sites.section(found, 2)["heading"] = {"vi": "x" * 99}
        sites.add(found, "rules", heading=sites.i("Nội quy", "Rules"), items=[{"en": "One"}])
        found["pages"][0]["title"] = {}
        found["site"]["legal"] = {"notification": {}}

    draft = sites.a_draft(spoil, business=sites.a_business(phone="", tax_code="12"))
    website = await a_site_of(house, owner, draft)
    page = await at(owner, website, "dang")

    hrefs = re.findall(r'class="card onward" href="([^"]+)"', page.text.partition("<details>")[0])
    assert len(hrefs) >= 7
    for href in hrefs:
        path, _, name = href.partition("#")
        screen = await owner.get(path)
        assert screen.status == 200, href
        assert f'id="{name}"' in screen.text, href
        assert "fault" in screen.text, href
    assert 'class="lamp"' not in page.text


async def test_a_missing_or_repeated_section_leads_to_the_websites_own_screen(
    house: House,
) -> None:
    owner = await house.owner()
    website = await a_site_of(
        house, owner, sites.a_draft(lambda c: c["pages"][0]["sections"].pop())
    )

    page = await at(owner, website, "dang")

    assert f'href="/trang-web/{website.id}"' in page.text
    assert "còn thiếu phần" in page.text


async def test_a_refused_start_says_why_and_stays(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.calls.answers["websites.PublishWebsite"] = Refused("REVISION_CHANGED", revision=4)
    page = await at(owner, website, "dang")

    refused = await owner.submit(page, f"/trang-web/{website.id}/dang")

    assert refused.status == 409
    assert "lần sửa 4" in refused.text


async def test_progress_is_told_in_words_with_and_without_the_module(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.calls.answers["operations.websites.GetOperation"] = an_operation()
    house.calls.answers["operations.websites.WaitOperation"] = an_operation(done=True)

    page = await at(owner, website, "dang/o1")
    told = await owner.get(f"/trang-web/{website.id}/dang/o1/tin")

    assert '<noscript><meta http-equiv="refresh"' in page.text
    assert "Gửi các trang và ảnh lên" in page.text
    assert "event: message" in told.text
    assert "event: end" in told.text


async def test_the_end_shows_the_address(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.calls.answers["operations.websites.GetOperation"] = an_operation(done=True)

    page = await at(owner, website, "dang/o1")

    assert "Trang web đã lên mạng" in page.text
    assert 'class="lamp" href="http://nha-1.vn.localhost:8090/"' in page.text
    assert "http-equiv" not in page.text


async def test_a_publication_refused_half_way_says_why(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    error = Refused("WEBSITE_HAS_FINDINGS", count=2, first_vi="Thiếu tên.", first_en="No name.")
    house.calls.answers["operations.websites.GetOperation"] = an_operation(done=True, error=error)

    page = await at(owner, website, "dang/o1")

    assert "Chưa đăng được" in page.text
    assert "Thiếu tên." in page.text
    assert page.text.count('class="lamp"') == 1


async def test_an_operation_that_is_not_ones_own_is_not_found(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    house.calls.answers["operations.websites.GetOperation"] = Absent("OPERATION_ABSENT")

    assert (await owner.get(f"/trang-web/{website.id}/dang/o2")).status == 404


async def published(house: House, tenant: str, site: str, number: int) -> StoredDeployment:
    """A deployment as the publisher leaves it, without a desk."""
    from haidang.core.ports.publishing import Activation, ActivationReceipt, Deployment

    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    builder = calls.builder
    settles = builder.ledger.publishing(tenant, "nha-1.vn", house.clock.now())
    deployment = Deployment(
        site=site, id=f"d{number}", revision=number, pack="p@1.0.0", legal_profile="x",
        hosts=("nha-1.vn",), files={}, headers={}, redirects={},
    )  # fmt: skip
    async with builder.database.writing() as tx:
        await settles.uploaded(tx, deployment, None)  # type: ignore[arg-type]  # not looked at
        return await settles.activated(
            tx,
            Activation(site, deployment.id, number, ("nha-1.vn",)),
            ActivationReceipt(site, deployment.id, "http://nha-1.vn.localhost:8090/"),
        )


async def test_an_earlier_publication_comes_back_after_a_page_that_says_what_happens(
    house: House,
) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    for number in (1, 2):
        await published(house, owner.session.tenant, website.id, number)
    house.calls.answers["websites.RollBackWebsite"] = an_operation()

    history = await at(owner, website, "lich-su")
    assert f'href="/trang-web/{website.id}/lich-su/d1"' in history.text
    assert f'href="/trang-web/{website.id}/lich-su/d2"' not in history.text
    ask = await at(owner, website, "lich-su/d1")
    begun = await owner.submit(ask, f"/trang-web/{website.id}/lich-su/d1")

    assert begun.location == f"/trang-web/{website.id}/dang/o1"
    (asked,) = house.calls.asked("websites.RollBackWebsite")
    assert asked.deployment == f"websites/{website.id}/deployments/d1"
    assert (await owner.get(f"/trang-web/{website.id}/lich-su/d9")).status == 404


async def test_an_earlier_draft_is_taken_up_and_the_present_one_kept(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    await keep(owner, website, "sua/business", name="Tên mới")

    history = await at(owner, website, "lich-su")
    back = await owner.submit(history, f"/trang-web/{website.id}/ban-nhap/1")

    assert back.status == 303
    now = await stored(house, owner, website)
    assert (now.draft, now.revision) == (sites.a_draft(), 3)
    again = await at(owner, website, "lich-su")
    assert f"/trang-web/{website.id}/ban-nhap/2" in again.text


async def test_the_history_tells_who_changed_the_draft(house: House) -> None:
    owner = await house.owner()
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    website = await calls.builder.editor.create(
        owner.session.tenant, "5" * 32, "nha-lan.vn", sites.a_draft(), author=PLATFORM
    )
    await calls.builder.editor.update(
        owner.session.tenant, website.id, sites.a_draft(locales=("vi",)), website.etag, author="u2"
    )
    await keep(owner, website, "sua/business", name="Tên mới")

    history = await at(owner, website, "lich-su")

    for said in ("soạn lúc đăng ký", "người khác trong nhóm sửa", "anh/chị sửa"):
        assert said in history.text


async def test_taking_up_an_old_draft_over_a_newer_change_is_refused(house: House) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    await keep(owner, website, "sua/business", name="Tên mới")
    history = await at(owner, website, "lich-su")
    await keep(owner, website, "sua/business", name="Mới hơn nữa")

    refused = await owner.submit(history, f"/trang-web/{website.id}/ban-nhap/1")

    assert refused.status == 409
    assert (await stored(house, owner, website)).draft.business.name == "Mới hơn nữa"


async def test_another_template_is_tried_then_worn_and_loses_nothing_for_good(
    house: House,
) -> None:
    owner = await house.owner()
    website = await a_site_of(house, owner)
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    other = another_pack()
    calls.builder.editor.packs = {sites.BIEN: sites.bien(), other.id: other}

    listed = await at(owner, website, "mau")
    assert f'href="/trang-web/{website.id}/mau/{other.id}"' in listed.text
    ask = await at(owner, website, f"mau/{other.id}")
    assert "Phòng" in ask.text
    href = re.findall(r'<iframe class="preview"[^>]* src="([^"]+)"', ask.text)[0]
    tried = await owner.get(href)
    assert tried.status == 200, tried.text[:500]
    assert (await stored(house, owner, website)).revision == 1
    worn = await owner.submit(ask, f"/trang-web/{website.id}/mau/{other.id}")

    assert worn.status == 303
    draft = (await stored(house, owner, website)).draft
    assert draft.pack == f"packs/{other.id}"
    findings = await calls.builder.editor.check(owner.session.tenant, draft)
    assert [one.reason for one in findings if one.reason.startswith(("VALUE", "SECTION"))] == []
    await owner.submit(await at(owner, website, "lich-su"), f"/trang-web/{website.id}/ban-nhap/1")
    assert (await stored(house, owner, website)).draft == sites.a_draft()


def another_pack() -> Any:
    from haidang.website_builder.packs import load_pack
    from haidang.website_builder.providers import register_template_packs

    ref = next(one for one in register_template_packs() if one.id != sites.BIEN)
    return load_pack(ref, font_cache=sites.font_cache())


async def test_nobody_publishes_or_goes_back_on_anothers_website(house: House) -> None:
    owner, stranger = await house.owner(), await house.owner()
    website = await a_site_of(house, owner)

    for path in ("", "dang", "lich-su", "sua/business", "ngon-ngu", "mau", "xem-truoc"):
        assert (await stranger.get(f"/trang-web/{website.id}/{path}".rstrip("/"))).status == 404
    for path in ("sua/business", "ngon-ngu", "ban-nhap/1", "xep/pages/0/sections"):
        assert (
            await stranger.post(f"/trang-web/{website.id}/{path}", {"act": "up:x"})
        ).status == 404


def test_every_screen_of_a_finding_has_the_input_it_names() -> None:
    """The way from a pointer to a place and back, over a whole draft."""
    from haidang.portal.web.editing.drafts import document_of
    from haidang.portal.web.editing.kit import kit_of
    from haidang.portal.web.editing.places import screen_at
    from haidang.portal.web.editing.schema_forms import Reader
    from haidang.website_builder.messages import draft_message, pack_message

    kit = kit_of(pack_message(sites.bien()))
    document = document_of(draft_message(sites.a_draft()))
    reader = Reader("vi", ("vi", "en"))
    for pointer, place, name in (
        ("/business/phone", "business", "phone"),
        ("/site/rooms/1/price", "site/rooms/1", "price"),
        ("/site/rooms/1/name/en", "site/rooms/1", "name.en"),
        ("/pages/0/title/vi", "pages/0", "title.vi"),
        ("/pages/0/sections/2/data/heading/vi", "pages/0/sections/hoi-dap/data", "heading.vi"),
        (
            "/pages/0/sections/2/data/items/0/question/vi",
            "pages/0/sections/hoi-dap/data/items/0",
            "question.vi",
        ),
    ):
        assert place_of(kit, document, pointer) == (place, name)
        screen = screen_at(kit, document, place, reader)
        assert screen is not None
        assert name in texts_of(fields_of(screen.schema, screen.value, reader))
    for pointer in ("/pages/0/sections", "/pages/0/sections/1/type", "/pages/9/x", "locales", ""):
        assert place_of(kit, document, pointer) == ("", "")
