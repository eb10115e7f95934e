"""Loading packs: the built-in one is whole; what a pack may not do is refused by name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from haidang.core.errors import Refused
from haidang.website_builder.packs import load_pack
from haidang.website_builder.providers import register_template_packs
from haidang.website_builder.tokens import contrast, token_css

from tests.website_builder.sites import PACKS, a_pack, a_pack_folder, bien, font_cache

MOST_CSS, MOST_FONTS = 30 * 1024, 70 * 1024
"""Bytes of a pack's style sheet and fonts: a second of a slow phone's line, compressed."""


def fault_of(folder: Path, change: Callable[[Path], object]) -> str:
    """Break one thing in a copy of the pack; the detail of the refusal."""
    ref = a_pack_folder(folder / "pack")
    change(folder / "pack")
    with pytest.raises(Refused) as refusal:
        load_pack(ref, font_cache=font_cache())
    assert refusal.value.reason == "PACK_BROKEN"
    return str(refusal.value.facts["detail"])


def edit_json(path: Path, change: Callable[[Any], object]) -> None:
    read = json.loads(path.read_text())
    change(read)
    path.write_text(json.dumps(read))


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


@pytest.mark.parametrize("identifier", PACKS)
def test_a_pack_has_at_least_eight_kinds_of_section_in_two_languages(identifier: str) -> None:
    pack = a_pack(identifier)

    assert len(pack.sections) >= 8
    assert {"vi", "en"} <= set(pack.locales)
    assert all(kind.label["vi"] and kind.label["en"] for kind in pack.sections.values())


@pytest.mark.parametrize("identifier", PACKS)
def test_every_locale_says_the_same_things(identifier: str) -> None:
    keys = {locale: set(said) for locale, said in a_pack(identifier).messages.items()}

    assert keys["vi"] == keys["en"]


@pytest.mark.parametrize("identifier", PACKS)
def test_a_pack_keeps_its_budget_and_the_budget_is_small(identifier: str) -> None:
    pack = a_pack(identifier)
    ref = next(one for one in register_template_packs() if one.id == identifier)
    budget = json.loads(ref.root.joinpath("pack.json").read_text())["budget"]

    assert len(pack.css.encode()) <= budget["css_kb"] * 1024 <= MOST_CSS
    assert sum(len(font.woff2) for font in pack.fonts) <= budget["font_kb"] * 1024 <= MOST_FONTS


def test_loading_twice_gives_the_same_bytes_with_and_without_the_font_cache(
    tmp_path: Path,
) -> None:
    ref = a_pack_folder(tmp_path / "pack")

    fresh, cached = load_pack(ref), load_pack(ref, font_cache=font_cache())

    assert fresh.css == cached.css == bien().css
    assert [font.woff2 for font in fresh.fonts] == [font.woff2 for font in cached.fonts]


@pytest.mark.parametrize("identifier", PACKS)
def test_headings_are_never_set_tighter_than_the_diacritics_need(identifier: str) -> None:
    css = a_pack(identifier).css
    heights = re.findall(r"(?:^|\})([^{}]*)\{[^{}]*line-height:([0-9.]+)", css)

    tight = [(where, height) for where, height in heights if float(height) < 1.3]
    assert tight == []


def test_the_stored_schema_wants_texts_by_language() -> None:
    hero = bien().sections["hero"].content.stored["properties"]
    assert isinstance(hero, dict)

    assert hero["tagline"]["properties"].keys() == {"vi", "en"}
    assert hero["tagline"]["required"] == ["vi"]
    assert hero["from_price"]["type"] == "integer"


@pytest.mark.parametrize(
    ("template", "named"),
    [
        ("{{ s.heading|safe }}", "filter safe"),
        ("{% autoescape false %}x{% endautoescape %}", "autoescape"),
        ("{% if false %}{{ s.heading|nosuch }}{% endif %}", "filter nosuch"),
        ("{{ open('x') }}", "function open"),
        ("{{ s.heading.upper() }}", "method upper"),
        ("{% include 'layout.html' %}", "include"),
        ("{% from '/etc/passwd' import x %}", "is not in the pack"),
        ("<script>x</script>", "<script>"),
        ('<p style="color:red">', "inline style"),
        ('<p onclick="x()">', "event attribute"),
        ('<img src="https://elsewhere.example/x.png">', "foreign source"),
        ('<form action="/x">', "forbidden element"),
        ('{{ t("never.said") }}', "never.said"),
        ("{% if %}", "SyntaxError"),
    ],
)
def test_a_template_may_not(tmp_path: Path, template: str, named: str) -> None:
    detail = fault_of(tmp_path, lambda p: append(p / "sections/hero/template.html", template))

    assert "sections/hero" in detail
    assert named in detail


@pytest.mark.parametrize(
    "css", ["@import 'x';", "a{background:url(x)}", "</style>", "a{behavior:x}"]
)
def test_a_style_sheet_may_not_reach_outside(tmp_path: Path, css: str) -> None:
    assert "style.css" in fault_of(tmp_path, lambda p: append(p / "style.css", css))


@pytest.mark.parametrize(
    ("schema", "named"),
    [
        ({"type": "object", "unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"type": "array", "prefixItems": []}, "prefixItems"),
        ({"$ref": "haidang:nothing"}, "haidang:nothing"),
        ({"$ref": "https://elsewhere.example/x"}, "elsewhere"),
        ({"$ref": "haidang:image", "maxLength": 3}, "maxLength"),
    ],
)
def test_a_schema_keeps_to_the_subset(
    tmp_path: Path, schema: dict[str, object], named: str
) -> None:
    def change(pack: Path) -> None:
        edit_json(
            pack / "sections/hero/section.json",
            lambda read: read["schema"]["properties"].update(odd=schema),
        )

    assert named in fault_of(tmp_path, change)


def test_a_pack_may_not_redefine_a_fact_of_the_platform(tmp_path: Path) -> None:
    detail = fault_of(
        tmp_path,
        lambda p: edit_json(p / "site.schema.json", lambda s: s["properties"].update(zalo={})),
    )

    assert "zalo" in detail


def test_a_pack_and_its_offer_agree_on_the_version(tmp_path: Path) -> None:
    detail = fault_of(
        tmp_path, lambda p: edit_json(p / "pack.json", lambda read: read.update(version="9.9.9"))
    )

    assert "differ" in detail


def test_a_font_that_is_not_installed_is_named(tmp_path: Path) -> None:
    detail = fault_of(
        tmp_path,
        lambda p: edit_json(
            p / "tokens.json", lambda read: read["fonts"][0].update(package="no_such_font")
        ),
    )

    assert "no_such_font" in detail


def test_a_scheme_without_contrast_is_refused(tmp_path: Path) -> None:
    def change(read: Any) -> None:
        read["schemes"]["bien"]["light"]["ink-soft"] = "#bbbbbb"

    detail = fault_of(tmp_path, lambda p: edit_json(p / "tokens.json", change))

    assert "bien/light: ink-soft on paper" in detail


@pytest.mark.parametrize("value", ["red", "#fff", "#ffffff;}body{x", "url(x)", 3])
def test_a_token_that_is_not_a_colour_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="ink"):
        token_css({"schemes": {"a": {"light": {"ink": value}}}})


def test_contrast_is_measured_as_wcag_says() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


VIETNAMESE = "ăâđêôơưĂÂĐÊÔƠƯ₫" + "".join(map(chr, range(0x1EA0, 0x1EFA)))


@pytest.mark.parametrize("identifier", PACKS)
def test_every_font_of_a_pack_has_every_vietnamese_letter(identifier: str) -> None:
    """Italics of an otherwise complete family may lack them: the browser then mixes two faces."""
    for font in a_pack(identifier).fonts:
        letters = TTFont(BytesIO(font.woff2)).getBestCmap()

        assert [one for one in VIETNAMESE if ord(one) not in letters] == [], font.family
