"""The editor: websites and their drafts, saved as the owner left them, judged on demand."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping

from haidang.core.errors import Absent, Conflict, Malformed
from haidang.core.operations.desk import valid_request_id
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.checks import check_website
from haidang.website_builder.findings import Finding
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.packs import Pack
from haidang.website_builder.rendering import render_preview
from haidang.website_builder.values import StoredWebsite
from haidang.website_builder.website import Draft, MediaRef, Website, read_website

HOST = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}")
ID_CHARACTERS = 24
FIRST_REVISION = 1
MEDIA = re.compile(r"media/[0-9a-f]{64}")


class Editor:
    """The office for drafts. *packs* are the installed ones by id."""

    def __init__(self, ledger: WebsiteLedger, packs: Mapping[str, Pack]) -> None:
        self.ledger = ledger
        self.packs = packs

    def pack(self, name: str) -> Pack:
        """The pack called "packs/{id}". Raises: Absent PACK_ABSENT."""
        found = self.packs.get(name.removeprefix("packs/"))
        if found is None:
            raise Absent("PACK_ABSENT", field="draft.pack", pack=name[:80])
        return found

    async def create(
        self, tenant: str, request_id: str, domain: str, draft: Draft
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
            tenant, StoredWebsite(digest[:ID_CHARACTERS], host, draft, FIRST_REVISION)
        )

    async def require_host_free(self, tenant: str, domain: str) -> None:
        """Refuse a host on which another tenant has a website.

        Raises: Malformed HOST_INVALID; Conflict HOST_TAKEN.
        """
        host = host_name(domain)
        if await self.ledger.is_held_by_another(tenant, host):
            raise Conflict("HOST_TAKEN", field="domain", host=host)

    async def update(self, tenant: str, id: str, draft: Draft, etag: str) -> StoredWebsite:
        """Replace the draft. Raises: Malformed; Absent; Conflict DRAFT_CHANGED (ABORTED)."""
        self._require_readable(draft)
        return await self.ledger.update(tenant, id, draft, etag)

    async def preview(self, tenant: str, id: str, path: str) -> tuple[str, str]:
        """One page of the draft as it would be published: (html, css)."""
        website = await self.ledger.website(tenant, id)
        media = await self.media_of(tenant, website.draft)
        pack = self.pack(website.draft.pack)
        read = read_website(website.draft)
        return render_preview(read, pack, media, path=path or "/", host=website.domain)

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
