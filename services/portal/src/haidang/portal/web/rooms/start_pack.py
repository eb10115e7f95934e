"""`/bat-dau/{id}/mau`: the template, photos from the phone, and how it will look.

The preview is made of the owner's own facts and photos; nothing is stored as a website
yet. A photo is stored as soon as it has arrived, each by itself.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from functools import partial

from google.protobuf import json_format
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, HaidangError, sentence
from haidang.portal.starts import Photo, Start, Starts
from haidang.portal.starts.facts import screen_after
from haidang.portal.starts.keeper import MOST_PHOTOS
from haidang.portal.starts.requests import business, locales
from haidang.portal.web import previews
from haidang.portal.web.doors import PHOTO_BYTES, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.previews import Previewed, Previews
from haidang.portal.web.rooms.start_bench import NEEDS, REVIEW, Bench, screen_faults, wants_review
from haidang.portal.web.visit import Visit
from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, Response

SCREEN = "mau"
CHUNK_BYTES = 64 * 1024
UPLOAD_SECONDS = 60.0
DIGEST = re.compile(r"[0-9a-f]{64}")
MEBIBYTE = 1024 * 1024
KINDS = {"services": ("services", "professional", "shop")}
"""Kinds of ours that packs call by other names, best first."""


class StartPack:
    """The choice of a template and photos."""

    def __init__(self, starts: Starts) -> None:
        self._starts = starts
        self._bench = Bench(starts)
        self._previews = Previews(
            "/bat-dau/{start}/xem-thu", self._previewed, needs=NEEDS, names=("start",)
        )

    def doors(self) -> tuple[Door, ...]:
        """The page, its photos, and the preview in it."""
        door = partial(Door, needs=NEEDS, names=("start",))
        base = "/bat-dau/{start}"
        return (
            door("GET", f"{base}/mau", self.show),
            door("POST", f"{base}/mau", self.choose),
            door("POST", f"{base}/anh", self.add, most_bytes=PHOTO_BYTES),
            door("POST", f"{base}/anh/{{media}}/bo", self.drop),
            door("POST", f"{base}/anh/{{media}}/ta", self.describe),
            door("GET", f"{base}/anh/{{media}}", self.photo),
            *self._previews.doors(),
        )

    async def show(self, visit: Visit) -> Response:
        """The page; a pack of the owner's trade is proposed."""
        start = await self._bench.start(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        is_correcting = visit.asked("sua") == "1"
        faults = screen_faults(visit, SCREEN, start.facts) if is_correcting else Faults()
        return await self._page(visit, start, faults)

    async def _page(self, visit: Visit, start: Start, faults: Faults) -> Response:
        packs = await packs_for(visit, start)
        chosen = start["pack"] or (packs[0].name if packs else "")
        wanted = visit.asked("mau")
        shown = wanted if any(pack.name == wanted for pack in packs) else chosen
        href = self._previews.href(shown, start=start.id) if shown else ""
        return self._bench.draw(
            visit, start, SCREEN, faults=faults, packs=packs, chosen=shown, preview=href,
            most_photos=MOST_PHOTOS, most_mb=PHOTO_BYTES // MEBIBYTE, kind=start["kind"],
        )  # fmt: skip

    async def choose(self, visit: Visit) -> Response:
        """Keep the choice; look again, or go on."""
        start = await self._bench.saved(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        faults = screen_faults(visit, SCREEN, start.facts)
        known = {pack.name for pack in await packs_for(visit, start)}
        if start["pack"] and start["pack"] not in known:
            faults.add("pack", visit.words("start.missing.pack"))
        if faults:
            return await self._page(visit, start, faults)
        if visit.typed.get("look"):
            again = {"ve": "1"} if wants_review(visit) else {}
            return visit.go(f"/bat-dau/{start.id}/mau", **again)
        onward = REVIEW if wants_review(visit) else screen_after(SCREEN)
        return visit.go(f"/bat-dau/{start.id}/{onward}")

    async def add(self, visit: Visit) -> Response:
        """Store each photo that was sent; what is wrong with one is said, the others stay."""
        start = await self._bench.start(visit)
        faults = Faults()
        sent = visit.typed.files("photo")
        if not sent:
            faults.add("photo", visit.words("start.photo_missing"))
        for file in sent:
            try:
                await self._store(visit, start, file)
            except HaidangError as error:
                said = sentence(error.reason, error.facts, visit.locale)
                named = visit.words("start.photo_fault", file=file.filename or "", said=said)
                faults.add("photo" if "photo" not in faults else f"photo-{len(faults)}", named)
        if not faults:
            return visit.go(f"/bat-dau/{start.id}/mau") if not visit.is_module else _onward(start)
        if visit.is_module:
            return PlainTextResponse("\n".join(faults.values()), 422)
        return await self._page(visit, await self._bench.start(visit), faults)

    async def _store(self, visit: Visit, start: Start, file: UploadFile) -> None:
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2]
        alt = visit.words.plain("start.photo_alt", name=start["sign_name"])

        async def parts() -> AsyncIterator[websites_pb2.UploadMediaRequest]:
            head = websites_pb2.MediaHead(
                file_name=name, size_bytes=file.size or 0, alt={visit.locale: alt}
            )
            yield websites_pb2.UploadMediaRequest(head=head)
            while chunk := await file.read(CHUNK_BYTES):
                yield websites_pb2.UploadMediaRequest(chunk=chunk)

        media = await visit.websites.UploadMedia(parts(), timeout=UPLOAD_SECONDS)
        thumb = min(media.renditions, key=lambda one: (one.width_px, one.type), default=None)
        await self._starts.add_photo(
            visit.session.tenant,
            start.id,
            Photo(media.name, name, alt, thumb.sha256 if thumb else ""),
        )

    async def drop(self, visit: Visit) -> Response:
        """Leave a photo out."""
        start = await self._bench.start(visit)
        await self._starts.drop_photo(visit.session.tenant, start.id, f"media/{visit['media']}")
        return visit.go(f"/bat-dau/{start.id}/mau")

    async def describe(self, visit: Visit) -> Response:
        """What is to be seen on a photo, for who cannot see it."""
        start = await self._bench.start(visit)
        media, alt = f"media/{visit['media']}", visit.typed.get("alt", "")
        held = next((one for one in start.photos if one.media == media), None)
        if held is None:
            raise Absent("START_ABSENT")
        request = websites_pb2.DescribeMediaRequest(name=media, alt={"vi": alt})
        await visit.websites.DescribeMedia(request)
        photo = Photo(media, held.file_name, alt, held.thumb)
        await self._starts.add_photo(visit.session.tenant, start.id, photo)
        if visit.is_module:
            return PlainTextResponse(visit.words.plain("start.photo_described"))
        return visit.go(f"/bat-dau/{start.id}/mau")

    async def photo(self, visit: Visit) -> Response:
        """A small picture of a photo of this start."""
        start = await self._bench.start(visit)
        wanted = visit["media"]
        if not DIGEST.fullmatch(wanted) or all(one.thumb != wanted for one in start.photos):
            raise Absent("START_ABSENT")
        return await previews.photo(visit, wanted)

    async def _previewed(self, visit: Visit) -> Previewed:
        start = await self._bench.start(visit)
        pack = f"packs/{visit['pack']}"
        draft = await suggested_draft(visit, start, pack)
        return Previewed(pack, draft=draft, domain=start["domain"])


def _onward(start: Start) -> Response:
    return PlainTextResponse("", headers={"x-onward": f"/bat-dau/{start.id}/mau"})


async def packs_for(visit: Visit, start: Start) -> Sequence[websites_pb2.Pack]:
    """The installed packs, those of the owner's trade first."""
    listed = await visit.websites.ListPacks(websites_pb2.ListPacksRequest())
    wanted = KINDS.get(start["kind"], (start["kind"],))

    def fit(pack: websites_pb2.Pack) -> tuple[bool, int, int, str]:
        places = [list(pack.kinds).index(kind) for kind in wanted if kind in pack.kinds]
        # One that was made for few trades fits each of them better.
        return (not places, min(places, default=0), len(pack.kinds), pack.name)

    return sorted(listed.packs, key=fit)


async def suggested_draft(visit: Visit, start: Start, pack: str) -> websites_pb2.Draft:
    """A whole first draft of the facts so far, in *pack*."""
    request = websites_pb2.SuggestDraftRequest(
        pack=pack,
        locales=locales(start.facts),
        kind=start["kind"],
        photos=[photo.media for photo in start.photos],
    )
    json_format.ParseDict(business(start.facts), request.business)
    kinds = {one.name: one.kinds for one in await packs_for(visit, start)}
    if start["kind"] not in kinds.get(pack, ()):
        request.kind = ""
    draft: websites_pb2.Draft = await visit.websites.SuggestDraft(request)
    if summary := start["summary"]:
        content = json_format.MessageToDict(draft.content)
        content["site"].setdefault("summary", {})[locales(start.facts)[0]] = summary
        draft.content.Clear()
        json_format.ParseDict(content, draft.content)
    return draft
