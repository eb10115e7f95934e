"""A verdict is one shape and word, and then whole sentences in the reader's language."""

from __future__ import annotations

from typing import Any

import pytest
from haidang.api.esign.v1 import esign_pb2
from haidang.portal.web.verdicts import signers_of, standing_of, told
from haidang.portal.web.words import LOCALES, Words

from tests.esign.pki import a_pdf, encrypted, signed
from tests.portal.web.papers_house import a_document, judged, passed

CHANGED = signed().replace(b"1 000 000 dong", b"9 000 000 dong", 1)
VIETNAMESE = Words("vi")


def key_of(report: Any) -> str:
    return told(report, VIETNAMESE).standing.key


@pytest.mark.parametrize(
    ("report", "key"),
    [
        (passed(sandbox=False), "passed"),
        (passed(sandbox=True), "passed_sandbox"),
        (judged(CHANGED), "failed"),
        (judged(signed()), "unclear"),
        (judged(a_pdf()), "unsigned"),
        (judged(b"van ban"), "failed"),
        (judged(encrypted()), "unclear"),
        (esign_pb2.ValidationReport(), "unclear"),
        (esign_pb2.ValidationReport(indication=esign_pb2.INDICATION_TOTAL_PASSED), "unclear"),
    ],
    ids=["passed", "sandbox", "changed", "untrusted", "plain", "text", "locked", "empty", "bare"],
)
def test_each_report_has_one_standing_and_only_signatures_ever_pass(report: Any, key: str) -> None:
    assert key_of(report) == key


def test_a_document_kept_before_verdicts_were_is_not_judged() -> None:
    document = a_document()
    document.ClearField("report")

    assert standing_of(document).key == "unjudged"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "report", [passed(), passed(sandbox=False), judged(signed()), judged(CHANGED)]
)
def test_a_signature_is_told_by_all_that_the_circular_asks_for(report: Any, locale: str) -> None:
    words = Words(locale)

    [signature] = told(report, words).signatures

    said = dict(signature.rows)
    for what in ("issuer", "time", "integrity", "certificate", "period", "level"):
        assert said[words(f"verdict.{what}")].endswith(".")
    assert signature.signer


def test_a_proven_time_and_a_stated_one_are_told_apart() -> None:
    proven, stated = passed(), passed()
    stated.signatures[0].ClearField("timestamp_time")
    timeless = passed()
    timeless.signatures[0].ClearField("signed_time")

    times = [
        dict(told(one, VIETNAMESE).signatures[0].rows)["Thời điểm ký"]
        for one in (proven, stated, timeless)
    ]

    assert times == [
        "Ký lúc 12:00 ngày 24/11/2026, có dấu thời gian chứng minh.",
        "Người ký khai là ký lúc 12:00 ngày 24/11/2026; không có dấu thời gian chứng minh.",
        "Không rõ thời điểm ký.",
    ]


@pytest.mark.parametrize("field", ["intact", "valid_at_signing"])
def test_what_is_not_known_is_never_told_as_a_yes(field: str) -> None:
    said = set()
    for value in (True, False, None):
        report = passed()
        if value is None:
            report.signatures[0].ClearField(field)
        else:
            setattr(report.signatures[0], field, value)
        said.add(told(report, VIETNAMESE).signatures[0].rows)

    assert len(said) == 3


def test_findings_are_told_once_by_how_grave_they_are_in_the_readers_language() -> None:
    notes = {locale: told(judged(CHANGED), Words(locale)).signatures[0].notes for locale in LOCALES}

    assert [one.kind for one in notes["vi"]] == ["bad", "wait", "wait", "wait"]
    assert len({one.text for one in notes["vi"]}) == 4
    assert "giá trị băm" in notes["vi"][0].text
    assert "digest" in notes["en"][0].text


def test_signers_are_named_in_their_order_each_once() -> None:
    report = passed(signer="Bà Lan")
    report.signatures.extend([*passed(signer="Ông Bình").signatures, *report.signatures])
    report.signatures.add()

    assert signers_of(report) == "Bà Lan, Ông Bình"


@pytest.mark.parametrize("locale", LOCALES)
def test_every_value_of_the_contract_has_words(locale: str) -> None:
    words = Words(locale)

    for level in dict(esign_pb2.Level.items()):
        assert f"verdict.level_{level.removeprefix('LEVEL_')}" in words
    for change in {*dict(esign_pb2.DocumentChange.items())} - {"DOCUMENT_CHANGE_UNSPECIFIED"}:
        assert f"verdict.change_{change.removeprefix('DOCUMENT_CHANGE_')}" in words
    for key in ("passed", "passed_sandbox", "failed", "unclear", "unsigned", "unjudged"):
        for ending in ("", "_title", "_text"):
            assert f"verdict.{key}{ending}" in words
