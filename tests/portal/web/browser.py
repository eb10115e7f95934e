"""A browser without scripts for tests of rooms: cookies, forms, redirects, over ASGI in process.

It sends what a real one sends: Host, Origin and Sec-Fetch-Site with a post, the cookies it
was given. It runs on the test's own event loop, as the database does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

Fields = Mapping[str, str] | Iterable[tuple[str, str]]
BOUNDARY = "----haidang-tests"


@dataclass
class Form:
    """A form of a page: where it goes, and its fields as they stand."""

    method: str
    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.csrf = ""
        self._select = ""
        self._area: str | None = None
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "body":
            self.csrf = has.get("data-csrf", "")
        elif tag == "form":
            self.forms.append(Form(has.get("method", "get").upper(), has.get("action", "")))
        elif not self.forms:
            return
        elif tag == "input":
            ticked = has.get("type") not in {"checkbox", "radio"} or "checked" in has
            if has.get("name") and ticked and has.get("type") not in {"file", "submit"}:
                self.forms[-1].fields.append((has["name"], has.get("value", "")))
        elif tag == "select":
            self._select = has.get("name", "")
        elif tag == "option" and self._select and "selected" in has:
            self.forms[-1].fields.append((self._select, has.get("value", "")))
        elif tag == "textarea":
            self._area, self._text = has.get("name", ""), ""

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.forms[-1].fields.append((self._area, self._text))
            self._area = None
        elif tag == "select":
            self._select = ""


@dataclass
class Page:
    """An answer."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("location", "")

    @property
    def forms(self) -> list[Form]:
        return self._parsed().forms

    @property
    def csrf(self) -> str:
        return self._parsed().csrf

    def form(self, action: str) -> Form:
        """The form that goes to *action*."""
        return next(one for one in self.forms if one.action == action)

    def _parsed(self) -> _Forms:
        parser = _Forms()
        parser.feed(self.text)
        return parser


class Browser:
    """One browser of one person."""

    # Any: an ASGI application is a callable of three.
    def __init__(
        self,
        app: Any,
        origin: str,
        *,
        address: str = "192.0.2.7",
        agent: str = "Chrome/150",
    ) -> None:
        self.app = app
        self.origin = origin
        self.address = address
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.session: Any = None  # Any: the accounts' Session, once signed in

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """Open *path*; redirects are not followed."""
        return await self.send("GET", path, headers=headers)

    async def post(
        self,
        path: str,
        fields: Fields = (),
        *,
        csrf: str | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a form. Without *csrf* it bears a valid token, taken from a page of ours."""
        pairs = list(fields.items() if isinstance(fields, Mapping) else fields)
        if csrf is None and not any(name == "csrf" for name, _ in pairs):
            csrf = (await self.get("/khoi-phuc")).csrf
        if csrf:
            pairs = [*((n, v) for n, v in pairs if n != "csrf"), ("csrf", csrf)]
        if files is None:
            body, kind = urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        else:
            body, kind = multipart(pairs, files), f"multipart/form-data; boundary={BOUNDARY}"
        sent = {
            "content-type": kind,
            "content-length": str(len(body)),
            "origin": self.origin,
            "sec-fetch-site": "same-origin",
            **(headers or {}),
        }
        return await self.send("POST", path, body=body, headers=sent)

    async def submit(self, page: Page, action: str, **typed: str) -> Page:
        """Send the form of *page* that goes to *action*, with some fields typed in."""
        form = page.form(action)
        kept = [(name, value) for name, value in form.fields if name not in typed]
        return await self.post(form.action, [*kept, *typed.items()], csrf="")

    async def follow(self, page: Page) -> Page:
        """Where a redirect leads."""
        return await self.get(page.location)

    async def send(
        self,
        method: str,
        path: str,
        *,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
        is_broken: bool = False,
    ) -> Page:
        """One request, whole answer. *is_broken*: a defect of ours is expected, and answered."""
        answer = _Answer()
        try:
            await self.app(self._scope(method, path, headers or {}), _once(body), answer.take)
        except Exception:
            if not is_broken:
                raise
        page = answer.page()
        self._keep(page.cookies)
        return page

    @asynccontextmanager
    async def stream(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[asyncio.Queue[bytes]]:
        """The pieces of an answer as they come; leaving the block hangs up."""
        pieces: asyncio.Queue[bytes] = asyncio.Queue()
        hung_up = asyncio.Event()
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if not asked:
                asked = True
                return {"type": "http.request", "body": b"", "more_body": False}
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def take(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body":
                pieces.put_nowait(message.get("body", b""))

        scope = self._scope("GET", path, {"accept-encoding": "identity", **(headers or {})})
        running = asyncio.create_task(self.app(scope, receive, take))
        try:
            yield pieces
        finally:
            hung_up.set()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def _scope(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, Any]:
        split = urlsplit(path)
        sent = {"host": urlsplit(self.origin).netloc, "user-agent": self.agent}
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent |= {name.lower(): value for name, value in headers.items()}
        return {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": urlsplit(self.origin).scheme,
            "path": split.path,
            "raw_path": split.path.encode(),
            "query_string": split.query.encode(),
            "root_path": "",
            "headers": [(n.encode("latin-1"), v.encode("latin-1")) for n, v in sent.items()],
            "client": (self.address, 50_000),
            "server": ("127.0.0.1", 80),
        }

    def _keep(self, set_cookies: list[str]) -> None:
        for line in set_cookies:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value


class _Answer:
    def __init__(self) -> None:
        self._start: dict[str, Any] = {}
        self._body = b""

    async def take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self._start = message
        elif message["type"] == "http.response.body":
            self._body += message.get("body", b"")

    def page(self) -> Page:
        lines = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in self._start["headers"]]
        cookies = [value for name, value in lines if name == "set-cookie"]
        return Page(self._start["status"], dict(lines), cookies, self._body)


def _once(body: bytes) -> Any:  # Any: ASGI's receive
    sent = False

    async def receive() -> dict[str, Any]:
        nonlocal sent
        if sent:
            await asyncio.sleep(3600)
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def multipart(
    fields: Iterable[tuple[str, str]], files: Mapping[str, tuple[str, bytes, str]]
) -> bytes:
    """A form with files: field to (file name, content, media type)."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields
    ]
    parts += [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        f"Content-Type: {kind}\r\n\r\n".encode()
        + content
        + b"\r\n"
        for name, (file, content, kind) in files.items()
    ]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])
