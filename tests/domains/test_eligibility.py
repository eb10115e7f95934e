"""Who may hold a name, and what is asked of whom, each fault at its field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from haidang.core.errors import HaidangError, Refused, sentence
from haidang.core.ports.registry import Gender, Party, PartyKind, PostalAddress
from haidang.domains.eligibility import (
    normalized_party,
    require_born,
    require_eligible,
    require_renewable,
)
from haidang.domains.law import law_on
from haidang.domains.names import domain_name

from tests.builders import a_party, a_person

LAW = law_on(date(2026, 11, 24))
ADDRESS = a_party().address


def fault(party: Party) -> HaidangError:
    with pytest.raises(HaidangError) as refusal:
        normalized_party(party)
    assert "…" not in sentence(refusal.value.reason, refusal.value.facts)
    return refusal.value


@pytest.mark.parametrize(
    "fact",
    ["name", "email", "phone", "tax_code", "representative_name"],
)
@pytest.mark.parametrize("kind", [PartyKind.ORGANIZATION, PartyKind.HOUSEHOLD])
def test_a_business_owes_these_facts(kind: PartyKind, fact: str) -> None:
    error = fault(a_party(**{"kind": kind, fact: " "}))

    assert (error.reason, error.field) == ("REGISTRANT_FACT_MISSING", f"registrant.{fact}")


@pytest.mark.parametrize("fact", ["name", "email", "phone", "personal_id", "birth_on", "gender"])
def test_a_person_owes_these_facts(fact: str) -> None:
    error = fault(a_person(**{fact: None if fact == "gender" else ""}))

    assert (error.reason, error.field) == ("REGISTRANT_FACT_MISSING", f"registrant.{fact}")


@pytest.mark.parametrize("part", ["street", "commune", "province"])
def test_everyone_owes_a_whole_address(part: str) -> None:
    facts = {"street": "1 Lê Lợi", "commune": "Phường 1", "province": "Huế", part: ""}

    assert fault(a_party(address=PostalAddress(**facts))).field == f"registrant.address.{part}"


@pytest.mark.parametrize(
    ("party", "reason", "field"),
    [
        (a_party(tax_code="0100112438"), "TAX_CODE_INVALID", "tax_code"),
        (a_party(tax_code="01001124"), "TAX_CODE_LENGTH", "tax_code"),
        (a_party(tax_code="0100112437-000"), "TAX_CODE_BRANCH_INVALID", "tax_code"),
        (a_party(tax_code="không có"), "TAX_CODE_CHARACTER", "tax_code"),
        (a_party(phone="12345"), "PHONE_INVALID", "phone"),
        (a_party(email="lan"), "EMAIL_INVALID", "email"),
        (a_person(personal_id="07930501234"), "PERSONAL_ID_INVALID", "personal_id"),
        (a_person(birth_on="17/05/2005"), "BIRTH_DATE_INVALID", "birth_on"),
        (a_person(birth_on="2005-02-29"), "BIRTH_DATE_INVALID", "birth_on"),
        (a_party(name="Lan\x00"), "REGISTRANT_FACT_UNSEEN", "name"),
        (a_party(representative_name="Lan\u202e"), "REGISTRANT_FACT_UNSEEN", "representative_name"),
        (
            a_party(address=PostalAddress("a", "b\ufffe", "c")),
            "REGISTRANT_FACT_UNSEEN",
            "address.commune",
        ),
        (a_party(email="lan@exam\x00ple.vn"), "EMAIL_INVALID", "email"),
        (a_person(tax_code="\x00"), "TAX_CODE_CHARACTER", "tax_code"),
        (a_party(name="L" * 256), "REGISTRANT_FACT_TOO_LONG", "name"),
        (
            a_party(representative_title="L" * 256),
            "REGISTRANT_FACT_TOO_LONG",
            "representative_title",
        ),
        (
            a_party(address=PostalAddress("L" * 256, "a", "b")),
            "REGISTRANT_FACT_TOO_LONG",
            "address.street",
        ),
        (
            a_party(address=PostalAddress("a", "b", "c", "Việt Nam")),
            "COUNTRY_INVALID",
            "address.country",
        ),
    ],
)
def test_a_wrong_fact_is_said_at_its_field(party: Party, reason: str, field: str) -> None:
    error = fault(party)

    assert (error.reason, error.field) == (reason, f"registrant.{field}")


def test_of_a_firm_nothing_is_kept_that_only_a_person_has() -> None:
    firm = normalized_party(a_party(birth_on="\n", personal_id="\x00", gender=Gender.MALE))

    assert (firm.birth_on, firm.personal_id, firm.gender) == ("", "", None)


def test_facts_are_kept_in_one_spelling() -> None:
    clean = normalized_party(
        a_party(
            phone="0901 234 567",
            name="Hộ  kinh doanh   Lan",
            email=" lan@example.vn ",
            tax_code="0100109106011",
            address=PostalAddress(" 1  Lê Lợi", "Phường 1 ", "Hue\u0302\u0301", "vn"),
        )
    )

    assert (clean.phone, clean.name) == ("+84901234567", "Hộ kinh doanh Lan")
    assert (clean.email, clean.tax_code) == ("lan@example.vn", "0100109106-011")
    assert clean.address == PostalAddress("1 Lê Lợi", "Phường 1", "Huế", "VN")
    assert normalized_party(clean) == clean


def test_a_persons_number_and_birth_date_are_kept_in_one_spelling() -> None:
    clean = normalized_party(a_person(personal_id="079 305 012 345", birth_on=" 20050517"))

    assert (clean.personal_id, clean.birth_on) == ("079305012345", "2005-05-17")


def test_nobody_is_born_tomorrow() -> None:
    child = normalized_party(a_person(birth_on="2026-11-24"))

    require_born(child, LAW.on)
    require_born(normalized_party(a_party()), LAW.on)
    with pytest.raises(HaidangError) as refusal:
        require_born(child, date(2026, 11, 23))
    assert (refusal.value.reason, refusal.value.field) == (
        "BIRTH_DATE_FUTURE",
        "registrant.birth_on",
    )


def test_a_household_may_give_its_twelve_digits_as_tax_code() -> None:
    assert normalized_party(a_party(tax_code="079095012345")).tax_code == "079095012345"


def test_a_number_that_disagrees_with_gender_or_birth_is_for_review_not_refused() -> None:
    assert normalized_party(a_person(gender=Gender.MALE, birth_on="1990-01-01"))


def test_no_fact_of_a_person_is_shown_in_a_refusal() -> None:
    person = a_person(personal_id="0793050", phone="09012345")

    said = str(fault(person)) + str(fault(person).facts)

    assert "0793050" not in said
    assert "09012345" not in said


ELIGIBLE: list[tuple[str, set[str]]] = [
    ("banhmi.vn", {"ORGANIZATION", "HOUSEHOLD", "PERSON"}),
    ("banhmi.com.vn", {"ORGANIZATION", "HOUSEHOLD", "PERSON"}),
    ("banhmi.hue.vn", {"ORGANIZATION", "HOUSEHOLD", "PERSON"}),
    ("lan.id.vn", {"PERSON"}),
    ("lan.name.vn", {"PERSON"}),
    ("truong.edu.vn", {"ORGANIZATION"}),
    ("so.gov.vn", {"ORGANIZATION"}),
    ("hoi.org.vn", {"ORGANIZATION"}),
]


@pytest.mark.parametrize(("name", "kinds"), ELIGIBLE)
@pytest.mark.parametrize("kind", list(PartyKind))
def test_a_suffix_is_for_its_holders(name: str, kinds: set[str], kind: PartyKind) -> None:
    party, found = a_party(kind=kind), domain_name(name, LAW)
    if kind in kinds:
        require_eligible(party, found, LAW)
        return
    with pytest.raises(Refused) as refusal:
        require_eligible(party, found, LAW)
    assert (refusal.value.reason, refusal.value.field) == ("HOLDER_NOT_ELIGIBLE", "domain")
    assert refusal.value.facts["citation"]


@pytest.mark.parametrize(
    ("name", "may"), [("truong.edu.vn", False), ("lan.com.vn", True), ("hoi.org.vn", True)]
)
def test_only_what_the_law_says_bars_a_holder_from_renewing(name: str, may: bool) -> None:
    found = domain_name(name, LAW)
    if may:
        require_renewable(a_person(), found, LAW)
        return
    with pytest.raises(Refused) as refusal:
        require_renewable(a_person(), found, LAW)
    assert "48/2025" in str(refusal.value.facts["citation"])


def test_the_defaults_of_the_builders_are_whole() -> None:
    parties: list[Any] = [a_party(), a_person(), a_party(kind=PartyKind.ORGANIZATION)]

    assert all(normalized_party(party).address == ADDRESS for party in parties)
