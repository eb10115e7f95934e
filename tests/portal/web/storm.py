"""Hostile requests for every door of the site, from a seed.

A `Storm` learns what a door reads (`Readings`), then draws paths, queries, forms and headers
that no page of ours sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes, unquote

from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Typed
from haidang.portal.web.visit import SESSION, Visit
from starlette.datastructures import FormData

from tests import hostile
from tests.portal.web.browser import Browser, Page
from tests.portal.web.full_house import FullHouse

TEXTS = (
    *(text.encode("utf-8", "surrogatepass") for text in hostile.TEXTS),
    *(b"\xff", b"\xc0\xaf", b"\xe1\xbb", b"\xf4\x90\x80\x80", b"a\xff\x00b"),
)
KINDS = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=khong-co",
    "application/x-www-form-urlencoded;;;",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    "multipart/form-data",
    "multipart/form-data; boundary=",
    'multipart/form-data; boundary=""',
    "multipart/form-data; boundary=" + "b" * 3000,
    "multipart/form-data; boundary=b; charset=khong-co",
    "multipart/form-data; boundary=b; charset=utf-16",
    "multipart/form-data; boundary=b",
    "multipart/mixed; boundary=b",
    "application/json",
    "text/plain",
    "",
    "/",
    "multipart/form-data; boundary=\xff",
)
HEADERS = (
    ("cookie", "phien=\xff\xfe; khach=%00; ngon-ngu=../vi; thiet-bi=;;;=;"),
    ("cookie", "; ".join(f"c{n}=v" for n in range(1500))),
    ("cookie", "khach=" + "k" * 64 + "; ngon-ngu=xx"),
    ("cookie", "khach=\xe9\xe9"),
    ("cookie", 'khach="\\400\\777"; phien="'),
    ("accept-language", "q" * 5000),
    ("accept-encoding", "gzip;q=khong, \xff"),
    ("user-agent", "\xff<i7x>" * 50),
    ("x-csrf", "không-hex".encode().decode("latin-1")),
    ("x-part", "1"),
    ("if-none-match", '"\xff'),
    ("range", "bytes=-9999999999999999999999"),
    ("content-length", "-1"),
    ("referer", "http://\xff["),
    ("origin", "null"),
    ("sec-fetch-site", "\xff"),
    ("last-event-id", "9" * 500),
    ("x-forwarded-for", "\xff, 1.1.1.999"),
)
METHODS = ("HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "\xe9", "GET", "POST")
MOST_PAGES = 250
PATIENCE_SECONDS = 0.3
"""How long an endless answer is listened to."""
ENDINGS = re.compile(
    r"/dang-xuat|/tai-khoan/phien|/du-lieu/xoa|/nhom/(roi|doi|go|vai-tro)|/xoa$|/xoa-het|/tai-khoan/mat-khau"
)
"""Doors behind which a session, a member or a start may end: a passer-by tries them."""
LANGUAGES = ("vi", "en", "xx", "%00", "vi&lang=en", "../en", "%ff")


class Readings:
    """Which fields and which parts of the query each door has read."""

    def __init__(self) -> None:
        self.fields: dict[str, set[str]] = defaultdict(set)
        self.queries: dict[str, set[str]] = defaultdict(set)
        self.now = ""

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what is asked of a form or a query for the length of the block."""
        kept = {
            (owner, name): getattr(owner, name)
            for owner, name in (
                (FormData, "get"),
                (FormData, "getlist"),
                (FormData, "__getitem__"),
                (Visit, "asked"),
            )
        }
        for (owner, name), method in kept.items():
            setattr(owner, name, self._noting(owner, method))
        contains = Typed.__contains__
        Typed.__contains__ = self._noting(Typed, contains)  # type: ignore[method-assign]
        try:
            yield
        finally:
            Typed.__contains__ = contains  # type: ignore[method-assign]
            for (owner, name), method in kept.items():
                setattr(owner, name, method)

    def _noting(self, owner: type, method: Any) -> Any:
        readings = self.queries if owner is Visit else self.fields

        def noted(this: Any, name: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(name, str) and len(name) < 80:
                readings[self.now].add(name)
            return method(this, name, *rest, **more)

        return noted


class Storm:
    """Hostile requests, the same for the same seed."""

    def __init__(self, full: FullHouse, seed: int) -> None:
        self.full = full
        self.random = Random(seed)
        self.readings = Readings()
        self.forms: dict[str, list[tuple[str, str]]] = {}
        self.true: dict[str, list[str]] = {}
        self.tokens: dict[str, str] = {}

    async def learn(self) -> None:
        """Walk the pages as the owner does: what links lead to, and what forms send."""
        owner, doors = self.full.people["owner"], self.full.house.app.state.doors
        waiting = [self._path(door, is_true=True) for door in doors if door.method == "GET"]
        seen = set(waiting)
        while waiting and len(seen) < MOST_PAGES:
            self.readings.now = ""
            page = await _sent(owner, "GET", waiting.pop(0), b"", {})
            if not page.headers.get("content-type", "").startswith("text/html"):
                continue
            for form in page.forms:
                self.forms.setdefault(form.action.partition("?")[0], form.fields)
            links = {*re.findall(r'href="(/[^"#?]*)', page.text), *self.forms} - seen
            waiting += sorted(links)
            seen |= links
        for door in doors:
            shape = re.sub(r"\\{[^}]+:path\\}", ".+", re.escape(door.path))
            shape = re.sub(r"\\{[^}]+\\}", "[^/]+", shape)
            self.true[door.path] = sorted(one for one in seen if re.fullmatch(shape, one))

    async def _signed_in(self, who: str) -> tuple[Browser, str]:
        """A browser of *who*, and its token; somebody else once the passer-by is signed out."""
        people, house = self.full.people, self.full.house
        cookie = people[who].cookies.get(SESSION, "")
        if who == "other" and await house.accounts.session(cookie) is None:
            people[who] = await house.owner("Người Khác")
            self.tokens.pop(who, None)
        if who not in self.tokens:
            self.tokens[who] = (await people[who].get("/khoi-phuc")).csrf
        return people[who], self.tokens[who]

    def _one(self, options: Any) -> Any:
        return self.random.choice(options)

    def text(self) -> bytes:
        """A hostile text; now and then two of them, seldom a very long one."""
        roll = self.random.random()
        if roll < 0.01:
            return hostile.LONG.encode()
        if roll < 0.15:
            return bytes(self._one(TEXTS)) + bytes(self._one(TEXTS))
        return bytes(self._one(TEXTS))

    def _path(self, door: Door, *, is_true: bool = False) -> str:
        def filled(match: re.Match[str]) -> str:
            name, _, kind = match[1].partition(":")
            true = self.full.things.get(name, [])
            if true and (is_true or self.random.random() < 0.75):
                return quote(self._one(true), safe="/" if kind else "")
            if is_true:
                return "khong-co"
            return quote_from_bytes(self.text()[:3000], safe="/" if kind else "")

        return re.sub(r"\{([^}]+)\}", filled, door.path)

    def _query(self, door: Door) -> str:
        names = sorted(self.readings.queries[door.path]) or ["x"]
        parts = [f"lang={self._one(LANGUAGES)}"] if self.random.random() < 0.1 else []
        parts += [
            f"{quote(self._one(names))}={quote_from_bytes(self.text()[:4000])}"
            for _ in range(self.random.randrange(4))
        ]
        return "&".join(parts)

    def _pairs(self, door: Door, path: str) -> list[tuple[bytes, bytes]]:
        form = self.forms.get(unquote(path), [])
        names = sorted(self.readings.fields[f"{door.method} {door.path}"] - {"csrf"})
        pairs = [(n.encode(), v.encode()) for n, v in form if n != "csrf"]
        if not pairs:
            pairs = [(n.encode(), self.text()) for n in names]
        if b"request_id" in {name for name, _ in pairs} and self.random.random() < 0.8:
            pairs = [p for p in pairs if p[0] != b"request_id"]
            pairs.append((b"request_id", str(uuid.UUID(int=self.random.getrandbits(128))).encode()))
        for _ in range(self.random.randrange(1, 4)):
            known = [n for n, _ in pairs if n != b"request_id"] + [n.encode() for n in names]
            name = self._one(known) if known and self.random.random() < 0.9 else self.text()[:200]
            if self.random.random() < 0.8:
                pairs = [pair for pair in pairs if pair[0] != name]
            pairs.append((name, self.text()))
        return pairs

    def _body(self, door: Door, path: str, csrf: str) -> tuple[bytes, str]:
        pairs = [*self._pairs(door, path), (b"csrf", csrf.encode())]
        roll = self.random.random()
        if roll < 0.55:
            return _urlencoded(pairs), KINDS[0]
        if roll < 0.85:
            return self._multipart(pairs), "multipart/form-data; boundary=b"
        body = _urlencoded(pairs) if self.random.random() < 0.5 else self._multipart(pairs)
        if self.random.random() < 0.3:
            body = body[: self.random.randrange(len(body))]
        return body, self._one(KINDS)

    def _multipart(self, pairs: list[tuple[bytes, bytes]]) -> bytes:
        parts = []
        for name, value in pairs:
            named = name.replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
            head = b'--b\r\nContent-Disposition: form-data; name="' + named + b'"'
            if name != b"csrf" and self.random.random() < 0.15:
                head += b'; filename="' + self.text()[:99].replace(b'"', b"") + b'"'
            if name != b"csrf" and self.random.random() < 0.1:
                head += b"\r\nContent-Type: " + self.text()[:99]
            parts.append(head + b"\r\n\r\n" + value + b"\r\n")
        end = b"" if self.random.random() < 0.05 else b"--b--\r\n"
        return b"".join([*parts, end])

    async def at(self, door: Door, who: str) -> tuple[Page, str]:
        """Send one hostile request to *door*: the answer, and what was sent."""
        if door.method == "POST" and ENDINGS.search(door.path) and who != "stranger":
            who = "other"
        browser, csrf = await self._signed_in(who)
        true = self.true[door.path]
        path = self._one(true) if true and self.random.random() < 0.6 else self._path(door)
        query = self._query(door)
        method = door.method if self.random.random() < 0.97 else self._one(METHODS)
        headers: dict[str, str] = {}
        if self.random.random() < 0.12:
            headers = dict([self._one(HEADERS)])
        body, kind = b"", ""
        if door.method == "POST":
            body, kind = self._body(door, path, csrf)
            said = {"origin": browser.origin, "sec-fetch-site": "same-origin"}
            headers = {"content-type": kind, **said, **headers}
        self.readings.now = f"POST {door.path}" if door.method == "POST" else door.path
        if door.method == "GET":
            self.readings.now = door.path
        page = await _sent(browser, method, f"{path}?{query}" if query else path, body, headers)
        return page, f"{who}: {method} {path[:300]}?{query[:300]} {headers} {body[:1500]!r}"


def _urlencoded(pairs: list[tuple[bytes, bytes]]) -> bytes:
    return b"&".join(
        quote_from_bytes(name).encode() + b"=" + quote_from_bytes(value).encode()
        for name, value in pairs
    )


async def _sent(
    browser: Browser, method: str, target: str, body: bytes, headers: dict[str, str]
) -> Page:
    """As the server hands it on: the path decoded, the cookies of *browser* kept as they were."""
    kept = dict(browser.cookies)
    scope = browser._scope(method, target, headers)
    scope["path"] = unquote(scope["path"])
    page = await _answered(browser, scope, body)
    browser.cookies = kept
    return page


async def _answered(browser: Browser, scope: dict[str, Any], body: bytes) -> Page:
    started: dict[str, Any] = {}
    pieces: list[bytes] = []
    is_sent = False

    async def receive() -> dict[str, Any]:
        nonlocal is_sent
        if is_sent:
            await asyncio.sleep(PATIENCE_SECONDS)
            return {"type": "http.disconnect"}
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def take(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            started.update(message)
        elif message["type"] == "http.response.body":
            pieces.append(message.get("body", b""))

    with contextlib.suppress(asyncio.TimeoutError):
        async with asyncio.timeout(20):
            await browser.app(scope, receive, take)
    lines = [(n.decode("latin-1"), v.decode("latin-1")) for n, v in started["headers"]]
    cookies = [value for name, value in lines if name == "set-cookie"]
    return Page(started["status"], dict(lines), cookies, b"".join(pieces))
