"""Who may hold a name, and what a registry demands to know of them. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

from haidang.core import identifiers
from haidang.core.errors import Malformed, Refused
from haidang.core.ports.registry import Party, PartyKind, PostalAddress
from haidang.core.vietnamese import normal
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.law import Law, Suffix
from haidang.domains.names import DomainName

LABELS = {
    "name": "họ tên hoặc tên đơn vị",
    "tax_code": "mã số thuế",
    "personal_id": "số định danh cá nhân",
    "birth_on": "ngày sinh",
    "gender": "giới tính",
    "email": "thư điện tử",
    "phone": "số điện thoại",
    "address.street": "số nhà, tên đường",
    "address.commune": "phường, xã hoặc đặc khu",
    "address.province": "tỉnh, thành phố",
    "representative_name": "họ tên người đại diện",
    "representative_title": "chức danh người đại diện",
}
LONGEST_TEXT = 255
"""Characters of a name or a line of an address. Source: RFC 5733 section 4, postalLineType."""
COUNTRY_LETTERS = 2
UNSEEN = frozenset({"Cc", "Cf", "Cn", "Co", "Cs"})
"""Categories of characters without a shape. Source: Unicode, section 4.5."""


def normalized_party(party: Party) -> Party:
    """*party* with every fact in its one spelling, complete for its kind.

    Raises: Malformed at "registrant.<fact>". Source: Decree 147/2024/NĐ-CP art. 9(7)(b);
    registry validation since 2022-06-15 (secondary).
    """
    _require(party)
    clean = replace(
        party,
        name=normal(party.name),
        email=identifiers.email(party.email, field="registrant.email"),
        phone=identifiers.phone(party.phone, field="registrant.phone"),
        address=_address(party.address),
        representative_name=normal(party.representative_name),
        representative_title=normal(party.representative_title),
    )
    _require_short(clean)
    _require_seen(clean)
    code = party.tax_code.strip()
    if code or party.kind is not PartyKind.PERSON:
        code = identifiers.tax_code(party.tax_code, field="registrant.tax_code")
    if party.kind is not PartyKind.PERSON:  # a firm is never born; nothing unasked is kept
        return replace(clean, tax_code=code, personal_id="", birth_on="", gender=None)
    number = identifiers.personal_number(party.personal_id, field="registrant.personal_id")
    born = _birth_date(party.birth_on)
    return replace(clean, tax_code=code, personal_id=number.text, birth_on=born)


def require_born(party: Party, on: date) -> None:
    """Raises: Malformed BIRTH_DATE_FUTURE for a normalized person not born by the date *on*."""
    if party.birth_on and date.fromisoformat(party.birth_on) > on:
        raise Malformed("BIRTH_DATE_FUTURE", field="registrant.birth_on")


def require_eligible(party: Party, name: DomainName, law: Law) -> None:
    """Raises: Refused HOLDER_NOT_ELIGIBLE when this kind of party may not register *name*."""
    require_holder(party.kind, name, law)


def require_holder(kind: PartyKind, name: DomainName, law: Law, *, field: str = "domain") -> None:
    """Raises: Refused HOLDER_NOT_ELIGIBLE at *field* when *kind* may not register *name*."""
    suffix = law.suffixes[name.suffix]
    if kind not in suffix.holders:
        raise _not_eligible(suffix, field)


def require_renewable(party: Party, name: DomainName, law: Law) -> None:
    """Raises: Refused HOLDER_NOT_ELIGIBLE when this kind of party may not renew *name*."""
    suffix = law.suffixes[name.suffix]
    if party.kind not in suffix.renewers:
        raise _not_eligible(suffix)


def _not_eligible(suffix: Suffix, field: str = "domain") -> Refused:
    return Refused(
        "HOLDER_NOT_ELIGIBLE",
        field=field,
        suffix=suffix.name,
        citation=suffix.source.citation,
    )


def _address(address: PostalAddress) -> PostalAddress:
    country = address.country.strip().upper()
    if not (len(country) == COUNTRY_LETTERS and country.isascii() and country.isalpha()):
        raise Malformed("COUNTRY_INVALID", field="registrant.address.country")
    return PostalAddress(
        normal(address.street), normal(address.commune), normal(address.province), country
    )


def _texts(party: Party) -> dict[str, str]:
    """Free texts by their path below "registrant."."""
    return {
        "name": party.name,
        "address.street": party.address.street,
        "address.commune": party.address.commune,
        "address.province": party.address.province,
        "representative_name": party.representative_name,
        "representative_title": party.representative_title,
    }


def _require_short(party: Party) -> None:
    for fact, text in _texts(party).items():
        if len(text) > LONGEST_TEXT:
            raise Malformed(
                "REGISTRANT_FACT_TOO_LONG",
                field=f"registrant.{fact}",
                label=LABELS[fact],
                most=LONGEST_TEXT,
            )


def _require_seen(party: Party) -> None:
    """No character that nobody sees: XML carries not all of them, and no paper prints any."""
    for fact, text in _texts(party).items():
        if any(unicodedata.category(one) in UNSEEN for one in text):
            raise Malformed(
                "REGISTRANT_FACT_UNSEEN", field=f"registrant.{fact}", label=LABELS[fact]
            )


def _require(party: Party) -> None:
    facts = {
        "name": party.name,
        "email": party.email,
        "phone": party.phone,
        "address.street": party.address.street,
        "address.commune": party.address.commune,
        "address.province": party.address.province,
    }
    if party.kind is PartyKind.PERSON:
        facts |= {
            "personal_id": party.personal_id,
            "birth_on": party.birth_on,
            "gender": party.gender or "",
        }
    else:
        facts |= {"tax_code": party.tax_code, "representative_name": party.representative_name}
    for fact, value in facts.items():
        if not value.strip():
            raise Malformed(
                "REGISTRANT_FACT_MISSING", field=f"registrant.{fact}", label=LABELS[fact]
            )


def _birth_date(text: str) -> str:
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        raise Malformed("BIRTH_DATE_INVALID", field="registrant.birth_on") from error
