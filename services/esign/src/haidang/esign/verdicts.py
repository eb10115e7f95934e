"""Verdicts: from facts to the words of EN 319 102-1.

Pure. Comes in: `DocumentFacts`, the instant of validation. Goes out: a `ValidationReport`.
The order is the standard's: format, signer's certificate, digest and value, certification
path, standing at the proven time, algorithms; then the gravest finding rules. Never here:
a library's yes or no, I/O, the clock. An invalid signature is a report, never an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from haidang.esign import gates
from haidang.esign.facts import (
    AlgorithmFacts,
    CertificateFacts,
    CmsFacts,
    DocumentFacts,
    SignatureFacts,
)
from haidang.esign.finding_kinds import Indication, SubIndication
from haidang.esign.findings import Finding, outcome, weight
from haidang.esign.timing import (
    CLOCK_TOLERANCE,
    ProofOfExistence,
    Standing,
    control_time,
    is_sound,
    is_within_validity,
    proofs_of_existence,
    standing_at,
    timestamp_fault,
)
from haidang.esign.trust import Acceptance, judge_algorithm, named

_SIGNING_USAGES = frozenset({"digital_signature", "non_repudiation"})
# Purposes under which authorities certify signers of documents.
_DOCUMENT_PURPOSES = frozenset(
    {
        "2.5.29.37.0",  # any; RFC 5280 section 4.2.1.12
        "1.3.6.1.5.5.7.3.36",  # document signing; RFC 9336
        "1.3.6.1.5.5.7.3.4",  # e-mail protection and, below, client authentication: RFC 5280
        "1.3.6.1.5.5.7.3.2",
        "1.3.6.1.4.1.311.10.3.12",  # Microsoft's document signing
        "1.2.840.113583.1.1.5",  # Adobe's authentic documents
    }
)


class DocumentVerdict(StrEnum):
    """What became of the document after it was signed. Source: field guide section 4."""

    UNCHANGED = "UNCHANGED"
    CHANGED_ALLOWED = "CHANGED_ALLOWED"
    CHANGED_FORBIDDEN = "CHANGED_FORBIDDEN"
    UNCLEAR = "UNCLEAR"


@dataclass(frozen=True)
class SignatureVerdict:
    """The verdict on one signature. `level` is "B-B" ... "B-LTA", or "" if not a baseline one.

    `signed_at` is the earliest proven time, else what the signer declares;
    `timestamped_at` is set only in the first case.
    """

    signer: str
    level: str
    signed_at: datetime | None
    covers_whole_document: bool
    indication: Indication
    sub_indication: SubIndication
    findings: tuple[Finding, ...]
    issuer: str = ""
    organisation: str = ""
    not_before: datetime | None = None
    not_after: datetime | None = None
    declared_at: datetime | None = None
    timestamped_at: datetime | None = None
    intact: bool | None = None
    valid_at_signing: bool | None = None
    sandbox: bool = False


@dataclass(frozen=True)
class ValidationReport:
    """The verdict on a file. `document_findings` also stand in each signature's findings."""

    indication: Indication
    sub_indication: SubIndication
    signatures: tuple[SignatureVerdict, ...]
    validated_at: datetime
    document: DocumentVerdict = DocumentVerdict.UNCLEAR
    document_timestamps: int = 0
    document_findings: tuple[Finding, ...] = ()


def conclude(document: DocumentFacts, now: datetime) -> ValidationReport:
    """Judge *document* as of *now*. Source: ETSI EN 319 102-1 clauses 5.3, 5.5, 5.6."""
    about_file = gates.judge_document(document)
    stamps = [one for one in document.signatures if one.is_document_timestamp]
    signatures = [one for one in document.signatures if not one.is_document_timestamp]
    for stamp in stamps:
        about_file += _stamp_findings(stamp, document)
    if stamps and not signatures:
        about_file.append(Finding("NO_SIGNATURE"))
    proofs = _proofs(stamps, document, now)
    verdicts = tuple(
        _Judgement(one, document, proofs, now).verdict(about_file) for one in signatures
    )
    everything = about_file + [finding for verdict in verdicts for finding in verdict.findings]
    indication, sub_indication = outcome(everything)
    return ValidationReport(
        indication=indication,
        sub_indication=sub_indication,
        signatures=verdicts,
        validated_at=now,
        document=_document_verdict(everything),
        document_timestamps=len(stamps),
        document_findings=_ordered(about_file),
    )


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(dict.fromkeys(findings), key=weight))


def _stamp_findings(stamp: SignatureFacts, document: DocumentFacts) -> list[Finding]:
    """A document time-stamp may be untrusted, but a broken one condemns the file."""
    findings = [
        finding
        for finding in gates.judge_signature(stamp, document)
        if finding.kind.indication is Indication.TOTAL_FAILED
    ]
    token = stamp.document_timestamp
    if token is not None and not token.cms.problem:
        if token.imprint_matches is False:
            findings.append(Finding("DIGEST_DIFFERS"))
        elif token.cms.value_matches is False or token.cms.digest_matches is False:
            findings.append(Finding("SIGNATURE_VALUE_WRONG"))
    return findings


def _proofs(
    stamps: list[SignatureFacts], document: DocumentFacts, now: datetime
) -> tuple[ProofOfExistence, ...]:
    usable = [
        stamp.document_timestamp
        for stamp in stamps
        if stamp.document_timestamp is not None and not _stamp_findings(stamp, document)
    ]
    return proofs_of_existence(usable, now)


def _document_verdict(findings: list[Finding]) -> DocumentVerdict:
    reasons = {finding.reason for finding in findings}
    if reasons & {"CHANGED_AFTER_SIGNING", "DIGEST_DIFFERS", "CERTIFICATION_FORBIDS_CHANGE"}:
        return DocumentVerdict.CHANGED_FORBIDDEN
    structural = {"SIG_CONSTRAINTS_FAILURE", "FORMAT_FAILURE", "SIGNED_DATA_NOT_FOUND"}
    if any(finding.kind.sub_indication in structural for finding in findings):
        return DocumentVerdict.UNCLEAR
    if "LATER_SIGNATURES" in reasons:
        return DocumentVerdict.CHANGED_ALLOWED
    return DocumentVerdict.UNCHANGED


class _Judgement:
    """The judging of one signature: its facts, the proofs around it, the instant."""

    def __init__(
        self,
        signature: SignatureFacts,
        document: DocumentFacts,
        proofs: tuple[ProofOfExistence, ...],
        now: datetime,
    ) -> None:
        self.signature = signature
        self.document = document
        self.now = now
        self.cms = signature.cms or CmsFacts(problem="absent")
        covered_at = control_time(proofs, signature.end, now)
        faults = [timestamp_fault(token, covered_at, now) for token in signature.timestamps]
        proven = [
            token.generated_at
            for token, fault in zip(signature.timestamps, faults, strict=True)
            if token.generated_at is not None and not fault
        ]
        self.stamp_faults = [fault for fault in faults if fault]
        self.at = min([covered_at, *proven])
        self.is_proven = self.at < now
        self.declared_at = signature.dictionary.declared_at or self.cms.signing_time
        lower = [proof.at for proof in proofs if proof.covers_to < signature.end]
        if self.is_proven and self.declared_at:
            # The signer's own statement counts against them only where a time-stamp agrees.
            lower.append(min(self.declared_at, self.at))
        self.not_earlier_than = max(lower, default=None)

    def verdict(self, about_file: list[Finding]) -> SignatureVerdict:
        """Collect every finding and let the gravest rule."""
        own = [*gates.judge_signature(self.signature, self.document)]
        standing: list[Finding] = []
        if not self.cms.problem:
            own += self._integrity()
            standing = [*self._path()]
            own += [*standing, *self._algorithms(), *self._notes()]
        findings = _ordered(about_file + own)
        indication, sub_indication = outcome(findings)
        signer = self.cms.signer
        return SignatureVerdict(
            signer=signer.subject if signer else "",
            level=self._level(),
            signed_at=self.at if self.is_proven else self.declared_at,
            covers_whole_document=gates.covers_whole_document(self.signature, self.document),
            indication=indication,
            sub_indication=sub_indication,
            findings=findings,
            issuer=signer.issuer if signer else "",
            organisation=signer.organisation if signer else "",
            not_before=signer.not_before if signer else None,
            not_after=signer.not_after if signer else None,
            declared_at=self.declared_at,
            timestamped_at=self.at if self.is_proven else None,
            intact=self._is_intact(),
            valid_at_signing=None
            if self.cms.path.problem
            else outcome(standing)[0] is Indication.TOTAL_PASSED,
            sandbox=self.cms.path.sandbox,
        )

    def _is_intact(self) -> bool | None:
        if self.cms.digest_matches is False or self.cms.value_matches is False:
            return False
        if self.cms.digest_matches and self.cms.value_matches:
            return True
        return None

    def _integrity(self) -> Iterator[Finding]:
        cms = self.cms
        if cms.signer is None:
            yield Finding("SIGNING_CERTIFICATE_MISSING")
            return
        if cms.digest_matches is False:
            yield Finding("DIGEST_DIFFERS")
        elif cms.value_matches is False:
            yield Finding("SIGNATURE_VALUE_WRONG")
        if not cms.attributes_consistent:
            yield Finding("ATTRIBUTES_INCONSISTENT")
        if cms.digest_matches is None or cms.value_matches is None:
            yield Finding("ALGORITHM_UNKNOWN", ", ".join(map(named, cms.algorithms)))
        if cms.signing_certificate and not cms.signing_certificate_matches:
            yield Finding("SIGNING_CERTIFICATE_DIFFERS")

    def _path(self) -> Iterator[Finding]:
        path, signer = self.cms.path, self.cms.signer
        if signer is None:
            return
        yield from self._declared_time(signer)
        if path.problem:
            kinds = {"NO_PATH": "NO_TRUSTED_ISSUER", "CONSTRAINTS": "PATH_BREAKS_RULES"}
            yield Finding(kinds.get(path.problem, "PATH_NOT_CHECKED"), path.detail)
            yield from self._validity(signer, Standing.UNKNOWN)
            return
        leaf, issuers = path.certificates[0], path.certificates[1:]
        if not _may_sign_documents(leaf):
            yield Finding("KEY_USAGE_FORBIDS")
        standing, since = standing_at(leaf, self.at, self.now)
        yield from self._validity(leaf, standing)
        yield from self._revocation(leaf, standing, since)
        for issuer in issuers:
            yield from self._issuer(issuer)

    def _declared_time(self, signer: CertificateFacts) -> Iterator[Finding]:
        declared = self.declared_at
        if declared is None:
            return
        too_late = declared > self.at + CLOCK_TOLERANCE
        if too_late or declared < signer.not_before - CLOCK_TOLERANCE:
            yield Finding("DECLARED_TIME_DOUBTFUL")

    def _validity(self, leaf: CertificateFacts, standing: Standing) -> Iterator[Finding]:
        if self.at < leaf.not_before:
            yield Finding("SIGNED_BEFORE_ISSUE" if self.is_proven else "SIGNER_NOT_YET_VALID")
        elif self.at > leaf.not_after:
            if self.not_earlier_than and self.not_earlier_than > leaf.not_after:
                yield Finding("SIGNED_AFTER_EXPIRY")
            elif standing is Standing.GOOD:
                yield Finding("SIGNER_EXPIRED_NOT_REVOKED")
            else:
                yield Finding("SIGNER_EXPIRED")

    def _revocation(
        self, leaf: CertificateFacts, standing: Standing, since: datetime | None
    ) -> Iterator[Finding]:
        if standing is Standing.REVOKED and since is not None:
            after = self.not_earlier_than is not None and self.not_earlier_than >= since
            yield Finding("SIGNED_AFTER_REVOCATION" if after else "SIGNER_REVOKED")
        elif standing is Standing.ON_HOLD:
            yield Finding("CERTIFICATE_ON_HOLD")
        elif standing is Standing.UNKNOWN and leaf.sha256 != self.cms.path.anchor_sha256:
            yield Finding("REVOCATION_UNKNOWN", "signer")

    def _issuer(self, issuer: CertificateFacts) -> Iterator[Finding]:
        if not is_within_validity(issuer, self.at):
            yield Finding("ISSUER_OUT_OF_BOUNDS")
        standing, _ = standing_at(issuer, self.at, self.now)
        if standing is Standing.REVOKED:
            yield Finding("ISSUER_REVOKED")
        elif standing is Standing.ON_HOLD:
            yield Finding("CERTIFICATE_ON_HOLD")
        elif standing is Standing.UNKNOWN:
            yield Finding("REVOCATION_UNKNOWN", "issuer")

    def _algorithms(self) -> Iterator[Finding]:
        used = [*self.cms.algorithms, *(one.algorithm for one in self.cms.path.certificates)]
        for algorithm in used:
            yield from self._algorithm(algorithm)

    def _algorithm(self, algorithm: AlgorithmFacts) -> Iterator[Finding]:
        acceptance = judge_algorithm(algorithm, self.at)
        if acceptance is Acceptance.REFUSE:
            declared = self.declared_at or self.at
            once = judge_algorithm(algorithm, declared) is not Acceptance.REFUSE
            reason = "ALGORITHM_REFUSED_NO_POE" if once else "ALGORITHM_REFUSED"
            yield Finding(reason, named(algorithm))
        elif acceptance is Acceptance.UNKNOWN:
            yield Finding("ALGORITHM_UNKNOWN", named(algorithm))
        elif acceptance is Acceptance.DEVIATION:
            yield Finding("ALGORITHM_DEVIATES", named(algorithm))

    def _notes(self) -> Iterator[Finding]:
        if self.cms.path.sandbox:
            yield Finding("SANDBOX_ANCHOR")
        for fault in gates.baseline_faults(self.signature):
            yield Finding("NOT_BASELINE", fault)
        for fault in self.stamp_faults:
            yield Finding("TIMESTAMP_UNUSABLE", fault)

    def _level(self) -> str:
        if gates.baseline_faults(self.signature):
            return ""
        outer = [
            one
            for one in self.document.signatures
            if one.end > self.signature.end
            and one.document_timestamp is not None
            and is_sound(one.document_timestamp)
        ]
        if not any(map(is_sound, self.signature.timestamps)) and not outer:
            return "B-B"
        if not self._has_embedded_evidence():
            return "B-T"
        return "B-LTA" if any(one.changes.signed_has_validation_data for one in outer) else "B-LT"

    def _has_embedded_evidence(self) -> bool:
        embedded = all(
            any(one.source == "embedded" for one in certificate.revocation)
            for certificate in self.cms.path.certificates
        )
        return self.signature.changes.has_validation_data and embedded


def _may_sign_documents(leaf: CertificateFacts) -> bool:
    if leaf.key_usage is not None and not _SIGNING_USAGES & set(leaf.key_usage):
        return False
    return leaf.extended_key_usage is None or bool(
        _DOCUMENT_PURPOSES & set(leaf.extended_key_usage)
    )
