"""Owners without a browser: forms filled and sent over HTTP, as a phone without scripts would."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import aiohttp

PASSWORD = "ghe thung nuoc mam 7"
HEADING = "heading.vi"
POLL_SECONDS = 0.1
LONGEST_SECONDS = 60.0
HOUSEHOLD = {
    "legal_name": "Hộ kinh doanh Bánh mì Lan",
    "tax_code": "0300588569",
    "representative_name": "Nguyễn Thị Lan",
}
ADDRESS = {
    "street": "12 đường Ba Cu",
    "commune": "Phường Vũng Tàu",
    "province": "TP. Hồ Chí Minh",
    "phone": "0901 234 567",
    "email": "lan@example.vn",
}


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send untouched."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._text: str | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if not self.forms:
            return
        name = given.get("name", "")
        if tag == "input" and name:
            self._input(given, name)
        elif tag == "textarea" and name:
            self._text = name
            self.forms[-1].values[name] = ""
        elif tag == "select" and name:
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.forms[-1].values[self._select] = given.get("value", "")

    def _input(self, given: dict[str, str], name: str) -> None:
        form, value = self.forms[-1], given.get("value", "")
        if given.get("type") in {"radio", "checkbox"}:
            if "disabled" not in given:
                form.choices.setdefault(name, []).append(value)
            if "checked" in given:
                form.values[name] = value
        elif given.get("type") != "file":
            form.values.setdefault(name, value)

    def handle_data(self, data: str) -> None:
        if self._text:
            self.forms[-1].values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = None
        if tag == "select":
            self._select = None


@dataclass
class Page:
    """A page as it came: its address, its text; how long the tap took, redirects included."""

    path: str
    text: str
    status: int
    seconds: float

    def read(self) -> _Forms:
        reader = _Forms()
        reader.feed(self.text)
        return reader

    def form(self, *, holding: str) -> Form:
        """The form with a field called *holding*."""
        for one in self.read().forms:
            if holding in one.values or holding in one.choices:
                return one
        raise AssertionError(f"{self.path} ({self.status}) has no form with {holding}")


class Phone:
    """One browser of one owner."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.taken: list[Page] = []
        jar = aiohttp.CookieJar(unsafe=True)
        timeout = aiohttp.ClientTimeout(total=LONGEST_SECONDS)
        self.http = aiohttp.ClientSession(cookie_jar=jar, timeout=timeout)

    async def open(self, path: str) -> Page:
        """GET *path*."""
        return await self._ask("GET", path, None)

    async def send(self, form: Form, **answers: str) -> Page:
        """Fill *form* with *answers* and send it."""
        values = {**form.values, **answers}
        if form.method.lower() == "get":
            query = "&".join(f"{key}={value}" for key, value in values.items())
            return await self._ask("GET", f"{form.action}?{query}", None)
        return await self._ask("POST", form.action, values)

    async def _ask(self, method: str, path: str, data: dict[str, str] | None) -> Page:
        began = time.perf_counter()
        headers = {"Origin": self.origin} if data is not None else {}
        async with self.http.request(
            method, urljoin(self.origin, path), data=data, headers=headers
        ) as answer:
            text = await answer.text() if answer.content_type.startswith("text/") else ""
            passed = time.perf_counter() - began
            page = Page(urlsplit(str(answer.url)).path, text, answer.status, passed)
        self.taken.append(page)
        return page

    async def close(self) -> None:
        """Hang up."""
        await self.http.close()


async def sign_in(phone: Phone, identifier: str) -> None:
    """Sign in with the password that every owner of a bench has."""
    page = await phone.open("/dang-nhap")
    form = page.form(holding="password")
    page = await phone.send(form, identifier=identifier, password=PASSWORD)
    if page.path != "/trang-chu":
        raise AssertionError(f"{identifier} is not signed in: {page.path} ({page.status})")


async def sign_up(phone: Phone, identifier: str) -> None:
    """A fresh account."""
    page = await phone.open("/dang-ky")
    form = page.form(holding="password")
    await phone.send(form, name="Nguyễn Thị Lan", identifier=identifier, password=PASSWORD)


async def to_review(phone: Phone, domain: str) -> Page:
    """The wizard up to its last page."""
    page = await phone.open("/bat-dau?moi=1")
    sign = {"sign_name": "Bánh mì Lan", "kind": "restaurant", "holder": "HOUSEHOLD"}
    page = await phone.send(page.form(holding="sign_name"), **sign)
    page = await phone.send(page.form(holding="tax_code"), **HOUSEHOLD)
    page = await phone.send(page.form(holding="commune"), **ADDRESS)
    page = await phone.open(f"{page.path}?wish={domain}&years=1")
    page = await phone.send(page.form(holding="domain"), domain=domain)
    form = page.form(holding="pack")
    pack = form.values.get("pack") or form.choices["pack"][0]
    return await phone.send(form, pack=pack)


async def go(phone: Phone, review: Page) -> Page:
    """Give every consent and go; the journey's page."""
    form = next(one for one in review.read().forms if _consents(one))
    return await phone.send(form, **dict.fromkeys(_consents(form), "1"))


async def go_online(phone: Phone, identifier: str, domain: str) -> None:
    """Sign up and go online: every page an owner sees on the way."""
    await sign_up(phone, identifier)
    page = await go(phone, await to_review(phone, domain))
    began = time.perf_counter()
    while "arrival" not in page.text:
        if time.perf_counter() - began > LONGEST_SECONDS:
            raise AssertionError(f"{domain} is not online: {page.path} {page.status}")
        await asyncio.sleep(POLL_SECONDS)
        page = await phone.open(page.path)


def _consents(form: Form) -> list[str]:
    return [name for name in form.choices if name.startswith("consent-")]


async def edit(phone: Phone, words: str) -> None:
    """Open the website's editor, its first section with a heading; save *words*; look again.

    Raises: AssertionError when they are not what the form then holds.
    """
    site = await phone.open("/trang-web")
    links = [link for link in site.read().links if link.endswith("/mo-dau/data")]
    if not links:
        raise AssertionError(f"{site.path} ({site.status}) leads to no first section")
    section = links[0]
    page = await phone.open(section)
    await phone.send(page.form(holding=HEADING), **{HEADING: words})
    kept = (await phone.open(section)).form(holding=HEADING).values[HEADING]
    if kept != words:
        raise AssertionError(f"{section} holds {kept!r}, not {words!r}")
