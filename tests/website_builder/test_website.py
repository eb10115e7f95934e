"""Reading a draft's content: its shape, its limits, the pointer at fault."""

from __future__ import annotations

from dataclasses import replace

import pytest
from haidang.core.errors import HaidangError, Malformed, sentence
from haidang.website_builder.website import Draft, read_website
from hypothesis import given
from hypothesis import strategies as st

from tests.website_builder.sites import a_business, a_draft


def refusal_of(draft: Draft) -> Malformed:
    with pytest.raises(Malformed) as refusal:
        read_website(draft)
    return refusal.value


def test_a_draft_becomes_pages_and_sections() -> None:
    website = read_website(a_draft())

    assert [section.type for section in website.pages[0].sections] == [
        "hero",
        "rooms",
        "faq",
        "legal-footer",
    ]
    assert website.default_locale == "vi"


def test_whole_numbers_that_arrived_as_floats_are_integers() -> None:
    website = read_website(a_draft(lambda c: c["site"]["rooms"][0].update(price=650000.0)))

    rooms = website.site["rooms"]
    assert isinstance(rooms, list)
    assert repr(rooms[0]["price"]) == "650000"


def test_a_website_without_pages_is_refused() -> None:
    refusal = refusal_of(a_draft(lambda c: c.pop("pages")))

    assert (refusal.reason, refusal.field) == ("WEBSITE_PAGES_MISSING", "/pages")


def test_twenty_five_sections_are_taken_and_one_more_is_not() -> None:
    def with_sections(count: int) -> Draft:
        def change(c):  # type: ignore[no-untyped-def]  # JSON
            c["pages"][0]["sections"] = [
                {"id": f"s{n}", "type": "faq", "data": {}} for n in range(count)
            ]

        return a_draft(change)

    read_website(with_sections(25))

    refusal = refusal_of(with_sections(26))

    assert (refusal.reason, refusal.field) == ("WEBSITE_TOO_MANY_SECTIONS", "/pages/0/sections")
    assert "nhiều nhất 25 phần" in sentence(refusal.reason, refusal.facts)


@pytest.mark.parametrize(
    "path",
    ["", "phong", "/phong", "//phong/", "/../", "/Phòng/", "/a/../b/", "/media/", "/phap-ly/x/"],
)
def test_a_path_that_is_not_a_page_is_refused(path: str) -> None:
    def change(c):  # type: ignore[no-untyped-def]  # JSON
        c["pages"].append({"path": path, "title": {}, "sections": []})

    assert refusal_of(a_draft(change)).field == "/pages/1/path"


def test_two_pages_with_one_path_are_refused() -> None:
    refusal = refusal_of(a_draft(lambda c: c["pages"].append(c["pages"][0])))

    assert (refusal.reason, refusal.field) == ("WEBSITE_PATH_TWICE", "/pages/1/path")


def test_two_sections_with_one_id_are_refused() -> None:
    refusal = refusal_of(a_draft(lambda c: c["pages"][0]["sections"][1].update(id="mo-dau")))

    assert (refusal.reason, refusal.field) == (
        "WEBSITE_SECTION_ID_TWICE",
        "/pages/0/sections/1/id",
    )


def test_an_unknown_key_is_named_where_it_stands() -> None:
    refusal = refusal_of(a_draft(lambda c: c["pages"][0].update(html="<b>")))

    assert (refusal.reason, refusal.field) == ("WEBSITE_KEY_UNKNOWN", "/pages/0/html")


def test_a_draft_that_nests_without_end_is_refused() -> None:
    def change(c):  # type: ignore[no-untyped-def]  # JSON
        deep: object = "x"
        for _ in range(200):
            deep = [deep]
        c["site"]["deep"] = deep

    assert refusal_of(a_draft(change)).reason == "WEBSITE_TOO_LARGE"


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m"])
def test_the_business_s_facts_are_text_too(text: str) -> None:
    refusal = refusal_of(replace(a_draft(), business=replace(a_draft().business, street=text)))

    assert (refusal.reason, refusal.field) == ("WEBSITE_TEXT_CONTROL", "/business/street")


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_place_that_is_nowhere_is_refused(number: float) -> None:
    refusal = refusal_of(replace(a_draft(), business=replace(a_draft().business, latitude=number)))

    assert (refusal.reason, refusal.field) == ("NUMBER_NOT_FINITE", "/business/latitude")


def test_a_draft_has_only_so_much_text_whoever_holds_it() -> None:
    long = "ă" * 400_000
    in_content = a_draft(lambda c: c["site"]["summary"].update(vi=long + long))
    in_a_key = a_draft(lambda c: c["site"].update({long + long: "x"}))
    business = replace(a_draft().business, street=long)
    in_both = replace(a_draft(lambda c: c["site"]["summary"].update(vi=long)), business=business)

    for draft in (in_content, in_a_key, in_both):
        assert refusal_of(draft).reason == "WEBSITE_TEXT_TOO_LONG"


@pytest.mark.parametrize("text", ["a\x00b", "\x1b[31m", "\ud83d"])
def test_a_text_that_html_cannot_carry_is_refused_where_it_stands(text: str) -> None:
    refusal = refusal_of(a_draft(lambda c: c["site"]["summary"].update(vi=text)))

    assert (refusal.reason, refusal.field) == ("WEBSITE_TEXT_CONTROL", "/site/summary/vi")


def test_a_draft_without_a_language_is_refused() -> None:
    assert refusal_of(a_draft(locales=())).reason == "WEBSITE_LOCALES_EMPTY"
    assert refusal_of(a_draft(locales=("vi", "vi"))).reason == "WEBSITE_LOCALE_INVALID"
    assert refusal_of(a_draft(locales=("../vi",))).reason == "WEBSITE_LOCALE_INVALID"


LEAF = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
JSON = st.recursive(
    LEAF,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text(), part, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["site", "pages", "x"]), JSON))
def test_any_json_is_read_or_refused_in_the_vocabulary(content: dict[str, object]) -> None:
    reason = "WEBSITE_READ"
    try:
        read_website(Draft("packs/x", a_business(), ("vi",), content))
    except HaidangError as refusal:
        reason = refusal.reason

    assert reason.startswith("WEBSITE_")
