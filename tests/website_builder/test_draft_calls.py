"""Suggested drafts, previews and photos through the real service; every tenant sees its own."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from haidang.api.websites.v1 import websites_pb2 as messages
from haidang.website_builder.checks import BUSINESS_SCHEMA

from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.served import Client, draft_message, refused

PACK = f"packs/{sites.BIEN}"


def business() -> messages.Business:
    return draft_message(sites.a_draft()).business


async def suggested(client: Client, **asked: Any) -> messages.Draft:
    request = messages.SuggestDraftRequest(
        pack=PACK, business=business(), locales=["vi", "en"], **asked
    )
    return await client.websites.SuggestDraft(request)


async def pieces(client: Client, sha256: str) -> list[messages.DownloadRenditionResponse]:
    request = messages.DownloadRenditionRequest(sha256=sha256)
    return [one async for one in client.websites.DownloadRendition(request)]


async def test_from_facts_and_a_photo_to_a_live_site_in_two_calls(
    client: Client, host: str
) -> None:
    photo = await client.upload(shot.a_jpeg(600, 400), alt={"vi": "Hiên nhà", "en": "Porch"})
    draft = await suggested(client, kind="homestay", photos=[photo.name])

    checked = await client.websites.CheckDraft(messages.CheckDraftRequest(domain=host, draft=draft))
    website = await client.websites.CreateWebsite(
        messages.CreateWebsiteRequest(request_id=str(uuid.uuid4()), domain=host, draft=draft)
    )
    deployment = await client.publish(website.name)

    assert list(checked.findings) == []
    assert deployment.live


async def test_a_suggestion_takes_only_the_tenants_own_photos(
    client: Client, client_of: Callable[..., Client]
) -> None:
    photo = await client.upload(shot.a_jpeg(300, 200))
    stranger = client_of("another")

    refusal = await refused(suggested(stranger, photos=[photo.name]))

    assert (refusal.reason, refusal.facts["field"]) == ("MEDIA_ABSENT", "photos")


async def test_a_preview_lives_under_its_base_with_everything_it_asks_for(
    client: Client, host: str
) -> None:
    photo = await client.upload(shot.a_jpeg(600, 400))
    draft = await suggested(client, photos=[photo.name])
    request = messages.PreviewDraftRequest(draft=draft, path="/", base="/xem/w1")

    html = (await client.websites.PreviewDraft(request)).html.replace("&#x2f;", "/")

    addresses = [
        part.split('"')[0].split(" ")[0]
        for mark in ('href="/', 'src="/', 'srcset="/')
        for part in html.split(mark)[1:]
    ]
    assert addresses
    assert [one for one in addresses if not one.startswith("xem/w1/")] == []
    css = next(one for one in addresses if one.endswith(".css")).rpartition("/")[2]
    asset = await client.websites.GetPackAsset(messages.GetPackAssetRequest(pack=PACK, asset=css))
    assert asset.type.startswith("text/css")
    assert b'url("/' not in asset.content
    website = await client.create(host, None)
    stored = await client.websites.PreviewPage(
        messages.PreviewPageRequest(name=website.name, path="/en/", base="/xem/w1")
    )
    assert "/xem/w1/media" not in stored.html
    assert 'href="/xem/w1/"' in stored.html.replace("&#x2f;", "/")


@pytest.mark.parametrize("base", ["xem", "/xem/", "//host", "/a b", '/"', "/a?b"])
async def test_a_base_that_is_no_path_is_refused(client: Client, base: str) -> None:
    draft = draft_message(sites.a_draft())
    request = messages.PreviewDraftRequest(draft=draft, path="/", base=base)

    assert (await refused(client.websites.PreviewDraft(request))).reason == "PREVIEW_BASE_INVALID"


async def test_an_asset_is_one_of_the_pack_or_absent(client: Client) -> None:
    icon = await client.websites.GetPackAsset(
        messages.GetPackAssetRequest(pack=PACK, asset="favicon.svg")
    )
    absent = [
        await refused(
            client.websites.GetPackAsset(messages.GetPackAssetRequest(pack=PACK, asset=name))
        )
        for name in ("../pack.json", "layout.html", "")
    ]

    assert icon.type == "image/svg+xml"
    assert {one.reason for one in absent} == {"ASSET_ABSENT"}


async def test_a_rendition_comes_whole_and_only_to_its_tenant(
    client: Client, client_of: Callable[..., Client]
) -> None:
    photo = await client.upload(shot.a_jpeg(1800, 1200))
    largest = max(photo.renditions, key=lambda one: one.size_bytes)

    head, *chunks = await pieces(client, largest.sha256)

    assert head.head == largest
    assert sum(len(one.chunk) for one in chunks) == largest.size_bytes
    assert all(0 < len(one.chunk) <= 64 * 1024 for one in chunks)
    for sha256 in (largest.sha256, "%", "_" * 64, largest.sha256[:10], ""):
        asker = client_of("another") if sha256 == largest.sha256 else client
        assert (await refused(pieces(asker, sha256))).reason == "MEDIA_ABSENT"


async def test_photos_are_listed_and_described_by_their_tenant(
    client: Client, client_of: Callable[..., Client]
) -> None:
    first = await client.upload(shot.a_jpeg(300, 200), alt={"vi": "Một"})
    second = await client.upload(shot.a_jpeg(310, 200))

    described = await client.websites.DescribeMedia(
        messages.DescribeMediaRequest(name=first.name, alt={"en": " One "})
    )
    listed = await client.websites.ListMedia(messages.ListMediaRequest(page_size=1))
    rest = await client.websites.ListMedia(
        messages.ListMediaRequest(page_size=1, page_token=listed.next_page_token)
    )

    assert dict(described.alt) == {"vi": "Một", "en": "One"}
    assert {listed.media[0].name, rest.media[0].name} == {first.name, second.name}
    assert not rest.next_page_token
    stranger = client_of("another")
    none = await stranger.websites.BatchGetMedia(messages.BatchGetMediaRequest(names=[first.name]))
    own = await client.websites.BatchGetMedia(
        messages.BatchGetMediaRequest(names=[second.name, "media/none", first.name])
    )
    assert not none.media
    assert [one.name for one in own.media] == [second.name, first.name]
    refusal = await refused(
        stranger.websites.DescribeMedia(
            messages.DescribeMediaRequest(name=first.name, alt={"vi": "x"})
        )
    )
    assert refusal.reason == "MEDIA_ABSENT"


async def test_earlier_drafts_are_listed_and_read_by_their_tenant(
    client: Client, client_of: Callable[..., Client], host: str
) -> None:
    website = await client.create(host)
    await client.websites.UpdateDraft(
        messages.UpdateDraftRequest(
            name=website.name,
            draft=draft_message(sites.a_draft(business=sites.a_business(name="Hai"))),
            etag=website.etag,
            change="/business/name",
        )
    )

    listed = await client.websites.ListRevisions(
        messages.ListRevisionsRequest(website=website.name, page_size=1)
    )
    rest = await client.websites.ListRevisions(
        messages.ListRevisionsRequest(website=website.name, page_token=listed.next_page_token)
    )
    first = await client.websites.GetRevision(
        messages.GetRevisionRequest(name=rest.revisions[0].name)
    )

    assert (listed.revisions[0].change, listed.revisions[0].author) == ("/business/name", "owner")
    assert first.draft == draft_message(sites.a_draft())
    stranger = client_of("another")
    for call in (
        stranger.websites.GetRevision(messages.GetRevisionRequest(name=first.name)),
        stranger.websites.ListRevisions(messages.ListRevisionsRequest(website=website.name)),
        client.websites.GetRevision(messages.GetRevisionRequest(name="websites/x")),
    ):
        assert (await refused(call)).reason in {"REVISION_ABSENT", "WEBSITE_ABSENT"}


async def test_a_pack_tells_the_editor_what_it_needs(client: Client) -> None:
    pack = await client.websites.GetPack(messages.GetPackRequest(name=PACK))

    kinds = {one.type: one for one in pack.sections}
    assert next(iter(kinds)) == "hero"
    assert (kinds["legal-footer"].required, kinds["story"].limit) == (True, 4)
    assert (kinds["rooms"].collection, kinds["rooms"].label_vi) == ("rooms", "Phòng")
    assert pack.about_vi
    assert (pack.schemes[0].name, pack.schemes[0].label_vi) == ("bien", "Biển sớm")
    assert all(colour.startswith("#") for one in pack.schemes for colour in one.colours)


def test_the_facts_of_a_business_have_labels() -> None:
    properties: Any = BUSINESS_SCHEMA["properties"]

    assert all(one["x-ui"]["label"]["vi"] for one in properties.values())
