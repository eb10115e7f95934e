"""The dated tables: what is in force on which day, and that every row says where it comes from."""

from __future__ import annotations

from datetime import date

import pytest
from haidang.domains.law import Law, _in_force, _of_groups, _table, comparable, law_on
from publicsuffixlist import PublicSuffixList

TODAY = law_on(date(2026, 11, 24))
CONFIDENCES = {"standard", "observed", "secondary", "unconfirmed"}
WORDS = {"observed", "configured"}
TABLES = ["suffixes", "fees", "lifecycle", "words"]


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_date_a_source_and_how_sure_that_is(table: str) -> None:
    for rows in _table(table).values():
        for row in rows:
            assert isinstance(row["valid_from"], date)
            assert row.get("valid_to", date.max) > row["valid_from"]
            assert row["citation"]
            assert row["confidence"] in (CONFIDENCES if table != "words" else WORDS)


def test_every_suffix_of_the_public_list_is_known_or_closed() -> None:
    listed = {
        line
        for line in PublicSuffixList()._publicsuffix
        if line.endswith(".vn") and line.count(".") == 1
    }

    assert listed - set(TODAY.suffixes) - set(TODAY.closed) == set()
    assert set(TODAY.suffixes) - listed - {"vn"} == {"ap.vn", "ad.vn", "on.vn"}


def test_every_suffix_has_at_most_one_fee_and_only_three_have_none() -> None:
    rows = [
        name
        for row in _table("fees")["fee"]
        for name in (*row["suffixes"], *_of_groups(row.get("groups", []), TODAY.on))
    ]

    assert len(rows) == len(set(rows))
    assert set(TODAY.suffixes) - set(rows) == {"ap.vn", "ad.vn", "on.vn"}
    assert set(TODAY.fee_of_suffix) == set(rows) <= set(TODAY.suffixes)


@pytest.mark.parametrize("table", TABLES)
def test_what_owners_are_shown_of_the_law_is_vietnamese(table: str) -> None:
    shown = " ".join(row["citation"] for rows in _table(table).values() for row in rows)

    assert not {"Circular", "Decree", "Decision", "default", "the"} & set(shown.split())


@pytest.mark.parametrize(
    ("day", "is_known"), [(date(2026, 2, 9), False), (date(2026, 2, 10), True)]
)
def test_a_row_begins_on_its_day(day: date, is_known: bool) -> None:
    assert ("ap.vn" in law_on(day).suffixes) is is_known


def test_before_all_rows_nothing_is_in_force() -> None:
    nothing = law_on(date(2000, 1, 1))

    assert nothing == Law(date(2000, 1, 1))


def test_a_row_ends_before_the_day_it_is_no_longer_valid() -> None:
    row = {"valid_from": date(2025, 1, 1), "valid_to": date(2026, 1, 1)}

    assert _in_force([row], date(2025, 12, 31)) == [row]
    assert _in_force([row], date(2026, 1, 1)) == []


def test_reserved_words_are_kept_as_they_are_compared() -> None:
    assert "phongnhakebang" in TODAY.reserved
    assert comparable("Phong-Nha-Kẻ-Bàng").lower() == "phongnhakebang"


def test_lifecycles_are_named_and_dated_never_chosen_silently() -> None:
    assert set(TODAY.lifecycles) == {"vn-2022", "vn-2024-registrars"}
    assert set(law_on(date(2024, 1, 1)).lifecycles) == {"vn-2022"}
    assert TODAY.lifecycles["vn-2022"].renewable_through_day == 25
    assert TODAY.lifecycles["vn-2022"].most_years == 10


def test_every_suffix_says_whom_it_is_for_in_two_languages() -> None:
    assert set(TODAY.meanings) == set(TODAY.suffixes)
    for name, meaning in TODAY.meanings.items():
        holders = TODAY.suffixes[name].holders
        assert meaning.vi.endswith(".")
        assert meaning.en.endswith(".")
        assert ("Chỉ dành" in meaning.vi) is ("Only" in meaning.en) is (len(holders) < 3), name
        assert ("PERSON" in holders) is ("erson" in meaning.en and "neither" not in meaning.en)


def test_words_of_a_trade_are_kept_as_they_are_compared() -> None:
    assert ("cong", "ty", "tnhh") in TODAY.words.legal_forms
    assert ("nha", "hang") in TODAY.words.trades
    assert set(TODAY.words.offered) <= set(TODAY.suffixes)
