"""Names: Vietnamese letters, suffixes, and what is refused at the field."""

from __future__ import annotations

import unicodedata
from datetime import date

import pytest
from haidang.core.errors import HaidangError
from haidang.domains.law import law_on
from haidang.domains.names import VIETNAMESE, domain_name, lookup_form

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
        ("bún bò.vn", "NAME_CHARACTER"),
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


def test_every_suffix_of_the_public_list_is_known_or_closed() -> None:
    from publicsuffixlist import PublicSuffixList

    listed = {
        line
        for line in PublicSuffixList()._publicsuffix
        if line.endswith(".vn") and line.count(".") == 1
    }

    assert listed - set(LAW.suffixes) - set(LAW.closed) == set()
