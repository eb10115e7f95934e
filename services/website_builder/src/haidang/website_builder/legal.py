"""The legal profile applied to a website: its class, footer facts and legal pages (pure).

Law is dated data in `law/`; here it is read, filled with the business's facts and
answered as plain values for templates. The Vietnamese text binds, so legal pages exist
in Vietnamese only; what does not apply is published as such, never left out.
Source: field guide websites sections 1.2 and 1.3 (profile vn-2026-07, secondary).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from haidang.core.identifiers import written_phone
from haidang.website_builder.findings import Finding, Severity
from haidang.website_builder.packs import Pack
from haidang.website_builder.shapes import Reading
from haidang.website_builder.website import Business, Website
from haidang.website_builder.written import written_date

DEFAULT_PROFILE = "vn-2026-07"
CLASSES = ("showcase", "inquiry", "order")
GOODS_KINDS = frozenset({"farm", "shop", "craft"})
NOT_PUBLISHED = "(chưa công bố)"
HOUSEHOLD_DIGITS = 12
"""Digits of a household's tax code. Source: field guide websites section 2."""

Profile = dict[str, Any]  # Any: the JSON of law/<id>.json, ours, read once


@dataclass(frozen=True, slots=True)
class LegalPage:
    """A legal page in Vietnamese, as a template draws it. `path` is "/phap-ly/<slug>/"."""

    path: str
    title: Mapping[str, str]
    lead: str
    blocks: tuple[Mapping[str, object], ...]


@cache
def profile(profile_id: str = DEFAULT_PROFILE) -> Profile:
    """The dated data of a legal profile. Raises: FileNotFoundError for an unknown one."""
    path = files("haidang.website_builder").joinpath("law", f"{profile_id}.json")
    read = json.loads(path.read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def commerce_of(website: Website, pack: Pack) -> str:
    """The site's class, computed from the sections used; never typed by anyone.

    A Zalo or Messenger link already invites inquiries.
    """
    rank = 1 if website.site.get("zalo") or website.site.get("messenger") else 0
    for page in website.pages:
        for section in page.sections:
            if kind := pack.sections.get(section.type):
                rank = max(rank, CLASSES.index(kind.commerce))
    return CLASSES[rank]


def has_form(website: Website, pack: Pack) -> bool:
    """Whether a page of the site asks its visitors for anything."""
    kinds = {section.type for page in website.pages for section in page.sections}
    return any(pack.sections[kind].form for kind in kinds if kind in pack.sections)


def retention_months(website: Website, form: str, rules: Profile) -> int:
    """For how many months what came by a *form* of a kind is kept; then it is erased.

    An order is kept at least as long as the law wants its record. A household is known by
    its owner's twelve-digit number.
    """
    months = _legal(website).get("retention_months")
    if not isinstance(months, int):
        months = int(rules["retention_months"]["value"])
    if form != "order":
        return months
    least = rules["order_retention_months"]
    is_household = len(website.business.tax_code) == HOUSEHOLD_DIGITS
    return max(months, int(least["household" if is_household else "value"]))


def address_of(business: Business) -> str:
    """Street, commune, province: no district since 1 July 2025."""
    return ", ".join(p for p in (business.street, business.commune, business.province) if p)


def legal_facts(website: Website) -> dict[str, str]:
    """Every fact a legal sentence may name; what is not given says so."""
    business = website.business
    legal = _legal(website)
    registration = business.registration_number
    if registration and business.registration_on:
        registration += f", cấp ngày {written_date(business.registration_on)}"
    if registration and business.registration_office:
        registration += f", {business.registration_office}"
    responsible = str(legal.get("responsible") or business.representative_name)
    if responsible and responsible == business.representative_name:
        title = business.representative_title
        responsible += f" ({title})" if title else ""
    facts = {
        "name": business.name,
        "address": address_of(business),
        "phone": written_phone(business.phone) if business.phone else "",
        "email": business.email,
        "responsible": responsible,
        "tax_code": business.tax_code,
        "registration": registration,
    }
    return {key: value or NOT_PUBLISHED for key, value in facts.items()}


def footer_rows(website: Website, locale: str, rules: Profile) -> list[dict[str, str]]:
    """What the footer of every page shows: label and value, given facts only."""
    facts = legal_facts(website)
    return [
        {"key": row["key"], "label": _said(row["label"], locale), "value": facts[row["key"]]}
        for row in rules["facts"]
        if facts[row["key"]] != NOT_PUBLISHED
    ]


def legal_pages(website: Website, pack: Pack, rules: Profile) -> tuple[LegalPage, ...]:
    """The page set of the site's class, filled with its facts."""
    commerce = commerce_of(website, pack)
    chosen = [page for page in rules["pages"] if commerce in page["classes"]]
    said = _sentence_facts(website, rules)
    forms = has_form(website, pack)
    links = [{"href": legal_path(one["slug"]), "text": one["title"]["vi"]} for one in chosen]
    kind = str(website.site.get("kind", pack.kinds[0]))
    sells = "goods" if kind in GOODS_KINDS else "services"
    return tuple(
        LegalPage(
            path=legal_path(page["slug"]),
            title=page["title"],
            lead=page["lead"],
            blocks=tuple(
                _block(block, website, said, rules, links)
                for block in page["blocks"]
                if commerce in block.get("classes", CLASSES)
                and forms == block.get("forms", forms)
                and sells in block.get("for", ("goods", "services"))
            ),
        )
        for page in chosen
    )


def legal_path(slug: str) -> str:
    """Where a legal page lives."""
    return f"/phap-ly/{slug}/"


def legal_findings(website: Website, pack: Pack, rules: Profile) -> Iterable[Finding]:
    """What the law asks for and the draft does not give."""
    business = website.business
    for row in rules["facts"]:
        for key in row.get("needs", [row["key"]]):
            if not getattr(business, key):
                yield Finding(
                    f"/business/{key}",
                    "BUSINESS_FACT_MISSING",
                    Severity.ERROR if row["required"] else Severity.WARNING,
                    {"fact": row["label"]["vi"].lower(), "source": row["source"]},
                    {"fact": row["label"]["en"].lower()},
                )
    notification = rules["notification"]
    if commerce_of(website, pack) in notification["classes"] and not notified(website):
        yield Finding(
            "/site/legal/notification",
            "NOTIFICATION_MISSING",
            Severity.WARNING,
            {"source": notification["source"]},
        )


def _block(
    block: Mapping[str, Any],  # Any: one block of the profile's JSON
    website: Website,
    said: Mapping[str, str],
    rules: Profile,
    links: list[dict[str, str]],
) -> dict[str, object]:
    given = _given(block, website)
    paragraphs = given or [
        text.format_map(said) for text in block.get("text", block.get("otherwise", []))
    ]
    rows = _certificates(website) if block.get("certificates") else []
    if block.get("notification") and (confirmation := notified(website)):
        rows = [{"label": "Xác nhận", "value": confirmation}]
    if block.get("facts"):
        rows = footer_rows(website, "vi", rules)
    return {
        "heading": block["heading"],
        "article": block.get("article", ""),
        "paragraphs": [] if rows else paragraphs,
        "rows": rows,
        "complaints": rules["complaints"] if block.get("complaints") else [],
        "links": links if block.get("links") else [],
    }


def _given(block: Mapping[str, object], website: Website) -> list[str]:
    """The owner's own words for the block's slot, in the binding language."""
    slot = block.get("slot")
    text = _legal(website).get(slot) if isinstance(slot, str) else None
    reading = Reading("vi", website.default_locale, {})
    return [part.strip() for part in reading.text(text).split("\n\n") if part.strip()]


def _sentence_facts(website: Website, rules: Profile) -> dict[str, str]:
    privacy = next(row for row in rules["complaints"] if "cá nhân" in row["issue"])
    return legal_facts(website) | {
        "retention_months": str(retention_months(website, "question", rules)),
        "order_months": str(retention_months(website, "order", rules)),
        "refund_days": str(rules["refund_days"]["value"]),
        "privacy_reply_hours": str(privacy["reply_hours"]),
        "privacy_resolve_days": str(privacy["resolve_days"]),
    }


def _certificates(website: Website) -> list[dict[str, str]]:
    """Licences of conditional trades; a pending one is told without an empty number."""
    reading = Reading("vi", website.default_locale, {})
    given = _legal(website).get("certificates")
    rows = []
    for one in given if isinstance(given, list) else []:
        if isinstance(one, Mapping):
            said = {key: value for key, value in one.items() if isinstance(value, str)}
            parts = [f"số {said['number']}" if "number" in said else "đang làm thủ tục cấp"]
            if "issued_on" in said:
                parts.append(f"cấp ngày {written_date(said['issued_on'])}")
            if "office" in said:
                parts.append(said["office"])
            rows.append({"label": reading.text(one.get("name")), "value": ", ".join(parts)})
    return rows


def _legal(website: Website) -> Mapping[str, object]:
    legal = website.site.get("legal")
    return legal if isinstance(legal, Mapping) else {}


def notified(website: Website) -> str:
    """The confirmation's address; without it no badge is ever shown."""
    notification = _legal(website).get("notification")
    uri = notification.get("uri") if isinstance(notification, Mapping) else ""
    return uri if isinstance(uri, str) else ""


def _said(texts: Mapping[str, str], locale: str) -> str:
    return texts.get(locale) or texts["vi"]
