"""Identifiers that Vietnamese law gives to businesses and persons. Pure.

Well-formed is not the same as existing: only the tax authority knows that. What cannot
be is refused here; what only disagrees with something else is for a person to review.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from haidang.core.errors import Malformed, register
from haidang.core.provinces import PROVINCES_OF_BIRTH

MST_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
"""Source: field observation against issued numbers (stdnum.vn.mst)."""
MST_MODULUS = 11
NO_CHECK_DIGIT = 10
PERSONAL_DIGITS = 12
BRANCH_DIGITS = 13
ENTERPRISE_DIGITS = 10
FIRST_CENTURY = 1900
YEARS_OF_CENTURY = 100
NATIONAL_PREFIX = "+84"
PHONE = re.compile(r"\+84(?:[35789]\d{8}|2\d{9})")
"""Mobile numbers of nine digits, fixed ones of ten, after the country code.

Source: Circular 22/2014/TT-BTTTT, area codes 2xx since 2017-06-17, mobile numbers
without an eleventh digit since 2018-09-15 (secondary).
"""
EIGHT_DIGIT_AREAS = ("024", "028")
"""Hà Nội and Thành phố Hồ Chí Minh: short area code, longer subscriber number."""
_UNSEEN = r"\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufffe\uffff"
"""Characters without a shape that a pasted address may bring along."""
EMAIL = re.compile(rf"[^@\s{_UNSEEN}]+@[^@\s.{_UNSEEN}]+(\.[^@\s.{_UNSEEN}]+)+")
LONGEST_EMAIL = 254
"""Source: RFC 5321 section 4.5.3.1.3, less the angle brackets."""
SEPARATORS = re.compile(r"[\s.()-]")

register(
    Malformed,
    {
        "TAX_CODE_CHARACTER": (
            "A tax code consists of digits only.",
            "Mã số thuế chỉ gồm chữ số. Hãy bỏ các ký tự khác rồi nhập lại.",
        ),
        "TAX_CODE_LENGTH": (
            "A tax code has 10 or 13 digits, or 12 where it is a personal number.",
            "Mã số thuế có 10 hoặc 13 chữ số; hộ kinh doanh và cá nhân dùng 12 số định danh. "
            "Hãy xem lại trên giấy đăng ký.",
        ),
        "TAX_CODE_INVALID": (
            "The check digit of the tax code does not agree: a digit is mistyped.",
            "Mã số thuế chưa đúng: có chữ số bị gõ nhầm. "
            "Hãy xem lại trên giấy đăng ký rồi nhập lại.",
        ),
        "TAX_CODE_BRANCH_INVALID": (
            "Branches are numbered from 001 to 999.",
            "Ba số cuối của mã số thuế đơn vị phụ thuộc từ 001 đến 999. "
            "Hãy xem lại trên giấy đăng ký.",
        ),
        "PERSONAL_ID_INVALID": (
            "A personal number has 12 digits and does not begin with 000.",
            "Số định danh cá nhân có đúng 12 chữ số và không bắt đầu bằng 000. "
            "Hãy xem lại trên thẻ căn cước.",
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

    Raises: Malformed TAX_CODE_CHARACTER, TAX_CODE_LENGTH, TAX_CODE_INVALID,
    TAX_CODE_BRANCH_INVALID at *field*. Source: Circular 86/2024/TT-BTC, replaced by
    90/2026/TT-BTC from 2026-07-01 (secondary).
    """
    digits = _digits(text)
    if digits is None:
        raise Malformed("TAX_CODE_CHARACTER", field=field)
    if len(digits) == PERSONAL_DIGITS:
        return personal_number(digits, field=field).text
    if len(digits) not in {ENTERPRISE_DIGITS, BRANCH_DIGITS}:
        raise Malformed("TAX_CODE_LENGTH", field=field)
    stem, branch = digits[:ENTERPRISE_DIGITS], digits[ENTERPRISE_DIGITS:]
    if stem[2:9] == "0000000" or not _has_check_digit(stem):
        raise Malformed("TAX_CODE_INVALID", field=field)
    if branch == "000":
        raise Malformed("TAX_CODE_BRANCH_INVALID", field=field)
    return f"{stem}-{branch}" if branch else stem


def _digits(text: str) -> str | None:
    """The digits of *text* without separators; None when it holds anything else."""
    bare = SEPARATORS.sub("", text)
    return bare if bare.isascii() and bare.isdigit() else None


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

    @property
    def province_name(self) -> str | None:
        """Where the birth was registered; None for a code of abroad, or a mistyped one."""
        return PROVINCES_OF_BIRTH.names.get(self.province)


def personal_number(text: str, *, field: str = "personal_id") -> PersonalNumber:
    """*text* as a personal number: 3 place, 1 century and gender, 2 birth year, 6 random.

    A place that is no province is let pass: births are registered abroad, too.

    Raises: Malformed PERSONAL_ID_INVALID at *field*. Source: Decree 137/2015/NĐ-CP
    art. 13 (secondary).
    """
    digits = _digits(text)
    if digits is None or len(digits) != PERSONAL_DIGITS or digits.startswith("000"):
        raise Malformed("PERSONAL_ID_INVALID", field=field)
    kind = int(digits[3])
    year = FIRST_CENTURY + YEARS_OF_CENTURY * (kind // 2) + int(digits[4:6])
    return PersonalNumber(digits, int(digits[:3]), kind % 2 == 1, year)


def is_consistent(number: PersonalNumber, *, born_on: date, is_female: bool) -> bool:
    """Whether the number agrees with birth date and gender; a mismatch is for review."""
    return number.birth_year == born_on.year and number.is_female == is_female


def phone(text: str, *, field: str = "phone") -> str:
    """*text* as E.164, "+84901234567". Raises: Malformed PHONE_INVALID at *field*."""
    bare = SEPARATORS.sub("", text)
    if bare.startswith("0"):
        bare = NATIONAL_PREFIX + bare[1:]
    elif bare.startswith("84"):
        bare = "+" + bare
    if not bare.isascii() or not PHONE.fullmatch(bare):
        raise Malformed("PHONE_INVALID", field=field)
    return bare


def email(text: str, *, field: str = "email") -> str:
    """*text* stripped, if it looks like an address. Raises: Malformed EMAIL_INVALID at *field*."""
    bare = text.strip()
    if len(bare) > LONGEST_EMAIL or not EMAIL.fullmatch(bare):
        raise Malformed("EMAIL_INVALID", field=field)
    return bare


def written_tax_code(code: str) -> str:
    """A tax code in groups: "3500 123 456", "3500 123 456-001", "079 095 012 345"."""
    if len(code) == PERSONAL_DIGITS:
        return f"{code[:3]} {code[3:6]} {code[6:9]} {code[9:]}"
    stem, _, branch = code.partition("-")
    groups = f"{stem[:4]} {stem[4:7]} {stem[7:]}"
    return f"{groups}-{branch}" if branch else groups


def written_phone(number: str) -> str:
    """An E.164 number as Vietnamese write it: "0901 234 567", "024 3825 1234".

    A number of another country stays in E.164.
    """
    if not number.startswith(NATIONAL_PREFIX):
        return number
    national = "0" + number.removeprefix(NATIONAL_PREFIX)
    first, second = (3, 7) if national.startswith(EIGHT_DIGIT_AREAS) else (4, 7)
    return f"{national[:first]} {national[first:second]} {national[second:]}".strip()
