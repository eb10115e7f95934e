"""Verdicts speak the words of EN 319 102-1, and the gravest finding rules."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from haidang.esign.facts import AlgorithmFacts, LaterChanges, PathFacts, SignatureFacts
from haidang.esign.finding_kinds import KINDS, Indication, SubIndication
from haidang.esign.findings import Finding, outcome
from haidang.esign.verdict_report import as_promised, summary_en, summary_vi
from haidang.esign.verdicts import DocumentVerdict, ValidationReport, conclude

from tests.esign.signed_facts import (
    DAY,
    NOON,
    SIZE,
    TIME_STAMPING,
    a_certificate,
    a_cms,
    a_document,
    a_document_timestamp,
    a_path,
    a_signature,
    a_statement,
    a_timestamp,
)

OUTER = {"end": 3 * SIZE, "gap": (SIZE + 10, 2 * SIZE)}
YEAR = timedelta(days=365)


def judged(signature: SignatureFacts, *others: SignatureFacts, **file: object) -> ValidationReport:
    return conclude(a_document(signature, *others, **file), NOON)


def of_signer(timestamps: int = 0, **difference: object) -> SignatureFacts:
    """A signature whose signer's certificate differs, with so many time-stamps of yesterday."""
    leaf = a_certificate(**difference)
    cms = a_cms(signer=leaf, path=a_path(leaf, a_certificate(sha256="issuing")))
    return a_signature(cms=cms, timestamps=(a_timestamp(),) * timestamps)


def declared(signature: SignatureFacts, at: datetime) -> SignatureFacts:
    return replace(signature, dictionary=replace(signature.dictionary, declared_at=at))


def revoked(at: datetime, reason: str = "") -> dict[str, object]:
    return {"revocation": (a_statement(status="revoked", revoked_at=at, reason=reason),)}


HOUR = timedelta(hours=1)
CASES: dict[str, tuple[SignatureFacts, SubIndication]] = {
    "digest": (a_signature(cms=a_cms(digest_matches=False)), SubIndication.HASH_FAILURE),
    "value": (a_signature(cms=a_cms(value_matches=False)), SubIndication.SIG_CRYPTO_FAILURE),
    "digest before value": (
        a_signature(cms=a_cms(digest_matches=False, value_matches=False)),
        SubIndication.HASH_FAILURE,
    ),
    "attributes": (
        a_signature(cms=a_cms(attributes_consistent=False)),
        SubIndication.SIG_CRYPTO_FAILURE,
    ),
    "no signer": (
        a_signature(cms=a_cms(signer=None, digest_matches=None, value_matches=None)),
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    ),
    "other signer named": (
        a_signature(cms=a_cms(signing_certificate_matches=False)),
        SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
    ),
    "no path": (
        a_signature(cms=a_cms(path=PathFacts())),
        SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    ),
    "path breaks rules": (
        a_signature(cms=a_cms(path=PathFacts(problem="CONSTRAINTS"))),
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    ),
    "path unclear": (
        a_signature(cms=a_cms(path=PathFacts(problem="GENERAL"))),
        SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    ),
    "key usage": (
        of_signer(key_usage=("key_encipherment",)),
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    ),
    "purpose": (
        of_signer(extended_key_usage=("1.3.6.1.5.5.7.3.1",)),
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    ),
    "revocation unknown": (of_signer(revocation=()), SubIndication.TRY_LATER),
    "on hold": (of_signer(**revoked(NOON - HOUR, "certificate_hold")), SubIndication.TRY_LATER),
    "revoked": (of_signer(**revoked(NOON - HOUR)), SubIndication.REVOKED_NO_POE),
    "revoked, then signed": (
        declared(of_signer(1, **revoked(NOON - 2 * DAY)), NOON - DAY),
        SubIndication.REVOKED,
    ),
    "revoked before the time-stamp, signed who knows when": (
        declared(of_signer(1, **revoked(NOON - 2 * DAY)), NOON - 3 * DAY),
        SubIndication.REVOKED_NO_POE,
    ),
    "expired": (of_signer(not_after=NOON - HOUR), SubIndication.OUT_OF_BOUNDS_NOT_REVOKED),
    "expired and unknown": (
        of_signer(not_after=NOON - HOUR, revocation=()),
        SubIndication.OUT_OF_BOUNDS_NO_POE,
    ),
    "expired, then signed": (
        declared(of_signer(1, not_after=NOON - 2 * DAY), NOON - DAY),
        SubIndication.EXPIRED,
    ),
    "not yet valid": (
        declared(of_signer(not_before=NOON + HOUR), NOON + HOUR),
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    ),
    "time-stamped before it was valid": (
        declared(of_signer(1, not_before=NOON - HOUR), NOON - HOUR),
        SubIndication.NOT_YET_VALID,
    ),
    "declared later than proven": (
        declared(of_signer(1), NOON - HOUR),
        SubIndication.SIG_CONSTRAINTS_FAILURE,
    ),
    "unknown algorithm": (
        a_signature(cms=a_cms(algorithms=(AlgorithmFacts("sign", "x", "sha256"),))),
        SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    ),
    "weak key": (
        a_signature(cms=a_cms(algorithms=(AlgorithmFacts("sign", "rsa_pss", "sha256", 512),))),
        SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    ),
}
FAILED = {
    SubIndication.HASH_FAILURE,
    SubIndication.SIG_CRYPTO_FAILURE,
    SubIndication.REVOKED,
    SubIndication.EXPIRED,
    SubIndication.NOT_YET_VALID,
}


def test_a_paper_in_order_is_passed() -> None:
    report = judged(a_signature())

    assert (
        report.indication,
        report.sub_indication,
    ) == (Indication.TOTAL_PASSED, SubIndication.NONE)
    assert report.document == DocumentVerdict.UNCHANGED
    assert [one.level for one in report.signatures] == ["B-B"]
    assert report.signatures[0].valid_at_signing is True


@pytest.mark.parametrize("name", CASES)
def test_one_difference_gives_its_own_sub_indication(name: str) -> None:
    signature, expected = CASES[name]

    report = judged(signature)

    assert expected == report.sub_indication
    failed = Indication.TOTAL_FAILED if expected in FAILED else Indication.INDETERMINATE
    assert failed == report.indication


def test_a_revocation_after_the_proven_time_leaves_the_signature_passed() -> None:
    report = judged(of_signer(1, **revoked(NOON - HOUR)))

    assert report.indication == Indication.TOTAL_PASSED
    assert report.signatures[0].timestamped_at == NOON - DAY


def test_an_expiry_after_the_proven_time_leaves_the_signature_passed() -> None:
    current_then = a_statement(this_update=NOON - DAY, next_update=NOON)

    report = judged(of_signer(1, not_after=NOON - HOUR, revocation=(current_then,)))

    assert report.indication == Indication.TOTAL_PASSED


def test_a_revoked_issuer_is_told_apart() -> None:
    issuer = a_certificate(sha256="issuing", **revoked(NOON - DAY))
    expired = a_certificate(sha256="issuing", not_after=NOON - HOUR)

    by_revoked = judged(a_signature(cms=a_cms(path=a_path(a_certificate(), issuer))))
    by_expired = judged(a_signature(cms=a_cms(path=a_path(a_certificate(), expired))))

    assert by_revoked.sub_indication == SubIndication.REVOKED_CA_NO_POE
    assert by_expired.sub_indication == SubIndication.OUT_OF_BOUNDS_NO_POE


def test_sha1_counts_only_with_proof_that_it_is_old() -> None:
    long_ago = NOON - 3 * YEAR
    weak = (AlgorithmFacts("sign", "ecdsa", "sha1", 256),)
    leaf = a_certificate(not_before=long_ago - DAY)
    path = a_path(leaf, a_certificate(sha256="issuing", not_before=long_ago - DAY))
    cms = a_cms(algorithms=weak, signer=leaf, path=path)
    authority = a_certificate(
        sha256="tsa",
        not_before=long_ago - DAY,
        extended_key_usage=(TIME_STAMPING,),
        extended_key_usage_critical=True,
    )
    token = a_timestamp(long_ago)
    token = replace(token, cms=replace(token.cms, path=a_path(authority)))
    bare = declared(a_signature(cms=cms), long_ago)

    unproven, proven = judged(bare), judged(replace(bare, timestamps=(token,)))

    assert unproven.sub_indication == SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE
    assert proven.indication == Indication.TOTAL_PASSED
    assert "ALGORITHM_DEVIATES" in [one.reason for one in proven.signatures[0].findings]


def test_an_unusable_timestamp_is_a_note_and_proves_nothing() -> None:
    report = judged(a_signature(timestamps=(a_timestamp(imprint_matches=False),)))

    assert report.indication == Indication.TOTAL_PASSED
    assert report.signatures[0].timestamped_at is None
    assert "TIMESTAMP_UNUSABLE" in [one.reason for one in report.signatures[0].findings]


def test_a_broken_document_timestamp_condemns_the_file() -> None:
    stamp = a_document_timestamp(NOON, **OUTER)  # type: ignore[arg-type]
    assert stamp.document_timestamp is not None
    broken = replace(stamp.document_timestamp, imprint_matches=False)
    signature = a_signature(changes=LaterChanges(later_revisions=1))

    report = judged(signature, replace(stamp, document_timestamp=broken), size_bytes=3 * SIZE)

    assert (
        report.indication,
        report.sub_indication,
    ) == (Indication.TOTAL_FAILED, SubIndication.HASH_FAILURE)


def test_levels_rise_with_the_evidence() -> None:
    stamp = a_document_timestamp(NOON, **OUTER)  # type: ignore[arg-type]
    late = replace(stamp, changes=LaterChanges(signed_has_validation_data=True))
    with_data = LaterChanges(later_revisions=1, has_validation_data=True)
    without = LaterChanges(later_revisions=1)

    def level(*others: SignatureFacts, changes: LaterChanges, timestamps: int = 0) -> str:
        signature = a_signature(changes=changes, timestamps=(a_timestamp(),) * timestamps)
        return judged(signature, *others, size_bytes=3 * SIZE).signatures[0].level

    assert level(changes=without) == "B-B"
    assert level(changes=with_data) == "B-B"
    assert level(changes=without, timestamps=1) == "B-T"
    assert level(stamp, changes=without) == "B-T"
    assert level(changes=with_data, timestamps=1) == "B-LT"
    assert level(stamp, changes=with_data) == "B-LT"
    assert level(late, changes=with_data) == "B-LTA"


def test_a_signature_with_a_cms_signing_time_has_no_baseline_level() -> None:
    report = judged(a_signature(cms=a_cms(signing_time=NOON - DAY)))

    assert [one.level for one in report.signatures] == [""]
    assert "NOT_BASELINE" in [one.reason for one in report.signatures[0].findings]
    assert report.indication == Indication.TOTAL_PASSED


def test_the_worst_signature_rules_the_file() -> None:
    good = a_signature(changes=LaterChanges(later_revisions=1))
    stamp = a_document_timestamp(NOON, **OUTER)  # type: ignore[arg-type]
    bad = replace(a_signature(cms=a_cms(digest_matches=False)), byte_range=stamp.byte_range)

    report = judged(good, bad, size_bytes=3 * SIZE)

    assert [one.indication for one in report.signatures] == [
        Indication.TOTAL_PASSED,
        Indication.TOTAL_FAILED,
    ]
    assert report.indication == Indication.TOTAL_FAILED


def test_a_file_with_document_timestamps_alone_is_not_signed() -> None:
    stamp = a_document_timestamp(NOON, end=SIZE, gap=(2_000, 6_000))

    report = judged(stamp)

    assert report.sub_indication == SubIndication.SIGNED_DATA_NOT_FOUND
    assert (len(report.signatures), report.document_timestamps) == (0, 1)


def test_a_sandbox_anchor_is_said_loudly_and_first() -> None:
    report = judged(a_signature(cms=a_cms(path=a_path(sandbox=True))))

    assert "SANDBOX_ANCHOR" in [one.reason for one in report.signatures[0].findings]
    assert "KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in summary_vi(report).splitlines()[1]
    assert "HAS NO LEGAL VALUE" in summary_en(report).splitlines()[1]


@pytest.mark.parametrize("name", [*CASES, "in order"])
def test_every_verdict_can_be_said_in_both_languages_and_in_json(name: str) -> None:
    report = judged(CASES[name][0] if name in CASES else a_signature())

    told = summary_vi(report)
    for label in ("Người ký:", "Tổ chức cấp", "Thời điểm ký", "Tính toàn vẹn:", "Hiệu lực", "hạn"):
        assert label in told
    english = summary_en(report)
    assert len(english.splitlines()) == len(told.splitlines())
    assert "Integrity:" in english
    assert not set(english) & set("ăâđêôơưĂÂĐÊÔƠƯ") - set("Nguyễn Thị Lan CA thử nghiệm")
    assert {"indication", "sub_indication", "signatures"} == as_promised(report).keys()


def test_every_kind_of_finding_has_two_sentences_and_a_fitting_effect() -> None:
    for reason, kind in KINDS.items():
        assert reason.isupper()
        assert kind.en
        assert kind.vi
        for text in (kind.en, kind.vi):
            fields = {field for _, field, _, _ in string.Formatter().parse(text) if field}
            assert fields <= {"detail"}
        silent = kind.indication is Indication.TOTAL_PASSED
        assert silent == (kind.sub_indication is SubIndication.NONE)


def test_the_first_listed_of_equally_grave_findings_rules() -> None:
    found = [Finding("REVOCATION_UNKNOWN"), Finding("NO_TRUSTED_ISSUER"), Finding("SANDBOX_ANCHOR")]

    assert outcome(found) == (Indication.INDETERMINATE, SubIndication.NO_CERTIFICATE_CHAIN_FOUND)
    assert outcome([]) == (Indication.TOTAL_PASSED, SubIndication.NONE)
