"""The edge's HTTP: GET and HEAD by Host, conditional requests, nothing reflected.

A POST is taken only where a manifest has a form; see `posts`.
"""

from __future__ import annotations

import asyncio

from haidang.website_builder.edge.posts import Posts
from haidang.website_builder.edge.sites import Found, Moved, Sites, Unserved
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

LONGEST_PATH = 2048
METHODS = ("GET", "HEAD")
UNKNOWN = "Không có trang web nào ở địa chỉ này.\nNo website is published at this address.\n"
UNSERVED = (
    "Trang web đang được đăng lại; xin mở lại sau ít phút.\n"
    "This website is being published again; please come back in a few minutes.\n"
)
PLAIN_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
KEPT_UNMODIFIED = ("ETag", "Cache-Control", "Vary")
"""What a 304 repeats beside the security headers. Source: RFC 9110 section 15.4.5."""


class Edge:
    """An ASGI application over published sites."""

    def __init__(self, sites: Sites, posts: Posts) -> None:
        self._sites = sites
        self._posts = posts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if request.method == "POST":
            return await self._post(request)
        if request.method not in METHODS:
            return PlainTextResponse("", 405, {**PLAIN_HEADERS, "Allow": ", ".join(METHODS)})
        try:
            return await self._answer(request, request.scope["path"])
        except Unserved:
            return PlainTextResponse(UNSERVED, 503, {**PLAIN_HEADERS, "Retry-After": "120"})

    async def _post(self, request: Request) -> Response:
        try:
            manifest = self._sites.manifest(request.headers.get("host", ""))
            if manifest is None or request.scope["path"] not in manifest.forms:
                return PlainTextResponse("", 405, {**PLAIN_HEADERS, "Allow": ", ".join(METHODS)})
            return await self._posts.answer(request, manifest)
        except Unserved:
            return PlainTextResponse(UNSERVED, 503, {**PLAIN_HEADERS, "Retry-After": "120"})

    async def _answer(self, request: Request, path: str) -> Response:
        manifest = self._sites.manifest(request.headers.get("host", ""))
        if manifest is None or len(path) > LONGEST_PATH:
            return PlainTextResponse(UNKNOWN, 404, PLAIN_HEADERS)
        if path in manifest.thanks and (code := request.query_params.get("ma")):
            return await self._posts.thank(manifest, path, code)
        accepts = ",".join(request.headers.getlist("accept-encoding"))
        found = self._sites.find(manifest, path, accepts)
        if found is None:
            return PlainTextResponse(UNKNOWN, 404, {**manifest.headers, **PLAIN_HEADERS})
        if isinstance(found, Moved):
            return Response(status_code=301, headers={**found.headers, "Location": found.location})
        if found.status == 200 and _is_known(request, found.headers["ETag"]):
            without_body = {
                name: value
                for name, value in found.headers.items()
                if name in manifest.headers or name in KEPT_UNMODIFIED
            }
            return Response(status_code=304, headers=without_body)
        return await asyncio.to_thread(_file, found, has_body=request.method == "GET")


def _file(found: Found, *, has_body: bool) -> Response:
    try:
        body = found.path.read_bytes() if has_body else b""
        size = len(body) if has_body else found.path.stat().st_size
    except OSError as error:
        raise Unserved(found.path.name) from error
    return Response(body, found.status, {**found.headers, "Content-Length": str(size)})


def _is_known(request: Request, etag: str) -> bool:
    """Whether the client has this version. Source: RFC 9110 section 13.1.2."""
    wanted = request.headers.get("if-none-match", "")
    if wanted.strip() == "*":
        return True
    tags = {tag.strip().removeprefix("W/") for tag in wanted.split(",")}
    return etag in tags
