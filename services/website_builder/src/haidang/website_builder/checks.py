"""The publish gate: everything that stands in the way, sentence by sentence (pure)."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from haidang.website_builder.findings import Finding, Severity
from haidang.website_builder.legal import legal_findings, legal_pages, profile
from haidang.website_builder.packs import ContentType, Pack
from haidang.website_builder.schemas import CORE_TYPES, LINK, judge, label_of, walk
from haidang.website_builder.website import Business, MediaRef, Page, Website
from jsonschema import Draft202012Validator

_LINE = {"type": "string", "maxLength": 160}


def _named(schema: Mapping[str, object], vi: str, en: str) -> dict[str, object]:
    return {**schema, "x-ui": {"label": {"vi": vi, "en": en}}}


BUSINESS_SCHEMA: Mapping[str, object] = {
    "type": "object",
    "properties": {
        "name": _named(_LINE, "Tên cơ sở", "Name of the business"),
        "street": _named(_LINE, "Số nhà, đường", "Street"),
        "commune": _named(_LINE, "Phường, xã", "Ward or commune"),
        "province": _named(_LINE, "Tỉnh, thành phố", "Province or city"),
        "representative_name": _named(_LINE, "Người đại diện", "Representative"),
        "phone": _named(CORE_TYPES["phone-vn"], "Điện thoại", "Telephone"),
        "email": _named(
            {"type": "string", "pattern": r"^[^\s@<>\"']+@[^\s@<>\"']+$"}, "Thư điện tử", "E-mail"
        ),
        "tax_code": _named(
            {"type": "string", "pattern": "^([0-9]{10}(-?[0-9]{3})?|[0-9]{12})$"},
            "Mã số thuế",
            "Tax code",
        ),
        "registration_on": _named(
            {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            "Ngày đăng ký",
            "Registered on",
        ),
    },
}
"""The form of the business's facts where they are given; the law says which must be."""

_BUSINESS = Draft202012Validator(BUSINESS_SCHEMA)


def check_website(website: Website, pack: Pack, media: Mapping[str, MediaRef]) -> list[Finding]:
    """All findings, errors before warnings, each in the order of the draft."""
    found = [
        *_locales(website, pack),
        *_business(website.business),
        *_content(pack.site, website.site, "/site", website, pack, media),
    ]
    for index, page in enumerate(website.pages):
        found += _page(page, f"/pages/{index}", website, pack, media)
    found += legal_findings(website, pack, profile())
    return sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)


def _locales(website: Website, pack: Pack) -> Iterator[Finding]:
    for locale in website.locales:
        if locale not in pack.locales:
            yield Finding("locales", "LOCALE_NOT_IN_PACK", facts={"locale": locale})


def _business(business: Business) -> list[Finding]:
    given = {key: value for key, value in dataclasses.asdict(business).items() if value}
    return judge(_BUSINESS, given, "/business")


def _page(
    page: Page, pointer: str, website: Website, pack: Pack, media: Mapping[str, MediaRef]
) -> Iterator[Finding]:
    for locale in website.locales:
        if not page.title.get(locale):
            is_default = locale == website.default_locale
            severity = Severity.ERROR if is_default else Severity.WARNING
            yield Finding(
                f"{pointer}/title/{locale}", "TITLE_MISSING", severity, {"locale": locale}
            )
    yield from _composition(page, f"{pointer}/sections", pack)
    for index, section in enumerate(page.sections):
        place = f"{pointer}/sections/{index}"
        kind = pack.sections.get(section.type)
        if kind is None:
            yield Finding(f"{place}/type", "SECTION_UNKNOWN", facts={"type": section.type[:80]})
        else:
            yield from _content(kind.content, section.data, f"{place}/data", website, pack, media)


def _composition(page: Page, pointer: str, pack: Pack) -> Iterator[Finding]:
    kinds = [section.type for section in page.sections]
    for required in pack.required_sections:
        if required not in kinds:
            label = pack.sections[required].label
            yield Finding(
                pointer,
                "SECTION_MISSING",
                facts={"label": label["vi"]},
                english={"label": label["en"]},
            )
    for index, kind in enumerate(kinds):
        known = pack.sections.get(kind)
        if known and known.limit and kinds[:index].count(kind) == known.limit:
            yield Finding(
                f"{pointer}/{index}",
                "SECTION_REPEATED",
                facts={"label": known.label["vi"], "limit": known.limit},
                english={"label": known.label["en"]},
            )


def _content(
    kind: ContentType,
    value: Mapping[str, object],
    pointer: str,
    website: Website,
    pack: Pack,
    media: Mapping[str, MediaRef],
) -> Iterator[Finding]:
    yield from kind.judge(value, pointer)
    for schema, leaf, place in walk(kind.single, value, pointer):
        name = label_of(schema, place.rsplit("/", 1)[-1])
        english = {"name": label_of(schema, name, "en")}
        if schema.get("x-i18n") and isinstance(leaf, Mapping):
            for locale in website.locales[1:]:
                if not leaf.get(locale):
                    yield Finding(
                        f"{place}/{locale}",
                        "TRANSLATION_MISSING",
                        Severity.WARNING,
                        {"name": name, "locale": locale},
                        english,
                    )
        elif schema.get("x-type") == "image" and isinstance(leaf, str):
            for found in _photo(leaf, place, name, website, media):
                yield dataclasses.replace(found, english=english)
        elif schema.get("x-type") == "link" and isinstance(leaf, str):
            yield from _link(leaf, place, website, pack)


def _photo(
    media_id: str, place: str, name: str, website: Website, media: Mapping[str, MediaRef]
) -> Iterator[Finding]:
    ref = media.get(media_id)
    if ref is None:
        yield Finding(place, "PHOTO_ABSENT", facts={"name": name})
    elif not ref.alt.get(website.default_locale):
        yield Finding(place, "PHOTO_WITHOUT_ALT", Severity.WARNING, {"name": name})


def _link(href: str, place: str, website: Website, pack: Pack) -> Iterator[Finding]:
    if not href.startswith(("/", "#")) or not LINK.fullmatch(href):
        return
    path, _, anchor = href.partition("#")
    paths = {page.path for page in website.pages}
    legal = {page.path for page in legal_pages(website, pack, profile())}
    anchors = {section.id for page in website.pages for section in page.sections}
    is_known = (not path or path in paths | legal) and (not anchor or anchor in anchors)
    if not is_known:
        yield Finding(place, "LINK_BROKEN", facts={"href": href[:200]})
