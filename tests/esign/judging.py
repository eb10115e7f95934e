"""Judge papers in this process, the way the worker and the verifier do together."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from asn1crypto import x509
from haidang.esign.facts import DocumentFacts
from haidang.esign.inspection.certificates import Anchor
from haidang.esign.inspection.document import Inspector
from haidang.esign.verdicts import ValidationReport, conclude

from tests.esign.pki import NOW, Identity, TestPki, the_pki

JUDGED_AT = NOW + timedelta(minutes=1)


class AnsweringAuthority:
    """Stands where the revocation session stands, and answers what it was given."""

    def __init__(self, answers: Iterable[bytes] | None = None) -> None:
        self.answers = list(answers) if answers is not None else the_pki().crls()
        self.asked: list[str] = []

    def ask(self, certificate: x509.Certificate, issuer: x509.Certificate) -> list[bytes]:
        self.asked.append(certificate.subject.human_friendly)
        return self.answers


def inspected(
    pdf: bytes,
    *,
    pki: TestPki | None = None,
    authority: AnsweringAuthority | None = None,
    anchored: bool = True,
    at: datetime = JUDGED_AT,
) -> DocumentFacts:
    root: Identity = (pki or the_pki()).root
    anchors = (Anchor(root.asn1, sandbox=True),) if anchored else ()
    return Inspector(anchors, at, authority).inspect(pdf)


def judged(
    pdf: bytes,
    *,
    pki: TestPki | None = None,
    authority: AnsweringAuthority | None = None,
    anchored: bool = True,
    at: datetime = JUDGED_AT,
) -> ValidationReport:
    """The verdict on *pdf* at *at*; without *authority* nobody can be asked."""
    facts = inspected(pdf, pki=pki, authority=authority, anchored=anchored, at=at)
    return conclude(facts, at)


def reasons(report: ValidationReport) -> set[str]:
    """Every finding's reason, of the file and of its signatures."""
    found = {finding.reason for finding in report.document_findings}
    return found | {f.reason for signature in report.signatures for f in signature.findings}
