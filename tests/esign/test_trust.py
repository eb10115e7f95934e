"""Algorithm policy is dated data; anchors keep their mark."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from haidang.esign.facts import AlgorithmFacts
from haidang.esign.trust import (
    POLICY,
    Acceptance,
    TrustAnchor,
    judge_algorithm,
    named,
    select_anchors,
)

BEFORE, AFTER = datetime(2024, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("algorithm", "at", "acceptance"),
    [
        (AlgorithmFacts("sign", "ecdsa", "sha256", 256), AFTER, Acceptance.OK),
        (AlgorithmFacts("sign", "ecdsa", "sha256", 192), AFTER, Acceptance.REFUSE),
        (AlgorithmFacts("sign", "rsa_pss", "sha256", 2048), AFTER, Acceptance.OK),
        (AlgorithmFacts("sign", "rsa_pkcs1v15", "sha256", 2048), AFTER, Acceptance.DEVIATION),
        (AlgorithmFacts("sign", "rsa_pkcs1v15", "sha256", 2048), BEFORE, Acceptance.OK),
        (AlgorithmFacts("certificate", "rsa_pkcs1v15", "sha256", 2048), AFTER, Acceptance.OK),
        (AlgorithmFacts("sign", "rsa_pkcs1v15", "sha256", 1024), BEFORE, Acceptance.REFUSE),
        (AlgorithmFacts("sign", "rsa_pkcs1v15", "sha1", 2048), AFTER, Acceptance.REFUSE),
        (AlgorithmFacts("sign", "rsa_pkcs1v15", "sha1", 2048), BEFORE, Acceptance.DEVIATION),
        (AlgorithmFacts("sign", "", "md5"), BEFORE, Acceptance.UNKNOWN),
        (AlgorithmFacts("sign", "dsa", "sha256", 2048), AFTER, Acceptance.UNKNOWN),
        (AlgorithmFacts("sign", "ed25519", "", 256), AFTER, Acceptance.DEVIATION),
        (AlgorithmFacts("sign", "", ""), AFTER, Acceptance.UNKNOWN),
    ],
    ids=lambda value: named(value) if isinstance(value, AlgorithmFacts) else str(value),
)
def test_the_policy_in_force_at_the_instant_decides(
    algorithm: AlgorithmFacts, at: datetime, acceptance: Acceptance
) -> None:
    assert acceptance == judge_algorithm(algorithm, at)


def test_a_rule_ends_where_its_successor_begins() -> None:
    (old, new) = [rule for rule in POLICY if rule.name == "sha1"]

    assert old.until == new.since
    just_then = AlgorithmFacts("sign", "", "sha1")
    assert judge_algorithm(just_then, new.since) == Acceptance.REFUSE


def test_every_rule_states_its_source_and_certainty() -> None:
    assert all(rule.legal_reference and rule.certainty for rule in POLICY)


def test_a_sandbox_anchor_counts_only_where_allowed() -> None:
    sandbox, other = TrustAnchor(b"a", "x", sandbox=True), TrustAnchor(b"b", "y")

    assert {sandbox, other} == set(select_anchors([sandbox, other], sandbox_allowed=True))
    assert (other,) == select_anchors([sandbox, other], sandbox_allowed=False)


def test_a_root_given_both_ways_keeps_the_sandbox_mark() -> None:
    sandbox, disguised = TrustAnchor(b"a", "x", sandbox=True), TrustAnchor(b"a", "y")

    for order in ([sandbox, disguised], [disguised, sandbox]):
        assert (sandbox,) == select_anchors(order, sandbox_allowed=True)
        assert select_anchors(order, sandbox_allowed=False) == ()
