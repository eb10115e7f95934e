"""The editor: websites and their drafts, saved as the owner left them, judged on demand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from haidang.core.clock import Clock, SystemClock
from haidang.core.errors import Absent, Conflict, Malformed
from haidang.core.operations.desk import valid_request_id
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.checks import check_website
from haidang.website_builder.findings import Finding
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.packs import Pack
from haidang.website_builder.rendering import ICON, RenderedFile, pack_files, render_preview
from haidang.website_builder.revisions.ledger import MOST_CHANGE_CHARACTERS, Change
from haidang.website_builder.starter import first_draft
from haidang.website_builder.values import StoredWebsite
from haidang.website_builder.website import Business, Draft, MediaRef, Website, read_website

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
ID_CHARACTERS = 24
FIRST_REVISION = 1
MEDIA = re.compile(r"media/[0-9a-f]{64}")
BASE = re.compile(r"(?:/[A-Za-z0-9._~-]{1,100}){0,8}")
NOBODY = "nobody"


class Editor:
    """The office for drafts. *packs* are the installed ones by id."""

    def __init__(
        self, ledger: WebsiteLedger, packs: Mapping[str, Pack], clock: Clock | None = None
    ) -> None:
        self.ledger = ledger
        self.packs = packs
        self.clock = clock or SystemClock()

    def pack(self, name: str) -> Pack:
        """The pack called "packs/{id}". Raises: Absent PACK_ABSENT."""
        found = self.packs.get(name.removeprefix("packs/"))
        if found is None:
            raise Absent("PACK_ABSENT", field="draft.pack", pack=name[:80])
        return found

    async def create(
        self, tenant: str, request_id: str, domain: str, draft: Draft, *, author: str = NOBODY
    ) -> StoredWebsite:
        """Keep a new website with its first draft; the same request gives the same website.

        Raises: Malformed, Absent PACK_ABSENT; Conflict HOST_TAKEN; Malformed
            IDEMPOTENCY_MISMATCH when the same id came with another host or draft.
        """
        request = valid_request_id(request_id)
        host = host_name(domain)
        self._require_readable(draft)
        digest = hashlib.sha256(f"{tenant}\n{request}".encode()).hexdigest()
        return await self.ledger.create(
            tenant,
            StoredWebsite(digest[:ID_CHARACTERS], host, draft, FIRST_REVISION),
            Change(author, self.clock.now()),
        )

    async def require_host_free(self, tenant: str, domain: str) -> None:
        """Refuse a host on which another tenant has a website.

        Raises: Malformed HOST_INVALID; Conflict HOST_TAKEN.
        """
        host = host_name(domain)
        if await self.ledger.is_held_by_another(tenant, host):
            raise Conflict("HOST_TAKEN", field="domain", host=host)

    async def update(
        self,
        tenant: str,
        id: str,
        draft: Draft,
        etag: str,
        *,
        author: str = NOBODY,
        change: str = "",
    ) -> StoredWebsite:
        """Replace the draft; *change* is where it was changed, for its history.

        Raises: Malformed; Absent; Conflict DRAFT_CHANGED (ABORTED).
        """
        if len(change) > MOST_CHANGE_CHARACTERS or not change.isprintable():
            raise Malformed("CHANGE_INVALID", field="change", most=MOST_CHANGE_CHARACTERS)
        self._require_readable(draft)
        made = Change(author, self.clock.now(), change)
        return await self.ledger.update(tenant, id, draft, etag, made)

    async def suggest(
        self,
        tenant: str,
        pack: str,
        business: Business,
        *,
        locales: tuple[str, ...],
        kind: str,
        photos: tuple[str, ...],
    ) -> Draft:
        """A complete first draft from the pack's starter. Stores nothing.

        Raises: Absent PACK_ABSENT, MEDIA_ABSENT; as `first_draft` and `read_website`.
        """
        held = await self.ledger.media(tenant, photos)
        if missing := [photo for photo in photos if photo not in held]:
            raise Absent("MEDIA_ABSENT", field="photos", photo=missing[0][:80])
        draft = first_draft(self.pack(pack), business, locales, kind, photos)
        read_website(draft)
        return draft

    async def preview(self, tenant: str, id: str, path: str, base: str = "") -> tuple[str, str]:
        """One page of the stored draft as it would be published: (html, css)."""
        website = await self.ledger.website(tenant, id)
        return await self.preview_draft(tenant, website.draft, path, website.domain, base)

    async def preview_draft(
        self, tenant: str, draft: Draft, path: str, host: str, base: str = ""
    ) -> tuple[str, str]:
        """The same of any draft. Addresses inside the site begin with *base*.

        Raises: Malformed PREVIEW_BASE_INVALID and as `read_website`; Absent PAGE_ABSENT.
        """
        if not BASE.fullmatch(base):
            raise Malformed("PREVIEW_BASE_INVALID", field="base")
        media, pack = await self.media_of(tenant, draft), self.pack(draft.pack)
        read = read_website(draft)
        return render_preview(read, pack, media, path=path or "/", host=host, base=base)

    def asset(self, pack: str, name: str) -> RenderedFile:
        """A file of every site of the pack. Raises: Absent PACK_ABSENT, ASSET_ABSENT."""
        path = ICON if f"/{name}" == ICON else f"/assets/{name}"
        found = pack_files(self.pack(pack)).get(path)
        if found is None:
            raise Absent("ASSET_ABSENT", field="asset")
        return found

    async def check(self, tenant: str, draft: Draft) -> list[Finding]:
        """What stands in the way of publishing *draft*. Raises: Malformed; Absent PACK_ABSENT."""
        pack = self.pack(draft.pack)
        media = await self.media_of(tenant, draft)
        return self.findings(read_website(draft), pack, media)

    def findings(
        self, website: Website, pack: Pack, media: Mapping[str, MediaRef]
    ) -> list[Finding]:
        """The findings of a website already read."""
        return check_website(website, pack, media)

    async def media_of(self, tenant: str, draft: Draft) -> dict[str, MediaRef]:
        """The tenant's photos that *draft* names."""
        return await self.ledger.media(tenant, tuple(sorted(set(_named(draft.content)))))

    def _require_readable(self, draft: Draft) -> None:
        self.pack(draft.pack)
        read_website(draft)


def host_name(domain: str) -> str:
    """*domain*, in Vietnamese letters or as A-label, as the A-label of a host.

    Raises: Malformed HOST_INVALID.
    """
    try:
        host = domain.strip().lower().rstrip(".").encode("idna").decode()
    except UnicodeError:
        host = ""
    if not HOST.fullmatch(host):
        raise Malformed("HOST_INVALID", field="domain", host=domain[:80])
    return host


def _named(content: object) -> Iterator[str]:
    if isinstance(content, str) and MEDIA.fullmatch(content):
        yield content
    elif isinstance(content, Mapping):
        for value in content.values():
            yield from _named(value)
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _named(value)
