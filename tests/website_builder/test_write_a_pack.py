"""The how-to writes a whole pack: the very blocks of the page are loaded, filled and published."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from haidang.core.offers import PackRef
from haidang.website_builder.checks import check_website
from haidang.website_builder.packs import Pack, load_pack
from haidang.website_builder.rendering import render_website
from haidang.website_builder.starter import first_draft
from haidang.website_builder.website import read_website

from tests.judges import PROJECT
from tests.website_builder.sites import HOST, a_business, font_cache

PAGE = PROJECT / "docs/how-to/write-a-pack.md"
BLOCK = re.compile(r"^```\w+ (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@pytest.fixture
def pottery(tmp_path: Path) -> Pack:
    for path, text in BLOCK.findall(PAGE.read_text()):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return load_pack(
        PackRef(id="vn.craft.gom", version="1.0.0", root=tmp_path), font_cache=font_cache()
    )


def test_the_pack_of_the_page_loads_and_says_all_an_editor_reads(pottery: Pack) -> None:
    assert set(pottery.sections) == {"hero", "wares", "question", "legal-footer"}
    assert pottery.sections["wares"].collection == "wares"
    assert pottery.about["vi"]


def test_its_first_draft_is_published_in_both_languages_with_its_form(pottery: Pack) -> None:
    website = read_website(first_draft(pottery, a_business(), ("vi", "en"), "craft", ()))

    site = render_website(website, pottery, {}, host=HOST, ribbon=False)

    assert check_website(website, pottery, {}) == []
    assert {"/index.html", "/en/index.html", "/404.html"} <= set(site.files)
    assert '<form class="form form--question"' in site.files["/index.html"].body.decode()
    assert [form.kind for form in site.forms.values()] == ["question", "question"]
