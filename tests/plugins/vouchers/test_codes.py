"""Codes are typed from a printed sheet, and a slip of the finger is told from a wrong code."""

from __future__ import annotations

import pytest
from haidang.core.errors import Malformed
from haidang_vouchers.codes import ALPHABET, fingerprint, new_code, read_code
from hypothesis import given
from hypothesis import strategies as st

CODE = "HBK7M-2QXRT-94CVN-PGJ3"
A_PLACE = st.integers(0, 19)


def a_code() -> str:
    return read_code(new_code())


def is_mistyped(text: str) -> bool:
    try:
        read_code(text)
    except Malformed as error:
        return (error.reason, error.field) == ("VOUCHER_MISTYPED", "payer")
    return False


def test_a_code_is_four_groups_without_letters_that_are_misread_or_turned() -> None:
    groups = new_code().split("-")

    assert [len(one) for one in groups] == [5, 5, 5, 5]
    assert not set("AEIOUYDW01LSZ") & set(ALPHABET)
    assert len(set(ALPHABET)) == 23


def test_codes_do_not_repeat() -> None:
    assert len({new_code() for _ in range(500)}) == 500


@pytest.mark.parametrize("typed", ["{}", " {} ", "{}\n", "\u00a0{}"])
def test_case_spaces_and_hyphens_do_not_matter(typed: str) -> None:
    code = new_code()
    plain = code.replace("-", "")

    for text in (code, code.lower(), plain, " ".join(plain)):
        assert read_code(typed.format(text)) == plain


@given(A_PLACE, st.sampled_from(ALPHABET))
def test_every_wrong_symbol_is_found(place: int, other: str) -> None:
    code = a_code()
    wrong = code[:place] + other + code[place + 1 :]

    assert is_mistyped(wrong) is (wrong != code)


@given(A_PLACE, A_PLACE)
def test_every_two_symbols_in_each_others_place_are_found(first: int, second: int) -> None:
    symbols = list(a_code())
    right = "".join(symbols)
    symbols[first], symbols[second] = symbols[second], symbols[first]

    assert is_mistyped("".join(symbols)) is ("".join(symbols) != right)


@pytest.mark.parametrize("text", ["", "-", CODE, CODE + "AA", "ô" * 20, "x" * 10_000])
def test_what_is_no_code_is_mistyped(text: str) -> None:
    assert is_mistyped(text)


def test_what_is_kept_does_not_tell_the_code() -> None:
    code = a_code()

    assert len(fingerprint(code)) == 64
    assert code not in fingerprint(code).upper()
