"""Rendering: a website, its pack and its media in; every file of the site out (pure).

No clock, no randomness, no I/O: the same input gives the same bytes. Templates get
plain data only. Sections are drawn first, then the layout around them.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from haidang.core.errors import Absent, Refused, register
from haidang.core.ports.publishing import PublishedForm
from haidang.website_builder import legal, vietqr
from haidang.website_builder.discovery import PageAddress, alternates, robots, sitemap
from haidang.website_builder.environment import core_words, draw, draw_page, draw_parts
from haidang.website_builder.form_markup import PRIVACY, SLOT, draw_form, draw_thanks
from haidang.website_builder.forms import Form, Place, action_of, can_be_sent, published_form
from haidang.website_builder.packs import Pack
from haidang.website_builder.shapes import Reading
from haidang.website_builder.site_facts import Plain, site_for_templates
from haidang.website_builder.structured_data import business_node, script
from haidang.website_builder.website import MediaRef, Page, RenditionRef, Section, Website

HTML = "text/html; charset=utf-8"
ICON = "/favicon.svg"
MOST_PACKS = 64
LANGUAGES = {
    "vi": "Tiếng Việt",
    "en": "English",
    "ko": "한국어",
    "zh-Hans": "中文",
    "ru": "Русский",
}

NAVIGATED = frozenset(
    {
        *("rooms", "offers", "seasons", "story", "gallery", "location", "faq", "contact"),
        *("products", "harvest", "plot", "order", "payment", "delivery"),
        *("catch", "menu", "spaces", "hours", "table", "place"),
    }
)
"""Sections that the menu of a one-page site may lead to."""

register(
    Absent,
    {"PAGE_ABSENT": ("There is no page {path}.", "Không có trang {path} trong bản nháp.")},
)


class RenderedFile(NamedTuple):
    """A file's bytes and its content type."""

    body: bytes
    type: str


@dataclass(frozen=True, slots=True)
class RenderedSite:
    """Every file by path, and the stored renditions its pages refer to, by their path.

    `forms` are by the path they are posted to.
    """

    files: Mapping[str, RenderedFile]
    media: Mapping[str, RenditionRef]
    forms: Mapping[str, PublishedForm] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Site:
    """One language of the site, read once for all its pages."""

    website: Website
    pack: Pack
    origin: str
    ribbon: bool
    reading: Reading
    facts: Plain
    site: Plain
    forms: dict[str, PublishedForm] = field(default_factory=dict)
    codes: dict[str, RenderedFile] = field(default_factory=dict)


def render_website(
    website: Website,
    pack: Pack,
    media: Mapping[str, MediaRef],
    *,
    host: str,
    ribbon: bool,
) -> RenderedSite:
    """Draw every page in every language, the legal pages and what belongs to them.

    *host* is an A-label with an optional port; *ribbon* marks a sandbox site, which is
    served over http and asks search engines to stay away.

    Raises:
        Refused: SECTION_UNKNOWN, PAGE_TOO_HEAVY, PACK_TEMPLATE_FAILED.
    """
    files: dict[str, RenderedFile] = {}
    used: dict[str, RenditionRef] = {}
    forms: dict[str, PublishedForm] = {}
    addresses: list[PageAddress] = []
    for locale in website.locales:
        one = _read(website, pack, media, locale, host, ribbon)
        for page in website.pages:
            address = _address(one, page.path, website.locales)
            files[_file(address.path)] = _html(_page(one, page, address))
            addresses.append(address)
        if locale == website.default_locale:
            for path, html in _legal_pages(one, addresses):
                files[_file(path)] = _html(html)
            files["/404.html"] = _html(_not_found(one))
        files.update((_file(path), _html(html)) for path, html in _form_pages(one))
        files.update(one.codes)
        forms.update(one.forms)
        used.update(one.reading.used)
    files.update(pack_files(pack))
    files["/sitemap.xml"] = RenderedFile(sitemap(addresses), "application/xml; charset=utf-8")
    files["/robots.txt"] = RenderedFile(
        robots(_origin(host, ribbon), hidden=ribbon), "text/plain; charset=utf-8"
    )
    return RenderedSite(dict(sorted(files.items())), dict(sorted(used.items())), forms)


def render_preview(
    website: Website,
    pack: Pack,
    media: Mapping[str, MediaRef],
    *,
    path: str,
    host: str,
    base: str = "",
) -> tuple[str, str]:
    """One page as it would be published, with the style sheet: (html, css).

    Addresses inside the site begin with *base*, so that it can be shown under a path.

    Raises: Absent: PAGE_ABSENT; Refused as `render_website`.
    """
    for locale in website.locales:
        one = _read(website, pack, media, locale, host, True, base)
        for page in website.pages:
            address = _address(one, page.path, website.locales)
            if address.path == path:
                return _page(one, page, address), pack.css
        if locale == website.default_locale:
            for legal_path, html in _legal_pages(one, []):
                if legal_path == path:
                    return html, pack.css
    raise Absent("PAGE_ABSENT", path=path[:200])


def _read(
    website: Website,
    pack: Pack,
    media: Mapping[str, MediaRef],
    locale: str,
    host: str,
    ribbon: bool,
    base: str = "",
) -> _Site:
    if locale not in pack.messages:
        raise Refused("LOCALE_NOT_IN_PACK", locale=locale)
    paths = frozenset(page.path for page in website.pages)
    reading = Reading(locale, website.default_locale, media, paths, base)
    facts = pack.site.shape(website.site, reading)
    assert isinstance(facts, dict)
    reading.collections.update({k: v for k, v in facts.items() if isinstance(v, list)})
    site = dict(
        site_for_templates(website, pack, facts, locale=locale, ribbon=ribbon, at=reading.at)
    )
    site.update(draw_parts(pack, locale, site))
    return _Site(website, pack, _origin(host, ribbon), ribbon, reading, facts, site)


def _origin(host: str, ribbon: bool) -> str:
    return f"{'http' if ribbon else 'https'}://{host}"


def _address(one: _Site, path: str, locales: tuple[str, ...]) -> PageAddress:
    return PageAddress(one.origin, path, one.reading.locale, locales)


def _page(one: _Site, page: Page, address: PageAddress) -> str:
    reading = one.reading
    title = reading.text(page.title) or one.website.business.name
    is_home = page.path == "/"
    view = _view(one, address, title, is_home=is_home)
    view["description"] = reading.text(page.description) or str(one.site["summary"])
    view["footer"] = False
    drawn = [_section(one, section, page.path, view) for section in page.sections]
    view["anchors"] = [
        {"type": section.type, "href": f"#{section.id}"}
        for section, html in zip(page.sections, drawn, strict=True)
        if section.type in NAVIGATED and html.strip()
    ]
    if is_home:
        images = [str(photo["path"]) for photo in reading.photos.values() if photo][:6]
        view["image"] = one.origin + images[0] if images else ""
        view["data_block"] = script(
            business_node(one.website.business, one.facts, one.origin, images)
        )
    return draw_page(one.pack, reading.locale, "".join(drawn), page=view, site=one.site)


def _section(one: _Site, section: Section, page: str, view: Plain) -> str:
    kind = one.pack.sections.get(section.type)
    if kind is None:
        raise Refused("SECTION_UNKNOWN", type=section.type[:80])
    data = kind.content.shape(section.data, one.reading)
    assert isinstance(data, dict)
    data["id"] = section.id
    if kind.form:
        data["form"] = _form(one, kind.form, section.id, page, str(view["path"]))
    if kind.vietqr:
        data["vietqr"] = _payment(one, data)
    name = f"sections/{kind.type}"
    return draw(one.pack, one.reading.locale, name, s=data, site=one.site, page=view)


def _form(one: _Site, form: Form, section: str, page: str, path: str) -> str:
    """The form's markup, and its rules kept for the manifest; "" while nothing can be sent."""
    reading, default = one.reading, one.website.default_locale
    place = Place(
        locale=reading.locale,
        default=default,
        page=path,
        collections=reading.collections,
        name=one.website.business.name,
        phone=one.website.business.phone,
        kept_months=legal.retention_months(one.website, form.kind, legal.profile()),
    )
    published = published_form(form, section, place)
    if not can_be_sent(published):
        return ""
    action = action_of(page, section, reading.locale, default)
    one.forms[action] = published
    return draw_form(published, reading.at(action), privacy=reading.at(PRIVACY))


def _payment(one: _Site, data: Mapping[str, object]) -> Plain | None:
    """A code that pays into the site's account, as a file of the site; None without one.

    The section may name an `amount` and a `purpose`. A preview has no files: there the
    code is part of the page.
    """
    amount, purpose = data.get("amount"), str(data.get("purpose") or "")
    found = vietqr.payment(
        one.facts.get("bank_account"), amount if isinstance(amount, int) else 0, purpose
    )
    if found is None:
        return None
    facts, drawn = found
    path = f"/assets/vietqr-{hashlib.sha256(drawn).hexdigest()[:16]}.svg"
    one.codes[path] = RenderedFile(drawn, "image/svg+xml")
    inline = f"data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"
    return {**facts, "src": inline if one.reading.base else path}


def _form_pages(one: _Site) -> Iterator[tuple[str, str]]:
    """What the edge answers a form with: a thank-you page, and a shell for all else."""
    for published in one.forms.values():
        thanks = draw_thanks(published)
        yield published.sent, _around(one, published.sent, published.words["sent"], thanks)
        yield published.again, _around(one, published.again, published.words["title"], SLOT)


def _around(one: _Site, path: str, title: str, markup: str) -> str:
    """A page of the platform's own *markup* in the pack's layout, hidden from search."""
    address = PageAddress(one.origin, path, one.reading.locale, (one.reading.locale,))
    view = _view(one, address, title, is_home=False)
    view["languages"], view["alternates"], view["hidden"] = [], [], True
    body = f'<section class="form-page">{markup}</section>'
    return draw_page(one.pack, one.reading.locale, body, page=view, site=one.site)


def _view(one: _Site, address: PageAddress, title: str, *, is_home: bool) -> dict[str, object]:
    """What the layout knows of a page."""
    reading, default = one.reading, one.website.default_locale
    return {
        "locale": reading.locale,
        "title": title,
        "description": "",
        "path": address.path,
        "is_home": is_home,
        "home": reading.at("/" if reading.locale == default else f"/{reading.locale}/"),
        "canonical": address.url,
        "alternates": alternates(address),
        "languages": _languages(address, reading),
        "menu": _menu(one, address),
        "anchors": [],
        "footer": True,
        "css": reading.at(f"/assets/{one.pack.css_name}"),
        "preload": [reading.at(f"/assets/{font.name}") for font in one.pack.fonts if font.preload],
        "icon": reading.at(ICON),
        "image": "",
        "data_block": "",
        "hidden": one.ribbon,
    }


def _languages(address: PageAddress, reading: Reading) -> list[Plain]:
    return [
        {
            "locale": locale,
            "text": LANGUAGES.get(locale, locale),
            "href": reading.at(address.in_locale(locale).path),
            "current": locale == address.locale,
        }
        for locale in address.locales
    ]


def _menu(one: _Site, address: PageAddress) -> list[Plain]:
    """The other pages of the site; a site of one page has no menu."""
    if len(one.website.pages) == 1:
        return []
    return [
        {
            "href": one.reading.link(page.path),
            "text": one.reading.text(page.title),
            "current": one.reading.link(page.path) == one.reading.at(address.path),
        }
        for page in one.website.pages
    ]


def _legal_pages(one: _Site, addresses: list[PageAddress]) -> Iterator[tuple[str, str]]:
    rules = legal.profile()
    for page in legal.legal_pages(one.website, one.pack, rules):
        address = PageAddress(one.origin, page.path, "vi", ("vi",), default="vi")
        addresses.append(address)
        view = _view(one, address, page.title["vi"], is_home=False)
        view["languages"] = []
        view["description"] = page.lead
        shown = {
            "title": page.title["vi"],
            "lead": page.lead,
            "blocks": [_with_links(block, one.reading) for block in page.blocks],
            "profile": rules["id"],
        }
        locale = one.reading.locale
        body = draw(one.pack, locale, "legal.html", legal=shown, site=one.site, page=view)
        yield page.path, draw_page(one.pack, locale, body, page=view, site=one.site)


def _with_links(block: Plain, reading: Reading) -> Plain:
    links = block["links"]
    assert isinstance(links, list)
    return {**block, "links": [{**link, "href": reading.at(link["href"])} for link in links]}


def _not_found(one: _Site) -> str:
    address = PageAddress(one.origin, "/404.html", one.reading.locale, (one.reading.locale,))
    view = _view(one, address, core_words(one.reading.locale)["not_found"], is_home=False)
    view["languages"], view["alternates"], view["hidden"] = [], [], True
    locale = one.reading.locale
    body = draw(one.pack, locale, "notfound.html", site=one.site, page=view)
    return draw_page(one.pack, locale, body, page=view, site=one.site)


def _file(path: str) -> str:
    return f"{path}index.html" if path.endswith("/") else path


def _html(text: str) -> RenderedFile:
    return RenderedFile(text.encode(), HTML)


@lru_cache(maxsize=MOST_PACKS)
def pack_files(pack: Pack) -> Mapping[str, RenderedFile]:
    """The files that every site of *pack* has, by path: style sheet, fonts, icon."""
    files = {f"/assets/{font.name}": RenderedFile(font.woff2, "font/woff2") for font in pack.fonts}
    files[f"/assets/{pack.css_name}"] = RenderedFile(pack.css.encode(), "text/css; charset=utf-8")
    files[ICON] = RenderedFile(pack.favicon.encode(), "image/svg+xml")
    return files
