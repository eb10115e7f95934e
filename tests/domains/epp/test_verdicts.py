"""Verdicts: what codes mean, and whether what the registry holds is ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from haidang.core.errors import (
    Absent,
    Conflict,
    Forbidden,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
    registered,
)
from haidang.core.ports.registry import Delegation, Renewal
from haidang.domains.epp.objects import DomainInfo
from haidang.domains.epp.responses import Response, Result
from haidang.domains.epp.verdicts import (
    error_for,
    is_our_creation,
    plan_delegation,
    renewed_expiry,
)
from hypothesis import given
from hypothesis import strategies as some

from tests.domains.sandbox_house import a_creation

NOON = datetime(2026, 11, 24, 5, tzinfo=UTC)
EXPIRY = datetime(2027, 11, 24, 5, tzinfo=UTC)


def a_refusal(code: int) -> Response:
    return Response((Result(code, "no"),), sv_trid="S-1")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        *((code, Unsupported) for code in (2000, 2100, 2101, 2102, 2103, 2307)),
        *((code, Malformed) for code in (2001, 2003, 2005)),
        *((code, Refused) for code in (2002, 2004, 2105, 2106, 2304, 2305, 2306, 2308)),
        *((code, Unavailable) for code in (2104, 2200, 2501, 2502)),
        *((code, Forbidden) for code in (2201, 2202)),
        *((code, Conflict) for code in (2300, 2301, 2302)),
        (2303, Absent),
        *((code, OutcomeUnknown) for code in (2400, 2500, 2999)),
    ],
)
def test_each_code_becomes_the_vocabularys_error(code: int, error: type[HaidangError]) -> None:
    found = error_for(a_refusal(code), verb="create domain", transforms=True, name="a.vn")

    assert type(found) is error
    assert registered()[found.reason].error is error
    assert found.facts["epp_code"] == code
    assert found.facts["sv_trid"] == "S-1"


@pytest.mark.parametrize("code", [2400, 2500])
def test_a_failed_read_may_simply_be_repeated(code: int) -> None:
    found = error_for(a_refusal(code), verb="info domain", transforms=False)

    assert type(found) is Unavailable


def test_an_existing_contact_is_not_called_a_taken_name() -> None:
    found = error_for(a_refusal(2302), verb="create contact", transforms=True)

    assert found.reason == "CONTACT_ID_TAKEN"


def an_info(**changed: Any) -> DomainInfo:
    given: dict[str, Any] = {
        "name": "bienxanh.vn",
        "roid": "D1-VN",
        "statuses": frozenset({"ok"}),
        "registrant": "HD0000000001",
        "nameservers": (),
        "sponsor": "haidang-sbx",
        "created_at": NOON,
        "expires_at": EXPIRY,
        **changed,
    }
    return DomainInfo(**given)


def is_ours(info: DomainInfo, ahead: timedelta = timedelta(0)) -> bool:
    creation = a_creation(intended_at=NOON)
    return is_our_creation(
        info,
        creation,
        sponsor="haidang-sbx",
        registry_ahead=ahead,
        tolerance=timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, True),
        ({"created_at": NOON - timedelta(minutes=5)}, True),
        ({"created_at": NOON - timedelta(minutes=6)}, False),
        ({"created_at": NOON + timedelta(days=3)}, True),
        ({"registrant": "HD0000000009"}, False),
        ({"sponsor": "khac-sbx"}, False),
    ],
)
def test_a_creation_is_ours_by_sponsor_contact_and_time(
    changed: dict[str, Any], verdict: bool
) -> None:
    assert is_ours(an_info(**changed)) is verdict


def test_the_registrys_clock_is_allowed_for() -> None:
    behind = timedelta(hours=-1)

    assert is_ours(an_info(created_at=NOON + behind), ahead=behind)
    assert not is_ours(an_info(created_at=NOON + behind))


def test_a_pending_creation_is_not_a_creation_yet() -> None:
    with pytest.raises(OutcomeUnknown):
        is_ours(an_info(statuses=frozenset({"pendingCreate"})))


def renewed(expires_at: datetime, *, stored: datetime = EXPIRY, years: int = 1) -> datetime | None:
    later = stored.replace(year=stored.year + years)
    renewal = Renewal("bienxanh.vn", years, stored, later)
    return renewed_expiry(an_info(expires_at=expires_at), renewal, sponsor="haidang-sbx")


def test_a_renewal_is_judged_by_the_stored_expiry() -> None:
    later = EXPIRY.replace(year=2028)

    assert renewed(EXPIRY) is None
    assert renewed(later) == later


@pytest.mark.parametrize("days", [-1, 1])
def test_a_leap_day_is_forgiven(days: int) -> None:
    found = EXPIRY.replace(year=2028) + timedelta(days=days)

    assert renewed(found) == found


@pytest.mark.parametrize("years", [2, 3, -1])
def test_any_other_expiry_is_for_a_person(years: int) -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        renewed(EXPIRY.replace(year=EXPIRY.year + years))

    assert unknown.value.reason == "REGISTRY_EXPIRY_UNEXPECTED"
    assert unknown.value.facts["before"] == "2027-11-24"


HOSTS = some.lists(some.sampled_from([f"ns{n}.example.vn" for n in range(6)]), unique=True)


@given(HOSTS, HOSTS)
def test_a_planned_delegation_ends_as_wanted(held: list[str], wanted: list[str]) -> None:
    delegation = Delegation("bienxanh.vn", tuple(wanted))

    add, remove = plan_delegation(tuple(held), delegation)

    assert (set(held) - set(remove)) | set(add) == set(wanted)
    assert not set(add) & set(held)
    assert set(remove) <= set(held)
