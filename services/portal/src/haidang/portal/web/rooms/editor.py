"""The website's own screen: its sections as cards in order, its facts, what comes next.

`/trang-web` lists the websites, or leads to the only one. Sections and entries of lists
are moved, added and taken away here; whatever is taken away can be put back.
"""

from __future__ import annotations

import asyncio
import copy
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent
from haidang.portal.web.doors import Door
from haidang.portal.web.editing.drafts import Document
from haidang.portal.web.editing.kit import Kind
from haidang.portal.web.editing.places import entries_at, moved_to, screen_at, with_value
from haidang.portal.web.editing.schema_forms import Json, title_of, widget_of
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.previews import Previewed, Previews, photo
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    document_at,
    findings_on,
    is_error,
    opened,
    saved,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

SECTIONS = "sections"
MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Card:
    """A section on the website's screen. `wants` is the place of an empty list it would show."""

    id: str
    place: str
    label: str
    title: str
    is_known: bool
    is_fixed: bool
    wants: str


@dataclass(frozen=True, slots=True)
class FactCard:
    """Facts of the site: a list with its number of entries, or a form."""

    place: str
    label: str
    count: int | None


class Editor:
    """Websites, and the order of what is on them."""

    def __init__(self) -> None:
        self.previews = Previews("/trang-web/{website}/xem", _previewed, names=WEBSITE)

    def doors(self) -> tuple[Door, ...]:
        """The list, one website, its photos and previews, and what changes an order."""
        site = "/trang-web/{website}"
        return (
            Door("GET", "/trang-web", self.list, needs=READ),
            Door("GET", "/trang-web/anh/{sha256}", self.photo, needs=READ),
            Door("GET", site, self.show, needs=READ, names=WEBSITE),
            Door("GET", f"{site}/them-phan/{{page}}", self.choose, needs=WRITE, names=WEBSITE),
            Door("POST", f"{site}/them-phan/{{page}}", self.add, needs=WRITE, names=WEBSITE),
            Door("POST", f"{site}/xep/{{place:path}}", self.order, needs=WRITE, names=WEBSITE),
            Door("GET", f"{site}/xem-truoc", self.look, needs=READ, names=WEBSITE),
            *self.previews.doors(),
        )

    async def list(self, visit: Visit) -> Response:
        """Every website; the only one at once."""
        request = websites_pb2.ListWebsitesRequest(page_size=MOST_LISTED)
        found = list((await visit.websites.ListWebsites(request)).websites)
        if len(found) == 1:
            return visit.go(f"/trang-web/{found[0].name.removeprefix('websites/')}")
        return visit.page("editor_websites.html", websites=found)

    async def photo(self, visit: Visit) -> Response:
        """A small picture of one of the tenant's photos."""
        return await photo(visit, visit["sha256"])

    async def show(self, visit: Visit) -> Response:
        """The website: what is on it, and the one next step."""
        named = f"websites/{visit['website']}"
        site, findings = await asyncio.gather(opened(visit), findings_on(visit, named))
        return visit.page(
            "editor.html",
            site=site,
            pages=_pages(visit, site),
            facts=_facts(visit, site),
            errors=[one for one in findings if is_error(one)],
            may_write=visit.may(WRITE),
            preview=self.href(site),
            is_published=bool(site.website.live_deployment),
        )

    async def look(self, visit: Visit) -> Response:
        """The preview alone, on a phone one tap away."""
        site = await opened(visit)
        return visit.page("editor_look.html", site=site, preview=self.href(site))

    def href(self, site: Opened) -> str:
        """Where the stored draft is previewed."""
        return self.previews.href(site.kit.name, website=site.id)

    async def choose(self, visit: Visit) -> Response:
        """The kinds of section that may be added to a page."""
        site, number = await opened(visit), _number(visit["page"])
        page = _page(site.document, number)
        kinds = [(kind, _may_add(site, page, kind)) for kind in site.kit.kinds.values()]
        return visit.page(
            "editor_add.html", site=site, page=number, kinds=kinds, request_id=str(uuid.uuid4())
        )

    async def add(self, visit: Visit) -> Response:
        """Add a section before the fixed ones at the end; sent twice, it is added once."""
        site, number = await opened(visit), _number(visit["page"])
        kind = site.kit.kinds.get(visit.typed.get("type", ""))
        stamp = visit.typed.get("request_id", "").replace("-", "")[:6]
        if kind is None or not stamp.isalnum() or not stamp.isascii():
            raise Absent("PLACE_ABSENT")
        identifier = f"{kind.type[:30].strip('-')}-{stamp.lower()}"

        def edit(now: Opened) -> Document | None:
            page = _page(now.document, number)
            if any(one["id"] == identifier for one in page[SECTIONS]):
                return None
            return _with_section(now, number, {"id": identifier, "type": kind.type, "data": {}})

        kept = await saved(visit, site, edit, f"pages/{number}/{SECTIONS}")
        return visit.go(f"{kept.home}/sua/pages/{number}/{SECTIONS}/{identifier}/data", moi="1")

    async def order(self, visit: Visit) -> Response:
        """Move or take away an entry of a list, or a section of a page."""
        site, place = await opened(visit), visit["place"]
        act, _, key = visit.typed.get("act", "").partition(":")
        before = await document_at(visit, site, visit.typed.get("revision", ""))
        change = ORDERS.get(act)
        if change is None or not entries_at(site.document, place):
            raise Absent("PLACE_ABSENT")

        def edit(now: Opened) -> Document | None:
            return _ordered(now, before, place, key, change)

        kept = await saved(visit, site, edit, place)
        onward = kept.home if place.endswith(f"/{SECTIONS}") else f"{kept.home}/sua/{place}"
        if act == "remove" and kept.revision != site.revision:
            return visit.go(onward, bo=str(kept.revision))
        return visit.go(onward)


async def _previewed(visit: Visit) -> Previewed:
    request = websites_pb2.GetWebsiteRequest(name=f"websites/{visit['website']}")
    website = await visit.websites.GetWebsite(request)
    return Previewed(website.draft.pack, website=website.name)


def _number(text: str) -> int:
    number = whole_number(text)
    if number is None:
        raise Absent("PLACE_ABSENT")
    return number


def _page(document: Document, number: int) -> Json:
    if number >= len(document["pages"]):
        raise Absent("PLACE_ABSENT")
    return document["pages"][number]


def _pages(visit: Visit, site: Opened) -> list[dict[str, object]]:
    return [
        {
            "number": number,
            "title": title_of({"x-i18n": True}, page.get("title"), site.reader),
            "cards": [_card(visit, site, number, one) for one in page[SECTIONS]],
            "is_full": len(page[SECTIONS]) >= site.kit.most_sections,
        }
        for number, page in enumerate(site.document["pages"])
    ]


def _card(visit: Visit, site: Opened, page: int, section: Json) -> Card:
    kind = site.kit.kinds.get(section["type"])
    is_empty = (
        kind is not None and kind.collection and not site.document["site"].get(kind.collection)
    )
    return Card(
        id=section["id"],
        place=f"pages/{page}/{SECTIONS}/{section['id']}/data",
        label=(kind.label[visit.locale] if kind else section["type"]),
        title=title_of(kind.schema, section.get("data", {}), site.reader) if kind else "",
        is_known=kind is not None,
        is_fixed=kind is not None and kind.required,
        wants=f"site/{kind.collection}" if kind and is_empty else "",
    )


def _facts(visit: Visit, site: Opened) -> list[FactCard]:
    """The site's lists, then what has a form of its own."""
    found = []
    for key, part in site.kit.site.get("properties", {}).items():
        widget = widget_of(part)
        if widget not in {"list", "object"}:
            continue
        screen = screen_at(site.kit, site.document, f"site/{key}", site.reader)
        if screen is not None:
            count = len(screen.value) if screen.is_list else None
            found.append(FactCard(screen.place, screen.label, count))
    return sorted(found, key=lambda one: one.count is None)


def _may_add(site: Opened, page: Json, kind: Kind) -> bool:
    held = [one["type"] for one in page[SECTIONS]].count(kind.type)
    is_full = len(page[SECTIONS]) >= site.kit.most_sections
    return not is_full and (not kind.limit or held < kind.limit)


def _with_section(now: Opened, number: int, section: Json) -> Document:
    """The draft with *section* before what closes every page."""
    document = copy.deepcopy(now.document)
    sections = document["pages"][number][SECTIONS]
    place = len(sections)
    while place and _is_fixed(now, sections[place - 1]):
        place -= 1
    sections.insert(place, section)
    return document


def _is_fixed(now: Opened, section: Json) -> bool:
    kind = now.kit.kinds.get(section["type"])
    return kind is not None and kind.required


Order = Callable[[list[Json], int], list[Json]]


def _up(entries: list[Json], index: int) -> list[Json]:
    return _swapped(entries, index, index - 1)


def _down(entries: list[Json], index: int) -> list[Json]:
    return _swapped(entries, index, index + 1)


def _swapped(entries: list[Json], one: int, other: int) -> list[Json]:
    changed = list(entries)
    if 0 <= other < len(changed):
        changed[one], changed[other] = changed[other], changed[one]
    return changed


def _without(entries: list[Json], index: int) -> list[Json]:
    return entries[:index] + entries[index + 1 :]


ORDERS: dict[str, Order] = {"up": _up, "down": _down, "remove": _without}


def _ordered(
    now: Opened, before: Document | None, place: str, key: str, change: Order
) -> Document | None:
    """The list at *place* changed; None when the same request was already carried out."""
    entries = entries_at(now.document, place)
    old = entries_at(before, place) if before is not None else entries
    index = _index(old, key)
    if index is None:
        return None
    if old != entries and change(old, index) == entries:
        return None
    at = moved_to(old, entries, index) if not _has_ids(old) else _index(entries, key)
    return None if at is None else with_value(now.document, place, change(entries, at))


def _has_ids(entries: list[Json]) -> bool:
    return all(isinstance(one, dict) and "type" in one and "id" in one for one in entries)


def _index(entries: list[Json], key: str) -> int | None:
    """Where an entry is: sections by their id, others by their number."""
    if _has_ids(entries):
        ids = [one["id"] for one in entries]
        return ids.index(key) if key in ids else None
    index = whole_number(key)
    return index if index is not None and index < len(entries) else None
