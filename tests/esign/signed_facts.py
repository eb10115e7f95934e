"""Facts of a paper in order; a test states its one difference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from haidang.esign.facts import (
    AlgorithmFacts,
    ByteRangeFacts,
    CertificateFacts,
    CmsFacts,
    DictionaryFacts,
    DocumentFacts,
    LaterChanges,
    PathFacts,
    RevocationFacts,
    SignatureFacts,
    TimestampFacts,
)

NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)
TIME_STAMPING = "1.3.6.1.5.5.7.3.8"
SIZE, GAP = 10_000, (2_000, 6_000)


def a_statement(**difference: object) -> RevocationFacts:
    known = RevocationFacts("ocsp", "good", NOON - DAY, NOON + DAY)
    return replace(known, **difference)  # type: ignore[arg-type]  # a test's difference


def a_certificate(**difference: object) -> CertificateFacts:
    known = CertificateFacts(
        subject="Nguyễn Thị Lan",
        issuer="CA thử nghiệm",
        sha256="leaf",
        not_before=NOON - 100 * DAY,
        not_after=NOON + 100 * DAY,
        algorithm=AlgorithmFacts("certificate", "ecdsa", "sha256", 256),
        key_usage=("non_repudiation",),
        revocation=(a_statement(),),
    )
    return replace(known, **difference)  # type: ignore[arg-type]


def a_path(*certificates: CertificateFacts, **difference: object) -> PathFacts:
    chain = certificates or (a_certificate(), a_certificate(sha256="issuing"))
    known = PathFacts(chain, "Gốc thử nghiệm", "root", sandbox=False, problem="")
    return replace(known, **difference)  # type: ignore[arg-type]


def a_cms(**difference: object) -> CmsFacts:
    known = CmsFacts(
        content_type="data",
        digest_matches=True,
        value_matches=True,
        signing_certificate="v2",
        signing_certificate_matches=True,
        algorithms=(AlgorithmFacts("sign", "ecdsa", "sha256", 256),),
        signer=a_certificate(),
        path=a_path(),
    )
    return replace(known, **difference)  # type: ignore[arg-type]


def a_timestamp(at: datetime = NOON - DAY, **difference: object) -> TimestampFacts:
    authority = a_certificate(
        sha256="tsa", extended_key_usage=(TIME_STAMPING,), extended_key_usage_critical=True
    )
    known = TimestampFacts(
        cms=a_cms(content_type="tst_info", encapsulated=True, path=a_path(authority)),
        generated_at=at,
        imprint_matches=True,
        imprint_digest="sha256",
        covers_to=SIZE,
    )
    return replace(known, **difference)  # type: ignore[arg-type]


def a_signature(**difference: object) -> SignatureFacts:
    known = SignatureFacts(
        field="Signature1",
        is_document_timestamp=False,
        readable=True,
        byte_range=ByteRangeFacts((0, GAP[0], GAP[1], SIZE - GAP[1]), GAP, True, 1_500, True),
        dictionary=DictionaryFacts(
            "ETSI.CAdES.detached", "Adobe.PPKLite", "Sig", declared_at=NOON - DAY
        ),
        changes=LaterChanges(),
        cms=a_cms(),
    )
    return replace(known, **difference)  # type: ignore[arg-type]


def a_document(*signatures: SignatureFacts, **difference: object) -> DocumentFacts:
    known = DocumentFacts(SIZE, is_pdf=True, signatures=signatures or (a_signature(),))
    return replace(known, **difference)  # type: ignore[arg-type]


def a_document_timestamp(at: datetime, *, end: int, gap: tuple[int, int]) -> SignatureFacts:
    token = a_timestamp(at, covers_to=end)
    return a_signature(
        field="Timestamp",
        is_document_timestamp=True,
        byte_range=ByteRangeFacts((0, gap[0], gap[1], end - gap[1]), gap, True, 900, True),
        dictionary=DictionaryFacts("ETSI.RFC3161", "Adobe.PPKLite", "DocTimeStamp"),
        cms=token.cms,
        document_timestamp=token,
    )
