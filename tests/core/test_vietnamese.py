"""Folding, slugs and initials."""

from __future__ import annotations

import re
import unicodedata

import pytest
from haidang.core.vietnamese import fold, initials, normal, slug
from hypothesis import given
from hypothesis import strategies as st

LETTERS = (
    "aáàảãạăắằẳẵặâấầẩẫậbcdđeéèẻẽẹêếềểễệghiíìỉĩịklmnoóòỏõọôốồổỗộơớờởỡợpqrstuúùủũụưứừửữựvxyýỳỷỹỵ"
)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_folding_strips_every_mark_and_the_stroke(form: str) -> None:
    assert fold(unicodedata.normalize(form, "Phở Đặc Biệt — ưỡn ẹo")) == "Pho Dac Biet — uon eo"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_every_vietnamese_letter_folds_to_a_plain_one(form: str) -> None:
    for letters in (LETTERS, LETTERS.upper()):
        folded = fold(unicodedata.normalize(form, letters))

        assert folded.isascii()
        assert len(folded) == len(letters)


def test_a_slug_is_words_joined_by_single_hyphens() -> None:
    assert slug("  Nhà nghỉ “Gió Biển” – Vũng Tàu ") == "nha-nghi-gio-bien-vung-tau"


@given(st.text(max_size=40))
def test_a_slug_is_plain_and_a_slug_of_itself(text: str) -> None:
    made = slug(text)

    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", made)
    assert slug(made) == made


@pytest.mark.parametrize(
    ("text", "letters"),
    [("Nguyễn Thị Đào", "NTD"), ("  ẩm thực  Biển-Xanh ", "ATBX"), ("", ""), ("–", "")],
)
def test_initials_are_the_first_letters_folded(text: str, letters: str) -> None:
    assert initials(text) == letters


def test_one_spelling_per_word() -> None:
    assert normal(unicodedata.normalize("NFD", " Gió \n Biển ")) == "Gió Biển"
