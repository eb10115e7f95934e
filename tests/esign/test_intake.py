"""Only what can be signed later comes in, and its owner is told what to do about the rest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from haidang.core.errors import HaidangError, sentence
from haidang.esign.facts import DocumentFacts
from haidang.esign.inspection.document import Inspector
from haidang.esign.intake import require_signable
from haidang.esign.verdicts import conclude

from tests.esign.judging import JUDGED_AT
from tests.esign.pki import a_packed_pdf, a_pdf, encrypted, hybrid, signed, written_pdf
from tests.esign.signed_facts import NOON, a_cms, a_document, a_signature
from tests.judges import corpora

PAGES = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"


def a_form(form: str) -> bytes:
    """A paper of one blank page with *form* as its AcroForm."""
    return written_pdf([f"<< /Type /Catalog /Pages 2 0 R /AcroForm {form} >>", PAGES, PAGE])


def facts_of(pdf: bytes) -> DocumentFacts:
    return Inspector((), NOON).inspect(pdf)


def admitted(facts: DocumentFacts) -> None:
    require_signable(facts, conclude(facts, NOON))


def refusal_of(facts: DocumentFacts) -> HaidangError:
    with pytest.raises(HaidangError) as refusal:
        admitted(facts)
    assert refusal.value.field == "file"
    return refusal.value


@pytest.mark.parametrize(
    "pdf",
    [a_pdf(), a_packed_pdf(), signed(), signed(level="B-LT"), a_form("<< /Fields [] >>")],
    ids=["plain", "packed", "signed", "signed B-LT", "with a form"],
)
def test_what_programmes_write_comes_in(pdf: bytes) -> None:
    admitted(facts_of(pdf))


@pytest.mark.parametrize(
    ("pdf", "reason", "advice"),
    [
        (b"Kinh gui", "NOT_A_PDF", "chọn tệp PDF"),
        (encrypted(), "DOCUMENT_ENCRYPTED", "không đặt mật khẩu"),
        (a_form("<< /Fields [] /XFA (<xdp/>) >>"), "DOCUMENT_HAS_XFA", "tệp PDF mới"),
        (hybrid(), "DOCUMENT_HYBRID", "lệnh In"),
        (
            signed().replace(b"1 000 000 dong", b"9 000 000 dong", 1),
            "DOCUMENT_ALTERED",
            "bản gốc",
        ),
        (a_pdf().replace(b"startxref\n", b"startxref\n1"), "DOCUMENT_NOT_SIGNABLE", "xuất lại"),
        (a_pdf() + b"\n1 0 obj\n<<>>\nendobj\n", "DOCUMENT_NOT_SIGNABLE", "xuất lại"),
    ],
    ids=["text", "locked", "dynamic form", "hybrid", "altered", "broken", "tail"],
)
def test_what_cannot_be_signed_is_refused_with_what_to_do(
    pdf: bytes, reason: str, advice: str
) -> None:
    refusal = refusal_of(facts_of(pdf))

    assert refusal.reason == reason
    assert advice in sentence(refusal.reason, refusal.facts, "vi")


def test_a_form_of_xml_behind_a_reference_is_seen() -> None:
    catalog = "<< /Type /Catalog /Pages 2 0 R /AcroForm 4 0 R >>"
    form = "<< /Fields [] /XFA [(config) (<xdp/>)] >>"

    assert facts_of(written_pdf([catalog, PAGES, PAGE, form])).has_xfa


def test_an_inspection_that_broke_off_lets_nothing_in() -> None:
    facts = replace(a_document(a_signature(cms=a_cms())), failure="TIMEOUT")

    assert refusal_of(facts).reason == "DOCUMENT_NOT_SIGNABLE"


def lawful() -> list[Path]:
    try:
        return sorted((corpora() / "pdf" / "valid").rglob("*.pdf"))
    except pytest.skip.Exception:
        return []


def test_of_the_lawful_papers_of_others_only_hybrid_ones_are_kept_out() -> None:
    papers = lawful()
    if not papers:
        pytest.skip("corpora absent")
    kept_out = {}
    for paper in papers:
        facts = Inspector((), JUDGED_AT).inspect(paper.read_bytes())
        try:
            require_signable(facts, conclude(facts, JUDGED_AT))
        except HaidangError as error:
            kept_out[paper.name] = error.reason

    assert set(kept_out.values()) <= {"DOCUMENT_HYBRID"}
    assert len(kept_out) < len(papers) / 2
