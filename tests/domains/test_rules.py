"""Fees, eligibility, lifecycle: rules over dated data."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from haidang.core.errors import HaidangError, Refused
from haidang.core.ports.registry import Gender, PartyKind
from haidang.domains.eligibility import normalized_party, require_eligible
from haidang.domains.fees import ServicePrice, price_lines
from haidang.domains.law import law_on
from haidang.domains.lifecycle import (
    RegistrationState,
    Term,
    add_years,
    decide_renewal,
    state_on,
)
from haidang.domains.names import domain_name

from tests.domains.fakes import NOON, a_party

LAW = law_on(date(2026, 11, 24))
PROFILE = LAW.lifecycles["vn-2022"]
EXPIRY = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)
"""Midnight in Vietnam at the beginning of 23 November."""


@pytest.mark.parametrize(
    ("name", "first_year", "renewal"),
    [
        ("banhmi.vn", 450_000, 350_000),
        ("banhmi.com.vn", 350_000, 250_000),
        ("banhmi.hue.vn", 150_000, 100_000),
        ("lan.id.vn", 60_000, 50_000),
        ("lan.name.vn", 30_000, 20_000),
        ("phở-lan.vn", 30_000, 20_000),
    ],
)
def test_a_price_follows_the_table(name: str, first_year: int, renewal: int) -> None:
    found = domain_name(name, LAW)

    def total(*, is_new: bool) -> int:
        lines = price_lines(found, 1, LAW, is_new=is_new, service=ServicePrice())
        assert all(line.citation and line.confidence for line in lines)
        return sum(line.amount_dong for line in lines)

    assert (total(is_new=True), total(is_new=False)) == (first_year, renewal)


def test_a_suffix_without_a_fee_row_is_not_quoted() -> None:
    with pytest.raises(Refused) as refusal:
        price_lines(domain_name("x.ap.vn", LAW), 1, LAW, is_new=True, service=ServicePrice())

    assert refusal.value.reason == "NO_FEE_ROW"


def test_the_operators_service_and_its_tax_are_lines_of_their_own() -> None:
    found = domain_name("banhmi.vn", LAW)
    lines = price_lines(found, 2, LAW, is_new=False, service=ServicePrice(100_000, 8))

    assert [line.amount_dong for line in lines] == [700_000, 200_000, 16_000]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"tax_code": "0100112438"}, "registrant.tax_code"),
        ({"tax_code": ""}, "registrant.tax_code"),
        ({"phone": "12345"}, "registrant.phone"),
        ({"email": "lan"}, "registrant.email"),
        ({"name": " "}, "registrant.name"),
        ({"representative_name": ""}, "registrant.representative_name"),
        ({"kind": PartyKind.PERSON}, "registrant.personal_id"),
        (
            {
                "kind": PartyKind.PERSON,
                "personal_id": "079095012345",
                "gender": Gender.MALE,
                "birth_on": "17/05/1995",
            },
            "registrant.birth_on",
        ),
    ],
)
def test_what_a_registrant_lacks_is_said_at_its_field(
    changes: dict[str, object], field: str
) -> None:
    with pytest.raises(HaidangError) as refusal:
        normalized_party(a_party(**changes))

    assert refusal.value.field == field


def test_facts_are_kept_in_one_spelling() -> None:
    clean = normalized_party(a_party(phone="0901 234 567", name="Hộ  kinh doanh   Lan"))

    assert (clean.phone, clean.name) == ("+84901234567", "Hộ kinh doanh Lan")


@pytest.mark.parametrize(
    ("name", "kind", "may"),
    [
        ("lan.id.vn", PartyKind.PERSON, True),
        ("lan.id.vn", PartyKind.ORGANIZATION, False),
        ("truong.edu.vn", PartyKind.ORGANIZATION, True),
        ("truong.edu.vn", PartyKind.PERSON, False),
        ("banhmi.vn", PartyKind.HOUSEHOLD, True),
    ],
)
def test_a_suffix_is_for_its_holders(name: str, kind: PartyKind, may: bool) -> None:
    found = domain_name(name, LAW)
    if may:
        require_eligible(a_party(kind=kind), found, LAW)
        return
    with pytest.raises(Refused) as refusal:
        require_eligible(a_party(kind=kind), found, LAW)
    assert refusal.value.facts["citation"]


@pytest.mark.parametrize(
    ("days", "state"),
    [
        (-1, RegistrationState.ACTIVE),
        (0, RegistrationState.SUSPENDED),
        (25, RegistrationState.SUSPENDED),
        (26, RegistrationState.PENDING_REVOCATION),
    ],
)
def test_days_are_counted_in_vietnam(days: int, state: RegistrationState) -> None:
    now = EXPIRY + timedelta(days=days, hours=12)

    assert state_on(EXPIRY, now, PROFILE) is state


def test_renewal_is_refused_from_the_twenty_sixth_day() -> None:
    held = Term("banhmi.vn", EXPIRY, frozenset())
    late = EXPIRY + timedelta(days=26, hours=1)

    assert decide_renewal(held, 1, late - timedelta(days=1), profile=PROFILE).years == 1
    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 1, late, profile=PROFILE)
    assert refusal.value.reason == "RENEWAL_CLOSED"


def test_renewal_is_refused_while_pending_delete() -> None:
    held = Term("banhmi.vn", add_years(NOON, 1), frozenset({"pendingDelete"}))

    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 1, NOON, profile=PROFILE)

    assert refusal.value.reason == "STATUS_BARS_RENEWAL"


def test_a_term_ends_at_ten_years_ahead() -> None:
    held = Term("banhmi.vn", add_years(NOON, 5), frozenset())

    assert decide_renewal(held, 5, NOON, profile=PROFILE).new_expires_at == add_years(NOON, 10)
    with pytest.raises(Refused) as refusal:
        decide_renewal(held, 6, NOON, profile=PROFILE)
    assert refusal.value.reason == "TERM_TOO_LONG"


def test_a_leap_day_becomes_the_twenty_eighth() -> None:
    leap = datetime(2028, 2, 29, tzinfo=UTC)

    assert add_years(leap, 1) == datetime(2029, 2, 28, tzinfo=UTC)
    assert add_years(leap, 4) == datetime(2032, 2, 29, tzinfo=UTC)
