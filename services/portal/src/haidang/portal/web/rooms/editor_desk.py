"""What the rooms of the editor share: a website opened, and saved without losing anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, Conflict, register
from haidang.portal.web.editing.drafts import Document, document_of, draft_of
from haidang.portal.web.editing.kit import Kit, kit_of
from haidang.portal.web.editing.schema_forms import Json, Reader
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.visit import Visit

READ, WRITE = "websites.read", "websites.write"
WEBSITE = ("website",)
"""Doors below /trang-web/{website} name a website of the tenant."""
MOST_TRIES = 4
"""How often a change is put on a draft that others keep changing at the same time."""
MOST_ASKED_MEDIA = 200
THUMBNAIL_PX = 480

register(
    Absent,
    {
        "PLACE_ABSENT": (
            "There is nothing to edit here any more.",
            "Chỗ này không còn trong bản nháp nữa.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A website as this visitor sees it now."""

    website: websites_pb2.Website
    document: Document
    kit: Kit
    reader: Reader

    @property
    def id(self) -> str:
        """The id in its name."""
        return self.website.name.removeprefix("websites/")

    @property
    def home(self) -> str:
        """Its address in the editor."""
        return f"/trang-web/{self.id}"

    @property
    def revision(self) -> int:
        """The draft's revision."""
        return self.website.revision


async def opened(visit: Visit) -> Opened:
    """The website that the address names. Raises: Absent WEBSITE_ABSENT."""
    request = websites_pb2.GetWebsiteRequest(name=f"websites/{visit['website']}")
    return await as_opened(visit, await visit.websites.GetWebsite(request))


async def as_opened(visit: Visit, website: websites_pb2.Website, kit: Kit | None = None) -> Opened:
    """*website* with its pack, read for this visitor; *kit*, if it is the one, is not asked for."""
    if kit is None or kit.name != website.draft.pack:
        kit = await kit_called(visit, website.draft.pack)
    document = document_of(website.draft)
    return Opened(website, document, kit, Reader(visit.locale, tuple(document["locales"])))


async def kit_called(visit: Visit, pack: str) -> Kit:
    """The kit of the pack called "packs/{id}". Raises: Absent PACK_ABSENT."""
    return kit_of(await visit.websites.GetPack(websites_pb2.GetPackRequest(name=pack)))


async def document_at(visit: Visit, site: Opened, revision: str) -> Document | None:
    """The draft as it was at *revision*; None when that is no longer known."""
    if revision == str(site.revision):
        return site.document
    number = whole_number(revision)
    if number is None:
        return None
    name = f"{site.website.name}/revisions/{number}"
    try:
        found = await visit.websites.GetRevision(websites_pb2.GetRevisionRequest(name=name))
    except Absent:
        return None
    return document_of(found.draft)


Edit = Callable[[Opened], Document | None]
"""From the draft as it is to the draft as it should be; None: nothing to do."""


async def saved(visit: Visit, site: Opened, edit: Edit, change: str) -> Opened:
    """Put *edit* on the draft; when somebody saves in between, on what they saved.

    Raises: Conflict DRAFT_CHANGED when that never ends; as UpdateDraft.
    """
    for _ in range(MOST_TRIES):
        document = edit(site)
        if document is None or document == site.document:
            return site
        request = websites_pb2.UpdateDraftRequest(
            name=site.website.name,
            draft=draft_of(document),
            etag=site.website.etag,
            change=f"/{change}"[:200],
        )
        try:
            return await as_opened(visit, await visit.websites.UpdateDraft(request), site.kit)
        except Conflict as conflict:
            if conflict.reason != "DRAFT_CHANGED":
                raise
            site = await opened(visit)
    raise Conflict("DRAFT_CHANGED", field="etag")


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as the editor shows it: its name, its texts, where a small picture is."""

    name: str
    alt: Mapping[str, str]
    src: str
    width_px: int
    height_px: int


def photo_of(media: websites_pb2.Media) -> Photo:
    """*media* with the smallest picture that is still clear on a phone."""
    shown = [one for one in media.renditions if one.type in {"image/webp", "image/jpeg"}]
    widest = sorted(shown, key=lambda one: (abs(one.width_px - THUMBNAIL_PX), one.size_bytes))
    src = f"/trang-web/anh/{widest[0].sha256}" if widest else ""
    return Photo(media.name, dict(media.alt), src, media.width_px, media.height_px)


async def photos_in(visit: Visit, value: Json) -> dict[str, Photo]:
    """Every photo that *value* names, by name; those not held are missing."""
    names = list(dict.fromkeys(_names(value)))[:MOST_ASKED_MEDIA]
    if not names:
        return {}
    request = websites_pb2.BatchGetMediaRequest(names=names)
    found = await visit.websites.BatchGetMedia(request)
    return {one.name: photo_of(one) for one in found.media}


def _names(value: Json) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith("media/") else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [name for part in parts for name in _names(part)]


async def findings_of(visit: Visit, site: Opened) -> list[websites_pb2.Finding]:
    """What stands in the way of publishing the stored draft."""
    return await findings_on(visit, site.website.name)


async def findings_on(visit: Visit, name: str) -> list[websites_pb2.Finding]:
    """The same of the website called *name*. Raises: Absent WEBSITE_ABSENT."""
    request = websites_pb2.CheckWebsiteRequest(name=name)
    found = await visit.websites.CheckWebsite(request)
    return list(found.findings)


def is_error(finding: websites_pb2.Finding) -> bool:
    """Whether *finding* refuses the publication."""
    return finding.severity == websites_pb2.Finding.SEVERITY_ERROR


def sentence_of(finding: websites_pb2.Finding, locale: str) -> str:
    """What *finding* says to a reader of *locale*."""
    return finding.message_vi if locale == "vi" else finding.message_en
