"""Suggestions: what a business is called becomes names it may really register."""

from __future__ import annotations

from datetime import date

import pytest
from haidang.core.errors import Malformed
from haidang.core.ports.registry import PartyKind
from haidang.core.vietnamese import fold
from haidang.domains.law import law_on
from haidang.domains.names import LONGEST_LABEL, VIETNAMESE, domain_name
from haidang.domains.suggestions import (
    MOST_SUGGESTIONS,
    Wanted,
    core_of,
    is_open_to,
    places_of,
    suggested_names,
    words_of,
)
from hypothesis import example, given
from hypothesis import strategies as st

LAW = law_on(date(2026, 11, 24))
ADDRESS = "Phường Vũng Tàu, TP. Hồ Chí Minh"
LETTERS = "".join(sorted(VIETNAMESE)) + "abcdefghijklmnopqrstuvwxyz0123456789 -.&,ðßÉ\u0301"
TEXTS = st.text(LETTERS, max_size=80) | st.text(max_size=40)


def a_wanted(**changes: str) -> Wanted:
    facts = {"business_name": "Homestay Biển Xanh", "place": ADDRESS, "wish": ""}
    kind = PartyKind(changes.pop("kind", "HOUSEHOLD"))
    return Wanted(**{**facts, **changes}, kind=kind)


def suggested(**changes: str) -> list[str]:
    return [idea.domain for idea in suggested_names(a_wanted(**changes), LAW)]


@pytest.mark.parametrize(
    ("business_name", "core"),
    [
        ("Homestay Biển Xanh", "biển xanh"),
        ("Biển Xanh Homestay", "biển xanh"),
        ("CÔNG TY TNHH MTV Thương mại Dịch vụ Du lịch Đất Mũi", "đất mũi"),
        ("Công ty Trách nhiệm Hữu hạn Một Thành viên Tre Việt", "tre việt"),
        ("Hộ kinh doanh Quán Ăn Cô Ba", "cô ba"),
        ("Hợp tác xã Nông nghiệp Tiêu Bà Rịa", "tiêu bà rịa"),
        ("Nhà hàng Hải Sản “Gió Biển” (cơ sở 2)", "hải sản gió biển cơ sở 2"),
        ("Quán của nhà Lan", "của nhà lan"),
        ("Tiệm bánh mì A&B", "bánh mì a b"),
        ("HTX", "htx"),
        ("Nhà hàng", "nhà hàng"),
        ("Cafe\u0301 Mơ", "mơ"),
    ],
)
def test_a_name_is_what_is_left_without_legal_form_and_trade(business_name: str, core: str) -> None:
    assert " ".join(core_of(words_of(business_name), LAW)) == core


def test_places_are_read_nearest_first_without_what_kind_they_are() -> None:
    found = places_of("Phường 1, P. Vũng Tàu, Tp. Hồ Chí Minh", LAW)

    assert [" ".join(place) for place in found] == ["vũng tàu", "hồ chí minh"]


def test_a_business_gets_its_name_plain_with_marks_with_hyphens_and_with_its_place() -> None:
    names = suggested()

    assert names[:4] == ["bienxanh.vn", "biểnxanh.vn", "bien-xanh.vn", "bienxanh.com.vn"]
    assert {"bienxanhvungtau.vn", "bienxanh.baria-vungtau.vn", "homestaybienxanh.vn"} < set(names)
    assert len(names) == len(set(names)) == MOST_SUGGESTIONS


def test_a_place_in_the_name_is_not_said_twice() -> None:
    names = suggested(business_name="Biển Xanh Vũng Tàu", place="Vũng Tàu")

    assert "bienxanh.vn" in names
    assert not any(fold(name).replace("-", "").count("vungtau") > 1 for name in names)


def test_a_long_name_is_also_offered_in_short() -> None:
    names = suggested(business_name="Hải Sản Gió Biển Hoàng Hôn Trên Đỉnh Núi Lớn Bãi Trước")

    assert names[0] == "haisangiobienhoanghon.vn"


def test_only_suffixes_open_to_the_holder_are_offered() -> None:
    assert any(name.endswith(".id.vn") for name in suggested(kind="PERSON"))
    assert not any(name.endswith(".id.vn") for name in suggested(kind="HOUSEHOLD"))


@pytest.mark.parametrize(
    ("wish", "first"),
    [
        ("banhmilan", "banhmilan.vn"),
        ("Bánh mì Lan", "bánhmìlan.vn"),
        ("tieubaria.com.vn", "tieubaria.com.vn"),
        ("BIỂN-XANH.VN.", "biển-xanh.vn"),
        ("bienxanh.vn", "bienxanh.vn"),
    ],
)
def test_the_wish_goes_first(wish: str, first: str) -> None:
    ideas = suggested_names(a_wanted(wish=wish), LAW)

    assert (ideas[0].domain, ideas[0].is_wish, ideas[0].refusal) == (first, True, None)
    assert not any(idea.is_wish for idea in ideas[1:])
    assert first not in [idea.domain for idea in ideas[1:]]


@pytest.mark.parametrize(
    ("wish", "reason", "instead"),
    [
        ("banhmilan.com", "SUFFIX_UNKNOWN", "banhmilan.vn"),
        ("bánh mì lan.com.vn", "NAME_SPACE", "banhmilan.vn"),
        ("banhmilan.edu.vn", "HOLDER_NOT_ELIGIBLE", "banhmilan.vn"),
        ("banhmilan.on.vn", "NO_FEE_ROW", "banhmilan.vn"),
        ("hoangsa", "NAME_RESERVED", "bienxanh.vn"),
        ("ab", "NAME_BY_AUCTION", "ab.com.vn"),
        ("phở.com.vn", "IDN_NOT_ALLOWED", "pho.com.vn"),
        ("日本", "NAME_CHARACTER", "bienxanh.vn"),
    ],
)
def test_a_wish_the_rules_forbid_is_answered_and_names_near_it_follow(
    wish: str, reason: str, instead: str
) -> None:
    first, *others = suggested_names(a_wanted(wish=wish), LAW)

    assert (first.name, first.is_wish) == (None, True)
    assert first.refusal is not None
    assert first.refusal.reason == reason
    assert all(idea.refusal is None for idea in others)
    assert instead in [idea.domain for idea in others]


@pytest.mark.parametrize(
    ("fact", "text", "reason"),
    [
        ("business_name", " &!… ", "BUSINESS_NAME_WITHOUT_LETTERS"),
        ("business_name", "a" * 256, "BUSINESS_FACT_TOO_LONG"),
        ("place", "a" * 256, "BUSINESS_FACT_TOO_LONG"),
        ("wish", "a" * 256, "BUSINESS_FACT_TOO_LONG"),
    ],
)
def test_what_no_name_can_be_made_of_is_refused_at_its_field(
    fact: str, text: str, reason: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        suggested(**{fact: text})

    assert (refusal.value.reason, refusal.value.field) == (reason, fact)


@given(name=TEXTS, place=TEXTS, wish=TEXTS, kind=st.sampled_from(list(PartyKind)))
@example(name="hoang sa", place="hoang sa", wish="hoangsa", kind=PartyKind.PERSON)
@example(name="ế" * 80, place="ế" * 80, wish="ế" * 80, kind=PartyKind.PERSON)
@example(name="a-", place="-,-", wish="-.vn", kind=PartyKind.ORGANIZATION)
def test_whatever_is_typed_every_suggestion_may_be_registered(
    name: str, place: str, wish: str, kind: PartyKind
) -> None:
    wanted = Wanted(name, place, kind, wish)
    try:
        ideas = suggested_names(wanted, LAW)
    except Malformed:
        assert not words_of(name)
        return

    again = suggested_names(wanted, LAW)
    assert [(one.domain, one.name) for one in ideas] == [(one.domain, one.name) for one in again]
    assert len(ideas) <= MOST_SUGGESTIONS
    offered = [idea.name for idea in ideas if idea.name is not None]
    assert len({one.ascii for one in offered}) == len(offered) >= len(ideas) - 1
    for one in offered:
        assert domain_name(one.unicode, LAW) == one
        assert is_open_to(one, kind, LAW)
        assert len(one.ascii.removesuffix(f".{one.suffix}")) <= LONGEST_LABEL
    assert all(idea.is_wish for idea in ideas if idea.name is None)
