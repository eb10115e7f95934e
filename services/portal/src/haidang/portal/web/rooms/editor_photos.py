"""Photos of a website: from the phone's camera or album, described in plain words.

A photo field has a screen of its own, because a photo is sent by itself: with its progress,
and again when the connection was cut. Lists of photos take many at once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, HaidangError, sentence
from haidang.portal.web.doors import PHOTO_BYTES, Door
from haidang.portal.web.editing.drafts import Document
from haidang.portal.web.editing.places import entries_at, screen_at, stored_value, with_value
from haidang.portal.web.editing.schema_forms import Field, fields_of, put
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    Photo,
    opened,
    photo_of,
    photos_in,
    saved,
)
from haidang.portal.web.rooms.editor_pages import list_page, photo_key
from haidang.portal.web.visit import Visit
from starlette.datastructures import UploadFile
from starlette.responses import PlainTextResponse, Response

CHUNK_BYTES = 64 * 1024
MOST_AT_ONCE = 12
UPLOAD_SECONDS = 60.0
MOST_SHOWN = 60


class EditorPhotos:
    """One photo field, or many photos for a list."""

    def doors(self) -> tuple[Door, ...]:
        """A field's screen, what is sent to it, and many at once."""
        one, many = (
            "/trang-web/{website}/anh/{place:path}",
            "/trang-web/{website}/nhieu-anh/{place:path}",
        )
        words = "/trang-web/{website}/loi-anh/{place:path}"
        whole = PHOTO_BYTES
        return (
            Door("GET", one, self.show, needs=READ, names=WEBSITE),
            Door("POST", one, self.send, needs=WRITE, names=WEBSITE, most_bytes=whole),
            Door("POST", words, self.describe, needs=WRITE, names=WEBSITE),
            Door("POST", many, self.send_many, needs=WRITE, names=WEBSITE, most_bytes=4 * whole),
        )

    async def show(self, visit: Visit) -> Response:
        """The photo, its words, and others to choose from."""
        site = await opened(visit)
        return await self._page(visit, site, Faults())

    async def _page(
        self, visit: Visit, site: Opened, faults: Faults, status: int = 200
    ) -> Response:
        place, field = _field(site, visit["place"])
        held = await photos_in(visit, field.value)
        request = websites_pb2.ListMediaRequest(page_size=MOST_SHOWN)
        every = [photo_of(one) for one in (await visit.websites.ListMedia(request)).media]
        return visit.page(
            "editor_photo.html",
            status,
            site=site,
            place=visit["place"],
            field=field,
            photo=held.get(str(field.value)),
            others=[one for one in every if one.name != field.value],
            faults=faults,
            onward=f"{site.home}/sua/{place}",
            may_write=visit.may(WRITE),
        )

    async def send(self, visit: Visit) -> Response:
        """Take a photo in, choose one of those held, or take it away."""
        site = await opened(visit)
        _field(site, visit["place"])
        if visit.typed.get("act") == "remove":
            return await self._set(visit, site, None)
        if chosen := visit.typed.get("photo_name", ""):
            if chosen not in await photos_in(visit, chosen):
                raise Absent("PLACE_ABSENT")
            return await self._set(visit, site, chosen)
        file = visit.typed.file("photo")
        faults = Faults()
        if file is None:
            faults.add("photo", visit.words("editor.photo_missing"))
        else:
            try:
                taken = await uploaded(visit, file, {"vi": visit.typed.get("alt.vi", "")})
                return await self._set(visit, site, taken.name)
            except HaidangError as error:
                faults.add_error(
                    error, visit.locale, {"file": "photo", "alt": "alt.vi", "vi": "alt.vi"}
                )
        if visit.is_module:
            return PlainTextResponse(next(iter(faults.values())), 422)
        return await self._page(visit, site, faults, 422)

    async def _set(self, visit: Visit, site: Opened, name: str | None) -> Response:
        place, key = visit["place"].rpartition("/")[::2]

        def edit(now: Opened) -> Document | None:
            screen = screen_at(now.kit, now.document, place, now.reader)
            if screen is None or screen.is_list:
                raise Absent("PLACE_ABSENT")
            value = stored_value(screen, put(screen.value, key.split("."), name))
            return with_value(now.document, screen.place, value)

        await saved(visit, site, edit, visit["place"])
        return _onward(
            visit, f"{site.home}/anh/{visit['place']}" if name else f"{site.home}/sua/{place}"
        )

    async def describe(self, visit: Visit) -> Response:
        """Keep what the photo shows, in words, for whoever cannot see it."""
        site = await opened(visit)
        place, field = _field(site, visit["place"])
        alt = {locale: visit.typed.get(f"alt.{locale}", "") for locale in site.reader.locales}
        request = websites_pb2.DescribeMediaRequest(name=str(field.value), alt=alt)
        try:
            await visit.websites.DescribeMedia(request)
        except HaidangError as error:
            if isinstance(error, Absent):
                raise
            faults = Faults()
            faults.add_error(
                error, visit.locale, {f"alt.{one}": f"alt.{one}" for one in alt} | {"alt": "alt.vi"}
            )
            return await self._page(visit, site, faults, 422)
        return visit.go(f"{site.home}/sua/{place}", luu="1")

    async def send_many(self, visit: Visit) -> Response:
        """Add photos to a list; those that cannot be taken are named with the reason."""
        site, place = await opened(visit), visit["place"]
        screen = screen_at(site.kit, site.document, place, site.reader)
        key = photo_key(screen) if screen is not None and screen.is_list else None
        if screen is None or key is None:
            raise Absent("PLACE_ABSENT")
        faults, taken = Faults(), []
        for number, file in enumerate(visit.typed.files("photo")[:MOST_AT_ONCE]):
            try:
                taken.append((await uploaded(visit, file, {})).name)
            except HaidangError as error:
                named = visit.words("editor.photo_refused", file=file.filename or number + 1)
                said = sentence(error.reason, error.facts, visit.locale)
                faults.add("photo" if not faults else f"photo-{number}", f"{named} {said}")
        if not taken and not faults:
            faults.add("photo", visit.words("editor.photo_missing"))
        entries = [{key: name} if key else name for name in taken]

        def edit(now: Opened) -> Document | None:
            held = entries_at(now.document, place)
            fresh = [one for one in entries if one not in held]
            return with_value(now.document, place, [*held, *fresh]) if fresh else None

        kept = await saved(visit, site, edit, place)
        if not faults:
            return _onward(visit, f"{kept.home}/sua/{place}")
        if visit.is_module:
            return PlainTextResponse(" ".join(faults.values()), 422)
        fresh_screen = screen_at(
            kit=kept.kit, document=kept.document, place=place, reader=kept.reader
        )
        assert fresh_screen is not None
        return await list_page(visit, kept, fresh_screen, faults=faults, status=422)


def _field(site: Opened, place: str) -> tuple[str, Field]:
    """The form and the photo field that *place* names. Raises: Absent PLACE_ABSENT."""
    above, _, name = place.rpartition("/")
    screen = screen_at(site.kit, site.document, above, site.reader)
    if screen is not None and not screen.is_list and not screen.is_new:
        for field in fields_of(screen.schema, screen.value, site.reader):
            if field.widget == "image" and field.name == name:
                return above, field
    raise Absent("PLACE_ABSENT")


def _onward(visit: Visit, path: str) -> Response:
    """On to *path*; the module follows a header, for it cannot see a redirect."""
    if visit.is_module:
        return Response(status_code=204, headers={"x-onward": path})
    return visit.go(path)


async def uploaded(visit: Visit, file: UploadFile, alt: dict[str, str]) -> Photo:
    """*file* taken in by the website service. Raises: as UploadMedia."""
    texts = {locale: text for locale, text in alt.items() if text}

    async def parts() -> AsyncIterator[websites_pb2.UploadMediaRequest]:
        head = websites_pb2.MediaHead(
            file_name=(file.filename or "")[:200], size_bytes=file.size or 0, alt=texts
        )
        yield websites_pb2.UploadMediaRequest(head=head)
        while chunk := await file.read(CHUNK_BYTES):
            yield websites_pb2.UploadMediaRequest(chunk=chunk)

    return photo_of(await visit.websites.UploadMedia(parts(), timeout=UPLOAD_SECONDS))
