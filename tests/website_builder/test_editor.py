"""The office for drafts: created once, changed by whoever saw the last version, judged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from google.rpc import code_pb2
from haidang.core.errors import Absent, Conflict, HaidangError, Malformed
from haidang.core.statuses import status_of
from haidang.website_builder.editor import host_name

from tests.website_builder import sites
from tests.website_builder.house import ANOTHER, HOST, REQUEST, TENANT, House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path)
    yield found
    await found.database.close()


def another_draft() -> sites.Draft:
    return sites.a_draft(business=sites.a_business(name="Gió Biển hai"))


async def test_a_website_is_kept_with_its_first_draft(house: House) -> None:
    website = await house.a_website()

    assert (website.domain, website.revision, website.draft) == (HOST, 1, sites.a_draft())
    assert (website.live_deployment, website.live_uri) == ("", "")
    assert await house.ledger.website(TENANT, website.id) == website


async def test_the_same_request_gives_the_same_website_also_at_once(house: House) -> None:
    found = await asyncio.gather(*(house.a_website() for _ in range(4)))

    assert len({one.id for one in found}) == 1


async def test_the_same_request_later_gives_the_website_as_it_is_now(house: House) -> None:
    first = await house.a_website()
    changed = await house.editor.update(TENANT, first.id, another_draft(), first.etag)

    assert await house.a_website() == changed


async def test_the_same_request_with_another_body_is_refused(house: House) -> None:
    website = await house.a_website()
    await house.editor.update(TENANT, website.id, another_draft(), website.etag)

    for host, draft in ((HOST, another_draft()), ("khac.vn", sites.a_draft())):
        with pytest.raises(Malformed) as refusal:
            await house.editor.create(TENANT, f"{REQUEST[:-1]}1", host, draft)
        assert refusal.value.reason == "IDEMPOTENCY_MISMATCH"


async def test_a_host_has_one_website_across_all_tenants(house: House) -> None:
    await house.a_website()

    for tenant, number in ((TENANT, 2), (ANOTHER, 1)):
        with pytest.raises(Conflict) as refusal:
            await house.a_website(tenant=tenant, n=number)
        assert (refusal.value.reason, refusal.value.facts["field"]) == ("HOST_TAKEN", "domain")


async def test_a_host_is_free_for_its_own_tenant_and_taken_for_others(house: House) -> None:
    await house.a_website()

    await house.editor.require_host_free(TENANT, HOST)
    await house.editor.require_host_free(ANOTHER, "khac.vn")
    with pytest.raises(Conflict) as refusal:
        await house.editor.require_host_free(ANOTHER, "GioBien.vn.")
    assert refusal.value.reason == "HOST_TAKEN"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("GioBien.VN.", "giobien.vn"),
        ("gióbiển.vn", "xn--gibin-1ta0454c.vn"),
        ("xn--gibin-1ta0454c.vn", "xn--gibin-1ta0454c.vn"),
        ("a.com.vn", "a.com.vn"),
    ],
)
def test_a_host_is_read_as_it_is_typed(typed: str, host: str) -> None:
    assert host_name(typed) == host


@pytest.mark.parametrize(
    "typed",
    ["", "vn", "localhost", "-a.vn", "a-.vn", "a..vn", "../etc", "a.vn/b", "a b.vn", "a.vn:80",
     "127.0.0.1", "x" * 64 + ".vn", "a_b.vn", "*.vn", "a.vn\n"],
)  # fmt: skip
def test_what_is_no_host_is_refused_at_its_field(typed: str) -> None:
    if typed.strip() == "a.vn":
        assert host_name(typed) == "a.vn"
        return
    with pytest.raises(Malformed) as refusal:
        host_name(typed)
    assert (refusal.value.reason, refusal.value.facts["field"]) == ("HOST_INVALID", "domain")


async def test_a_request_id_is_a_uuid(house: House) -> None:
    with pytest.raises(Malformed) as refusal:
        await house.editor.create(TENANT, "one", HOST, sites.a_draft())
    assert refusal.value.reason == "REQUEST_ID_INVALID"


async def test_an_update_needs_the_version_it_has_seen(house: House) -> None:
    first = await house.a_website()

    second = await house.editor.update(TENANT, first.id, another_draft(), first.etag)
    assert (second.revision, second.draft) == (2, another_draft())

    with pytest.raises(Conflict) as refusal:
        await house.editor.update(TENANT, first.id, sites.a_draft(), first.etag)
    assert refusal.value.reason == "DRAFT_CHANGED"
    assert status_of(refusal.value).code == code_pb2.ABORTED
    assert (await house.ledger.website(TENANT, first.id)).draft == another_draft()


async def test_of_two_editors_at_once_one_is_told_to_look_again(house: House) -> None:
    first = await house.a_website()

    answers = await asyncio.gather(
        *(house.editor.update(TENANT, first.id, another_draft(), first.etag) for _ in range(5)),
        return_exceptions=True,
    )

    reasons = [one.reason for one in answers if isinstance(one, HaidangError)]
    assert reasons == ["DRAFT_CHANGED"] * 4
    assert (await house.ledger.website(TENANT, first.id)).revision == 2


async def test_another_tenant_s_website_is_absent(house: House) -> None:
    website = await house.a_website()

    for call in (
        house.ledger.website(ANOTHER, website.id),
        house.editor.update(ANOTHER, website.id, sites.a_draft(), website.etag),
        house.editor.preview(ANOTHER, website.id, "/"),
        house.ledger.deployments(ANOTHER, website.id, before=None, limit=1),
        house.ledger.reserve_sequence(ANOTHER, website.id),
    ):
        with pytest.raises(Absent) as refusal:
            await call
        assert refusal.value.reason == "WEBSITE_ABSENT"
    assert await house.ledger.websites(ANOTHER, after="", limit=9) == []


async def test_a_draft_whose_shape_is_wrong_is_refused_at_its_place(house: House) -> None:
    draft = sites.a_draft(lambda content: content["pages"][0].update(path="thue"))

    with pytest.raises(Malformed) as refusal:
        await house.a_website(draft)
    assert refusal.value.facts["field"] == "/pages/0/path"
    assert await house.ledger.websites(TENANT, after="", limit=9) == []


async def test_a_pack_nobody_installed_is_absent(house: House) -> None:
    with pytest.raises(Absent) as refusal:
        await house.a_website(sites.a_draft(pack="packs/khong-co"))
    assert refusal.value.reason == "PACK_ABSENT"


async def test_a_preview_shows_the_draft_as_it_stands(house: House) -> None:
    website = await house.a_website()

    html, css = await house.editor.preview(TENANT, website.id, "")
    assert "Gió Biển" in html
    assert css

    english, _ = await house.editor.preview(TENANT, website.id, "/en/")
    assert '<html lang="en"' in english
    with pytest.raises(Absent) as refusal:
        await house.editor.preview(TENANT, website.id, "/khong-co/")
    assert refusal.value.reason == "PAGE_ABSENT"


async def test_a_check_says_what_stands_in_the_way(house: House) -> None:
    without_footer = sites.a_draft(lambda content: content["pages"][0]["sections"].pop())

    assert await house.editor.check(TENANT, sites.a_draft()) == []
    findings = await house.editor.check(TENANT, without_footer)
    assert "SECTION_MISSING" in [one.reason for one in findings]


async def test_another_tenant_s_photo_in_a_draft_is_a_finding(house: House) -> None:
    photo = sites.a_photo()
    draft = sites.a_draft(lambda content: sites.section(content, 0).update(photo=photo.id))
    await house.ledger.keep_media(ANOTHER, photo)

    assert [one.reason for one in await house.editor.check(ANOTHER, draft)] == []
    assert [one.field for one in await house.editor.check(TENANT, draft)] == [
        "/pages/0/sections/0/data/photo"
    ]
