"""Web fonts at start-up: subset to Latin and Vietnamese, packed as WOFF2.

Called once when a template pack or the portal is loaded, never at render. The fonts come
from installed packages; a subset is a modified version, so its name table is emptied and
whoever uses it gives it a family name of its own (SIL OFL 1.1 clause 3). The same input
gives the same bytes; a cache folder spares later starts the work.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path

RECIPE = "1"
"""Grows when the subset is cut differently, so that cached files are not taken."""

CHARACTERS = "".join(
    chr(code)
    for code in (
        *range(0x20, 0x7F),
        *range(0xA0, 0x180),  # Latin-1, Latin Extended-A
        *(0x1A0, 0x1A1, 0x1AF, 0x1B0),  # Ơ ơ Ư ư
        *range(0x1EA0, 0x1EFA),  # Vietnamese
        *(0x300, 0x301, 0x303, 0x309, 0x323),  # tone marks, for text in NFD
        *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2192, 0x2212),
        0x20AB,  # ₫
    )
)
_FEATURES = ["kern", "liga", "locl", "mark", "mkmk", "ccmp", "tnum", "lnum"]


@dataclass(frozen=True, slots=True)
class WebFont:
    """One font file of a pack. `name` carries the digest of its bytes."""

    family: str
    weight: str
    name: str
    woff2: bytes
    preload: bool


def web_font(
    family: str, weight: str, package: str, file: str, *, preload: bool, cache: Path | None
) -> WebFont:
    """Subset *file* of the installed font *package*.

    Raises: ModuleNotFoundError, FileNotFoundError when package or file are not installed.
    """
    source = files(package).joinpath("files", file).read_bytes()
    woff2 = _cached(source, cache)
    name = f"{hashlib.sha256(woff2).hexdigest()[:16]}.woff2"
    return WebFont(family, weight, name, woff2, preload)


def _cached(source: bytes, cache: Path | None) -> bytes:
    if cache is None:
        return _subset(source)
    key = hashlib.sha256(source + RECIPE.encode() + CHARACTERS.encode()).hexdigest()
    path = cache / f"{key}.woff2"
    if path.is_file():
        return path.read_bytes()
    woff2 = _subset(source)
    cache.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".new")
    unfinished.write_bytes(woff2)
    unfinished.replace(path)
    return woff2


def _subset(source: bytes) -> bytes:
    # imported late: half of a service's memory would otherwise be a font compiler
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont

    options = Options()
    options.layout_features = _FEATURES
    options.hinting = False
    options.name_IDs = []
    options.notdef_outline = True
    font = TTFont(BytesIO(source), recalcTimestamp=False)
    subsetter = Subsetter(options)
    subsetter.populate(text=CHARACTERS)
    subsetter.subset(font)
    font.flavor = "woff2"
    packed = BytesIO()
    font.save(packed)
    return packed.getvalue()
