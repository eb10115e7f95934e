"""Folding and slugs."""

from __future__ import annotations

import unicodedata

import pytest
from haidang.core.vietnamese import fold, normal, slug


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_folding_strips_every_mark_and_the_stroke(form: str) -> None:
    assert fold(unicodedata.normalize(form, "Phở Đặc Biệt — ưỡn ẹo")) == "Pho Dac Biet — uon eo"


def test_a_slug_is_words_joined_by_single_hyphens() -> None:
    assert slug("  Nhà nghỉ “Gió Biển” – Vũng Tàu ") == "nha-nghi-gio-bien-vung-tau"


def test_one_spelling_per_word() -> None:
    assert normal(unicodedata.normalize("NFD", " Gió \n Biển ")) == "Gió Biển"
