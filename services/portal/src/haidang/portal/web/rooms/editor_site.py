"""What concerns the whole website: its languages, and the template it wears."""

from __future__ import annotations

from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent
from haidang.portal.web.doors import Door
from haidang.portal.web.editing.drafts import Document, draft_of
from haidang.portal.web.editing.fitting import fitted
from haidang.portal.web.editing.kit import Kit, kit_of
from haidang.portal.web.previews import Previewed, Previews
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    kit_called,
    opened,
    saved,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response


class EditorSite:
    """Languages and template."""

    def __init__(self) -> None:
        self._previews = Previews("/trang-web/{website}/thu-mau/{other}", _other, names=WEBSITE)

    def doors(self) -> tuple[Door, ...]:
        """Each is a choice, then one POST."""
        site = "/trang-web/{website}"
        return (
            Door("GET", f"{site}/ngon-ngu", self.languages, needs=READ, names=WEBSITE),
            Door("POST", f"{site}/ngon-ngu", self.speak, needs=WRITE, names=WEBSITE),
            Door("GET", f"{site}/mau", self.packs, needs=READ, names=WEBSITE),
            Door("GET", f"{site}/mau/{{pack}}", self.consider, needs=READ, names=WEBSITE),
            Door("POST", f"{site}/mau/{{pack}}", self.wear, needs=WRITE, names=WEBSITE),
            *self._previews.doors(),
        )

    async def languages(self, visit: Visit) -> Response:
        """The languages the template speaks; the first one cannot be put away."""
        site = await opened(visit)
        return visit.page("editor_languages.html", site=site, may_write=visit.may(WRITE))

    async def speak(self, visit: Visit) -> Response:
        """Show the site in the languages that were ticked. Texts of the others are kept."""
        site = await opened(visit)
        ticked = set(visit.typed.all("locale"))

        def edit(now: Opened) -> Document | None:
            base = now.document["locales"][0]
            spoken = [one for one in now.kit.locales if one in ticked and one != base]
            return {**now.document, "locales": [base, *spoken]}

        kept = await saved(visit, site, edit, "locales")
        return visit.go(kept.home, luu="1")

    async def packs(self, visit: Visit) -> Response:
        """The templates there are."""
        site = await opened(visit)
        found = await visit.websites.ListPacks(websites_pb2.ListPacksRequest())
        kits = sorted((kit_of(one) for one in found.packs), key=lambda one: one.name)
        trade = site.document["site"].get("kind", "")
        kits.sort(key=lambda one: (one.name != site.kit.name, trade not in one.trades))
        return visit.page("editor_packs.html", site=site, kits=kits)

    async def consider(self, visit: Visit) -> Response:
        """The website in another template, and what will not show there."""
        site, kit = await opened(visit), await _kit(visit, visit["pack"])
        found = fitted(site.document, site.kit, kit, visit.locale)
        other = visit["pack"]
        return visit.page(
            "editor_pack.html",
            site=site,
            kit=kit,
            left=found.left,
            is_worn=kit.name == site.kit.name,
            preview=self._previews.href(kit.name, website=site.id, other=other),
            may_write=visit.may(WRITE),
        )

    async def wear(self, visit: Visit) -> Response:
        """Change the template. The draft as it was stays in the history."""
        site, kit = await opened(visit), await _kit(visit, visit["pack"])

        def edit(now: Opened) -> Document | None:
            if now.kit.name == kit.name:
                return None
            return fitted(now.document, now.kit, kit, visit.locale).document

        kept = await saved(visit, site, edit, "pack")
        return visit.go(kept.home, mau="1")


async def _kit(visit: Visit, pack: str) -> Kit:
    return await kit_called(visit, f"packs/{pack}")


async def _other(visit: Visit) -> Previewed:
    """The draft as it would be in the template that the address names."""
    site, kit = await opened(visit), await _kit(visit, visit["other"])
    if visit["pack"] != visit["other"]:
        raise Absent("PACK_ABSENT", pack=visit["pack"][:80])
    found = fitted(site.document, site.kit, kit, visit.locale)
    return Previewed(kit.name, draft=draft_of(found.document), domain=site.website.domain)
