"""What an answer means for us: result codes to the vocabulary, and "did it happen?".

Pure. The provider comes here with an answer in hand. Codes differ between registries
for one event, so whether a transform happened is always decided by what the registry
holds, never by a code.

Source: RFC 5730 section 3; RFC 5734 section 3; RFC 5731 sections 3.1.2 and 3.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import haidang.domains.epp.reasons  # noqa: F401 - registers what this room raises
from haidang.core.errors import (
    Absent,
    Conflict,
    Fact,
    Forbidden,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
)
from haidang.core.ports.registry import (
    ContactCreation,
    Creation,
    Delegation,
    Renewal,
)
from haidang.domains.epp.objects import ContactInfo, DomainInfo
from haidang.domains.epp.responses import Response

Meaning = tuple[type[HaidangError], str]

COMMAND_FAILED = 2400
FAILED_AND_CLOSING = 2500
LOGIN_REFUSED = 2501
SESSION_LIMIT = 2502
NOT_AUTHENTICATED = 2200
USE_ERROR = 2002
OBJECT_EXISTS = 2302
OBJECT_ABSENT = 2303
NOT_SPONSOR = 2201
ACTION_PENDING = 1001
NO_MESSAGES = 1300

_MEANINGS: Mapping[int, Meaning] = {
    2000: (Unsupported, "REGISTRY_UNSUPPORTED"),
    2001: (Malformed, "REGISTRY_FOUND_MALFORMED"),
    USE_ERROR: (Refused, "REGISTRY_USE_ERROR"),
    2003: (Malformed, "REGISTRY_FOUND_MALFORMED"),
    2004: (Refused, "REGISTRY_POLICY"),
    2005: (Malformed, "REGISTRY_FOUND_MALFORMED"),
    2100: (Unsupported, "REGISTRY_UNSUPPORTED"),
    2101: (Unsupported, "REGISTRY_UNSUPPORTED"),
    2102: (Unsupported, "REGISTRY_UNSUPPORTED"),
    2103: (Unsupported, "REGISTRY_UNSUPPORTED"),
    # Our balance, not the customer's fault: the order is held, not refused.
    2104: (Unavailable, "REGISTRY_BALANCE"),
    2105: (Refused, "REGISTRY_RENEWAL_CLOSED"),
    2106: (Refused, "REGISTRY_TRANSFER_CLOSED"),
    # Logging in is ours, too; a definite no would blame the customer.
    NOT_AUTHENTICATED: (Unavailable, "REGISTRY_LOGIN_REFUSED"),
    NOT_SPONSOR: (Forbidden, "NAME_NOT_SPONSORED"),
    2202: (Forbidden, "AUTH_INFO_WRONG"),
    2300: (Conflict, "REGISTRY_TRANSFER_PENDING"),
    2301: (Conflict, "REGISTRY_TRANSFER_NOT_PENDING"),
    OBJECT_EXISTS: (Conflict, "NAME_TAKEN"),
    OBJECT_ABSENT: (Absent, "REGISTRY_OBJECT_ABSENT"),
    2304: (Refused, "REGISTRY_STATUS_BARS"),
    2305: (Refused, "REGISTRY_ASSOCIATION_BARS"),
    2306: (Refused, "REGISTRY_POLICY"),
    2307: (Unsupported, "REGISTRY_UNSUPPORTED"),
    2308: (Refused, "REGISTRY_POLICY"),
    LOGIN_REFUSED: (Unavailable, "REGISTRY_LOGIN_REFUSED"),
    SESSION_LIMIT: (Unavailable, "REGISTRY_SESSION_LIMIT"),
}


def error_for(response: Response, *, verb: str, transforms: bool, name: str = "") -> HaidangError:
    """The vocabulary's error for a failed *response*, with facts `epp_code` and `sv_trid`.

    2400, 2500 and any code of no known meaning leave a transform's outcome unknown.
    """
    meaning = _MEANINGS.get(response.code)
    if meaning is None:
        unknown: Meaning = (OutcomeUnknown, "REGISTRY_COMMAND_FAILED")
        meaning = unknown if transforms else (Unavailable, "REGISTRY_READ_FAILED")
    error, reason = meaning
    if response.code == OBJECT_EXISTS and "contact" in verb:
        reason = "CONTACT_ID_TAKEN"
    facts: dict[str, Fact] = {"epp_code": response.code, "sv_trid": response.sv_trid}
    if name:
        facts["name"] = name
    return error(reason, verb=verb, **facts)


def is_our_creation(
    info: DomainInfo,
    creation: Creation,
    *,
    sponsor: str,
    registry_ahead: timedelta,
    tolerance: timedelta,
) -> bool:
    """Whether *info* is what *creation* made: our sponsorship, our order's contact, our time.

    *registry_ahead* is the registry's clock minus ours, as its greeting showed it.

    Raises:
        OutcomeUnknown: REGISTRY_ACTION_PENDING while the registry still decides.
    """
    if info.sponsor != sponsor or info.registrant != creation.contact_id:
        return False
    if "pendingCreate" in info.statuses:
        raise OutcomeUnknown("REGISTRY_ACTION_PENDING", name=creation.name)
    if info.created_at is None:
        return True
    return info.created_at - registry_ahead >= creation.intended_at - tolerance


def is_our_contact(info: ContactInfo, creation: ContactCreation, *, sponsor: str) -> bool:
    """Whether *info* is what *creation* made: our id, our sponsorship, the same party."""
    wanted = contact_name(creation)
    same_name = any(_folded(name) == _folded(wanted) for name in info.names)
    same_email = _folded(info.email) == _folded(creation.party.email)
    return info.sponsor == sponsor and same_name and same_email


def contact_name(creation: ContactCreation) -> str:
    """The natural person named first: an organisation's representative, else the party."""
    return creation.party.representative_name or creation.party.name


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


LEAP_DAY = timedelta(days=1)
"""Registries disagree by a day when 29 February is renewed."""


def renewed_expiry(info: DomainInfo, renewal: Renewal, *, sponsor: str) -> datetime | None:
    """The new expiry if *renewal* happened; None while the registry still shows the old one.

    Raises:
        OutcomeUnknown: REGISTRY_EXPIRY_UNEXPECTED when the registry shows neither: a
            person decides, for guessing pays twice. REGISTRY_ACTION_PENDING.
    """
    if info.sponsor != sponsor:
        return None
    if "pendingRenew" in info.statuses:
        raise OutcomeUnknown("REGISTRY_ACTION_PENDING", name=renewal.name)
    if info.expires_at is None:
        raise Unavailable("REGISTRY_ANSWER_INCOMPLETE", missing="exDate")
    found = info.expires_at.astimezone(UTC).date()
    before = renewal.current_expires_at.astimezone(UTC).date()
    after = renewal.new_expires_at.astimezone(UTC).date()
    if found == before:
        return None
    if abs(found - after) <= LEAP_DAY:
        return info.expires_at
    raise OutcomeUnknown(
        "REGISTRY_EXPIRY_UNEXPECTED",
        name=renewal.name,
        found=found.isoformat(),
        before=before.isoformat(),
        after=after.isoformat(),
    )


def plan_delegation(
    held: tuple[str, ...], delegation: Delegation
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(to add, to remove), sorted, that turn *held* into what *delegation* wants."""
    wanted = {name.lower() for name in delegation.nameservers}
    present = set(held)
    return tuple(sorted(wanted - present)), tuple(sorted(present - wanted))
