"""Every page of the site in a browser: axe, console, width, Nu checker.

The pages are found by following every link from the front page, the home and the console,
after an owner has brought about what the pages are for; the list of doors says which of
them must have been found. Each is opened once in Vietnamese and once in English, and looked
at there in both themes; in Vietnamese at the desk and with letters of twice the size too.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from haidang.portal.web.doors import PUBLIC, Door
from playwright.sync_api import Error

from tests.browsing import (
    DESK,
    PHONE,
    Window,
    a_window,
    axe_faults,
    chromium,
    overflow,
    take_picture,
)
from tests.journeys import sitting, situations
from tests.journeys.house import House
from tests.journeys.sitting import an_owner
from tests.journeys.situations import submit
from tests.portal.web.house import a_house as a_site

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

ENTRANCES = ("/", "/dang-ky", "/dang-nhap", "/khoi-phuc", "/kiem-tra", "/design")
ROOMS = ("/trang-chu", "/bat-dau", "/xac-nhan", "/operator")
NO_PAGES = {
    r"^/tinh/": "style, script, font and icon of every page",
    r"\.(pdf|svg)$": "a paper, a code or an icon",
    r"/(assets|media)/|/anh/\{media\}$|/anh/\{sha256\}$": "what a preview or a list shows",
    r"/xem/|/xem-thu/|/thu-mau/": "a page of the pack in a frame; tests of packs judge it",
    r"/(su-kien|tin)$": "server-sent events",
    r"/(tai-ve|tep|bang)$": "a download",
}
"""Doors that answer a GET with no page of the site, each with what it is."""
NEVER_A_LINK = {
    "/bat-dau/{start}": "leads on to the first unfinished screen",
}
"""Doors that never show a page of their own, each with why."""
NAMES_NOBODY = (r"^/du-lieu/\{part\}$", r"/favicon\.svg$")
"""Doors whose parameters are nobody's: a kind of data, the icon of a pack."""
PARAMETER = re.compile(r"\{[^}]+\}")


@dataclass
class Found:
    """The pages of a site by the pattern of their door; the cookies of an owner who operates."""

    origin: str
    doors: tuple[Door, ...]
    cookies: list[dict[str, Any]] = field(default_factory=list)
    strangers: dict[str, str] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One page as it was met: its name, language, faults, and how it was written."""

    name: str
    locale: str
    faults: tuple[str, ...]
    html: bytes


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.hrefs: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep where a link leads."""
        if tag == "a":
            self.hrefs += [text for name, text in attributes if name == "href" and text]


def is_page(path: str) -> bool:
    """Whether a door, or an address, shows a page of the site."""
    return not any(re.search(pattern, path) for pattern in NO_PAGES)


def pattern_of(path: str, doors: tuple[Door, ...]) -> str:
    """The door that *path* leads to; "" for none."""
    for door in doors:
        shape = PARAMETER.sub(
            lambda one: ".+" if ":path" in one[0] else "[^/]+", door.path.replace(".", r"\.")
        )
        if door.method == "GET" and re.fullmatch(shape, path):
            return door.path
    return ""


def crawl(window: Window, found: Found, pages: dict[str, str], entrances: tuple[str, ...]) -> None:
    """Follow every link; one page for each pattern is kept, and looked at for more links."""
    waiting, seen = deque(entrances), set(entrances)
    while waiting:
        answer = window.context.request.get(found.origin + waiting.popleft())
        landed = urlsplit(answer.url).path
        pattern = pattern_of(landed, found.doors)
        is_html = answer.headers.get("content-type", "").startswith("text/html")
        if answer.status != 200 or not pattern or not is_html:
            continue
        pages.setdefault(pattern, landed)
        for href in Links(answer.text()).hrefs:
            parts = urlsplit(urljoin(answer.url, href))
            target = pattern_of(parts.path, found.doors)
            is_ours = href.startswith(("/", "?")) and target and is_page(target)
            if is_ours and parts.path not in seen and target not in pages:
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
def found(browser: Any, house: House, doors: tuple[Door, ...]) -> Iterator[Found]:
    """Every page of an owner who went online, used everything, and is an operator besides."""
    found = Found(f"http://localhost:{house.port('portal')}", doors)
    owner = an_owner(7700, photos=(sitting.PICTURES / "quan-toi.jpg",))
    with a_window(browser, found.origin) as window:
        crawl(window, found, found.strangers, ENTRANCES)
        domain = sitting.go_online(window, owner)
        found.addresses["/hanh-trinh/{journey}"] = situations.address_of(window)
        found.strangers |= situations.a_farewell(browser, found.origin, an_owner(7704))
        found.strangers |= use_everything(browser, window, house, domain, found.addresses)
        with situations.a_silent_bank(house):
            renewal = situations.a_renewal(window, domain)["/ten-mien/{name}/gia-han/{renewal}"]
            found.addresses["/ten-mien/{name}/gia-han/{renewal} waiting"] = renewal
            found.addresses |= situations.an_open_effect(window, renewal)
            crawl(window, found, found.addresses, ROOMS)
            found.cookies = window.context.cookies()
            yield found


def use_everything(
    browser: Any, window: Window, house: House, domain: str, pages: dict[str, str]
) -> dict[str, str]:
    """Bring about what pages are for; those of a stranger are given back."""
    situations.an_enquiry(browser, house, domain)
    pages |= situations.a_publication(window)
    pages |= situations.a_renewal(window, domain)
    pages |= situations.a_signed_paper(window)
    situations.a_second_site(window, an_owner(7705))
    pages |= situations.a_refused_journey(window, an_owner(7702))
    pages |= situations.a_debt(window, an_owner(7706))
    pages |= situations.another_start(window, an_owner(7701))
    invitation = situations.a_second_member(browser, window, an_owner(7703))
    pages |= invitation
    pages |= situations.an_operator(window, house)
    return invitation


def name_of(pattern: str) -> str:
    """A door's pattern as the name of a picture."""
    plain = PARAMETER.sub("mot", pattern).strip("/ ")
    return re.sub(r"[/. ]+", "-", plain).strip("-") or "trang-dau"


def wrong_business(window: Window, found: Found) -> None:
    window.go("/bat-dau?moi=1")
    submit(window)


def wrong_tax_code(window: Window, found: Found) -> None:
    window.go("/bat-dau?moi=1")
    window.page.check("input[name=kind][value=farm]")
    window.page.check("input[name=holder][value=HOUSEHOLD]")
    submit(window, sign_name="Vườn Lan")
    submit(window, tax_code="0300588568", legal_name="")


def wrong_review(window: Window, found: Found) -> None:
    window.go(found.addresses["/bat-dau/{start}/xem-lai"])
    submit(window)


def wrong_section(window: Window, found: Found) -> None:
    window.go(found.addresses["/trang-web/{website}/sua/site/bank_account"])
    submit(window, **dict.fromkeys(window.page.eval_on_selector_all(FIELDS, IDS), "+"))


def wrong_file(window: Window, found: Found) -> None:
    window.go("/giay-to/them")
    letter = {"name": "thu.pdf", "mimeType": "application/pdf", "buffer": "Kính gửi".encode()}
    window.page.set_input_files("#file", letter)
    window.page.click("main .lamp")
    window.page.wait_for_selector("#file-said:not(:empty)")


def obstacles(window: Window, found: Found) -> None:
    window.go(found.addresses["/trang-web/{website}/dang"])


def filling(pattern: str, **values: str) -> Callable[[Window, Found], None]:
    """Open the page of a door, fill it wrongly and send it."""

    def act(window: Window, found: Found) -> None:
        window.go(found.addresses.get(pattern) or found.strangers[pattern])
        submit(window, **values)

    return act


def nowhere(window: Window, found: Found) -> None:
    window.go("/khong-co-trang-nay")


def lost_session(window: Window, found: Found) -> None:
    situations.a_lost_session(window, found.addresses["/bat-dau/{start}/co-so"])


def stale_page(window: Window, found: Found) -> None:
    window.go("/tai-khoan/mat-khau")
    window.page.evaluate("document.querySelector('main input[name=csrf]').value = 'x'")
    submit(window)


FIELDS = "main input[type=text]:not([hidden])"
IDS = "(all) => all.map((one) => one.id).filter(Boolean)"
STRANGERS_FAULTS = {
    "/ not-found": nowhere,
    "/dang-ky fault": filling("/dang-ky"),
    "/dang-nhap fault": filling("/dang-nhap", identifier="0987 000 111", password="sai mat khau"),
    "/khoi-phuc fault": filling("/khoi-phuc"),
    "/kiem-tra fault": filling("/kiem-tra"),
}
OWNERS_FAULTS = {
    "/bat-dau/{start}/co-so fault": wrong_business,
    "/bat-dau/{start}/dang-ky fault": wrong_tax_code,
    "/bat-dau/{start}/xem-lai fault": wrong_review,
    "/trang-web/{website} findings": wrong_section,
    "/trang-web/{website}/dang findings": obstacles,
    "/ten-mien/{name}/ban-ghi/khac fault": filling(
        "/ten-mien/{name}/ban-ghi/khac", owner="a b", values="300.1.1.1"
    ),
    "/ten-mien/{name}/gia-han fault": filling("/ten-mien/{name}/gia-han", payer=""),
    "/ten-mien/{name}/tra-tien fault": filling("/ten-mien/{name}/tra-tien", payer=""),
    "/giay-to/them fault": wrong_file,
    "/tai-khoan/mat-khau fault": filling("/tai-khoan/mat-khau", present_password="sai"),
    "/ stale": stale_page,
    "/dang-nhap held": lost_session,
}


def visited(browser: Any, found: Found, locale: str) -> Iterator[Seen]:
    """Every page in *locale*: a stranger's first, then an owner's, then those with faults."""
    options = {"color_scheme": "light", "reduced_motion": "reduce"}
    with a_window(browser, found.origin, **options) as window:
        window.expect("status of 40", "status of 422")
        window.page.set_default_timeout(sitting.LONGEST_WAIT_MS / 4)
        language = {"name": "ngon-ngu", "value": locale, "url": found.origin}
        parts = (
            ([language], found.strangers, STRANGERS_FAULTS, " stranger"),
            ([*found.cookies, language], found.addresses, OWNERS_FAULTS, ""),
        )
        for cookies, addresses, faults, who in parts:
            window.context.clear_cookies()
            window.context.add_cookies(cookies)
            for pattern, address in sorted(addresses.items()):
                name = pattern + (who if pattern in found.addresses else "")
                html = window.go(address).body()
                yield Seen(name, locale, tuple(looked_at(window.page, name, locale)), html)
            for name, act in faults.items():
                try:
                    act(window, found)
                except Error as refusal:
                    yield Seen(name, locale, (f"not brought about: {refusal.message}",), b"")
                else:
                    yield Seen(name, locale, tuple(looked_at(window.page, name, locale)), b"")


def looked_at(page: Any, name: str, locale: str) -> Iterator[str]:
    """Faults of the page that is open, in both themes; in Vietnamese at other sizes too."""
    if page.get_attribute("html", "lang") != locale:
        yield "speaks another language"
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        yield from (f"{theme}: {one}" for one in axe_faults(page))
        take(page, name, "390", locale, theme)
    page.emulate_media(color_scheme="light")
    yield from ["too wide on a phone"] if overflow(page) else []
    if locale != "vi":
        return
    with at_size(page, DESK):
        yield from ["too wide at the desk"] if overflow(page) else []
        take(page, name, "1280", locale, "light")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    yield from ["too wide at 200%"] if overflow(page) else []


def take(page: Any, name: str, *shown: str) -> None:
    """A picture of *page* at a size, in a language and a theme, if one is kept."""
    if is_pictured(name, *shown):
        take_picture(page, f"portal/{'-'.join((name_of(name), *shown))}")


def is_pictured(name: str, *shown: str) -> bool:
    """Whether a picture is kept: of a page with faults one, of any other all but English dark."""
    if name in STRANGERS_FAULTS or name in OWNERS_FAULTS:
        return shown == ("390", "vi", "light")
    return shown[1:] != ("en", "dark")


@contextmanager
def at_size(page: Any, size: dict[str, int]) -> Iterator[None]:
    """The window at *size*, then a phone's again."""
    page.set_viewport_size(size)
    yield
    page.set_viewport_size(PHONE)


@pytest.fixture(scope="module")
def seen(found: Found, browser: Any) -> list[Seen]:
    """Every page, looked at in both languages."""
    return [one for locale in ("vi", "en") for one in visited(browser, found, locale)]


def test_every_door_that_shows_a_page_is_found(found: Found) -> None:
    pages = {door.path for door in found.doors if door.method == "GET" and is_page(door.path)}

    assert sorted(pages - set(found.addresses) - set(found.strangers) - set(NEVER_A_LINK)) == []


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_page_has_a_barrier_or_a_word_too_wide(locale: str, seen: list[Seen]) -> None:
    faults = [
        f"{one.name}: {fault}" for one in seen if one.locale == locale for fault in one.faults
    ]

    assert faults == [], "\n".join(faults)


@pytest.mark.judge("vnu")
def test_every_page_is_valid_html(seen: list[Seen], tmp_path: Path) -> None:
    from tests.peers.test_html import errors

    pages = []
    for one in seen:
        if one.html:
            pages.append(tmp_path / f"{name_of(one.name)}-{one.locale}.html")
            pages[-1].write_bytes(one.html)

    assert errors(*pages) == []


def owned_by(found: Found) -> dict[str, str]:
    """The value of each parameter that names something of the owner's business."""
    values: dict[str, str] = {}
    for pattern, address in found.addresses.items():
        shape = re.sub(r"\{(\w+)(:path)?\}", r"(?P<\1>.+)", pattern.split(" ")[0])
        if match := re.fullmatch(shape, address):
            values = {**match.groupdict(), **values}
    return values


def asked_with(window: Window, door: Door, address: str) -> int:
    """The status of *door* at *address*, asked as the page of *window* would."""
    request, url = window.context.request, window.origin + address
    if door.method == "GET":
        return int(request.get(url, max_redirects=0).status)
    csrf = window.page.get_attribute("body", "data-csrf")
    sent = {"csrf": csrf, "request_id": str(uuid.uuid4()), "revision": "1"}
    headers = {"Origin": window.origin}
    return int(request.post(url, max_redirects=0, form=sent, headers=headers).status)


def test_what_one_business_has_is_absent_for_every_other(found: Found, browser: Any) -> None:
    """Every door that names something, GET and POST, asked with another business's names.

    A token is no name: whoever was given it may come in.
    """
    names, entered = owned_by(found), []
    with a_window(browser, found.origin) as window:
        sitting.sign_up(window, an_owner(7790))
        for door in found.doors:
            parameters = {one[1:-1].partition(":")[0] for one in PARAMETER.findall(door.path)}
            is_nobodys = any(re.search(one, door.path) for one in NAMES_NOBODY)
            if not parameters or "token" in parameters or door.needs == PUBLIC or is_nobodys:
                continue
            address = PARAMETER.sub(
                lambda one: names.get(one[0][1:-1].partition(":")[0], "x"), door.path
            )
            if (status := asked_with(window, door, address)) not in {400, 403, 404}:
                entered.append(f"{door.method} {door.path}: {status}")

    assert entered == [], "\n".join(entered)
