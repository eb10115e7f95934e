"""What every template knows of the business, as plain data for one language (pure)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import quote

from haidang.core.identifiers import written_phone
from haidang.website_builder import legal
from haidang.website_builder.packs import Pack
from haidang.website_builder.website import Business, Website

Plain = Mapping[str, object]


def site_for_templates(
    website: Website,
    pack: Pack,
    facts: Mapping[str, object],
    *,
    locale: str,
    ribbon: bool,
    at: Callable[[str], str] = str,
) -> Plain:
    """The template's `site`: the business, how to reach it, the legal footer, the facts.

    *at* makes the address of a path of the site.
    """
    business = website.business
    zalo = str(facts.get("zalo") or "")
    messenger = str(facts.get("messenger") or "")
    return {
        "name": business.name,
        "kind": facts.get("kind") or pack.kinds[0],
        "scheme": facts.get("scheme") or pack.schemes[0],
        "theme": list(pack.theme_colours[str(facts.get("scheme") or pack.schemes[0])]),
        "phone": business.phone,
        "phone_text": written_phone(business.phone),
        "phone_href": f"tel:{business.phone}" if business.phone else "",
        "zalo_href": f"https://zalo.me/{'0' + zalo.removeprefix('+84')}" if zalo else "",
        "messenger_href": f"https://m.me/{messenger}" if messenger else "",
        "email": business.email,
        "mail_href": f"mailto:{business.email}" if business.email else "",
        "street": business.street,
        "commune": business.commune,
        "province": business.province,
        "place": ", ".join(part for part in (business.commune, business.province) if part),
        "address": legal.address_of(business),
        "map_href": _map_href(business),
        "summary": str(facts.get("summary") or business.name),
        "facts": dict(facts),
        "legal": _legal(website, pack, locale, at),
        "ribbon": ribbon,
    }


def _map_href(business: Business) -> str:
    """A link out, followed only when clicked; the coordinates if known, else the address."""
    if business.latitude or business.longitude:
        point = f"{business.latitude:.6f},{business.longitude:.6f}"
    elif business.street:
        point = quote(legal.address_of(business))
    else:
        return ""
    return f"https://www.google.com/maps/search/?api=1&query={point}"


def _legal(website: Website, pack: Pack, locale: str, at: Callable[[str], str]) -> Plain:
    rules = legal.profile()
    return {
        "rows": legal.footer_rows(website, locale, rules),
        "links": [
            {"href": at(page.path), "text": page.title.get(locale) or page.title["vi"]}
            for page in legal.legal_pages(website, pack, rules)
        ],
        "notified": legal.notified(website),
    }
