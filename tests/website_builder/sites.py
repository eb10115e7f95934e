"""Builders for website tests: everything valid; a test states its one difference."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from haidang.core.offers import PackRef
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.providers import register_template_packs
from haidang.website_builder.rendering import RenderedSite, render_website
from haidang.website_builder.website import (
    Business,
    Draft,
    MediaRef,
    RenditionRef,
    Website,
    read_website,
)

HOST = "giobien.vn"
BIEN = "vn.homestay.bien"
PACKS = tuple(one.id for one in register_template_packs())
_FONTS = tempfile.TemporaryDirectory(prefix="haidang-fonts-")


def font_cache() -> Path:
    """One folder of subset fonts for the whole run."""
    return Path(_FONTS.name)


@cache
def a_pack(identifier: str) -> Pack:
    """A built-in pack, loaded once."""
    ref = next(one for one in register_template_packs() if one.id == identifier)
    return load_pack(ref, font_cache=font_cache())


def bien() -> Pack:
    """The pack that most tests use."""
    return a_pack(BIEN)


def a_pack_folder(folder: Path) -> PackRef:
    """A copy of the built-in pack that a test may break."""
    source = Path(str(files("haidang.website_builder") / "packs" / "bien"))
    shutil.copytree(source, folder)
    return PackRef(id=BIEN, version="1.0.0", root=folder)


def i(vi: str, en: str) -> dict[str, str]:
    """A text in both languages."""
    return {"vi": vi, "en": en}


def a_business(**changes: object) -> Business:
    valid = Business(
        name="Gió Biển",
        tax_code="0100233488",
        street="27 đường Hạ Long",
        commune="Phường Vũng Tàu",
        province="TP. Hồ Chí Minh",
        phone="+84901234567",
        email="chao@giobien.vn",
        representative_name="Nguyễn Thị Hạnh",
        representative_title="Chủ cơ sở",
        registration_number="41A8012345",
        registration_on="2024-03-18",
        registration_office="UBND Phường Vũng Tàu",
    )
    return dataclasses.replace(valid, **changes)  # type: ignore[arg-type]  # a test's one change


def a_photo(name: str = "hero", *, alt: str = "Biển buổi sáng") -> MediaRef:
    def digest(part: str) -> str:
        return hashlib.sha256(f"{name}{part}".encode()).hexdigest()

    renditions = tuple(
        RenditionRef(kind, width, width * 3 // 4, digest(f"{kind}{width}"), 1000)
        for kind in ("image/avif", "image/webp")
        for width in (480, 960, 1600)
    )
    return MediaRef(f"media/{digest('')}", 1600, 1200, i(alt, "The sea, morning"), renditions)


def photos(*refs: MediaRef) -> dict[str, MediaRef]:
    return {ref.id: ref for ref in refs}


_CONTENT: dict[str, Any] = {  # Any: JSON as an owner's draft holds it
    "site": {
        "kind": "homestay",
        "zalo": "+84901234567",
        "summary": i("Hai phòng nhỏ nhìn ra biển.", "Two small rooms facing the sea."),
        "rooms": [
            {
                "id": "phong-may",
                "name": i("Phòng Mây", "Cloud room"),
                "price": 650000,
                "max_guests": 2,
            },
            {"id": "phong-song", "name": i("Phòng Sóng", "Wave room"), "price": 780000},
        ],
    },
    "pages": [
        {
            "path": "/",
            "title": i("Homestay Gió Biển", "Gió Biển homestay"),
            "sections": [
                {"id": "mo-dau", "type": "hero", "data": {"from_price": 650000}},
                {
                    "id": "phong",
                    "type": "rooms",
                    "data": {"heading": i("Hai ô cửa sổ", "Two windows"), "source": "rooms"},
                },
                {
                    "id": "hoi-dap",
                    "type": "faq",
                    "data": {
                        "heading": i("Hay được hỏi", "Often asked"),
                        "items": [
                            {
                                "question": i("Có phải cọc không?", "Is there a deposit?"),
                                "answer": i("Không.\n\nNgày lễ thì có.", "No.\n\nOn holidays."),
                            }
                        ],
                    },
                },
                {"id": "chan-trang", "type": "legal-footer", "data": {}},
            ],
        }
    ],
}


def content(change: Callable[[Any], object] | None = None) -> dict[str, Any]:
    """Valid content; *change* edits the copy in place."""
    fresh = copy.deepcopy(_CONTENT)
    if change:
        change(fresh)
    return fresh


def a_draft(change: Callable[[Any], object] | None = None, **changes: object) -> Draft:
    valid = Draft("packs/" + BIEN, a_business(), ("vi", "en"), content(change))
    return dataclasses.replace(valid, **changes)  # type: ignore[arg-type]  # a test's one change


def a_website(change: Callable[[Any], object] | None = None, **changes: object) -> Website:
    return read_website(a_draft(change, **changes))


def section(content: Any, index: int) -> Any:
    """The data of a section of the home page."""
    return content["pages"][0]["sections"][index]["data"]


def add(content: Any, kind: str, **data: object) -> None:
    """Put a section before the legal footer."""
    sections = content["pages"][0]["sections"]
    sections.insert(len(sections) - 1, {"id": f"x-{kind}", "type": kind, "data": data})


def rendered(website: Website, *refs: MediaRef, ribbon: bool = False) -> RenderedSite:
    return render_website(website, bien(), photos(*refs), host=HOST, ribbon=ribbon)


def home(website: Website, *refs: MediaRef, ribbon: bool = False) -> str:
    """The home page in Vietnamese."""
    return rendered(website, *refs, ribbon=ribbon).files["/index.html"].body.decode()
