"""The colours of the site, measured: text at least 4.5:1, edges and icons at least 3:1."""

from __future__ import annotations

import math
import re
from importlib.resources import files

import pytest

SHEET = files("haidang.portal.web").joinpath("static", "portal.css").read_text("utf-8")
ROOT = re.compile(r":root \{(?P<body>[^}]*)\}")
TOKEN = re.compile(r"--(?P<name>[a-z-]+): oklch\((?P<l>[\d.]+)% (?P<c>[\d.]+) (?P<h>[\d.]+)\)")
TEXT, LARGE = 4.5, 3.0
GROUNDS = ("paper", "sheet")

Colour = tuple[float, float, float]


def themes() -> dict[str, dict[str, Colour]]:
    """Tokens of the light theme, and of the dark one over it."""
    light, dark = (
        {
            one["name"]: (float(one["l"]) / 100, float(one["c"]), float(one["h"]))
            for one in TOKEN.finditer(found["body"])
        }
        for found in ROOT.finditer(SHEET)
    )
    return {"light": light, "dark": {**light, **dark}}


def luminance(colour: Colour) -> float:
    """Relative luminance. Source: the OKLab definition; WCAG 2.2, relative luminance."""
    light, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, one)) for one in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def test_black_on_white_is_what_everybody_says_it_is() -> None:
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.1)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", ["ink", "ink-soft", "sea", "good", "wait", "bad"])
def test_text_can_be_read(theme: str, ground: str, ink: str) -> None:
    tokens = themes()[theme]

    assert contrast(tokens[ink], tokens[ground]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_lamp_and_the_deep_sea_carry_their_words(theme: str) -> None:
    tokens = themes()[theme]

    assert contrast(tokens["on-lamp"], tokens["lamp"]) >= TEXT
    assert contrast(tokens["on-sea"], tokens["sea-deep"]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edge_of_a_field_can_be_seen(theme: str, ground: str) -> None:
    tokens = themes()[theme]

    assert contrast(tokens["edge"], tokens[ground]) >= LARGE
