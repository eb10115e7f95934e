"""Identifiers that Vietnamese law gives to businesses and persons. Pure.

Well-formed is not the same as existing: only the tax authority knows that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from haidang.core.errors import Malformed, register

MST_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
"""Source: field observation against issued numbers (stdnum.vn.mst)."""
MST_MODULUS = 11
NO_CHECK_DIGIT = 10
PERSONAL_DIGITS = 12
BRANCH_DIGITS = 13
ENTERPRISE_DIGITS = 10
FIRST_PROVINCE, LAST_PROVINCE = 1, 96
FIRST_CENTURY = 1900
YEARS_OF_CENTURY = 100
NATIONAL_PREFIX = "+84"
PHONE = re.compile(r"\+84[2-9]\d{8,9}")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
LONGEST_EMAIL = 254

register(
    Malformed,
    {
        "TAX_CODE_INVALID": (
            "The tax code is not valid: {detail}.",
            "Mã số thuế chưa đúng: {detail}. Hãy xem lại trên giấy đăng ký rồi nhập lại.",
        ),
        "PERSONAL_ID_INVALID": (
            "The personal number is not valid: {detail}.",
            "Số định danh cá nhân chưa đúng: {detail}. Hãy xem lại trên thẻ căn cước.",
        ),
        "PHONE_INVALID": (
            "The phone number is not valid.",
            "Số điện thoại chưa đúng. Hãy nhập dạng 0901 234 567.",
        ),
        "EMAIL_INVALID": (
            "The e-mail address is not valid.",
            "Địa chỉ thư điện tử chưa đúng. Hãy nhập dạng ten@congty.vn.",
        ),
    },
)


def tax_code(text: str, *, field: str = "tax_code") -> str:
    """*text* normalised: "0100109106", "0100109106-011" or a 12-digit personal number.

    Raises: Malformed TAX_CODE_INVALID at *field*. Source: Circular 86/2024/TT-BTC, replaced
    by 90/2026/TT-BTC from 2026-07-01 (secondary).
    """
    digits = re.sub(r"[\s.-]", "", text)
    if not digits.isascii() or not digits.isdigit():
        raise Malformed("TAX_CODE_INVALID", field=field, detail="chỉ gồm chữ số")
    if len(digits) == PERSONAL_DIGITS:
        return digits
    if len(digits) not in {ENTERPRISE_DIGITS, BRANCH_DIGITS}:
        raise Malformed("TAX_CODE_INVALID", field=field, detail="phải có 10, 12 hoặc 13 chữ số")
    stem, branch = digits[:ENTERPRISE_DIGITS], digits[ENTERPRISE_DIGITS:]
    if stem[2:9] == "0000000" or not _has_check_digit(stem):
        raise Malformed("TAX_CODE_INVALID", field=field, detail="chữ số kiểm tra không khớp")
    if branch == "000":
        raise Malformed(
            "TAX_CODE_INVALID", field=field, detail="số đơn vị phụ thuộc từ 001 đến 999"
        )
    return f"{stem}-{branch}" if branch else stem


def _has_check_digit(stem: str) -> bool:
    total = sum(weight * int(digit) for weight, digit in zip(MST_WEIGHTS, stem, strict=False))
    check = NO_CHECK_DIGIT - total % MST_MODULUS
    return check == int(stem[9])


@dataclass(frozen=True, slots=True)
class PersonalNumber:
    """A 12-digit personal number taken apart. It has no check digit."""

    text: str
    province: int
    is_female: bool
    birth_year: int


def personal_number(text: str, *, field: str = "personal_id") -> PersonalNumber:
    """*text* as a personal number: 3 province, 1 century and gender, 2 birth year, 6 random.

    Raises: Malformed PERSONAL_ID_INVALID. Source: Decree 137/2015/NĐ-CP art. 13 (secondary).
    """
    digits = re.sub(r"[\s.-]", "", text)
    if not (digits.isascii() and digits.isdigit() and len(digits) == PERSONAL_DIGITS):
        raise Malformed("PERSONAL_ID_INVALID", field=field, detail="phải có đúng 12 chữ số")
    province, kind = int(digits[:3]), int(digits[3])
    if not FIRST_PROVINCE <= province <= LAST_PROVINCE:
        raise Malformed("PERSONAL_ID_INVALID", field=field, detail="ba số đầu không phải mã tỉnh")
    year = FIRST_CENTURY + YEARS_OF_CENTURY * (kind // 2) + int(digits[4:6])
    return PersonalNumber(digits, province, kind % 2 == 1, year)


def is_consistent(number: PersonalNumber, *, born_on: date, is_female: bool) -> bool:
    """Whether the number agrees with birth date and gender; a mismatch is for review."""
    return number.birth_year == born_on.year and number.is_female == is_female


def phone(text: str, *, field: str = "phone") -> str:
    """*text* as E.164, "+84901234567". Raises: Malformed PHONE_INVALID at *field*."""
    bare = re.sub(r"[\s.()-]", "", text)
    if bare.startswith("0"):
        bare = NATIONAL_PREFIX + bare[1:]
    elif bare.startswith("84"):
        bare = "+" + bare
    if not PHONE.fullmatch(bare):
        raise Malformed("PHONE_INVALID", field=field)
    return bare


def email(text: str, *, field: str = "email") -> str:
    """*text* stripped, if it looks like an address. Raises: Malformed EMAIL_INVALID at *field*."""
    bare = text.strip()
    if len(bare) > LONGEST_EMAIL or not EMAIL.fullmatch(bare):
        raise Malformed("EMAIL_INVALID", field=field)
    return bare


def written_tax_code(code: str) -> str:
    """A tax code in groups: "3500 123 456"."""
    stem, _, branch = code.partition("-")
    groups = f"{stem[:4]} {stem[4:7]} {stem[7:]}"
    return f"{groups}-{branch}" if branch else groups


def written_phone(number: str) -> str:
    """An E.164 number as Vietnamese write it: "0901 234 567"."""
    national = "0" + number.removeprefix(NATIONAL_PREFIX)
    return f"{national[:4]} {national[4:7]} {national[7:]}".strip()
