"""What held at an instant."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from haidang.esign.facts import RevocationFacts, TimestampFacts
from haidang.esign.timing import Standing, proofs_of_existence, standing_at, timestamp_fault

from tests.esign.signed_facts import (
    DAY,
    NOON,
    TIME_STAMPING,
    a_certificate,
    a_cms,
    a_path,
    a_statement,
    a_timestamp,
)


def standing(*statements: RevocationFacts, at: datetime = NOON) -> Standing:
    return standing_at(a_certificate(revocation=statements), at, NOON)[0]


def revoked(at: datetime, reason: str = "", **difference: object) -> RevocationFacts:
    return a_statement(status="revoked", revoked_at=at, reason=reason, **difference)


@pytest.mark.parametrize(
    ("expected", "statements", "at"),
    [
        (Standing.GOOD, [a_statement()], NOON),
        (Standing.UNKNOWN, [], NOON),
        (Standing.UNKNOWN, [a_statement(next_update=NOON - timedelta(hours=1))], NOON),
        (Standing.UNKNOWN, [a_statement(next_update=None)], NOON),
        (Standing.GOOD, [a_statement(next_update=None)], NOON - 2 * DAY),
        (Standing.UNKNOWN, [a_statement(status="unknown")], NOON),
        (Standing.UNKNOWN, [a_statement(this_update=NOON + DAY)], NOON),
        (Standing.REVOKED, [revoked(NOON - DAY)], NOON),
        (Standing.REVOKED, [revoked(NOON - DAY), a_statement()], NOON),
        (Standing.REVOKED, [revoked(NOON)], NOON),
        (Standing.GOOD, [revoked(NOON - DAY)], NOON - 2 * DAY),
        (Standing.ON_HOLD, [revoked(NOON - DAY, "certificate_hold")], NOON),
        (Standing.GOOD, [revoked(NOON - DAY, "certificate_hold")], NOON - 2 * DAY),
        (
            Standing.GOOD,
            [
                revoked(NOON - 3 * DAY, "certificate_hold", this_update=NOON - 2 * DAY),
                a_statement(),
            ],
            NOON,
        ),
    ],
)
def test_standing_follows_the_statements_that_speak_for_the_instant(
    expected: Standing, statements: list[RevocationFacts], at: datetime
) -> None:
    assert expected == standing(*statements, at=at)


def test_a_statement_made_after_the_certificate_expired_says_nothing() -> None:
    expired = a_certificate(not_after=NOON - 2 * DAY)

    assert standing_at(expired, NOON - 3 * DAY, NOON)[0] == Standing.UNKNOWN


def of_authority(**difference: object) -> TimestampFacts:
    token = a_timestamp()
    leaf = replace(token.cms.path.certificates[0], **difference)  # type: ignore[arg-type]
    return replace(token, cms=replace(token.cms, path=a_path(leaf)))


def test_a_timestamp_in_order_proves_its_time() -> None:
    assert timestamp_fault(a_timestamp(), NOON, NOON) == ""


@pytest.mark.parametrize(
    "token",
    [
        a_timestamp(imprint_matches=False),
        a_timestamp(imprint_matches=None),
        a_timestamp(NOON + DAY),
        a_timestamp(generated_at=None),
        a_timestamp(cms=a_cms(problem="torn")),
        a_timestamp(cms=a_cms()),
        a_timestamp(cms=replace(a_timestamp().cms, value_matches=False)),
        a_timestamp(cms=replace(a_timestamp().cms, digest_matches=False)),
        a_timestamp(cms=replace(a_timestamp().cms, attributes_consistent=False)),
        a_timestamp(cms=replace(a_timestamp().cms, signing_certificate_matches=False)),
        a_timestamp(cms=replace(a_timestamp().cms, path=a_path(problem="NO_PATH"))),
        of_authority(extended_key_usage=None),
        of_authority(extended_key_usage=(TIME_STAMPING, "1.3.6.1.5.5.7.3.2")),
        of_authority(extended_key_usage_critical=False),
        of_authority(not_after=NOON - timedelta(hours=1)),
        of_authority(not_before=NOON - timedelta(hours=1)),
        of_authority(revocation=()),
        of_authority(revocation=(revoked(NOON - DAY),)),
        of_authority(algorithm=replace(a_certificate().algorithm, digest="md5")),
    ],
)
def test_a_timestamp_with_one_fault_proves_nothing(token: TimestampFacts) -> None:
    assert timestamp_fault(token, NOON, NOON)


def test_an_outer_timestamp_keeps_an_inner_one_alive_past_its_authoritys_expiry() -> None:
    inner = of_authority(not_after=NOON - timedelta(hours=1))
    outer = a_timestamp(NOON - timedelta(hours=2), covers_to=inner.covers_to + 1)

    assert proofs_of_existence([inner], NOON) == ()
    proven = [proof.at for proof in proofs_of_existence([inner, outer], NOON)]
    assert [outer.generated_at, inner.generated_at] == proven
