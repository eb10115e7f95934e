"""websites.v1 through the real processes: service, media worker, Door and desk."""

from __future__ import annotations

import asyncio
import json
import signal
import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from haidang.api.websites.v1 import websites_pb2 as messages
from haidang.core.client import error_from
from haidang.core.errors import sentence
from haidang.website_builder.edge.sites import Sites
from haidang.website_builder.servicer import METHODS

from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.served import (
    PATIENCE_SECONDS,
    SERVICE,
    Client,
    Running,
    draft_message,
    refused,
)


async def test_from_a_photo_to_a_live_website(client: Client, running: Running, host: str) -> None:
    body = shot.a_jpeg(600, 400)
    photo = await client.upload(body, size_bytes=len(body), alt={"vi": "Hiên nhà"})
    assert {one.type for one in photo.renditions} == {"image/webp", "image/avif", "image/jpeg"}
    draft = sites.a_draft(lambda c: sites.section(c, 0).update(photo=photo.name))
    website = await client.create(host, draft)

    deployment = await client.publish(website.name, revision=website.revision)

    assert deployment.name == f"{website.name}/deployments/{deployment.name.split('/')[-1]}"
    assert (deployment.live, deployment.domain) == (True, host)
    assert deployment.uri == f"http://{host}.localhost:8090/"
    kept = await client.websites.GetWebsite(messages.GetWebsiteRequest(name=website.name))
    assert (kept.live_deployment, kept.live_uri) == (deployment.name, deployment.uri)
    served = Sites(running.state / "edge").manifest(host)
    assert served is not None
    assert any(path.startswith("/media/") for path in served.files)
    assert [domain for domain, _ in running.journal()].count(host) == 1


async def test_the_same_publish_request_also_at_once_has_one_effect(
    client: Client, running: Running, host: str
) -> None:
    website = await client.create(host)
    request_id = str(uuid.uuid4())

    answers = await asyncio.gather(*(client.publish(website.name, request_id) for _ in range(4)))

    assert len({one.name for one in answers}) == 1
    assert [domain for domain, _ in running.journal()].count(host) == 1
    other = await refused(client.publish(website.name, request_id, revision=1))
    assert other.reason == "IDEMPOTENCY_MISMATCH"


async def test_killed_after_the_switch_the_next_life_ends_it_once(
    client: Client, running: Running, host: str
) -> None:
    website = await client.create(host)
    (running.state / "faults").mkdir(exist_ok=True)
    (running.state / "faults/at").write_text("websites.publish/1/activate:after-act\n")
    request_id = str(uuid.uuid4())
    lost = await refused(client.publish(website.name, request_id))
    assert lost.reason in {"SERVICE_DID_NOT_ANSWER", "SERVICE_UNREACHABLE"}
    process = running.processes["websites"]
    assert await asyncio.to_thread(process.wait, PATIENCE_SECONDS) == -signal.SIGKILL

    running.start(*SERVICE)  # from this very thread: a process dies with the one that made it
    deployment = await eventually(lambda: client.publish(website.name, request_id))

    assert deployment.live
    assert [domain for domain, _ in running.journal()].count(host) == 1


async def eventually(call: Callable[[], Any]) -> Any:  # Any: whatever the call answers
    for _ in range(40):
        try:
            return await call()
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            await asyncio.sleep(0.25)
    pytest.fail("the service did not come back")


async def test_going_back_is_an_operation_too(client: Client, host: str) -> None:
    website = await client.create(host)
    first = await client.publish(website.name)
    second = await client.publish(website.name)
    request = messages.RollBackWebsiteRequest(request_id=str(uuid.uuid4()), deployment=first.name)

    back = await client.ended(await client.websites.RollBackWebsite(request))

    assert (back.name, back.live, back.sequence) == (first.name, True, 3)
    listed: list[messages.Deployment] = []
    page = ""
    while True:
        answer = await client.websites.ListDeployments(
            messages.ListDeploymentsRequest(website=website.name, page_size=1, page_token=page)
        )
        listed += answer.deployments
        page = answer.next_page_token
        if not page:
            break
    assert [(one.name, one.live) for one in listed] == [(second.name, False), (first.name, True)]


async def test_findings_refuse_a_publication_in_vietnamese_at_the_field(
    client: Client, running: Running, host: str
) -> None:
    draft = sites.a_draft(lambda content: content["pages"][0]["sections"].pop())
    website = await client.create(host, draft)
    checked = await client.websites.CheckWebsite(messages.CheckWebsiteRequest(name=website.name))
    first = checked.findings[0]
    assert (first.field, first.reason) == ("/pages/0/sections", "SECTION_MISSING")

    refusal = await refused(client.publish(website.name))

    assert (refusal.reason, refusal.facts["field"]) == ("WEBSITE_HAS_FINDINGS", first.field)
    assert first.message_vi in sentence(refusal.reason, refusal.facts, "vi")
    assert Sites(running.state / "edge").manifest(host) is None


async def test_a_draft_is_checked_without_being_kept(
    client: Client, client_of: Callable[..., Client], tenant: str, host: str
) -> None:
    request = messages.CheckDraftRequest(domain=host, draft=draft_message(sites.a_draft()))

    assert list((await client.websites.CheckDraft(request)).findings) == []
    assert not (await client.websites.ListWebsites(messages.ListWebsitesRequest())).websites
    await client.create(host)
    assert list((await client.websites.CheckDraft(request)).findings) == []
    stranger = client_of("another")
    taken = await refused(stranger.websites.CheckDraft(request))
    assert (taken.reason, taken.facts["field"]) == ("HOST_TAKEN", "domain")


async def test_a_draft_comes_back_as_it_was_given_and_changes_by_its_etag(
    client: Client, host: str
) -> None:
    website = await client.create(host)
    assert website.draft == draft_message(sites.a_draft())
    draft = draft_message(sites.a_draft(business=sites.a_business(name="Hai")))
    request = messages.UpdateDraftRequest(name=website.name, draft=draft, etag=website.etag)

    changed = await client.websites.UpdateDraft(request)

    assert (changed.revision, changed.draft) == (website.revision + 1, draft)
    with pytest.raises(grpc.aio.AioRpcError) as aborted:
        await client.websites.UpdateDraft(request)
    assert aborted.value.code() is grpc.StatusCode.ABORTED
    assert error_from(aborted.value).reason == "DRAFT_CHANGED"


async def test_a_preview_is_a_page_with_its_style(client: Client, host: str) -> None:
    website = await client.create(host)

    page = await client.websites.PreviewPage(
        messages.PreviewPageRequest(name=website.name, path="/en/")
    )

    assert '<html lang="en"' in page.html
    assert page.css


async def test_websites_are_listed_page_by_page(client: Client) -> None:
    hosts = {f"t{uuid.uuid4().hex[:10]}.vn" for _ in range(3)}
    for one in hosts:
        await client.create(one)

    listed: list[str] = []
    page = ""
    for _ in range(2):
        answer = await client.websites.ListWebsites(
            messages.ListWebsitesRequest(page_size=2, page_token=page)
        )
        listed += [one.domain for one in answer.websites]
        page = answer.next_page_token

    assert (set(listed), len(listed), page) == (hosts, 3, "")


@pytest.mark.parametrize(
    ("page", "reason"),
    [
        ({"page_size": -1}, "PAGE_SIZE_INVALID"),
        ({"page_token": "???"}, "PAGE_TOKEN_INVALID"),
        ({"page_token": "WyJ4Iiwge31d"}, "PAGE_TOKEN_INVALID"),
    ],
)
async def test_a_page_that_cannot_be_is_malformed(
    client: Client, host: str, page: dict[str, Any], reason: str
) -> None:
    website = await client.create(host)

    for call in (
        client.websites.ListWebsites(messages.ListWebsitesRequest(**page)),
        client.websites.ListDeployments(
            messages.ListDeploymentsRequest(website=website.name, **page)
        ),
    ):
        assert (await refused(call)).reason == reason


async def test_packs_come_with_their_schemas(client: Client) -> None:
    packs = (await client.websites.ListPacks(messages.ListPacksRequest())).packs
    pack = next(one for one in packs if one.name == f"packs/{sites.BIEN}")

    assert {one.name for one in packs} == {f"packs/{identifier}" for identifier in sites.PACKS}
    assert pack == await client.websites.GetPack(messages.GetPackRequest(name=pack.name))
    assert json.loads(pack.section_schemas_json["rooms"])["type"] == "object"
    absent = await refused(client.websites.GetPack(messages.GetPackRequest(name="packs/none")))
    assert absent.reason == "PACK_ABSENT"


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        (shot.TEXT, {"file_name": "anh.jpg"}, "IMAGE_UNREADABLE"),
        (shot.SVG, {}, "IMAGE_KIND"),
        (shot.HEIC, {}, "IMAGE_HEIC"),
        (shot.a_bomb(), {}, "IMAGE_TOO_MANY_PIXELS"),
        (shot.a_jpeg(400, 300)[:3000], {}, "IMAGE_BROKEN"),
        (b"", {}, "UPLOAD_EMPTY"),
        (b"x", {"size_bytes": 2}, "UPLOAD_INCOMPLETE"),
        (b"x", {"size_bytes": 2_000_000}, "FILE_TOO_LARGE"),
        (b"x" * 1_100_000, {}, "FILE_TOO_LARGE"),
    ],
    ids=["text named .jpg", "svg", "heic", "20,000 x 20,000", "cut", "empty", "lost", "announced",
         "streamed"],
)  # fmt: skip
async def test_a_bad_photo_is_refused_in_vietnamese_at_its_field(
    client: Client, running: Running, body: bytes, head: dict[str, Any], reason: str
) -> None:
    refusal = await refused(client.upload(body, **head))

    assert (refusal.reason, refusal.facts["field"]) == (reason, "file")
    assert any(letter in "ảệểạữợ" for letter in sentence(reason, refusal.facts, "vi"))
    assert list((running.state / "websites/spool").iterdir()) == []


async def test_an_upload_out_of_order_is_refused(client: Client) -> None:
    head = messages.UploadMediaRequest(head=messages.MediaHead())
    chunk = messages.UploadMediaRequest(chunk=b"x")
    for parts, reason in (
        ([], "UPLOAD_HEAD_MISSING"),
        ([chunk], "UPLOAD_HEAD_MISSING"),
        ([head, head], "UPLOAD_OUT_OF_ORDER"),
        ([head, chunk, messages.UploadMediaRequest()], "UPLOAD_OUT_OF_ORDER"),
        ([head, messages.UploadMediaRequest(chunk=b"x" * 70_000)], "UPLOAD_OUT_OF_ORDER"),
    ):

        async def sent(parts: list[Any] = parts) -> AsyncIterator[messages.UploadMediaRequest]:
            for part in parts:
                yield part

        assert (await refused(client.websites.UploadMedia(sent()))).reason == reason


async def test_another_tenant_finds_nothing(
    client: Client, client_of: Callable[..., Client], host: str
) -> None:
    website = await client.create(host)
    deployment = await client.publish(website.name)
    stranger = client_of("stranger")
    stub = stranger.websites
    draft = draft_message(sites.a_draft())

    for call in (
        stub.GetWebsite(messages.GetWebsiteRequest(name=website.name)),
        stub.UpdateDraft(
            messages.UpdateDraftRequest(name=website.name, draft=draft, etag=website.etag)
        ),
        stub.PreviewPage(messages.PreviewPageRequest(name=website.name)),
        stub.CheckWebsite(messages.CheckWebsiteRequest(name=website.name)),
        stub.ListDeployments(messages.ListDeploymentsRequest(website=website.name)),
        stranger.publish(website.name),
    ):
        assert (await refused(call)).reason == "WEBSITE_ABSENT"
    request = messages.RollBackWebsiteRequest(
        request_id=str(uuid.uuid4()), deployment=deployment.name
    )
    back = stranger.ended(await stub.RollBackWebsite(request))
    assert (await refused(back)).reason == "WEBSITE_ABSENT"


@pytest.mark.parametrize("name", ["", "websites/x", "websites/x/deployments/", "a/b/c/d"])
async def test_a_deployment_s_name_that_is_none_is_absent(client: Client, name: str) -> None:
    request = messages.RollBackWebsiteRequest(request_id=str(uuid.uuid4()), deployment=name)

    refusal = await refused(client.websites.RollBackWebsite(request))
    assert refusal.reason == "DEPLOYMENT_ABSENT"


async def test_who_may_only_read_cannot_write(
    client_of: Callable[..., Client], tenant: str, host: str
) -> None:
    reader = client_of(tenant, "websites.read")

    assert not (await reader.websites.ListWebsites(messages.ListWebsitesRequest())).websites
    assert (await refused(reader.create(host))).reason == "NOT_PERMITTED"
    assert (await refused(reader.upload(b"x"))).reason == "NOT_PERMITTED"


async def test_a_token_for_another_service_opens_nothing(
    client_of: Callable[..., Client], tenant: str
) -> None:
    stranger = client_of(tenant, audience="domains")

    refusal = await refused(stranger.websites.ListWebsites(messages.ListWebsitesRequest()))
    assert refusal.reason == "TOKEN_INVALID"


def test_every_method_of_the_contract_has_its_rule() -> None:
    service = messages.DESCRIPTOR.services_by_name["WebsitesService"]

    assert set(METHODS) == {f"/{service.full_name}/{one.name}" for one in service.methods}
    assert set(METHODS.values()) == {"websites.read", "websites.write"}
