"""Trust: which algorithms count, since when, and which anchors may be believed.

Pure: the policy is dated rows, read with an instant. Who comes in: `verdicts`, the worker's
clients. Never here: fetching, a certificate's parsing, a rule hidden in code.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from haidang.esign.facts import AlgorithmFacts


class Acceptance(StrEnum):
    """What the policy says of an algorithm; ordered from best to worst by `_GRAVITY`."""

    OK = "ok"
    DEVIATION = "deviation"
    REFUSE = "refuse"
    UNKNOWN = "unknown"


_GRAVITY = list(Acceptance)


@dataclass(frozen=True)
class AlgorithmRule:
    """One dated row. `name` is a signature scheme or a digest; empty `use` means every use.

    A row speaks from `since` until `until` (exclusive; None: open). `min_bits` counts for
    schemes only. The row that is in force and began last decides.
    """

    name: str
    acceptance: Acceptance
    since: datetime
    until: datetime | None
    legal_reference: str
    certainty: str
    min_bits: int = 0
    use: str = ""


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


_EVER = _day(1970, 1, 1)
_CIRCULAR_15 = _day(2025, 8, 15)
_TT15 = "TT 15/2025/TT-BKHCN, App. I"
_TT16 = "TT 16/2019/TT-BTTTT"

POLICY_NAME = "vn-2025-08"
"""Name of the profile a report was judged by."""

POLICY: tuple[AlgorithmRule, ...] = (
    AlgorithmRule("rsa_pss", Acceptance.OK, _EVER, None, _TT15, "standard", 2048),
    # App. I names PSS; what authorities issue is PKCS#1 v1.5 (field guide section 1.3).
    AlgorithmRule("rsa_pkcs1v15", Acceptance.OK, _EVER, _CIRCULAR_15, _TT16, "secondary", 2048),
    AlgorithmRule(
        "rsa_pkcs1v15", Acceptance.DEVIATION, _CIRCULAR_15, None, _TT15, "standard", 2048
    ),
    # Certificates, tokens and status answers are issued with v1.5 everywhere; App. I speaks
    # of signing, so no deviation is noted there.
    *(
        AlgorithmRule("rsa_pkcs1v15", Acceptance.OK, _EVER, None, _TT15, "secondary", 2048, use)
        for use in ("certificate", "timestamp", "revocation")
    ),
    AlgorithmRule("ecdsa", Acceptance.OK, _EVER, None, _TT15, "standard", 256),
    AlgorithmRule("ed25519", Acceptance.DEVIATION, _EVER, None, "not in App. I", "standard", 0),
    AlgorithmRule("sha256", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha384", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha512", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha3_256", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha3_384", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha3_512", Acceptance.OK, _EVER, None, _TT15, "standard"),
    AlgorithmRule("sha224", Acceptance.REFUSE, _EVER, None, _TT15, "standard"),
    # SHA-1 counts only where a time-stamp proves the signature older than the circular.
    AlgorithmRule("sha1", Acceptance.DEVIATION, _EVER, _CIRCULAR_15, _TT16, "unconfirmed"),
    AlgorithmRule("sha1", Acceptance.REFUSE, _CIRCULAR_15, None, _TT15, "standard"),
)


def judge_algorithm(
    algorithm: AlgorithmFacts, at: datetime, policy: Iterable[AlgorithmRule] = POLICY
) -> Acceptance:
    """The worse of what *policy* says, at the instant *at*, of the scheme and of its digest."""
    rules = [
        rule
        for rule in policy
        if rule.since <= at
        and (rule.until is None or at < rule.until)
        and rule.use in ("", algorithm.use)
    ]
    names = [name for name in (algorithm.signature, algorithm.digest) if name]
    if algorithm.signature.startswith("ed"):
        names = [algorithm.signature]
    found = [_judge_name(name, algorithm.bits, rules) for name in names]
    return max(found, key=_GRAVITY.index, default=Acceptance.UNKNOWN)


def _judge_name(name: str, bits: int, rules: list[AlgorithmRule]) -> Acceptance:
    own = [rule for rule in rules if rule.name == name]
    if not own:
        return Acceptance.UNKNOWN
    deciding = max(own, key=lambda rule: (bool(rule.use), rule.since))
    return Acceptance.REFUSE if bits < deciding.min_bits else deciding.acceptance


def named(algorithm: AlgorithmFacts) -> str:
    """The algorithm as one neutral word for reports, such as "rsa_pkcs1v15/sha1/2048"."""
    parts = [algorithm.signature, algorithm.digest, str(algorithm.bits or "")]
    return "/".join(part for part in parts if part)


@dataclass(frozen=True)
class TrustAnchor:
    """A root that is believed. `source` says where it came from; `sandbox` is never silent."""

    der: bytes
    source: str
    sandbox: bool = False


def select_anchors(
    anchors: Iterable[TrustAnchor], *, sandbox_allowed: bool
) -> tuple[TrustAnchor, ...]:
    """The anchors to believe, each once; a sandbox's only where *sandbox_allowed*.

    A root offered both ways counts as a sandbox's, so that it cannot lose the mark.
    """
    chosen: dict[bytes, TrustAnchor] = {}
    for anchor in sorted(anchors, key=lambda one: one.sandbox):
        chosen[anchor.der] = anchor
    return tuple(one for one in chosen.values() if sandbox_allowed or not one.sandbox)
