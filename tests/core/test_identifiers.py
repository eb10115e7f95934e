"""Tax codes, personal numbers, phones: the vectors of the field and a foreign oracle."""

from __future__ import annotations

from datetime import date

import pytest
from haidang.core.errors import Malformed, sentence
from haidang.core.identifiers import (
    email,
    is_consistent,
    personal_number,
    phone,
    tax_code,
    written_phone,
    written_tax_code,
)
from haidang.core.provinces import PROVINCES_OF_BIRTH
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
    ("code", "reason"),
    [
        ("0100112438", "TAX_CODE_INVALID"),
        ("0100000000", "TAX_CODE_INVALID"),
        ("0301234570", "TAX_CODE_INVALID"),
        ("0100112437-000", "TAX_CODE_BRANCH_INVALID"),
        ("12345", "TAX_CODE_LENGTH"),
        ("01001124377", "TAX_CODE_LENGTH"),
        ("01001124a7", "TAX_CODE_CHARACTER"),
        ("٠١٠٠١١٢٤٣٧", "TAX_CODE_CHARACTER"),
        ("²²²²²²²²²²", "TAX_CODE_CHARACTER"),
        ("", "TAX_CODE_CHARACTER"),
        ("000095012345", "PERSONAL_ID_INVALID"),
    ],
)
def test_a_wrong_tax_code_is_refused_at_its_field_saying_why(code: str, reason: str) -> None:
    with pytest.raises(Malformed) as refusal:
        tax_code(code, field="registrant.tax_code")

    assert refusal.value.reason == reason
    assert refusal.value.field == "registrant.tax_code"
    assert "Hãy" in sentence(reason, refusal.value.facts)


@given(st.from_regex(r"[0-9]{10}([0-9]{3})?", fullmatch=True))
def test_digits_are_judged_as_the_foreign_library_judges_them(code: str) -> None:
    from stdnum.vn import mst

    try:
        ours = tax_code(code).replace("-", "") == code
    except Malformed:
        ours = False

    assert ours == mst.is_valid(code)


@given(st.text(max_size=20))
def test_any_text_is_a_tax_code_or_malformed(text: str) -> None:
    try:
        code = tax_code(text)
    except Malformed:
        return
    assert tax_code(code) == code


def test_a_personal_number_tells_province_gender_and_birth_year() -> None:
    man, woman = personal_number("079095012345"), personal_number("079 305 012 345")

    assert (man.province, man.is_female, man.birth_year) == (79, False, 1995)
    assert man.province_name == "Thành phố Hồ Chí Minh"
    assert (woman.text, woman.is_female, woman.birth_year) == ("079305012345", True, 2005)


@pytest.mark.parametrize(
    ("born_on", "is_female", "agrees"),
    [
        (date(1995, 2, 1), False, True),
        (date(1995, 2, 1), True, False),
        (date(1996, 2, 1), False, False),
        (date(2095, 2, 1), False, False),
    ],
)
def test_birth_year_and_gender_are_compared_with_the_number(
    born_on: date, is_female: bool, agrees: bool
) -> None:
    number = personal_number("079095012345")

    assert is_consistent(number, born_on=born_on, is_female=is_female) is agrees


@pytest.mark.parametrize("text", ["07909501234", "0790950123456", "079095O12345", "000095012345"])
def test_a_wrong_personal_number_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        personal_number(text)

    assert text not in f"{refusal.value} {refusal.value.facts}"


@pytest.mark.parametrize("text", ["003095012345", "140095012345"])
def test_a_birth_registered_elsewhere_is_for_review_not_an_error(text: str) -> None:
    assert personal_number(text).province_name is None


def test_the_table_of_provinces_is_the_one_before_the_mergers() -> None:
    names = PROVINCES_OF_BIRTH.names

    assert len(names) == len(set(names.values())) == 63
    assert (names[1], names[77], names[96]) == ("Hà Nội", "Bà Rịa–Vũng Tàu", "Cà Mau")
    assert PROVINCES_OF_BIRTH.citation
    assert PROVINCES_OF_BIRTH.confidence == "secondary"


@pytest.mark.parametrize(
    "text",
    ["0901234567", "0901 234 567", "+84901234567", "84901234567", "(090) 123-45.67"],
)
def test_a_phone_number_becomes_e164(text: str) -> None:
    assert phone(text) == "+84901234567"


def test_a_fixed_line_is_a_phone_number_too() -> None:
    assert phone("024 3825 1234") == "+842438251234"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12345",
        "0101234567",
        "0401234567",
        "01234567890",
        "0243825123",
        "090123456",
        "09012345678901",
        "+15551234567",
        "abc",
        "٠٩٠١٢٣٤٥٦٧",
    ],
)
def test_a_wrong_phone_number_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        phone(text, field="registrant.phone")

    assert refusal.value.field == "registrant.phone"


@pytest.mark.parametrize("text", ["", "a", "a@b", "a@b.", "a b@c.vn", "a@b.vn" + "n" * 254])
def test_a_wrong_mail_address_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        email(text)


def test_a_mail_address_is_stripped() -> None:
    assert email(" lan@example.vn\n") == "lan@example.vn"


@pytest.mark.parametrize(
    ("code", "written"),
    [
        ("3500123456", "3500 123 456"),
        ("0100109106-011", "0100 109 106-011"),
        ("079095012345", "079 095 012 345"),
    ],
)
def test_a_tax_code_is_written_in_groups(code: str, written: str) -> None:
    assert written_tax_code(code) == written


@pytest.mark.parametrize(
    ("number", "written"),
    [
        ("+84901234567", "0901 234 567"),
        ("+842438251234", "024 3825 1234"),
        ("+842838251234", "028 3825 1234"),
        ("+842543851234", "0254 385 1234"),
        ("+6591234567", "+6591234567"),
    ],
)
def test_a_phone_number_is_written_as_it_is_read_aloud(number: str, written: str) -> None:
    assert written_phone(number) == written


@given(st.from_regex(r"\+84([35789][0-9]{8}|2[0-9]{9})", fullmatch=True))
def test_what_is_written_can_be_read_again(number: str) -> None:
    assert phone(written_phone(number)) == number
