"""The edge's HTTP: GET and HEAD by Host, conditional requests, nothing reflected."""

from __future__ import annotations

import asyncio

from haidang.website_builder.edge.sites import Found, Moved, Sites
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

LONGEST_PATH = 2048
UNKNOWN = "Không có trang web nào ở địa chỉ này.\nNo website is published at this address.\n"
PLAIN_HEADERS = {
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


class Edge:
    """An ASGI application over published sites."""

    def __init__(self, sites: Sites) -> None:
        self._sites = sites

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        response = await self._respond(Request(scope))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("", 405, {**PLAIN_HEADERS, "Allow": "GET, HEAD"})
        path = request.scope["path"]
        manifest = self._sites.manifest(request.headers.get("host", ""))
        if manifest is None or len(path) > LONGEST_PATH:
            return PlainTextResponse(UNKNOWN, 404, PLAIN_HEADERS)
        accepts = request.headers.get("accept-encoding", "")
        found = self._sites.find(manifest, path, accepts)
        if found is None:
            return PlainTextResponse(UNKNOWN, 404, PLAIN_HEADERS)
        if isinstance(found, Moved):
            return Response(
                status_code=301, headers={**manifest.headers, "Location": found.location}
            )
        return await self._file(request, found)

    async def _file(self, request: Request, found: Found) -> Response:
        if found.status == 200 and _is_known(request, found.headers["ETag"]):
            kept = {k: v for k, v in found.headers.items() if not k.startswith("Content-Type")}
            return Response(status_code=304, headers=kept)
        body = await asyncio.to_thread(found.path.read_bytes)
        headers = {**found.headers, "Content-Length": str(len(body))}
        content = b"" if request.method == "HEAD" else body
        return Response(content, found.status, headers)


def _is_known(request: Request, etag: str) -> bool:
    """Whether the client has this version. Source: RFC 9110 section 13.1.2."""
    wanted = request.headers.get("if-none-match", "")
    if wanted.strip() == "*":
        return True
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    return etag in tags
