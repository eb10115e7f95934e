"""A website as values, and the reading of a draft's content into them (pure).

Offices hand in a `Draft` as it was typed and stored; `read_website` turns it into the
`Website` that rendering and the checks take. Only the shape is judged here (pages,
paths, ids, limits); what a section may hold is for the pack's schemas. Nothing is
looked up, nothing is corrected silently but whole numbers that arrived as floats.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from haidang.core.errors import Malformed
from haidang.website_builder import findings  # noqa: F401 - registers the reasons raised here

__all__ = [
    "MAX_SECTIONS_PER_PAGE",
    "Business",
    "Draft",
    "MediaRef",
    "Page",
    "RenditionRef",
    "Section",
    "Website",
    "read_website",
]

MAX_SECTIONS_PER_PAGE = 25
"""Source: Shopify's published theme limits, taken as defaults (field guide websites section 3)."""
MAX_PAGES = 50
MAX_NESTING = 16
MAX_VALUES = 20_000
"""Values in one draft: what a phone can edit and a render can finish."""
MAX_CHARACTERS = 500_000
"""Characters of one draft's texts: whatever they are, it fits a message of 4 MiB."""
RESERVED_PATHS = frozenset({"api", "assets", "gui", "media", "phap-ly", ".well-known", "_"})
"""First segments the platform serves itself."""

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
"""What HTML cannot carry: control characters and halves of surrogate pairs."""

_PATH = re.compile(r"/(?:[a-z0-9]+(?:-[a-z0-9]+)*/)*")
_SECTION_ID = re.compile(r"[a-z0-9-]{1,40}")
_LOCALE = re.compile(r"[a-z]{2}(?:-[A-Z][a-z]{3})?")


@dataclass(frozen=True, slots=True)
class Business:
    """Facts asked once and bound into every section. Latitude and longitude 0, 0: not given."""

    name: str = ""
    tax_code: str = ""
    street: str = ""
    commune: str = ""
    province: str = ""
    phone: str = ""
    email: str = ""
    representative_name: str = ""
    representative_title: str = ""
    latitude: float = 0.0
    longitude: float = 0.0
    registration_number: str = ""
    registration_on: str = ""
    registration_office: str = ""


@dataclass(frozen=True, slots=True)
class RenditionRef:
    """One encoding of a photo; `sha256` is of its bytes, which live at /media/<sha256>.<ext>."""

    type: str
    width_px: int
    height_px: int
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MediaRef:
    """A stored photo: "media/<sha256 of the upload>", its alt text by locale, its renditions."""

    id: str
    width_px: int
    height_px: int
    alt: Mapping[str, str] = field(default_factory=dict)
    renditions: tuple[RenditionRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """A website as the owner left it. `content` is JSON: {"site": {…}, "pages": […]}.

    `pack` is "packs/{id}"; `locales` starts with the default one.
    """

    pack: str
    business: Business
    locales: tuple[str, ...]
    content: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Section:
    """A section as stored: every text by locale, photos by media id."""

    id: str
    type: str
    data: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Page:
    """A page. `path` starts and ends with "/"."""

    path: str
    title: Mapping[str, str]
    sections: tuple[Section, ...]
    description: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Website:
    """A draft whose shape was read. `site` holds the facts of the pack's site schema."""

    business: Business
    locales: tuple[str, ...]
    site: Mapping[str, object]
    pages: tuple[Page, ...]

    @property
    def default_locale(self) -> str:
        """The base language, which is the legally binding one."""
        return self.locales[0]


def read_website(draft: Draft) -> Website:
    """Read the shape of *draft*; whole floats become integers (protobuf's Struct has no others).

    Raises:
        Malformed: WEBSITE_*; the fact `field` is the JSON pointer at fault.
    """
    _require_locales(draft.locales)
    _require_room(draft)
    content = _plain(draft.content, [0], "")
    if not isinstance(content, dict):
        raise Malformed("WEBSITE_NOT_AN_OBJECT", field="")
    if unknown := sorted(set(content) - {"site", "pages"}):
        raise Malformed("WEBSITE_KEY_UNKNOWN", field=f"/{unknown[0]}", key=unknown[0])
    site = content.get("site", {})
    if not isinstance(site, dict):
        raise Malformed("WEBSITE_NOT_AN_OBJECT", field="/site")
    return Website(draft.business, draft.locales, site, _pages(content.get("pages")))


def _require_room(draft: Draft) -> None:
    """Of the business, which no schema judges, also that pages can carry it.

    Raises: Malformed WEBSITE_TEXT_TOO_LONG, WEBSITE_TEXT_CONTROL, NUMBER_NOT_FINITE.
    """
    about = {one.name: getattr(draft.business, one.name) for one in fields(Business)}
    if _characters(draft.content) + _characters(about) > MAX_CHARACTERS:
        raise Malformed("WEBSITE_TEXT_TOO_LONG", field="", max_characters=MAX_CHARACTERS)
    for name, value in about.items():
        if isinstance(value, str) and _CONTROL.search(value):
            raise Malformed("WEBSITE_TEXT_CONTROL", field=f"/business/{name}")
        if isinstance(value, float) and not math.isfinite(value):
            raise Malformed("NUMBER_NOT_FINITE", field=f"/business/{name}")


def _characters(value: object) -> int:
    """How many characters the texts in *value* have, keys among them."""
    waiting, found = [value], 0
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            found += len(one)
        elif isinstance(one, Mapping):
            waiting += [*one, *one.values()]
        elif isinstance(one, list | tuple):
            waiting += one
    return found


def _require_locales(locales: tuple[str, ...]) -> None:
    if not locales:
        raise Malformed("WEBSITE_LOCALES_EMPTY", field="locales")
    for locale in locales:
        if not _LOCALE.fullmatch(locale) or locales.count(locale) > 1:
            raise Malformed("WEBSITE_LOCALE_INVALID", field="locales", locale=locale)


def _plain(value: object, count: list[int], pointer: str) -> object:
    """A copy of *value* in dict, list, str, int, float, bool and None only."""
    count[0] += 1
    if count[0] > MAX_VALUES or pointer.count("/") > MAX_NESTING:
        raise Malformed("WEBSITE_TOO_LARGE", field=pointer[:200], max_values=MAX_VALUES)
    if isinstance(value, str):
        if _CONTROL.search(value):
            raise Malformed("WEBSITE_TEXT_CONTROL", field=pointer)
        return value
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, Mapping):
        return {str(k): _plain(part, count, f"{pointer}/{k}") for k, part in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_plain(part, count, f"{pointer}/{n}") for n, part in enumerate(value)]
    raise Malformed("WEBSITE_NOT_AN_OBJECT", field=pointer)


def _pages(value: object) -> tuple[Page, ...]:
    if not isinstance(value, list) or not value:
        raise Malformed("WEBSITE_PAGES_MISSING", field="/pages")
    if len(value) > MAX_PAGES:
        raise Malformed("WEBSITE_TOO_MANY_PAGES", field="/pages", max_pages=MAX_PAGES)
    pages = tuple(_page(page, f"/pages/{index}") for index, page in enumerate(value))
    paths = [page.path for page in pages]
    if paths[0] != "/":
        raise Malformed("WEBSITE_HOME_MISSING", field="/pages/0/path")
    for index, path in enumerate(paths):
        if path in paths[:index]:
            raise Malformed("WEBSITE_PATH_TWICE", field=f"/pages/{index}/path", path=path)
    return pages


def _page(value: object, pointer: str) -> Page:
    page = _object(value, pointer, {"path", "title", "description", "sections"})
    path = page.get("path")
    if not isinstance(path, str) or not _is_page_path(path):
        raise Malformed("WEBSITE_PATH_INVALID", field=f"{pointer}/path", path=str(path)[:80])
    sections = page.get("sections")
    if not isinstance(sections, list):
        raise Malformed("WEBSITE_SECTIONS_MISSING", field=f"{pointer}/sections")
    if len(sections) > MAX_SECTIONS_PER_PAGE:
        raise Malformed(
            "WEBSITE_TOO_MANY_SECTIONS",
            field=f"{pointer}/sections",
            max_sections=MAX_SECTIONS_PER_PAGE,
        )
    read = tuple(_section(one, f"{pointer}/sections/{i}") for i, one in enumerate(sections))
    _require_distinct_ids(read, pointer)
    return Page(
        path=path,
        title=_texts(page.get("title"), f"{pointer}/title"),
        sections=read,
        description=_texts(page.get("description", {}), f"{pointer}/description"),
    )


def _is_page_path(path: str) -> bool:
    return bool(_PATH.fullmatch(path)) and path.split("/")[1] not in RESERVED_PATHS


def _section(value: object, pointer: str) -> Section:
    section = _object(value, pointer, {"id", "type", "data"})
    identifier, kind = section.get("id"), section.get("type")
    if not isinstance(identifier, str) or not _SECTION_ID.fullmatch(identifier):
        raise Malformed("WEBSITE_SECTION_ID_INVALID", field=f"{pointer}/id")
    if not isinstance(kind, str):
        raise Malformed("WEBSITE_SECTION_TYPE_MISSING", field=f"{pointer}/type")
    return Section(identifier, kind, _object(section.get("data", {}), f"{pointer}/data", None))


def _require_distinct_ids(sections: tuple[Section, ...], pointer: str) -> None:
    seen: set[str] = set()
    for index, section in enumerate(sections):
        if section.id in seen:
            raise Malformed(
                "WEBSITE_SECTION_ID_TWICE", field=f"{pointer}/sections/{index}/id", id=section.id
            )
        seen.add(section.id)


def _object(value: object, pointer: str, keys: set[str] | None) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Malformed("WEBSITE_NOT_AN_OBJECT", field=pointer)
    if keys is not None and (unknown := sorted(set(value) - keys)):
        raise Malformed("WEBSITE_KEY_UNKNOWN", field=f"{pointer}/{unknown[0]}", key=unknown[0])
    return value


def _texts(value: object, pointer: str) -> Mapping[str, str]:
    texts = _object(value, pointer, None)
    for locale, text in texts.items():
        if not isinstance(text, str):
            raise Malformed("WEBSITE_TEXT_EXPECTED", field=f"{pointer}/{locale}")
    return {locale: str(text) for locale, text in texts.items()}
