"""A browser for tests: Debian's Chromium, watched; axe, and pictures to look at."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from tests.judges import PROJECT, judge, module

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}
SIZES = {"390": PHONE, "1280": DESK}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PICTURES = PROJECT / "docs/pictures"
TALLEST = 4000
"""Pixels of the tallest picture."""
COLOURS = 160
# Best practices of a widget library do not bind a page of ours; rules of WCAG and axe's own do.
AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, headless."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=judge("chromium"), args=ARGUMENTS)
        yield browser
        browser.close()


class Window:
    """One visitor's browser window. `faults` collects what no page of ours may cause."""

    def __init__(self, browser: Any, origin: str, **options: Any) -> None:
        self.origin = origin
        self.context = browser.new_context(**{"viewport": PHONE, "locale": "vi-VN", **options})
        self.faults: list[str] = []
        self.expected: tuple[str, ...] = ()
        self.page = self.another()

    def another(self) -> Any:
        """One more tab of the same visitor, watched as well."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("request", self._asked)
        return page

    def expect(self, *sayings: str) -> None:
        """Let the console say what contains one of *sayings*: a fault the test itself causes."""
        self.expected = sayings

    def _heard(self, message: Any) -> None:
        said = f"{message.text} ({message.location.get('url', '')})"
        if message.type == "error" and not any(one in said for one in self.expected):
            self.faults.append(said)

    def _asked(self, request: Any) -> None:
        host = urlsplit(request.url).hostname or ""
        if request.url.startswith("http") and not (
            host in {"localhost", "127.0.0.1"} or host.endswith(".localhost")
        ):
            self.faults.append(f"a third party was asked: {request.url}")

    def go(self, path: str) -> Any:
        """Open *path* of the site in the first tab."""
        return self.page.goto(self.origin + path)

    def close(self) -> None:
        """Close every tab; nothing may have gone wrong in any."""
        self.context.close()
        assert self.faults == []


@contextmanager
def a_window(browser: Any, origin: str, **options: Any) -> Iterator[Window]:
    """A window that is closed at the end, with its faults judged unless the test failed."""
    window = Window(browser, origin, **options)
    try:
        yield window
    except BaseException:
        window.context.close()
        raise
    window.close()


def axe_faults(page: Any) -> list[str]:
    """What axe-core finds on *page*, each with the place it found it at."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(module("axe-core/axe.min.js").read_text())
    return [
        f"{one['id']} at {node['target']}: {node['failureSummary']}"
        for one in page.evaluate(AXE)
        for node in one["nodes"]
    ]


def overflow(page: Any) -> int:
    """By how many pixels *page* is wider than its window."""
    found: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return found


def take_picture(page: Any, name: str, *, is_whole: bool = True) -> None:
    """Write a picture of *page* to docs/pictures/<name>.png, in few colours.

    Only where HAIDANG_PICTURES is set. For a whole page the window grows as tall as it is
    first, so that what keeps to its lower edge is there, and not across the middle.
    """
    if not os.environ.get("HAIDANG_PICTURES"):
        return
    from PIL import Image

    path, window = PICTURES / f"{name}.png", page.viewport_size
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_whole:
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({**window, "height": max(window["height"], min(height, TALLEST))})
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    in_few_colours(taken).save(path, optimize=True)
    page.set_viewport_size(window)


def in_few_colours(taken: Any) -> Any:
    """The picture *taken* in its most frequent colours, so that flat ones stay exact."""
    from PIL import Image

    found = sorted(taken.getcolors(taken.width * taken.height), reverse=True)[:COLOURS]
    palette = Image.new("P", (1, 1))
    palette.putpalette([part for _, colour in found for part in colour])
    return taken.quantize(palette=palette, dither=Image.Dither.NONE)
