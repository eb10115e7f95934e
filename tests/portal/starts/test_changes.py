"""Two tabs on one start: no field is lost, none is undone by who did not touch it."""

from __future__ import annotations

from haidang.portal.starts.changes import changed_by, folded
from haidang.portal.starts.values import Change
from hypothesis import given
from hypothesis import strategies as st


def test_a_tab_that_did_not_touch_a_field_does_not_undo_it() -> None:
    known = [Change(1, "phone", "0901", ""), Change(2, "phone", "0902", "other")]

    sent = {"phone": "0901", "email": "moi@bien.vn"}

    assert changed_by(known, sent, drawn=1, tab="mine") == {"email": "moi@bien.vn"}


def test_the_last_change_of_a_field_wins() -> None:
    known = [Change(1, "phone", "0901", ""), Change(2, "phone", "0902", "other")]

    assert changed_by(known, {"phone": "0903"}, drawn=1, tab="mine") == {"phone": "0903"}


def test_a_tab_takes_back_what_it_wrote_itself() -> None:
    known = [Change(1, "phone", "0901", ""), Change(2, "phone", "0902", "mine")]

    assert changed_by(known, {"phone": "0901"}, drawn=1, tab="mine") == {"phone": "0901"}


def test_what_a_tab_wrote_is_not_written_again() -> None:
    known = [Change(1, "phone", "0901", ""), Change(2, "phone", "0902", "mine")]

    assert changed_by(known, {"phone": "0902"}, drawn=1, tab="mine") == {}


def test_what_another_wrote_in_the_same_words_can_be_taken_back() -> None:
    known = [Change(1, "phone", "0901", ""), Change(2, "phone", "0902", "other")]

    mine = changed_by(known, {"phone": "0902"}, drawn=1, tab="mine")
    known += [Change(3, field, value, "mine") for field, value in mine.items()]

    assert changed_by(known, {"phone": "0901"}, drawn=1, tab="mine") == {"phone": "0901"}


def test_an_emptied_field_is_a_change() -> None:
    assert changed_by([Change(1, "phone", "0901", "")], {"phone": ""}, drawn=1, tab="a") == {
        "phone": ""
    }


FIELDS = ("phone", "email", "street")
edits = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from(FIELDS), st.text("xyz", max_size=2)),
    max_size=12,
)


@given(edits)
def test_whatever_two_tabs_type_every_field_is_as_it_was_last_typed(
    typing: list[tuple[str, str, str]],
) -> None:
    """Each tab sends its whole form at every change, as saving while one types does."""
    known: list[Change] = []
    forms = {tab: dict.fromkeys(FIELDS, "") for tab in "ab"}
    wanted = dict.fromkeys(FIELDS, "")
    for revision, (tab, field, value) in enumerate(typing, 1):
        if forms[tab][field] != value:
            wanted[field] = value
        forms[tab][field] = value
        for name, text in changed_by(known, forms[tab], drawn=0, tab=tab).items():
            known.append(Change(revision, name, text, tab))

    assert {**dict.fromkeys(FIELDS, ""), **folded(known)} == wanted
