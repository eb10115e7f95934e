"""Messages to values and back, for websites and photos. Nothing is decided here."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from google.longrunning import operations_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, Malformed
from haidang.core.operations import Desk
from haidang.core.operations.served import to_message
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.website_builder import draft_calls, enquiry_calls, messages
from haidang.website_builder.draft_calls import DraftCalls
from haidang.website_builder.editor import Editor
from haidang.website_builder.enquiry_calls import EnquiryCalls
from haidang.website_builder.media import MOST_CHUNK_BYTES, Media
from haidang.website_builder.pages import fitting, page_size, site_id
from haidang.website_builder.publisher import Publisher
from haidang.website_builder.reception.office import Reception
from haidang.website_builder.revisions.ledger import RevisionLedger
from haidang.website_builder.values import PublishWebsite, RollBackWebsite

DEPLOYMENT = re.compile(r"websites/([^/]+)/deployments/([^/]+)")
SERVICE = "/haidang.api.websites.v1.WebsitesService/"
READS = (
    "ListPacks",
    "GetPack",
    "GetWebsite",
    "ListWebsites",
    *draft_calls.READS,
    *enquiry_calls.READS,
    "CheckWebsite",
    "CheckDraft",
    "ListDeployments",
)
WRITES = (
    "CreateWebsite",
    "UpdateDraft",
    "UploadMedia",
    "PublishWebsite",
    "RollBackWebsite",
    *draft_calls.WRITES,
    *enquiry_calls.WRITES,
)
METHODS = {
    **{f"{SERVICE}{name}": "websites.read" for name in READS},
    **{f"{SERVICE}{name}": "websites.write" for name in WRITES},
}


class WebsitesServicer(DraftCalls, EnquiryCalls):
    """websites.v1."""

    def __init__(
        self,
        desk: Desk,
        editor: Editor,
        publisher: Publisher,
        media: Media,
        revisions: RevisionLedger,
        reception: Reception,
    ) -> None:
        self._reception = reception
        self._desk = desk
        self._revisions = revisions
        self._editor = editor
        self._publisher = publisher
        self._media = media

    async def ListPacks(
        self, request: websites_pb2.ListPacksRequest, context: Context
    ) -> websites_pb2.ListPacksResponse:
        packs = [messages.pack_message(pack) for _, pack in sorted(self._editor.packs.items())]
        return websites_pb2.ListPacksResponse(packs=packs)

    async def GetPack(
        self, request: websites_pb2.GetPackRequest, context: Context
    ) -> websites_pb2.Pack:
        return messages.pack_message(self._editor.pack(request.name))

    async def CreateWebsite(
        self, request: websites_pb2.CreateWebsiteRequest, context: Context
    ) -> websites_pb2.Website:
        website = await self._editor.create(
            current_actor().tenant,
            request.request_id,
            request.domain,
            messages.draft_of(request.draft),
            author=current_actor().id,
        )
        return messages.website_message(website)

    async def GetWebsite(
        self, request: websites_pb2.GetWebsiteRequest, context: Context
    ) -> websites_pb2.Website:
        found = await self._editor.ledger.website(current_actor().tenant, site_id(request.name))
        return messages.website_message(found)

    async def ListWebsites(
        self, request: websites_pb2.ListWebsitesRequest, context: Context
    ) -> websites_pb2.ListWebsitesResponse:
        tenant = current_actor().tenant
        size = page_size(request.page_size)
        after = str(decode_page_token(request.page_token, tenant).get("after", ""))
        found = await self._editor.ledger.websites(tenant, after=after, limit=size + 1)
        shown = fitting(messages.website_message(one) for one in found[:size])
        is_more = len(found) > len(shown)
        return websites_pb2.ListWebsitesResponse(
            websites=shown,
            next_page_token=encode_page_token({"after": found[len(shown) - 1].id}, tenant)
            if is_more
            else "",
        )

    async def UpdateDraft(
        self, request: websites_pb2.UpdateDraftRequest, context: Context
    ) -> websites_pb2.Website:
        website = await self._editor.update(
            current_actor().tenant,
            site_id(request.name),
            messages.draft_of(request.draft),
            request.etag,
            author=current_actor().id,
            change=request.change,
        )
        return messages.website_message(website)

    async def UploadMedia(
        self,
        request_iterator: AsyncIterator[websites_pb2.UploadMediaRequest],
        context: Context,
    ) -> websites_pb2.Media:
        first = await anext(request_iterator, None)
        if first is None or first.WhichOneof("part") != "head":
            raise Malformed("UPLOAD_HEAD_MISSING", field="head")
        head = first.head
        photo = await self._media.take(
            current_actor().tenant, _chunks(request_iterator), head.size_bytes, dict(head.alt)
        )
        return messages.media_message(photo)

    async def CheckWebsite(
        self, request: websites_pb2.CheckWebsiteRequest, context: Context
    ) -> websites_pb2.CheckWebsiteResponse:
        tenant = current_actor().tenant
        website = await self._editor.ledger.website(tenant, site_id(request.name))
        findings = await self._editor.check(tenant, website.draft)
        return websites_pb2.CheckWebsiteResponse(findings=messages.finding_messages(findings))

    async def CheckDraft(
        self, request: websites_pb2.CheckDraftRequest, context: Context
    ) -> websites_pb2.CheckWebsiteResponse:
        tenant = current_actor().tenant
        if request.domain:
            await self._editor.require_host_free(tenant, request.domain)
        findings = await self._editor.check(tenant, messages.draft_of(request.draft))
        return websites_pb2.CheckWebsiteResponse(findings=messages.finding_messages(findings))

    async def PublishWebsite(
        self, request: websites_pb2.PublishWebsiteRequest, context: Context
    ) -> operations_pb2.Operation:
        operation = await self._desk.start(
            self._publisher.publish,
            PublishWebsite(site_id(request.name), request.revision),
            request_id=request.request_id,
            actor=current_actor(),
        )
        return to_message(operation, messages.ANSWERS)

    async def RollBackWebsite(
        self, request: websites_pb2.RollBackWebsiteRequest, context: Context
    ) -> operations_pb2.Operation:
        named = DEPLOYMENT.fullmatch(request.deployment)
        if named is None:
            raise Absent("DEPLOYMENT_ABSENT", field="deployment")
        operation = await self._desk.start(
            self._publisher.roll_back,
            RollBackWebsite(named[1], named[2]),
            request_id=request.request_id,
            actor=current_actor(),
        )
        return to_message(operation, messages.ANSWERS)

    async def ListDeployments(
        self, request: websites_pb2.ListDeploymentsRequest, context: Context
    ) -> websites_pb2.ListDeploymentsResponse:
        tenant = current_actor().tenant
        size = page_size(request.page_size)
        before = messages.age_of(decode_page_token(request.page_token, tenant))
        found = await self._editor.ledger.deployments(
            tenant, site_id(request.website), before=before, limit=size + 1
        )
        is_more = len(found) > size
        return websites_pb2.ListDeploymentsResponse(
            deployments=[messages.deployment_message(one) for one in found[:size]],
            next_page_token=encode_page_token(messages.age_token(found[size - 1]), tenant)
            if is_more
            else "",
        )


async def _chunks(
    requests: AsyncIterator[websites_pb2.UploadMediaRequest],
) -> AsyncIterator[bytes]:
    async for request in requests:
        if request.WhichOneof("part") != "chunk":
            raise Malformed("UPLOAD_OUT_OF_ORDER", field="chunk", most=MOST_CHUNK_BYTES)
        yield request.chunk
