"""A browser without scripts against a running site: cookies, hidden fields, files."""

from __future__ import annotations

import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.journeys.house import House
from tests.portal.web.browser import BOUNDARY, multipart

PASSWORD = "ghe thung nuoc mam 7"
PATIENCE_SECONDS = 60


@dataclass
class Page:
    """An answer, after redirects."""

    status: int
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def hidden(self) -> dict[str, str]:
        """The hidden fields of the page's forms."""
        found = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', self.text)
        return dict(found)


class Visitor:
    """One visitor of the site of *house*."""

    def __init__(self, house: House) -> None:
        self.origin = f"http://localhost:{house.port('portal')}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)

    def get(self, path: str) -> Page:
        """Open *path* and follow where it leads."""
        return self._opened(urllib.request.Request(self.origin + path))

    def post(
        self,
        path: str,
        fields: list[tuple[str, str]] | None = None,
        *,
        of: Page | None = None,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
    ) -> Page:
        """Send a form of the page *of*, by default the one at *path*, with its hidden fields."""
        sent = [*(of or self.get(path)).hidden().items(), *(fields or [])]
        if files:
            body, kind = multipart(sent, files), f"multipart/form-data; boundary={BOUNDARY}"
        else:
            body, kind = urllib.parse.urlencode(sent).encode(), "application/x-www-form-urlencoded"
        headers = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin", "Content-Type": kind}
        return self._opened(urllib.request.Request(self.origin + path, body, headers))

    def sign_up(self) -> None:
        """Open an account and a business of one's own."""
        phone = f"09{uuid.uuid4().int % 10**8:08}"
        typed = {"name": "Nguyễn Thị Lan", "identifier": phone, "password": PASSWORD}
        self.post("/dang-ky", list(typed.items()))

    def key(self, *scopes: str) -> str:
        """The text of a fresh API key, as shown this once."""
        fields = [("name", "May tinh tien"), ("days", "90"), *(("scopes", one) for one in scopes)]
        page = self.post("/tai-khoan/khoa-api", fields)
        [text] = re.findall(r"hd_live_\w+_[\w-]+", page.text)
        return str(text)

    # Any: an answer of urllib, or the error that is one.
    def _opened(self, request: urllib.request.Request) -> Page:
        answer: Any
        try:
            answer = self._browser.open(request, timeout=PATIENCE_SECONDS)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            path = str(answer.url).removeprefix(self.origin)
            return Page(answer.status, path, answer.headers, answer.read())
