"""Tax codes, personal numbers, phones: the vectors of the field and a foreign oracle."""

from __future__ import annotations

from datetime import date

import pytest
from haidang.core.errors import Malformed
from haidang.core.identifiers import (
    email,
    is_consistent,
    personal_number,
    phone,
    tax_code,
    written_phone,
    written_tax_code,
)
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    "code",
    ["0300588569", "0100112437", "0101248141", "0100109106", "0100233488", "079095012345"],
)
def test_a_well_formed_tax_code_is_kept(code: str) -> None:
    assert tax_code(code) == code


@pytest.mark.parametrize("text", ["0100109106-011", "0100109106011", "0100 109 106 - 011"])
def test_a_branch_code_is_written_with_its_hyphen(text: str) -> None:
    assert tax_code(text) == "0100109106-011"


@pytest.mark.parametrize(
    "code",
    [
        "0100112438",
        "0100112437-000",
        "0100000000",
        "0301234570",
        "12345",
        "01001124a7",
        "٠١٠٠١١٢٤٣٧",
    ],
)
def test_a_wrong_tax_code_is_refused_at_its_field(code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        tax_code(code, field="registrant.tax_code")

    assert refusal.value.reason == "TAX_CODE_INVALID"
    assert refusal.value.field == "registrant.tax_code"


@given(st.from_regex(r"[0-9]{10}", fullmatch=True))
def test_ten_digits_are_judged_as_the_foreign_library_judges_them(code: str) -> None:
    from stdnum.vn import mst

    try:
        ours = tax_code(code) == code
    except Malformed:
        ours = False

    assert ours == mst.is_valid(code)


def test_a_personal_number_tells_province_gender_and_birth_year() -> None:
    man, woman = personal_number("079095012345"), personal_number("079305012345")

    assert (man.province, man.is_female, man.birth_year) == (79, False, 1995)
    assert (woman.is_female, woman.birth_year) == (True, 2005)
    assert is_consistent(man, born_on=date(1995, 2, 1), is_female=False)
    assert not is_consistent(man, born_on=date(1996, 2, 1), is_female=False)


@pytest.mark.parametrize("text", ["07909501234", "079095O12345", "000095012345", "097095012345"])
def test_a_wrong_personal_number_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        personal_number(text)


@pytest.mark.parametrize("text", ["0901234567", "0901 234 567", "+84901234567", "84901234567"])
def test_a_phone_number_becomes_e164(text: str) -> None:
    assert phone(text) == "+84901234567"


@pytest.mark.parametrize("text", ["", "12345", "0101234567", "09012345678901", "abc"])
def test_a_wrong_phone_number_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        phone(text)


@pytest.mark.parametrize("text", ["", "a", "a@b", "a@b.", "a b@c.vn"])
def test_a_wrong_mail_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        email(text)


def test_numbers_are_written_in_groups() -> None:
    assert written_tax_code("3500123456") == "3500 123 456"
    assert written_tax_code("0100109106-011") == "0100 109 106-011"
    assert written_phone("+84901234567") == "0901 234 567"
