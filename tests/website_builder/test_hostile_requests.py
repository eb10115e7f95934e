"""No request breaks the edge: hostile paths, headers and forms to a published site, by a seed."""

from __future__ import annotations

from pathlib import Path
from random import Random
from urllib.parse import quote_from_bytes, unquote

import pytest

from tests import hostile
from tests.website_builder.posting import GOOD, HOST, ORDER, QUESTION, Answer, Site, a_form

ROUNDS = 400
HEADERS = (
    "accept_encoding",
    "accept_language",
    "content_length",
    "cookie",
    "expect",
    "host",
    "if_modified_since",
    "if_none_match",
    "origin",
    "range",
    "sec_fetch_site",
    "transfer_encoding",
    "x_forwarded_host",
)
TEXTS = (
    *(text.encode("utf-8", "surrogatepass") for text in hostile.TEXTS),
    *(b"\xff", b"\xc0\xaf", b"%00", b"..%2f", b"W/*,*", b"*", b"bytes=0-0,-1", b"q=\xff"),
)
TYPES = ("text", "textarea", "tel", "email", "date", "time", "number")


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    found = Site(tmp_path)
    question = a_form("question")
    name, phone, note = question.fields
    every = tuple(
        type(name)(kind, kind, f"Mục {kind}", most=50 if kind == "number" else 0) for kind in TYPES
    )
    await found.publish(a_form(), a_form("question", fields=(phone, *every, note)))
    return found


class Visitor:
    """Hostile requests, the same for the same seed; each post from another address."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.random = site, Random(seed)

    def text(self) -> bytes:
        return bytes(self.random.choice(TEXTS))

    def headers(self) -> dict[str, str]:
        chosen = self.random.sample(HEADERS, self.random.randrange(3))
        return {name: self.text()[:4000].decode("latin-1") for name in chosen}

    async def opens(self) -> Answer:
        start = self.random.choice(("/", "//", "/media/", "/assets/", "/cam-on/", "/gui/", ORDER))
        path = unquote(quote_from_bytes(start.encode() + self.text()[:3000], safe="/"))
        return await self.site._ask("GET", path, {"host": HOST, **self._lines()}, b"", "::1")

    def _lines(self) -> dict[str, str]:
        return {name.replace("_", "-"): value for name, value in self.headers().items()}

    async def sends(self) -> Answer:
        typed = [(name.encode(), value.encode()) for name, value in GOOD.items()]
        for _ in range(self.random.randrange(1, 4)):
            known = [
                *(name for name, _ in typed),
                *(kind.encode() for kind in TYPES),
                b"x",
                b"note",
            ]
            name = self.random.choice(known) if self.random.random() < 0.9 else self.text()[:99]
            if self.random.random() < 0.8:
                typed = [pair for pair in typed if pair[0] != name]
            typed.append((name, self.text()[:6000]))
        body = "&".join(f"{quote_from_bytes(n)}={quote_from_bytes(v)}" for n, v in typed).encode()
        if self.random.random() < 0.1:
            body = body[: self.random.randrange(len(body))] + self.text()[:9]
        path = self.random.choice((ORDER, QUESTION))
        address = f"2001:db8:{self.random.getrandbits(16):x}::1"
        lines = self.headers()
        host = lines.pop("host", HOST) if self.random.random() < 0.1 else HOST
        lines.pop("host", None)
        return await self.site.post(path, body=body, host=host, came_from=address, **lines)


async def test_no_request_breaks_a_site(site: Site) -> None:
    visitor = Visitor(site, seed=20_261_128)
    for number in range(ROUNDS):
        site.ticks += 600.0  # nobody is held up for what came before
        answer = await (visitor.opens() if number % 3 == 0 else visitor.sends())

        assert answer.status < 500
        assert hostile.MARK not in answer.text
        assert "nosniff" in answer.headers["x-content-type-options"]
        assert not any(control in answer.headers.get("location", "") for control in "\r\n\x00")
