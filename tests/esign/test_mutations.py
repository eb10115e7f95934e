"""Attacks made here, on papers signed here: the verdict never improves to passed.

Lawful later revisions, made the same way, still pass.
"""

from __future__ import annotations

from functools import cache

import pytest
from haidang.esign.finding_kinds import Indication
from haidang.esign.verdicts import ValidationReport

from tests.esign import judging
from tests.esign.attacks import ATTACKS, EVIL_TEXT, stream, update
from tests.esign.judging import AnsweringAuthority, reasons
from tests.esign.pki import (
    PACKED_IN,
    a_packed_pdf,
    a_pdf,
    document_timestamped,
    signed,
    written_pdf,
)

LEVELS = ("B-B", "B-T", "B-LT", "B-LTA")


def judged(pdf: bytes) -> ValidationReport:
    """The verdict with the anchor believed and revocation reachable: nothing else is missing."""
    return judging.judged(pdf, authority=AnsweringAuthority())


@cache
def paper(level: str) -> bytes:
    return signed(level=level)


@cache
def paper_signed_twice() -> bytes:
    return signed(paper("B-LT"), level="B-LT", field_name="Signature2")


@pytest.mark.parametrize("level", LEVELS)
def test_an_untouched_paper_passes(level: str) -> None:
    report = judged(paper(level))

    assert report.indication == Indication.TOTAL_PASSED
    assert [level] == [one.level for one in report.signatures]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ATTACKS)
def test_an_attacked_paper_never_passes(name: str, level: str) -> None:
    attacked = ATTACKS[name](paper(level))
    assert attacked != paper(level)

    report = judged(attacked)

    assert report.indication != Indication.TOTAL_PASSED


@pytest.mark.parametrize("later", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_a_second_signature_leaves_the_first_passed(level: str, later: str) -> None:
    report = judged(signed(paper(level), level=later, field_name="Signature2"))

    assert [one.indication for one in report.signatures] == [Indication.TOTAL_PASSED] * 2
    assert report.indication == Indication.TOTAL_PASSED


@pytest.mark.parametrize("level", LEVELS)
def test_a_document_timestamp_leaves_the_signature_passed(level: str) -> None:
    report = judged(document_timestamped(paper(level)))

    assert report.indication == Indication.TOTAL_PASSED
    assert report.document_timestamps >= 1


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_on_a_paper_signed_twice_never_passes(name: str) -> None:
    twice = signed(paper("B-LT"), level="B-LT", field_name="Signature2")

    assert judged(ATTACKS[name](twice)).indication != Indication.TOTAL_PASSED


def test_an_attack_between_two_signatures_never_passes() -> None:
    for name in ("content replaced", "annotation laid over", "page added", "font replaced"):
        tampered = ATTACKS[name](paper("B-LT"))

        report = judged(signed(tampered, level="B-LT", field_name="Signature2"))

        assert report.indication != Indication.TOTAL_PASSED, name


def test_a_later_definition_of_an_object_the_signed_paper_already_named_never_passes() -> None:
    """Shadow attack: the page names a second content stream that does not exist yet."""
    base = a_pdf().replace(b"/Contents 5 0 R", b"/Contents [5 0 R 900 0 R]")
    paper_with_gap = signed(rebuilt(base), level="B-LT")
    assert judged(paper_with_gap).indication == Indication.TOTAL_PASSED

    report = judged(update(paper_with_gap, {900: stream(EVIL_TEXT)}))

    assert "CHANGED_AFTER_SIGNING" in reasons(report)
    assert report.indication == Indication.INDETERMINATE


def rebuilt(pdf: bytes) -> bytes:
    """The same objects with a cross-reference table that fits them."""
    bodies = [part.split(b"endobj")[0] for part in pdf.split(b" 0 obj\n")[1:]]
    return written_pdf([body.decode("latin-1").strip() for body in bodies])


@pytest.mark.parametrize("level", LEVELS)
def test_a_paper_with_packed_objects_passes_and_stays_passed_when_signed_again(level: str) -> None:
    packed = signed(a_packed_pdf(), level=level)
    assert judged(packed).indication == Indication.TOTAL_PASSED

    report = judged(document_timestamped(signed(packed, level=level, field_name="Signature2")))

    assert report.indication == Indication.TOTAL_PASSED
    assert (len(report.signatures), report.document_timestamps) >= (2, 1)


def test_replacing_an_object_stream_never_passes() -> None:
    """The cross-reference of the packed page stays; the stream it lies in is redefined."""
    packed = signed(a_packed_pdf(), level="B-LT")

    report = judged(update(packed, {PACKED_IN: stream(EVIL_TEXT)}))

    assert report.indication != Indication.TOTAL_PASSED


def test_validation_data_over_validation_data_leaves_the_signature_passed() -> None:
    twice_extended = signed(
        signed(paper("B-LTA"), level="B-LTA", field_name="Signature2"),
        level="B-LTA",
        field_name="Signature3",
    )

    report = judged(twice_extended)

    assert report.indication == Indication.TOTAL_PASSED
    assert [one.level for one in report.signatures] == ["B-LTA"] * 3


def test_a_certified_paper_that_allows_nothing_is_not_passed_once_signed_again() -> None:
    certified = signed(level="B-LT", certify=1)
    assert judged(certified).indication == Indication.TOTAL_PASSED

    with_timestamp = judged(document_timestamped(certified))
    again = judged(signed_despite(certified))

    assert with_timestamp.indication == Indication.TOTAL_PASSED
    assert "CERTIFICATION_FORBIDS_CHANGE" in reasons(again)


def signed_despite(pdf: bytes) -> bytes:
    """pyHanko refuses to sign over such a certification; a forger's tool does not ask."""
    blinded = pdf.replace(b"/P 1", b"/P 2")
    assert blinded != pdf
    again = signed(blinded, level="B-LT", field_name="Signature2")
    return pdf + again[len(pdf) :]


def test_a_visible_later_signature_is_not_silently_passed() -> None:
    box = (0, 0, 500, 800)
    report = judged(signed(paper("B-LT"), level="B-LT", field_name="Signature2", box=box))

    assert "CHANGED_AFTER_SIGNING" in reasons(report)
    assert report.indication == Indication.INDETERMINATE
