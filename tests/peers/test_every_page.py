"""Every page of the site in a browser, in both languages and themes: axe, console, width.

The pages are found by following every link from the front page, the home and the console;
the list of doors says which of them must have been found.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from haidang.portal.web.doors import Door
from playwright.sync_api import Error

from tests.browsing import SIZES, Window, a_window, axe_faults, chromium, overflow, take_picture
from tests.journeys import sitting
from tests.journeys.house import House
from tests.journeys.sitting import an_owner
from tests.portal.web.house import a_house as a_site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

ENTRANCES = ("/", "/dang-ky", "/dang-nhap", "/khoi-phuc", "/kiem-tra", "/design", "/trang-chu")
NOT_A_PAGE = re.compile(r"\.(pdf|svg|json|csv|zip)$|/(su-kien|tin)$|^/tinh/|/xem/|/tai(-ve)?$")
PARAMETER = re.compile(r"\{[^}]+\}")
LINKS = "Array.from(document.querySelectorAll('a[href]'), (a) => a.href)"


@dataclass
class Found:
    """The pages of a site by the pattern of their door; an owner's and an operator's cookies."""

    origin: str
    cookies: list[dict[str, Any]]
    addresses: dict[str, str] = field(default_factory=dict)
    doors: tuple[Door, ...] = ()
    downloads: set[str] = field(default_factory=set)


def pattern_of(path: str, doors: tuple[Door, ...]) -> str:
    """The door that *path* leads to; "" for none."""
    for door in doors:
        if door.method != "GET":
            continue
        shape = PARAMETER.sub(
            lambda one: ".+" if ":path" in one[0] else "[^/]+", door.path.replace(".", r"\.")
        )
        if re.fullmatch(shape, path):
            return door.path
    return ""


def crawl(window: Window, found: Found, entrances: tuple[str, ...]) -> None:
    """Follow every link; one page for each pattern is kept, and looked at for more links."""
    waiting, seen = deque(entrances), set(entrances)
    while waiting:
        path = waiting.popleft()
        try:
            answer = window.go(path)
        except Error as refusal:
            if "Download is starting" not in refusal.message:
                raise
            found.downloads.add(pattern_of(urlsplit(path).path, found.doors))
            continue
        landed = urlsplit(window.page.url).path
        pattern = pattern_of(landed, found.doors)
        if answer is None or answer.status != 200 or not pattern:
            continue
        found.addresses.setdefault(pattern, landed)
        for href in window.page.evaluate(LINKS):
            parts = urlsplit(href)
            if not href.startswith(found.origin + "/") or NOT_A_PAGE.search(parts.path):
                continue
            target = pattern_of(parts.path, found.doors)
            if parts.path not in seen and target and target not in found.addresses:
                seen.add(parts.path)
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> tuple[Door, ...]:
    """The list of doors, as the application keeps it."""

    async def listed(folder: Path) -> tuple[Door, ...]:
        async with a_site(folder) as site:
            kept: tuple[Door, ...] = site.app.state.doors
            return kept

    folder = tmp_path_factory.mktemp("site")
    with ThreadPoolExecutor(1) as thread:  # Playwright keeps a loop of its own in this one
        return thread.submit(lambda: asyncio.run(listed(folder))).result()


@pytest.fixture(scope="module")
def found(browser: Any, house: House, doors: tuple[Door, ...]) -> Found:
    """Every page of an owner who has gone online and is an operator besides."""
    origin = f"http://localhost:{house.port('portal')}"
    owner = an_owner(77, photos=(sitting.PICTURES / "quan-toi.jpg",))
    with a_window(browser, origin) as window:
        strangers = Found(origin, [], doors=doors)
        crawl(window, strangers, ENTRANCES)
        sitting.go_online(window, owner)
        window.go("/bat-dau?moi=1")
        sitting.answer_questions(window.page, owner)
        become_operator(window, house)
        pages = Found(origin, window.context.cookies(), doors=doors)
        crawl(window, pages, (*ENTRANCES, "/bat-dau", "/operator"))
    pages.addresses = {**pages.addresses, **strangers.addresses}
    return pages


def become_operator(window: Window, house: House) -> None:
    """Open the one-time link that only this machine's user can make."""
    link = house.run("operator-link").out.strip().splitlines()[-1].strip()
    window.page.goto(link)
    sitting.press(window.page)


def visiting(browser: Any, found: Found, *, locale: str, theme: str, size: str = "390") -> Any:
    """A window with the owner's cookies that reads *locale* in *theme*."""
    manager = a_window(browser, found.origin, viewport=SIZES[size], color_scheme=theme)
    return Speaking(manager, found, locale)


class Speaking:
    """The window of *manager*, signed in, with its language chosen."""

    def __init__(self, manager: Any, found: Found, locale: str) -> None:
        self.manager, self.found, self.locale = manager, found, locale

    def __enter__(self) -> Window:
        window: Window = self.manager.__enter__()
        kept = [one for one in self.found.cookies if one["name"] != "ngon-ngu"]
        language = {"name": "ngon-ngu", "value": self.locale, "url": self.found.origin}
        window.context.add_cookies([*kept, language])
        return window

    def __exit__(self, *failure: Any) -> None:
        self.manager.__exit__(*failure)


def name_of(pattern: str) -> str:
    """A door's pattern as the name of a picture."""
    plain = PARAMETER.sub("mot", pattern).strip("/").replace("/", "-").replace(".", "-")
    return plain or "trang-dau"


NEVER_A_LINK: dict[str, str] = {}
"""Pages that no link leads to, each with why."""


def test_every_door_that_shows_a_page_is_found(found: Found) -> None:
    pages = {
        door.path
        for door in found.doors
        if door.method == "GET" and not NOT_A_PAGE.search(door.path)
    }

    assert sorted(pages - set(found.addresses) - found.downloads - set(NEVER_A_LINK)) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_page_has_a_barrier_a_fault_or_a_word_too_wide(
    locale: str, theme: str, found: Found, browser: Any
) -> None:
    faults = []
    with visiting(browser, found, locale=locale, theme=theme) as window:
        for pattern, address in sorted(found.addresses.items()):
            window.go(address)
            spoken = window.page.get_attribute("html", "lang")
            faults += [f"{pattern}: {one}" for one in axe_faults(window.page)]
            faults += [f"{pattern}: too wide"] if overflow(window.page) else []
            faults += [] if spoken == locale else [f"{pattern}: speaks {spoken}"]
            take_picture(window.page, f"{name_of(pattern)}-390-{locale}-{theme}")

    assert faults == [], "\n".join(faults)


def test_no_page_breaks_at_the_desk_or_with_large_letters(found: Found, browser: Any) -> None:
    faults = []
    with visiting(browser, found, locale="vi", theme="light", size="1280") as window:
        for pattern, address in sorted(found.addresses.items()):
            window.go(address)
            faults += [f"{pattern}: too wide at the desk"] if overflow(window.page) else []
            take_picture(window.page, f"{name_of(pattern)}-1280-vi-light")
    with visiting(browser, found, locale="vi", theme="light") as window:
        for pattern, address in sorted(found.addresses.items()):
            window.go(address)
            window.page.evaluate("document.documentElement.style.fontSize = '200%'")
            faults += [f"{pattern}: too wide at 200%"] if overflow(window.page) else []

    assert faults == [], "\n".join(faults)


@pytest.mark.judge("vnu")
def test_every_page_is_valid_html(found: Found, browser: Any, tmp_path: Path) -> None:
    from tests.peers.test_html import errors

    pages = []
    with visiting(browser, found, locale="vi", theme="light") as window:
        for pattern, address in sorted(found.addresses.items()):
            page = tmp_path / f"{name_of(pattern)}.html"
            page.write_bytes(window.context.request.get(found.origin + address).body())
            pages.append(page)

    assert errors(*pages) == []
