"""Passwords and identifiers: what is common, what is one spelling. No database."""

from __future__ import annotations

import pytest
from haidang.core.errors import Malformed
from haidang.portal.accounts.devices import device_words
from haidang.portal.accounts.identifiers import identifier, maybe_identifier
from haidang.portal.accounts.passwords import guesses_log10
from haidang.portal.accounts.tokens import CODE_LETTERS, kept_code, new_code
from hypothesis import given
from hypothesis import strategies as st

ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A057F) AppleWebKit/537.36 (KHTML, like Gecko) "
    "{}Chrome/150.0.0.0 Mobile Safari/537.36"
)


@pytest.mark.parametrize(
    "password",
    ["12345678", "password", "matkhau123", "MậtKhẩu1", "anhyeuem", "qwertyui", "aaaaaaaa",
     "abcdefgh", "nguyenlan", "lan1990", "0901234567", "19900101", "haidang1", "ễễễễễễễễ"],
)  # fmt: skip
def test_what_many_people_take_is_guessed_quickly(password: str) -> None:
    assert guesses_log10(password, ("Nguyễn Lan", "+84901234567")) < 6


@pytest.mark.parametrize(
    "password",
    ["noi chao thot dua 9", "cà phê sữa đá không đường", "x9!mQ2#v", "thuyen cau muc dem trang"],
)
def test_a_few_words_that_do_not_belong_together_are_not(password: str) -> None:
    assert guesses_log10(password, ("Nguyễn Lan", "+84901234567")) >= 6


@given(st.text(max_size=300))
def test_any_text_is_measured(password: str) -> None:
    assert guesses_log10(password) >= 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0901 234 567", "+84901234567"),
        ("+84 (901) 234-567", "+84901234567"),
        ("84901234567", "+84901234567"),
        (" Lan@Example.VN ", "lan@example.vn"),
        ("lan@bánhmì.vn", "lan@xn--bnhm-5na3e.vn"),
        ("LAN@BÁNHMÌ.vn", "lan@xn--bnhm-5na3e.vn"),
    ],
)
def test_an_identifier_has_one_spelling(typed: str, kept: str) -> None:
    assert identifier(typed) == kept
    assert identifier(kept) == kept


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("", "PHONE_INVALID"),
        ("123", "PHONE_INVALID"),
        ("nguyen lan", "IDENTIFIER_INVALID"),
        ("lan@", "EMAIL_INVALID"),
        ("lan@vn", "EMAIL_INVALID"),
        ("lan@" + "x" * 64 + ".vn", "EMAIL_INVALID"),
        ("lan@-a-.vn", "EMAIL_INVALID"),
        ("x" * 250 + "@a.vn", "EMAIL_INVALID"),
    ],
)
def test_what_is_no_identifier_is_told_at_its_field(typed: str, reason: str) -> None:
    with pytest.raises(Malformed) as refusal:
        identifier(typed)

    assert (refusal.value.reason, refusal.value.field) == (reason, "identifier")
    assert maybe_identifier(typed) == ""


@given(st.text(max_size=300))
def test_any_text_is_an_identifier_or_is_not(text: str) -> None:
    found = maybe_identifier(text)

    assert found == "" or maybe_identifier(found) == found


def test_a_code_is_read_in_any_case_and_grouping() -> None:
    code = new_code()
    kept = kept_code(b"s", "u", code)

    assert set(code) <= {*CODE_LETTERS, "-"}
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", "  "), f" {code}\n"):
        assert kept_code(b"s", "u", typed) == kept
    assert kept_code(b"s", "another", code) != kept
    assert kept_code(b"another", "u", code) != kept


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (ANDROID.format(""), "Chrome · Android"),
        (ANDROID.format("coc_coc_browser/120 "), "Cốc Cốc · Android"),
        (ANDROID.format("SamsungBrowser/25.0 "), "Samsung Internet · Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/150 Safari/537 Edg/150", "Edge · Windows"),
        ("curl/8.0", ""),
        ("", ""),
    ],
)
def test_a_device_is_named_by_what_people_call_it(agent: str, words: str) -> None:
    assert device_words(agent) == words
