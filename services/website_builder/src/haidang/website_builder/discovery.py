"""How a page is found: its address in each language, hreflang, sitemap, robots (pure).

Every version lists all versions including itself, with absolute addresses.
Source: field guide websites section 4.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr


@dataclass(frozen=True, slots=True)
class PageAddress:
    """A page in one language. `page` is its path without the language's prefix."""

    origin: str
    page: str
    locale: str
    locales: tuple[str, ...]
    default: str = ""

    @property
    def path(self) -> str:
        """The path it is served at; the default language has no prefix."""
        default = self.default or self.locales[0]
        return self.page if self.locale == default else f"/{self.locale}{self.page}"

    @property
    def url(self) -> str:
        """The absolute address."""
        return self.origin + self.path

    def in_locale(self, locale: str) -> PageAddress:
        """The same page in another language."""
        return replace(self, locale=locale)


def alternates(address: PageAddress) -> list[dict[str, str]]:
    """The hreflang links of a page; none where there is only one language."""
    if len(address.locales) == 1:
        return []
    links = [
        {"locale": locale, "href": address.in_locale(locale).url} for locale in address.locales
    ]
    return [*links, {"locale": "x-default", "href": address.in_locale(address.locales[0]).url}]


def sitemap(addresses: list[PageAddress]) -> bytes:
    """The sitemap of *addresses*, in their order."""
    urls = []
    for address in addresses:
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang={quoteattr(link["locale"])} '
            f"href={quoteattr(link['href'])}/>"
            for link in alternates(address)
        )
        urls.append(f"<url><loc>{escape(address.url)}</loc>{links}</url>")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n' + "\n".join(urls) + "\n</urlset>\n"
    ).encode()


def robots(origin: str, *, hidden: bool) -> bytes:
    """robots.txt; a sandbox site asks to be left alone."""
    if hidden:
        return b"User-agent: *\nDisallow: /\n"
    return f"User-agent: *\nAllow: /\n\nSitemap: {origin}/sitemap.xml\n".encode()
