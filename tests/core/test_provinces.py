"""Provinces of today: 34 of them, found also by the names they had before the mergers."""

from __future__ import annotations

import pytest
from haidang.core.provinces import PROVINCES, PROVINCES_OF_BIRTH, province_called
from haidang.core.vietnamese import slug


def test_there_are_34_and_they_took_in_the_other_29() -> None:
    former = [name for names in PROVINCES.names.values() for name in names]

    assert len(PROVINCES.names) == 34
    assert len(former) == len(set(former)) == 63 - 34


def test_every_province_of_a_birth_is_in_one_of_today() -> None:
    missing = [name for name in PROVINCES_OF_BIRTH.names.values() if province_called(name) is None]

    assert missing == ["Thừa Thiên Huế"]  # renamed to Huế before the mergers, not merged


@pytest.mark.parametrize(
    ("typed", "today"),
    [
        ("TP. Hồ Chí Minh", "TP. Hồ Chí Minh"),
        ("thành phố hồ chí minh", "TP. Hồ Chí Minh"),
        ("Bà Rịa - Vũng Tàu", "TP. Hồ Chí Minh"),
        ("Tỉnh Long An", "Tây Ninh"),
        ("hue", "Huế"),
        ("", None),
        ("Sài Gòn Tây", None),
    ],
)
def test_a_province_is_found_as_people_write_it(typed: str, today: str | None) -> None:
    assert province_called(typed) == today


def test_no_two_provinces_of_today_fold_to_one_name() -> None:
    assert len({slug(name) for name in PROVINCES.names}) == 34
