"""Drafts as documents: what taking up an earlier one brings back, and what it never does."""

from __future__ import annotations

from haidang.portal.web.editing.drafts import Document, taken_up

OURS = {"bank": "970436", "account": "0123456789", "holder": "NGUYEN THI LAN"}
THEIRS = {"bank": "970415", "account": "9999999999", "holder": "KE GIAN"}


def a_document(**site: object) -> Document:
    return {
        "pack": "packs/vn.farm.vuon",
        "locales": ["vi"],
        "business": {},
        "site": site,
        "pages": [],
    }


def test_an_earlier_draft_never_changes_where_customers_money_goes() -> None:
    back = taken_up(
        a_document(bank_account=THEIRS, scheme="la"), a_document(bank_account=OURS, scheme="dat")
    )

    assert back == a_document(bank_account=OURS, scheme="la")


def test_an_account_that_was_taken_away_does_not_come_back() -> None:
    assert taken_up(a_document(bank_account=THEIRS), a_document()) == a_document()
