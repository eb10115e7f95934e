"""Messages to values and back, for suggested drafts, previews, photos and earlier drafts.

A part of the servicer: nothing is decided here.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.errors import Absent, Malformed
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.website_builder import messages
from haidang.website_builder.editor import Editor, host_name
from haidang.website_builder.media import MOST_CHUNK_BYTES, Media
from haidang.website_builder.pages import page_size, site_id
from haidang.website_builder.revisions.ledger import RevisionLedger

MOST_NAMES = 200
NO_HOST = "ban-nhap.invalid"
"""The host of a draft that has none yet. Source: RFC 2606 section 2."""
REVISION = re.compile(r"websites/([^/]+)/revisions/([0-9]{1,9})")
READS = (
    "BatchGetMedia",
    "ListMedia",
    "DownloadRendition",
    "GetPackAsset",
    "SuggestDraft",
    "PreviewPage",
    "PreviewDraft",
    "ListRevisions",
    "GetRevision",
)
WRITES = ("DescribeMedia",)


class DraftCalls(websites_pb2_grpc.WebsitesServiceServicer):
    """The calls an editor makes before anything is published."""

    _editor: Editor
    _media: Media
    _revisions: RevisionLedger

    async def BatchGetMedia(
        self, request: websites_pb2.BatchGetMediaRequest, context: Context
    ) -> websites_pb2.BatchGetMediaResponse:
        if len(request.names) > MOST_NAMES:
            raise Malformed("MEDIA_TOO_MANY", field="names", most=MOST_NAMES)
        held = await self._editor.ledger.media(current_actor().tenant, tuple(request.names))
        found = [held[name] for name in dict.fromkeys(request.names) if name in held]
        return websites_pb2.BatchGetMediaResponse(media=map(messages.media_message, found))

    async def ListMedia(
        self, request: websites_pb2.ListMediaRequest, context: Context
    ) -> websites_pb2.ListMediaResponse:
        tenant, size = current_actor().tenant, page_size(request.page_size)
        after = str(decode_page_token(request.page_token, tenant).get("after", ""))
        found = await self._editor.ledger.all_media(tenant, after=after, limit=size + 1)
        onward = {"after": found[size - 1].id} if len(found) > size else None
        return websites_pb2.ListMediaResponse(
            media=map(messages.media_message, found[:size]),
            next_page_token=encode_page_token(onward, tenant) if onward else "",
        )

    async def DescribeMedia(
        self, request: websites_pb2.DescribeMediaRequest, context: Context
    ) -> websites_pb2.Media:
        tenant = current_actor().tenant
        photo = await self._media.describe(tenant, request.name, dict(request.alt))
        return messages.media_message(photo)

    async def DownloadRendition(
        self, request: websites_pb2.DownloadRenditionRequest, context: Context
    ) -> AsyncIterator[websites_pb2.DownloadRenditionResponse]:
        found, body = await self._media.rendition(current_actor().tenant, request.sha256)
        yield websites_pb2.DownloadRenditionResponse(head=messages.rendition_message(found))
        for start in range(0, len(body), MOST_CHUNK_BYTES):
            chunk = body[start : start + MOST_CHUNK_BYTES]
            yield websites_pb2.DownloadRenditionResponse(chunk=chunk)

    async def GetPackAsset(
        self, request: websites_pb2.GetPackAssetRequest, context: Context
    ) -> websites_pb2.PackAsset:
        file = self._editor.asset(request.pack, request.asset)
        return websites_pb2.PackAsset(content=file.body, type=file.type)

    async def SuggestDraft(
        self, request: websites_pb2.SuggestDraftRequest, context: Context
    ) -> websites_pb2.Draft:
        draft = await self._editor.suggest(
            current_actor().tenant,
            request.pack,
            messages.business_of(request.business),
            locales=tuple(request.locales),
            kind=request.kind,
            photos=tuple(request.photos),
        )
        return messages.draft_message(draft)

    async def PreviewPage(
        self, request: websites_pb2.PreviewPageRequest, context: Context
    ) -> websites_pb2.PreviewPageResponse:
        html, css = await self._editor.preview(
            current_actor().tenant, site_id(request.name), request.path, request.base
        )
        return websites_pb2.PreviewPageResponse(html=html, css=css)

    async def PreviewDraft(
        self, request: websites_pb2.PreviewDraftRequest, context: Context
    ) -> websites_pb2.PreviewPageResponse:
        html, css = await self._editor.preview_draft(
            current_actor().tenant,
            messages.draft_of(request.draft),
            request.path,
            host_name(request.domain) if request.domain else NO_HOST,
            request.base,
        )
        return websites_pb2.PreviewPageResponse(html=html, css=css)

    async def ListRevisions(
        self, request: websites_pb2.ListRevisionsRequest, context: Context
    ) -> websites_pb2.ListRevisionsResponse:
        tenant, size = current_actor().tenant, page_size(request.page_size)
        website = await self._editor.ledger.website(tenant, site_id(request.website))
        token = decode_page_token(request.page_token, tenant).get("before")
        found = await self._revisions.revisions(
            tenant, website.id, before=token if isinstance(token, int) else None, limit=size + 1
        )
        onward = {"before": found[size - 1].revision} if len(found) > size else None
        return websites_pb2.ListRevisionsResponse(
            revisions=map(messages.revision_message, found[:size]),
            next_page_token=encode_page_token(onward, tenant) if onward else "",
        )

    async def GetRevision(
        self, request: websites_pb2.GetRevisionRequest, context: Context
    ) -> websites_pb2.Revision:
        named = REVISION.fullmatch(request.name)
        if named is None:
            raise Absent("WEBSITE_ABSENT")
        found = await self._revisions.revision(current_actor().tenant, named[1], int(named[2]))
        return messages.revision_message(found)
