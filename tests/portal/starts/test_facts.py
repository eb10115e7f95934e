"""What is asked where: complete facts make exactly the contract's request."""

from __future__ import annotations

import pytest
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.portal.starts.facts import (
    FIELDS_OF_THE_CONTRACT,
    SAVED,
    all_faults,
    faults_on,
    first_unfinished,
    place_of,
)
from haidang.portal.starts.requests import business, digest_of, locales, registrant

from tests.portal.starts.known import FACTS

PERSON = {
    **FACTS,
    "holder": "PERSON",
    "legal_name": "Nguyễn Thị Hạnh",
    "personal_id": "077185003461",
    "birth_on": "17/5/1985",
    "gender": "FEMALE",
}


def test_complete_facts_have_no_fault() -> None:
    for facts in (FACTS, PERSON, {**FACTS, "holder": "ORGANIZATION", "tax_code": "0318472050"}):
        assert all_faults(facts) == {}
        assert first_unfinished(facts) == "xem-lai"


def test_nothing_yet_is_unfinished_at_the_first_question() -> None:
    assert first_unfinished({}) == "co-so"
    assert list(faults_on("co-so", {})) == ["kind", "sign_name", "holder"]


@pytest.mark.parametrize(
    ("field", "text", "screen", "reason"),
    [
        ("tax_code", "0318472051", "dang-ky", "TAX_CODE_INVALID"),
        ("tax_code", "", "dang-ky", "START_FACT_MISSING"),
        ("kind", "casino", "co-so", "START_FACT_UNKNOWN"),
        ("province", "Atlantis", "lien-he", "START_FACT_UNKNOWN"),
        ("phone", "123", "lien-he", "PHONE_INVALID"),
        ("email", "chao", "lien-he", "EMAIL_INVALID"),
        ("street", "x" * 161, "lien-he", "START_FACT_TOO_LONG"),
        ("years", "11", "ten", "START_FACT_UNKNOWN"),
        ("pack", "", "mau", "START_FACT_MISSING"),
    ],
)
def test_a_fault_is_at_its_screen_and_field(
    field: str, text: str, screen: str, reason: str
) -> None:
    found = all_faults({**FACTS, field: text})

    assert {at: list(faults) for at, faults in found.items()} == {screen: [field]}
    assert found[screen][field].reason == reason
    assert found[screen][field].field == field


def test_a_birth_date_is_read_as_vietnamese_write_it() -> None:
    assert registrant(PERSON)["birth_on"] == "1985-05-17"
    assert registrant({**PERSON, "birth_on": "1985-05-17"})["birth_on"] == "1985-05-17"
    assert "birth_on" in faults_on("dang-ky", {**PERSON, "birth_on": "31/02/1985"})


def test_the_registrant_is_the_contract_s() -> None:
    firm, person = domains_pb2.Registrant(), domains_pb2.Registrant()
    json_format.ParseDict(registrant(FACTS), firm)
    json_format.ParseDict(registrant(PERSON), person)

    assert (firm.kind, firm.tax_code) == (domains_pb2.Registrant.KIND_HOUSEHOLD, "077185003461")
    assert firm.phone == "+84901234567"
    assert firm.representative_name == "Nguyễn Thị Hạnh"
    assert (person.personal_id, person.tax_code) == ("077185003461", "")
    assert person.gender == domains_pb2.Registrant.GENDER_FEMALE


def test_a_business_is_told_as_far_as_it_is_known() -> None:
    part = websites_pb2.Business()
    json_format.ParseDict(business({**FACTS, "phone": "12", "email": ""}), part)

    assert (part.name, part.phone, part.email) == ("Nhà Gió Biển", "", "")
    assert business(PERSON)["representative_name"] == "Nguyễn Thị Hạnh"
    assert business({}) == {}


def test_a_former_province_is_sent_by_its_name_of_today() -> None:
    facts = {**FACTS, "province": "Bà Rịa - Vũng Tàu"}

    assert registrant(facts)["address"]["province"] == "TP. Hồ Chí Minh"


def test_languages_are_the_website_s_own_first() -> None:
    assert locales({}) == ["vi"]
    assert locales({"languages": "vi-en"}) == ["vi", "en"]


def test_two_requests_are_the_same_whatever_the_order_of_their_fields() -> None:
    assert digest_of({"a": 1, "b": [1, 2]}) == digest_of({"b": [1, 2], "a": 1})
    assert digest_of({"a": 1}) != digest_of({"a": 2})


@pytest.mark.parametrize("contract_field", sorted(FIELDS_OF_THE_CONTRACT))
@pytest.mark.parametrize("facts", [FACTS, PERSON], ids=["firm", "person"])
def test_every_field_of_the_contract_leads_to_a_question_that_is_asked(
    contract_field: str, facts: dict[str, str]
) -> None:
    screen, field = place_of(contract_field, facts)

    assert field in SAVED
    belongs_to_other = {
        "personal_id", "birth_on", "gender", "representative_name", "representative_title", "payer"
    }  # fmt: skip
    assert screen != "xem-lai" or field in belongs_to_other


def test_a_fault_nobody_was_asked_about_leads_to_the_review() -> None:
    assert place_of("quote", FACTS) == ("xem-lai", "")
    assert place_of("draft.pages.0.sections", FACTS) == ("mau", "pack")
    assert place_of("draft.business.representative_name", PERSON) == ("dang-ky", "legal_name")
