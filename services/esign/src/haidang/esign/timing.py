"""Times and standing: what held at an instant, told from certificates and time-stamps.

Pure. Comes in: facts and an instant. Who comes in: `verdicts`. Never here: the clock.
Source: ETSI EN 319 102-1 clauses 5.2.6, 5.4, 5.6.2 (X.509 validation, time-stamps, proofs
of existence); Circular 15/2025 App. II (standing at signing time).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from haidang.esign.facts import CertificateFacts, PathFacts, RevocationFacts, TimestampFacts
from haidang.esign.trust import Acceptance, judge_algorithm

CLOCK_TOLERANCE = timedelta(minutes=5)
"""How far two honest clocks may differ."""

_HOLD = "certificate_hold"
_TSA_USAGE = ("1.3.6.1.5.5.7.3.8",)
"""Purpose time-stamping, and nothing else. Source: RFC 3161 section 2.3."""


class Standing(StrEnum):
    """What is known of a certificate's revocation at an instant."""

    GOOD = "good"
    REVOKED = "revoked"
    ON_HOLD = "on_hold"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class ProofOfExistence:
    """A usable document time-stamp: everything before `covers_to` existed at `at`."""

    at: datetime
    covers_to: int


def standing_at(
    certificate: CertificateFacts, at: datetime, now: datetime
) -> tuple[Standing, datetime | None]:
    """The revocation standing of *certificate* at the instant *at*, and since when.

    A statement speaks for *at* if it was issued later, or was current then. One issued
    after the certificate expired does not: its issuer may have forgotten the certificate.
    A revocation after *at* leaves the certificate good at *at*.
    """
    usable = [one for one in certificate.revocation if one.this_update <= now + CLOCK_TOLERANCE]
    revoked = [one for one in usable if one.status == "revoked" and one.revoked_at is not None]
    final = [one for one in revoked if one.reason != _HOLD]
    since = min((one.revoked_at for one in final if one.revoked_at), default=None)
    if since is not None:
        return (Standing.REVOKED, since) if since <= at else (Standing.GOOD, None)
    newest = max(usable, key=lambda one: one.this_update, default=None)
    if newest in revoked and newest is not None and newest.revoked_at is not None:
        if newest.revoked_at <= at:
            return Standing.ON_HOLD, newest.revoked_at
        return Standing.GOOD, None
    speaks = any(one.status == "good" and _speaks_for(one, certificate, at) for one in usable)
    return (Standing.GOOD if speaks else Standing.UNKNOWN), None


def _speaks_for(one: RevocationFacts, certificate: CertificateFacts, at: datetime) -> bool:
    if one.this_update > certificate.not_after:
        return False
    return one.this_update >= at or (one.next_update is not None and one.next_update >= at)


def is_within_validity(certificate: CertificateFacts, at: datetime) -> bool:
    """Whether *at* lies in the certificate's validity period, its ends included."""
    return certificate.not_before <= at <= certificate.not_after


def timestamp_fault(token: TimestampFacts, at: datetime, now: datetime) -> str:
    """Why *token* proves no time when judged at the instant *at*, in English; "" if it does."""
    cms = token.cms
    checks = {
        "unreadable": bool(cms.problem) or token.generated_at is None,
        "not a time-stamp token": cms.content_type != "tst_info",
        "it stamps something else": token.imprint_matches is not True,
        "its signature is wrong": not is_sound(token),
        "its certificate is not named in it": not cms.signing_certificate_matches,
        "its authority is not trusted": bool(cms.path.problem),
    }
    for fault, holds in checks.items():
        if holds:
            return fault
    assert token.generated_at is not None
    if token.generated_at > at + CLOCK_TOLERANCE:
        return "it lies in the future"
    return _authority_fault(cms.path, token, at, now)


def is_sound(token: TimestampFacts) -> bool:
    """Whether the token's own cryptography holds, trust apart."""
    cms = token.cms
    return (
        not cms.problem
        and token.imprint_matches is True
        and cms.digest_matches is True
        and cms.value_matches is True
        and cms.attributes_consistent
    )


def _authority_fault(path: PathFacts, token: TimestampFacts, at: datetime, now: datetime) -> str:
    leaf = path.certificates[0]
    if leaf.extended_key_usage != _TSA_USAGE or not leaf.extended_key_usage_critical:
        return "its authority is not certified for time-stamps"
    assert token.generated_at is not None
    if not is_within_validity(leaf, token.generated_at):
        return "its authority's certificate was not valid then"
    for certificate in path.certificates:
        if not is_within_validity(certificate, at):
            return "its authority's certificate is out of bounds"
        standing, _ = standing_at(certificate, at, now)
        if standing is not Standing.GOOD and not _is_top_of(path, certificate):
            return f"its authority's revocation status is {standing}"
    used = [*token.cms.algorithms, *(one.algorithm for one in path.certificates)]
    if any(judge_algorithm(one, at) in (Acceptance.REFUSE, Acceptance.UNKNOWN) for one in used):
        return "it uses an algorithm that is not acceptable"
    return ""


def _is_top_of(path: PathFacts, certificate: CertificateFacts) -> bool:
    """Whether *certificate* is itself the anchor, about which nobody can make statements."""
    return path.certificates == (certificate,) and path.anchor_sha256 == certificate.sha256


def proofs_of_existence(
    tokens: Iterable[TimestampFacts], now: datetime
) -> tuple[ProofOfExistence, ...]:
    """The usable document time-stamps, each judged at the time the next outer one proves."""
    proofs: list[ProofOfExistence] = []
    for token in sorted(tokens, key=lambda one: one.covers_to, reverse=True):
        at = control_time(proofs, token.covers_to, now)
        if token.generated_at is not None and not timestamp_fault(token, at, now):
            proofs.append(ProofOfExistence(token.generated_at, token.covers_to))
    return tuple(proofs)


def control_time(proofs: Iterable[ProofOfExistence], covers_to: int, now: datetime) -> datetime:
    """The earliest instant at which the bytes up to *covers_to* are proven to exist, or *now*."""
    return min([now, *(proof.at for proof in proofs if proof.covers_to >= covers_to)])
