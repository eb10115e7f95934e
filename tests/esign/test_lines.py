"""Lines of text: what is printed on papers, and what is refused at its field."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from haidang.core.errors import Malformed, sentence
from haidang.core.ports.signing import SigningSubject
from haidang.esign.documents.declarations import declaration_pdf
from haidang.esign.lines import LATIN, SIGNS, domain_names, file_name, is_printed, line

from tests.esign.house import a_declaration

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_words_are_spaced_once_and_letters_composed() -> None:
    taken_apart = unicodedata.normalize("NFD", "  Nguyễn \t Thị\nHạnh ")

    assert line(taken_apart, "party.name") == "Nguyễn Thị Hạnh"


def test_every_character_let_in_is_in_the_typeface_of_our_papers() -> None:
    printed = {chr(code) for block in LATIN for code in block} | SIGNS
    every = "x".join(sorted(one for one in printed if is_printed(one)))

    party = SigningSubject(every, "077185003461", every)

    assert declaration_pdf(a_declaration(party=party), NOON, sandbox=True)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Tiệm bánh 🍰", "🍰"),
        ("Quán 中", "中"),
        ("Lan\u202egnôH", "U+202E"),
        ("Lan\u200b", "U+200B"),
        ("Lan\u00ad", "U+00AD"),
        ("Lan\0", "U+0000"),
        ("\ue000", "U+E000"),
        ("Lаn", "а"),
    ],
    ids=[
        "emoji",
        "Han",
        "right-to-left",
        "zero width",
        "soft hyphen",
        "nul",
        "private",
        "Cyrillic",
    ],
)
def test_what_is_not_printed_or_not_seen_is_refused_by_name(text: str, shown: str) -> None:
    with pytest.raises(Malformed) as refusal:
        line(text, "party.name")

    assert refusal.value.reason == "CHARACTER_NOT_PRINTABLE"
    assert (refusal.value.field, refusal.value.facts["character"]) == ("party.name", shown)
    assert shown in sentence(refusal.value.reason, refusal.value.facts)


def test_a_line_has_a_length() -> None:
    assert line("ạ" * 255, "reason") == "ạ" * 255
    with pytest.raises(Malformed) as refusal:
        line("ạ" * 256, "reason")

    assert (refusal.value.reason, refusal.value.field) == ("TEXT_TOO_LONG", "reason")
    assert "255" in sentence(refusal.value.reason, refusal.value.facts)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("nha-gio-bien.vn", ""), ("nha-gio-bien.vn", "nha-gio-bien.vn")),
        (("NHA-gio-bien.VN", "Nha-Gio-Bien.vn"), ("nha-gio-bien.vn", "nha-gio-bien.vn")),
        (("xn--bnh-ela.vn", ""), ("xn--bnh-ela.vn", "bánh.vn")),
        (("xn--bnh-ela.vn", "bánh.vn"), ("xn--bnh-ela.vn", "bánh.vn")),
        (("xn--bnh-ela.vn", "ba\u0301nh.vn"), ("xn--bnh-ela.vn", "bánh.vn")),
        (("xn--bnh-ela.vn", "xn--bnh-ela.vn"), ("xn--bnh-ela.vn", "xn--bnh-ela.vn")),
    ],
)
def test_a_name_is_one_name_in_both_writings(
    given: tuple[str, str], found: tuple[str, str]
) -> None:
    assert domain_names(*given) == found


@pytest.mark.parametrize(
    ("domain", "unicode_domain", "reason", "field"),
    [
        ("", "", "FIELD_REQUIRED", "domain"),
        ("vn", "", "FIELD_INVALID", "domain"),
        ("../../etc.vn", "", "FIELD_INVALID", "domain"),
        ("bánh.vn", "", "FIELD_INVALID", "domain"),
        ("-a.vn", "", "FIELD_INVALID", "domain"),
        (f"{'a' * 64}.vn", "", "FIELD_INVALID", "domain"),
        (".".join(["a" * 60] * 5), "", "FIELD_INVALID", "domain"),
        ("xn--9999999999.vn", "", "FIELD_INVALID", "domain"),
        ("xn--a.vn", "", "CHARACTER_NOT_PRINTABLE", "domain"),
        ("nha-gio-bien.vn", "ngan-hang.vn", "FIELD_INVALID", "unicode_domain"),
        ("xn--fiqs8s.vn", "", "CHARACTER_NOT_PRINTABLE", "domain"),
    ],
)
def test_what_is_no_name_or_two_names_is_refused(
    domain: str, unicode_domain: str, reason: str, field: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        domain_names(domain, unicode_domain)

    assert (refusal.value.reason, refusal.value.field) == (reason, field)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("Hợp đồng 中.pdf", "Hợp đồng 中.pdf"),
        ("../../hop-dong.pdf", "hop-dong.pdf"),
        ("C:\\Giấy tờ\\hop-dong.pdf", "hop-dong.pdf"),
        ("a\r\nSet-Cookie: b.pdf", "aSet-Cookie: b.pdf"),
        ("fdp\u202e.exe", "fdp.exe"),
        ("", "tai-lieu.pdf"),
        ("..", "tai-lieu.pdf"),
        ("/", "tai-lieu.pdf"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("a." + "b" * 300, "." + "b" * 254),
    ],
)
def test_a_file_name_is_only_a_name(given: str, found: str) -> None:
    assert file_name(given) == found
