"""Typed values of the EPP schemas: each coercion answers the value or refuses it.

Pure. Commands and answers come here; nothing unchecked reaches the wire. A refusal
carries the fact `field`, never the value, which may be personal data.

Source: RFC 5730 to 5733, formal syntax; eppcom-1.0, epp-1.0, domain-1.0, contact-1.0.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, date, datetime

import haidang.domains.epp.reasons  # noqa: F401 - registers what this room raises
from haidang.core.errors import Malformed

TRANSACTION_ID_LENGTH = (3, 64)
CLIENT_ID_LENGTH = (3, 16)
PASSWORD_LENGTH = (6, 16)
LABEL_LENGTH = (1, 255)
POSTAL_LINE_LENGTH = (1, 255)
PERIOD_YEARS = (1, 99)
POSTAL_CODE_MAX = 16
COUNTRY_LENGTH = 2
VOICE_MAX = 17
STREETS_MAX = 3
STATUSES_MAX = 11

DOMAIN_STATUSES = frozenset(
    {
        *(
            f"{side}{verb}Prohibited"
            for side in ("client", "server")
            for verb in ("Delete", "Renew", "Transfer", "Update")
        ),
        *("clientHold", "serverHold", "inactive", "ok"),
        *(f"pending{verb}" for verb in ("Create", "Delete", "Renew", "Transfer", "Update")),
    }
)
"""The 17 statuses of a domain. Source: RFC 5731 section 2.3."""

_NOT_TOKEN = re.compile(r"[\t\r\n]|^ | $|  ")
_NOT_NORMALIZED = re.compile(r"[\t\r\n]")
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ROID = re.compile(r"(\w|_){1,80}-\w{1,8}")
_VOICE = re.compile(r"\+[0-9]{1,3}\.[0-9]{1,14}")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")

ONE_DIGIT_COUNTRIES = frozenset("17")
_TWO_DIGITS = (
    *("20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45"),
    *("46", "47", "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61"),
    *("62", "63", "64", "65", "66", "81", "82", "84", "86", "90", "91", "92", "93", "94"),
    *("95", "98"),
)
TWO_DIGIT_COUNTRIES = frozenset(_TWO_DIGITS)
"""Country codes of two digits; the others have three. Source: ITU-T E.164, list of 2016."""


def _refuse(field: str, rule: str) -> Malformed:
    return Malformed("EPP_VALUE", field=field, rule=rule)


def _bounded(value: str, field: str, bounds: tuple[int, int]) -> str:
    low, high = bounds
    if not low <= len(value) <= high:
        raise _refuse(field, f"{low} to {high} characters")
    return value


def token(value: str, field: str, bounds: tuple[int, int]) -> str:
    """xsd:token of a length within *bounds*. Raises: Malformed EPP_VALUE."""
    if _NOT_TOKEN.search(value) or _NOT_XML.search(value):
        raise _refuse(field, "no line breaks, no leading, trailing or double spaces")
    return _bounded(value, field, bounds)


def line(value: str, field: str, bounds: tuple[int, int] = POSTAL_LINE_LENGTH) -> str:
    """xsd:normalizedString of a length within *bounds*. Raises: Malformed EPP_VALUE."""
    if _NOT_NORMALIZED.search(value) or _NOT_XML.search(value):
        raise _refuse(field, "one line of text")
    return _bounded(value, field, bounds)


def transaction_id(value: str) -> str:
    """epp:trIDStringType: 3 to 64 characters. Raises: Malformed EPP_VALUE."""
    return token(value, "clTRID", TRANSACTION_ID_LENGTH)


def client_id(value: str, field: str = "clID") -> str:
    """eppcom:clIDType, also the type of contact ids: 3 to 16. Raises: Malformed EPP_VALUE."""
    return token(value, field, CLIENT_ID_LENGTH)


def password(value: str, field: str = "pw") -> str:
    """epp:pwType: 6 to 16 characters. Raises: Malformed EPP_VALUE."""
    return token(value, field, PASSWORD_LENGTH)


def domain_name(value: str, field: str = "name") -> str:
    """eppcom:labelType, lower case as our own names are. Raises: Malformed EPP_VALUE."""
    return token(value, field, LABEL_LENGTH).lower()


def period_years(years: int) -> str:
    """domain:pLimitType, unit y: 1 to 99. Raises: Malformed EPP_VALUE."""
    low, high = PERIOD_YEARS
    if not low <= years <= high:
        raise _refuse("period", f"{low} to {high}")
    return str(years)


def country(value: str, field: str = "cc") -> str:
    """contact:ccType: two capital letters (ISO 3166-1). Raises: Malformed EPP_VALUE."""
    if len(value) != COUNTRY_LENGTH or not (
        value.isascii() and value.isalpha() and value.isupper()
    ):
        raise _refuse(field, "two capital letters")
    return value


def voice(phone: str, field: str = "voice") -> str:
    """E.164 "+84901234567" written as EPP wants it, "+84.901234567"; "" stays "".

    Raises: Malformed EPP_VALUE. Source: RFC 5733 section 2.5.
    """
    if not phone:
        return ""
    if not _VOICE.fullmatch(phone):
        if not _E164.fullmatch(phone):
            raise _refuse(field, "E.164, as +84901234567")
        after_country = 1 + _country_digits(phone)
        phone = f"{phone[:after_country]}.{phone[after_country:]}"
    return _bounded(phone, field, (1, VOICE_MAX))


def _country_digits(phone: str) -> int:
    one, two, three = 1, 2, 3
    if phone[1 : 1 + one] in ONE_DIGIT_COUNTRIES:
        return one
    return two if phone[1 : 1 + two] in TWO_DIGIT_COUNTRIES else three


def domain_status(value: str) -> str:
    """domain:statusValueType. Raises: Malformed EPP_VALUE."""
    if value not in DOMAIN_STATUSES:
        raise _refuse("status", "one of the 17 statuses of RFC 5731")
    return value


def roid(value: str, field: str = "roid") -> str:
    """eppcom:roidType. Raises: Malformed EPP_VALUE."""
    if not _ROID.fullmatch(value):
        raise _refuse(field, "letters, a hyphen, at most 8 letters")
    return value


def instant(value: str, field: str) -> datetime:
    """xsd:dateTime as an aware UTC instant; one without zone is UTC (RFC 5731 section 2.4)."""
    try:
        read = datetime.fromisoformat(value.strip())
    except ValueError as fault:
        raise _refuse(field, "an instant") from fault
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def day(value: datetime) -> str:
    """The UTC calendar date of *value* as xsd:date. Source: RFC 5731 section 2.4."""
    return value.astimezone(UTC).date().isoformat()


def calendar_date(value: str, field: str) -> date:
    """xsd:date without zone. Raises: Malformed EPP_VALUE."""
    try:
        return date.fromisoformat(value.strip())
    except ValueError as fault:
        raise _refuse(field, "a date, as 2026-11-23") from fault


EFFECT_DIGITS = 40
"""160 bits of the effect's hash: no two effects meet, and 64 characters are not exceeded."""


def transaction_prefix(effect_id: str) -> str:
    """What every clTRID sent for *effect_id* begins with: "HD-" and 40 hexadecimal digits.

    A transmission adds "-" and a nonce of its own (see `session`): the id stays unique
    per transmission, as RFC 5730 section 2.5 asks, and the registry's journal can still
    be joined to our effects by this prefix.
    """
    digest = hashlib.sha256(effect_id.encode()).hexdigest()
    return f"HD-{digest[:EFFECT_DIGITS]}"
