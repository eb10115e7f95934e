"""The contract's messages: what is taken from them, and what is refused at its field."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from haidang.api.esign.v1 import esign_pb2
from haidang.core.errors import Malformed, sentence
from haidang.esign.levels import Level
from haidang.esign.messages import declare_command, document_message, sign_command
from haidang.esign.values import StoredDocument

REGISTERED = datetime(2026, 11, 23, 5, tzinfo=UTC)
EXPIRES = datetime(2027, 11, 23, 5, tzinfo=UTC)
PARTY = esign_pb2.SigningParty(
    name="Hộ kinh doanh  Nhà Gió Biển",
    identifier="0771 8500 3461",
    representative_name="Nguyễn Thị Hạnh",
)


def a_declaration(**changed: object) -> esign_pb2.DeclareRegistrationRequest:
    fields: dict[str, object] = {
        "domain": "nha-gio-bien.vn",
        "unicode_domain": "nha-gio-bien.vn",
        "party": PARTY,
        "address": "27/4 đường Hải Đăng,\nPhường Vũng Tàu",
        "email": "chao@nha-gio-bien.vn",
        "phone": "0901 234 567",
        "representative_title": "Chủ hộ kinh doanh",
        "level": esign_pb2.LEVEL_B_LT,
    }
    request = esign_pb2.DeclareRegistrationRequest(**{**fields, **changed})  # type: ignore[arg-type]
    request.registered_time.FromDatetime(REGISTERED)
    request.expire_time.FromDatetime(EXPIRES)
    return request


def test_a_declaration_comes_in_as_it_is_printed() -> None:
    command = declare_command(a_declaration(domain="NHA-GIO-BIEN.vn"))

    assert (command.domain, command.unicode_domain) == ("nha-gio-bien.vn", "nha-gio-bien.vn")
    assert command.party.name == "Hộ kinh doanh Nhà Gió Biển"
    assert command.party.identifier == "077185003461"
    assert command.address == "27/4 đường Hải Đăng, Phường Vũng Tàu"
    assert command.phone == "+84901234567"
    assert (command.registered_at, command.expires_at) == (REGISTERED, EXPIRES)
    assert command.level is Level.B_LT


def named(name: str) -> esign_pb2.SigningParty:
    return esign_pb2.SigningParty(name=name, identifier="077185003461")


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"domain": "khac.vn"}, "FIELD_INVALID", "unicode_domain"),
        ({"domain": "../khac", "unicode_domain": ""}, "FIELD_INVALID", "domain"),
        ({"party": named("Tiệm Lan 🍰")}, "CHARACTER_NOT_PRINTABLE", "party.name"),
        ({"party": named("\u200b\u202e")}, "CHARACTER_NOT_PRINTABLE", "party.name"),
        ({"party": named(" \n")}, "PARTY_INCOMPLETE", "party.name"),
        ({"party": named("ạ" * 256)}, "TEXT_TOO_LONG", "party.name"),
        ({"address": "Số 1\u202e"}, "CHARACTER_NOT_PRINTABLE", "address"),
        ({"address": "ạ" * 501}, "TEXT_TOO_LONG", "address"),
        ({"representative_title": "ạ" * 256}, "TEXT_TOO_LONG", "representative_title"),
        ({"email": "chao"}, "EMAIL_INVALID", "email"),
        ({"phone": "12"}, "PHONE_INVALID", "phone"),
        ({"level": esign_pb2.LEVEL_UNSPECIFIED}, "LEVEL_MISSING", "level"),
    ],
)
def test_a_fact_that_cannot_be_printed_is_said_at_its_field(
    changed: dict[str, object], reason: str, field: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        declare_command(a_declaration(**changed))

    error = refusal.value
    assert (error.reason, error.field) == (reason, field)
    assert sentence(error.reason, error.facts).endswith(".")


@pytest.mark.parametrize("seconds", [2**62, -(2**62), 253_402_300_799])
@pytest.mark.parametrize("field", ["registered_time", "expire_time"])
def test_an_instant_beyond_the_calendar_is_said_at_its_field(seconds: int, field: str) -> None:
    request = a_declaration()
    getattr(request, field).seconds = seconds

    with pytest.raises(Malformed) as refusal:
        declare_command(request)

    assert (refusal.value.reason, refusal.value.field) == ("FIELD_INVALID", field)


def test_a_name_does_not_expire_as_it_is_registered() -> None:
    request = a_declaration()
    request.expire_time.CopyFrom(request.registered_time)

    with pytest.raises(Malformed) as refusal:
        declare_command(request)

    assert (refusal.value.reason, refusal.value.field) == ("FIELD_INVALID", "expire_time")


@pytest.mark.parametrize("said", ["Đồng ý\0", "ạ" * 256])
def test_a_reason_is_one_line(said: str) -> None:
    request = esign_pb2.SignDocumentRequest(
        document="documents/1", level=esign_pb2.LEVEL_B_B, party=PARTY, reason=said
    )

    with pytest.raises(Malformed) as refusal:
        sign_command(request)

    assert refusal.value.field == "reason"


def test_a_report_that_a_later_version_wrote_is_still_shown() -> None:
    written = '{"indication": "INDICATION_TOTAL_PASSED", "ofALaterVersion": {"a": 1}}'
    document = StoredDocument("1", "a.pdf", "0" * 64, 9, REGISTERED, report_json=written)

    message = document_message(document)

    assert message.report.indication == esign_pb2.INDICATION_TOTAL_PASSED
