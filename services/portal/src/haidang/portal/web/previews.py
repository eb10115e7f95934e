"""Previews: a website as it would be published, shown inside a page of ours.

A room that has a draft, stored or not, adds `Previews("/trang-web/{website}/xem", find)` to
its doors and shows `preview.frame(previews.href(…))` of parts/preview.html. Every address
of the previewed pages begins with the preview's own path (the service renders it so), so
pages, style sheet, fonts and photos are all asked for here, as the visitor.

What is shown was written by the tenant: it stands in a sandboxed frame, under a policy of
its own that lets nothing run, nothing be sent and nothing be fetched from elsewhere.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, HaidangError, OutcomeUnknown, Unavailable, sentence
from haidang.portal.web.doors import Door
from haidang.portal.web.visit import Visit
from starlette.responses import HTMLResponse, Response

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
"""What a previewed page may do: look like itself, inside our own pages."""
KEPT = "private, max-age=31536000, immutable"
"""Assets and photos are named by their content."""


@dataclass(frozen=True, slots=True)
class Previewed:
    """What is shown: the website called *website*, or *draft*, which is stored nowhere.

    *pack* is "packs/{id}"; *domain* the host it would be published on, if it has one.
    """

    pack: str
    website: str = ""
    draft: websites_pb2.Draft | None = None
    domain: str = ""


Find = Callable[[Visit], Awaitable[Previewed]]
"""Which draft an address below the preview's path means. Raises: Absent."""


class Previews:
    """The doors of one kind of preview. *path* is Starlette's and has no last slash."""

    def __init__(
        self,
        path: str,
        find: Find,
        *,
        needs: str = "websites.read",
        names: tuple[str, ...] = (),
    ) -> None:
        self._path = path
        self._find = find
        self._needs = needs
        self._names = names

    def doors(self) -> tuple[Door, ...]:
        """Assets and photos before pages, whose path may be anything."""
        base = f"{self._path}/{{pack}}"
        return (
            self._door(f"{base}/assets/{{file}}", self.asset),
            self._door(f"{base}/favicon.svg", self.icon),
            self._door(f"{base}/media/{{file}}", self.photo),
            self._door(f"{base}/{{page:path}}", self.show),
        )

    def _door(self, path: str, answer: Callable[[Visit], Awaitable[Response]]) -> Door:
        return Door("GET", path, answer, needs=self._needs, names=self._names)

    def href(self, pack: str, page: str = "/", **parameters: str) -> str:
        """The address of *page* ("/", "/en/") in a preview; *parameters* fill the path."""
        return f"{self._path.format(**parameters)}/{pack.removeprefix('packs/')}{page}"

    async def show(self, visit: Visit) -> Response:
        """One page, or a short page that says why it cannot be drawn."""
        try:
            return await self._drawn(visit)
        except (Absent, Unavailable, OutcomeUnknown):
            raise
        except HaidangError as error:
            said = sentence(error.reason, error.facts, visit.locale)
            return _under_policy(visit.part("preview_fault.html", said=said), 409)

    async def _drawn(self, visit: Visit) -> Response:
        found = await self._find(visit)
        page, pack = f"/{visit['page']}", visit["pack"]
        path = visit.request.url.path
        base = path.removesuffix(page)
        if found.pack.removeprefix("packs/") != pack:
            root = base.removesuffix(f"/{pack}")
            return visit.go(f"{root}/{found.pack.removeprefix('packs/')}{page}")
        asked: dict[str, Any] = {"path": page, "base": base}  # Any: fields of either request
        if found.draft is None:
            request = websites_pb2.PreviewPageRequest(name=found.website, **asked)
            drawn = await visit.websites.PreviewPage(request)
        else:
            drawn = await visit.websites.PreviewDraft(
                websites_pb2.PreviewDraftRequest(draft=found.draft, domain=found.domain, **asked)
            )
        return _under_policy(drawn.html, 200)

    async def asset(self, visit: Visit) -> Response:
        """A file of the pack: style sheet or font."""
        return await _pack_file(visit, visit["file"])

    async def icon(self, visit: Visit) -> Response:
        """The pack's icon."""
        return await _pack_file(visit, "favicon.svg")

    async def photo(self, visit: Visit) -> Response:
        """One encoding of one of the tenant's photos."""
        return await photo(visit, visit["file"].partition(".")[0])


async def photo(visit: Visit, sha256: str) -> Response:
    """The encoding with this digest, if it is of a photo of the visitor's tenant.

    Raises: Absent MEDIA_ABSENT; OutcomeUnknown when it did not arrive whole.
    """
    request = websites_pb2.DownloadRenditionRequest(sha256=sha256)
    head, body = websites_pb2.Rendition(), bytearray()
    async for part in visit.websites.stream("DownloadRendition", request):
        if part.WhichOneof("part") == "head":
            head = part.head
        else:
            body += part.chunk
    if not body or len(body) != head.size_bytes:
        raise OutcomeUnknown("SERVICE_DID_NOT_ANSWER")
    return Response(bytes(body), headers={"Cache-Control": KEPT}, media_type=head.type)


async def _pack_file(visit: Visit, name: str) -> Response:
    request = websites_pb2.GetPackAssetRequest(pack=f"packs/{visit['pack']}", asset=name)
    file = await visit.websites.GetPackAsset(request)
    # An image opened by itself is a document: nothing in it may run.
    headers = {"Cache-Control": KEPT, "Content-Security-Policy": POLICY}
    return Response(file.content, headers=headers, media_type=file.type)


def _under_policy(html: str, status: int) -> Response:
    headers = {
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }
    return HTMLResponse(html, status, headers=headers)
