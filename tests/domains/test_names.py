"""Names: Vietnamese letters, suffixes, and what is refused at the field."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from haidang.core.errors import HaidangError, sentence
from haidang.domains.law import law_on
from haidang.domains.names import VIETNAMESE, domain_name, held_name, lookup_form
from hypothesis import given
from hypothesis import strategies as st

LAW = law_on(date(2026, 11, 24))


def test_the_repertoire_has_exactly_sixty_seven_letters_each_one_code_point() -> None:
    assert len(VIETNAMESE) == 67
    assert all(unicodedata.normalize("NFC", letter) == letter for letter in VIETNAMESE)


@pytest.mark.parametrize(
    ("label", "encoded"),
    [
        ("tiền", "xn--tin-hkz"),
        ("phở", "xn--ph-rbt"),
        ("đ", "xn--fea"),
        ("ngân-hàng", "xn--ngn-hng-dwao"),
        ("kháchsạnbiểnxanh", "xn--khchsnbinxanh-4db7535iwpa"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_name_in_vietnamese_letters_has_its_one_encoded_form(
    label: str, encoded: str, form: str
) -> None:
    found = domain_name(unicodedata.normalize(form, f" {label.upper()}.vn. "), LAW)

    assert found.ascii == f"{encoded}.vn"
    assert found.unicode == f"{label}.vn"
    assert domain_name(found.ascii, LAW) == found
    assert lookup_form(f"{label}.vn") == found.ascii


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "NAME_EMPTY"),
        ("a&b.vn", "NAME_CHARACTER"),
        ("ðất.vn", "NAME_CHARACTER"),
        ("bún bò.vn", "NAME_SPACE"),
        ("a" * 64 + "&.vn" * 100, "NAME_TOO_LONG"),
        ("a." * 2_000_000 + "vn", "NAME_TOO_LONG"),
        ("banhmi_lan.vn", "NAME_CHARACTER"),
        ("-banhmi.vn", "NAME_HYPHEN"),
        ("banh--mi.vn", "NAME_HYPHEN"),
        ("xn--fea2.vn", "NAME_ENCODING"),
        ("a" * 64 + ".vn", "NAME_TOO_LONG"),
        ("ế" * 60 + ".vn", "NAME_TOO_LONG"),
        ("banhmi.com", "SUFFIX_UNKNOWN"),
        ("hue.vn", "SUFFIX_ITSELF"),
        ("com.vn", "SUFFIX_ITSELF"),
        ("vn", "SUFFIX_ITSELF"),
        ("www.banhmi.vn", "NAME_TOO_DEEP"),
        ("phở.com.vn", "IDN_NOT_ALLOWED"),
        ("ab.vn", "NAME_BY_AUCTION"),
        ("hoang-sa.vn", "NAME_RESERVED"),
        ("hoàngsa.vn", "NAME_RESERVED"),
    ],
)
def test_a_name_that_cannot_be_is_refused_at_its_field(name: str, reason: str) -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name(name, LAW)

    assert (refusal.value.reason, refusal.value.field) == (reason, "domain")


def test_two_characters_with_a_mark_are_not_auctioned() -> None:
    assert domain_name("bò.vn", LAW).label == "bò"


def test_a_provincial_name_keeps_its_two_labels() -> None:
    assert domain_name("pho-lan.hue.vn", LAW).suffix == "hue.vn"


def test_vietnam_s_letters_are_the_only_ones_even_where_idna_would_take_more() -> None:
    for stranger in "ðßñçøα漢äöü":
        with pytest.raises(HaidangError) as refusal:
            domain_name(f"lan{stranger}.vn", LAW)
        assert refusal.value.reason == "NAME_CHARACTER"


@given(st.text(st.sampled_from(sorted(VIETNAMESE) + list("abcxyz019-")), min_size=3, max_size=40))
def test_a_name_taken_reads_back_from_its_encoded_form(label: str) -> None:
    try:
        found = domain_name(f"{label}.vn", LAW)
    except HaidangError:
        return  # the parametrized tests say why
    assert domain_name(found.ascii, LAW) == found
    assert all(len(part) <= 63 for part in found.ascii.split("."))
    assert held_name(found.unicode, LAW) == found
    assert lookup_form(found.unicode.upper()) == found.ascii


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a&b.vn", "“&”"),
        ("a\u200bb.vn", "U+200B"),
        ("q\u0304a.vn", "U+0304"),
        ("a\x00b.vn", "U+0000"),
    ],
)
def test_a_character_is_named_so_that_it_can_be_found(name: str, shown: str) -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name(name, LAW)

    assert shown in sentence(refusal.value.reason, refusal.value.facts)


def test_the_octets_of_the_encoded_form_are_counted() -> None:
    assert len(domain_name("ế" * 57 + ".vn", LAW).label) == 57
    with pytest.raises(HaidangError) as refusal:
        domain_name("ế" * 58 + ".vn", LAW)

    assert refusal.value.facts["octets"] == 64
    assert domain_name("a" * 63 + ".vn", LAW).ascii == "a" * 63 + ".vn"


@pytest.mark.parametrize(
    "name", ["xn--.vn", "xn--a.vn", "xn--banhmi-.vn", "XN--FEA.com.vn.x", "xn--đ.vn", "ab--cd.vn"]
)
def test_an_encoded_form_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name(name, LAW)

    assert refusal.value.field == "domain"


@pytest.mark.parametrize(
    "name",
    ["phongnha-kebang.vn", "phong-nha-ke-bang.com.vn", "phongnhakẻbàng.vn", "trường-sa.vn"],
)
def test_a_reserved_word_is_refused_however_it_is_written(name: str) -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name(name, LAW)

    assert refusal.value.reason in {"NAME_RESERVED", "IDN_NOT_ALLOWED"}
    assert held_name(name, LAW).ascii


def test_what_bars_a_registration_does_not_bar_a_name_already_held() -> None:
    assert held_name("ab.vn", LAW).label == "ab"
    assert held_name("hoangsa.vn", LAW).label == "hoangsa"
    with pytest.raises(HaidangError):
        held_name("com.vn", LAW)


@pytest.mark.parametrize("name", ["mil.vn", "ban.mil.vn"])
def test_a_closed_suffix_takes_nobody(name: str) -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name(name, LAW)

    assert refusal.value.reason == "SUFFIX_ITSELF"
    assert refusal.value.facts["suffix"] == "mil.vn"


def test_short_names_are_auctioned_directly_under_vn_only_and_the_rule_is_cited() -> None:
    assert domain_name("ab.com.vn", LAW).label == "ab"
    for name in ("a.vn", "ab.vn", "1.vn", "a1.vn"):
        with pytest.raises(HaidangError) as refusal:
            domain_name(name, LAW)
        assert "427" in sentence(refusal.value.reason, refusal.value.facts)


def test_the_field_at_fault_is_the_callers() -> None:
    with pytest.raises(HaidangError) as refusal:
        domain_name("a&b.vn", LAW, field="domains.3")

    assert refusal.value.field == "domains.3"


def test_what_cannot_be_encoded_is_looked_up_as_it_is() -> None:
    assert lookup_form(" Ba\u0300n..VN. ") == lookup_form("bàn..vn")
