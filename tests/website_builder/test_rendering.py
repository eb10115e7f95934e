"""Rendering: whole, deterministic, and nothing an owner types becomes code."""

from __future__ import annotations

import concurrent.futures
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Absent, HaidangError, Refused
from haidang.website_builder.checks import check_website
from haidang.website_builder.environment import draw
from haidang.website_builder.packs import load_pack
from haidang.website_builder.rendering import render_preview, render_website
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.website_builder.sites import (
    HOST,
    a_business,
    a_pack_folder,
    a_photo,
    a_website,
    add,
    bien,
    font_cache,
    home,
    i,
    rendered,
    section,
)

GOLDEN = Path(__file__).parent.parent / "golden/sites"
VOID = {"meta", "link", "img", "source", "br", "hr", "input"}


class Page(HTMLParser):
    """Elements, attributes and open tags of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {key: value or "" for key, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_a_site_has_its_pages_in_every_language_and_what_belongs_to_them() -> None:
    files = rendered(a_website()).files

    assert {"/index.html", "/en/index.html", "/404.html", "/robots.txt", "/sitemap.xml"} <= set(
        files
    )
    assert {"/favicon.svg", "/phap-ly/quyen-rieng-tu/index.html"} <= set(files)
    assert any(re.fullmatch(r"/assets/[0-9a-f]{16}\.css", path) for path in files)
    assert sum(path.endswith(".woff2") for path in files) == 2


def test_rendering_twice_is_byte_equal() -> None:
    website = a_website(lambda c: section(c, 0).update(photo=a_photo().id))

    assert rendered(website, a_photo()) == rendered(website, a_photo())


def test_many_threads_render_the_same_bytes() -> None:
    website = a_website()
    once = rendered(website)

    with concurrent.futures.ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: rendered(website), range(12)))

    assert all(answer == once for answer in answers)


def test_every_page_is_well_formed_and_says_its_language() -> None:
    for path, file in rendered(a_website()).files.items():
        if path.endswith(".html"):
            page = Page(file.body.decode())
            assert page.open == []
            expected = "en" if path.startswith("/en/") else "vi"
            assert page.all("html") == [{"lang": expected}]
            assert len(page.all("h1")) == 1


def test_each_language_lists_all_languages_and_itself() -> None:
    files = rendered(a_website()).files

    for path in ("/index.html", "/en/index.html"):
        links = {
            one["hreflang"]: one["href"]
            for one in Page(files[path].body.decode()).all("link")
            if one["rel"] == "alternate"
        }
        assert links == {
            "vi": f"https://{HOST}/",
            "en": f"https://{HOST}/en/",
            "x-default": f"https://{HOST}/",
        }


def test_a_site_in_one_language_has_no_alternates_and_no_switch() -> None:
    page = Page(home(a_website(locales=("vi",))))

    assert not [one for one in page.all("link") if one["rel"] == "alternate"]
    assert not [one for one in page.all("a") if "hreflang" in one]


def test_the_business_its_place_and_the_phone_are_on_the_page() -> None:
    html = home(a_website())

    for fact in ("Gió Biển", "Phường Vũng Tàu", "0901 234 567", "tel:+84901234567"):
        assert fact.replace(":", "&#x3a;") in html or fact in html
    assert "650.000\u00a0₫" in html
    assert "https:&#x2f;&#x2f;zalo.me&#x2f;0901234567" in html


def test_a_missing_translation_shows_the_default_language() -> None:
    files = rendered(a_website(lambda c: section(c, 1)["heading"].pop("en"))).files

    assert "Hai ô cửa sổ" in files["/en/index.html"].body.decode()


def test_prose_is_parted_at_blank_lines() -> None:
    assert "<p>Không.</p><p>Ngày lễ thì có.</p>" in home(a_website())


HOSTILE = "{{ 7*7 }}{% for x in y %}<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_what_an_owner_types_is_shown_as_typed() -> None:
    html = home(a_website(lambda c: section(c, 1)["heading"].update(vi=HOSTILE)))

    assert "{{ 7*7 }}{% for x in y %}&lt;script&gt;alert" in html
    assert not [one for one in Page(html).all("img") if one.get("src") == "x"]
    assert [one["type"] for one in Page(html).all("script")] == ["application/ld+json"]


def test_a_hostile_name_stays_text_everywhere() -> None:
    website = a_website(business=a_business(name=HOSTILE))

    for path, file in rendered(website).files.items():
        if path.endswith(".html"):
            page = Page(file.body.decode())
            assert page.open == []
            assert {one.get("type") for one in page.all("script")} <= {"application/ld+json"}
            assert not [a for _, a in page.elements if "onerror" in a]


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60))
def test_no_text_opens_an_element(text: str) -> None:
    plain = Page(home(a_website(lambda c: section(c, 1)["heading"].update(vi="x"))))
    typed = Page(home(a_website(lambda c: section(c, 1)["heading"].update(vi="x" + text))))

    assert [tag for tag, _ in typed.elements] == [tag for tag, _ in plain.elements]


def test_an_unsafe_link_leads_nowhere_even_unchecked() -> None:
    website = a_website(
        lambda c: c["site"].update(messenger='x" onclick="alert(1)', zalo="javascript:alert(1)")
    )

    elements = Page(home(website)).all("a")

    schemes = ("/", "#", "https://", "tel:", "mailto:")
    assert not [one for one in elements if not one["href"].startswith(schemes)]
    assert not [one for one in elements if "onclick" in one]


JUNK = st.sampled_from([None, True, -1, 2.5, "x", [], {}, ["x"], {"vi": 3}, [[{}]], {"x": "y"}])


def every_place(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    parts = value.items() if isinstance(value, dict) else enumerate(value)
    return [
        place
        for key, part in parts
        for place in [
            (*here, key),
            *(every_place(part, (*here, key)) if isinstance(part, dict | list) else ()),
        ]
    ]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_half_made_draft_is_previewed_checked_or_refused_but_never_breaks(
    data: st.DataObject,
) -> None:
    def spoil(c: Any) -> None:
        c["site"]["opening_hours"] = [{"days": ["mo"], "opens": "07:00", "closes": "21:00"}]
        c["site"]["legal"] = {"certificates": [{"name": i("A", "B"), "number": "1"}]}
        c["site"]["offers"] = [{"name": i("A", "B"), "items": [{"name": i("C", "D"), "price": 1}]}]
        *path, last = data.draw(st.sampled_from(every_place(c)))
        for key in path:
            c = c[key]
        c[last] = data.draw(JUNK)

    reason = "WEBSITE_DRAWN"
    try:
        website = a_website(spoil)
        check_website(website, bien(), {})
        rendered(website)
    except HaidangError as refusal:
        reason = refusal.reason

    assert reason.startswith(("WEBSITE_", "SECTION_", "PACK_TEMPLATE_"))


def test_a_picture_offers_every_rendition_and_keeps_its_place() -> None:
    photo = a_photo()
    website = a_website(lambda c: section(c, 0).update(photo=photo.id))
    site = rendered(website, photo)
    page = Page(site.files["/index.html"].body.decode())

    (image,) = page.all("img")
    (source,) = page.all("source")
    assert (image["width"], image["height"], image["alt"]) == ("1600", "1200", "Biển buổi sáng")
    assert image["fetchpriority"] == "high"
    assert source["type"] == "image/avif"
    assert image["srcset"].count("/media/") == 3
    named = set(re.findall(r"/media/[0-9a-f]{64}\.\w+", source["srcset"] + image["srcset"]))
    assert set(site.media) == named
    assert all(site.media[path].sha256 in path for path in named)


def test_words_for_a_photo_cannot_leave_their_attribute() -> None:
    photo = a_photo(alt='"><script>alert(1)</script>')
    page = Page(home(a_website(lambda c: section(c, 0).update(photo=photo.id)), photo))

    assert page.all("img")[0]["alt"] == '"><script>alert(1)</script>'


def test_a_photo_that_is_not_stored_is_left_out() -> None:
    page = Page(home(a_website(lambda c: section(c, 0).update(photo=a_photo().id))))

    assert page.all("img") == []


def test_sections_without_content_are_not_drawn() -> None:
    def change(c: Any) -> None:
        c["site"]["rooms"] = []
        add(c, "gallery", heading=i("Ảnh", "Photos"), photos=[])

    html = home(a_website(change))

    assert "Hai ô cửa sổ" not in html
    assert "#phong" not in html
    assert "x-gallery" not in html


def test_an_unknown_section_is_refused() -> None:
    with pytest.raises(Refused) as refusal:
        home(a_website(lambda c: c["pages"][0]["sections"][0].update(type="carousel")))

    assert refusal.value.reason == "SECTION_UNKNOWN"


def test_a_sandbox_site_says_so_and_hides_from_search() -> None:
    site = rendered(a_website(), ribbon=True)

    assert b"Disallow: /" in site.files["/robots.txt"].body
    for path, file in site.files.items():
        if path.endswith(".html"):
            assert "Thử nghiệm" in file.body.decode()
            assert "noindex" in file.body.decode()
            assert "https:&#x2f;&#x2f;giobien.vn" not in file.body.decode()


def test_a_real_site_has_no_ribbon_and_may_be_found() -> None:
    site = rendered(a_website())

    assert "Thử nghiệm" not in site.files["/index.html"].body.decode()
    assert f"Sitemap: https://{HOST}/sitemap.xml" in site.files["/robots.txt"].body.decode()


def test_links_stay_in_the_language_of_the_page() -> None:
    def change(c: Any) -> None:
        c["pages"].append(
            {
                "path": "/thuc-don/",
                "title": i("Thực đơn", "Menu"),
                "sections": [{"id": "chan", "type": "legal-footer", "data": {}}],
            }
        )

    files = rendered(a_website(change)).files
    links = [one["href"] for one in Page(files["/en/thuc-don/index.html"].body.decode()).all("a")]

    assert "/en/thuc-don/" in links
    assert "/thuc-don/" in links  # the switch to Vietnamese
    assert b"/en/thuc-don/" in files["/sitemap.xml"].body


def test_a_template_that_never_ends_is_stopped(tmp_path: Path) -> None:
    ref = a_pack_folder(tmp_path / "pack")
    template = tmp_path / "pack/sections/hero/template.html"
    loop = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}"
    template.write_text(template.read_text() + loop)
    pack = load_pack(ref, font_cache=font_cache())

    with pytest.raises(Refused) as refusal:
        render_website(a_website(), pack, {}, host=HOST, ribbon=False)

    assert refusal.value.reason == "PAGE_TOO_HEAVY"
    assert refusal.value.facts["template"] == "sections/hero"


def test_a_template_that_asks_for_what_is_not_there_is_named(tmp_path: Path) -> None:
    ref = a_pack_folder(tmp_path / "pack")
    template = tmp_path / "pack/sections/hero/template.html"
    template.write_text(template.read_text() + "\n{{ s.nothing }}")
    pack = load_pack(ref, font_cache=font_cache())

    with pytest.raises(Refused) as refusal:
        render_website(a_website(), pack, {}, host=HOST, ribbon=False)

    assert refusal.value.reason == "PACK_TEMPLATE_FAILED"
    assert "UndefinedError" in str(refusal.value.facts["detail"])


def test_templates_see_plain_data_without_methods() -> None:
    page = {"locale": "vi"}

    with pytest.raises(Refused):
        draw(bien(), "vi", "layout.html", page=page, site={})


def test_a_preview_is_the_page_as_published_and_its_style() -> None:
    html, css = render_preview(a_website(), bien(), {}, path="/en/", host=HOST)

    assert (
        html
        == render_website(a_website(), bien(), {}, host=HOST, ribbon=True)
        .files["/en/index.html"]
        .body.decode()
    )
    assert css == bien().css


def test_a_preview_of_a_page_that_is_not_there_is_absent() -> None:
    with pytest.raises(Absent) as refusal:
        render_preview(a_website(), bien(), {}, path="/khong/", host=HOST)

    assert refusal.value.reason == "PAGE_ABSENT"


@pytest.mark.parametrize("path", ["index.html", "en/index.html", "sitemap.xml"])
def test_the_site_is_as_it_was_when_it_was_looked_at(path: str) -> None:
    website = a_website(lambda c: section(c, 0).update(photo=a_photo().id))
    body = rendered(website, a_photo()).files[f"/{path}"].body.decode()

    shown = re.sub(r"(assets(?:/|&#x2f;))[0-9a-f]{16}", r"\1HASH", body)

    assert shown == (GOLDEN / "homestay" / path).read_text()
