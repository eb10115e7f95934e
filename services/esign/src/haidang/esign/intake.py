"""Which uploaded PDFs come in. Pure.

Comes in: a file's facts and the verdict on it. What cannot be signed later, or would lend
our signature to a broken paper, is refused at once, with what its owner can do about it.
"""

from __future__ import annotations

from haidang.core.errors import Malformed, Refused
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.facts import DocumentFacts
from haidang.esign.finding_kinds import SubIndication
from haidang.esign.verdicts import ValidationReport

FILE = "file"
ALTERED = frozenset({SubIndication.HASH_FAILURE, SubIndication.SIG_CRYPTO_FAILURE})
"""Verdicts after which another signature would only lend credit to a changed paper."""


def require_signable(facts: DocumentFacts, verdict: ValidationReport) -> None:
    """Let only in what can be signed.

    Raises: Malformed NOT_A_PDF; Refused DOCUMENT_ENCRYPTED, DOCUMENT_HAS_XFA,
        DOCUMENT_HYBRID, DOCUMENT_ALTERED, DOCUMENT_NOT_SIGNABLE; each at the field file.
    """
    if not facts.is_pdf:
        raise Malformed("NOT_A_PDF", field=FILE)
    if facts.encrypted:
        raise Refused("DOCUMENT_ENCRYPTED", field=FILE)
    if facts.has_xfa:
        raise Refused("DOCUMENT_HAS_XFA", field=FILE)
    if facts.is_hybrid:
        raise Refused("DOCUMENT_HYBRID", field=FILE)
    if verdict.sub_indication in ALTERED:
        raise Refused("DOCUMENT_ALTERED", field=FILE)
    if fault := _fault(facts, verdict):
        raise Refused("DOCUMENT_NOT_SIGNABLE", field=FILE, detail=fault)


def _fault(facts: DocumentFacts, verdict: ValidationReport) -> str:
    if verdict.sub_indication is SubIndication.FORMAT_FAILURE:
        return facts.failure or verdict.sub_indication
    if facts.structure_problem:
        return facts.structure_problem
    return "" if facts.trailing_is_blank else "content after its end"
