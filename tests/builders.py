"""Valid values of the domains service; a test states its one difference."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from haidang.core.ports.registry import Gender, Party, PartyKind, PostalAddress
from haidang.domains.lifecycle import RegistrationState, add_years
from haidang.domains.values import Registration

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
"""Noon in Vietnam on a Monday."""


def a_party(**changes: Any) -> Party:
    """A household that may hold a name."""
    facts: dict[str, Any] = {
        "kind": PartyKind.HOUSEHOLD,
        "name": "Hộ kinh doanh Lan",
        "email": "lan@example.vn",
        "phone": "0901234567",
        "address": PostalAddress("1 Lê Lợi", "Phường Vũng Tàu", "TP. Hồ Chí Minh"),
        "tax_code": "0300588569",
        "representative_name": "Nguyễn Thị Lan",
    }
    return Party(**{**facts, **changes})


def a_person(**changes: Any) -> Party:
    """A person that may hold a name."""
    facts: dict[str, Any] = {
        "kind": PartyKind.PERSON,
        "name": "Nguyễn Thị Lan",
        "tax_code": "",
        "representative_name": "",
        "personal_id": "079305012345",
        "birth_on": "2005-05-17",
        "gender": Gender.FEMALE,
    }
    return a_party(**{**facts, **changes})


def a_registration(**changes: Any) -> Registration:
    """A name held for a year from noon."""
    facts: dict[str, Any] = {
        "name": "banhmi.vn",
        "unicode_name": "banhmi.vn",
        "state": RegistrationState.ACTIVE,
        "created_at": NOON,
        "expires_at": add_years(NOON, 1),
        "nameservers": ("ns1.example.vn", "ns2.example.vn"),
        "statuses": frozenset(),
        "party": a_party(),
        "registry": "fake",
        "roid": "D1-FAKE",
    }
    return Registration(**{**facts, **changes})
