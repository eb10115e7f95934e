"""The contract's messages and this service's values, each made from the other."""

from __future__ import annotations

from datetime import UTC, datetime

from google.protobuf import json_format, timestamp_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.core.clock import VIETNAM
from haidang.core.errors import Malformed
from haidang.core.identifiers import email, phone, tax_code
from haidang.core.operations.served import Answers
from haidang.core.ports.signing import HeldCertificate, SigningSubject
from haidang.esign.levels import Level
from haidang.esign.lines import LONGEST_ADDRESS, domain_names, line
from haidang.esign.values import DeclareRegistration, SignDocument, StoredDocument

LEVELS = {
    esign_pb2.LEVEL_B_B: Level.B_B,
    esign_pb2.LEVEL_B_T: Level.B_T,
    esign_pb2.LEVEL_B_LT: Level.B_LT,
    esign_pb2.LEVEL_B_LTA: Level.B_LTA,
}


def level_of(level: esign_pb2.Level.ValueType) -> Level:
    """Raises: Malformed LEVEL_MISSING."""
    if level not in LEVELS:
        raise Malformed("LEVEL_MISSING", field="level")
    return LEVELS[level]


def party_of(message: esign_pb2.SigningParty) -> SigningSubject:
    """The signing party. Raises: Malformed PARTY_INCOMPLETE, TAX_CODE_INVALID; as `line`."""
    name = line(message.name, "party.name")
    for field, value in (("party.name", name), ("party.identifier", message.identifier.strip())):
        if not value:
            raise Malformed("PARTY_INCOMPLETE", field=field)
    code = tax_code(message.identifier, field="party.identifier")
    representative = line(message.representative_name, "party.representative_name")
    return SigningSubject(name, code, representative)


def instant_of(message: timestamp_pb2.Timestamp, field: str) -> datetime:
    """The instant, which has a date in Vietnam. Raises: Malformed FIELD_INVALID at *field*."""
    try:
        instant = message.ToDatetime(UTC)
        instant.astimezone(VIETNAM)
    except (ValueError, OverflowError) as error:
        detail = "không phải một thời điểm"
        raise Malformed("FIELD_INVALID", field=field, detail=detail) from error
    return instant


def sign_command(request: esign_pb2.SignDocumentRequest) -> SignDocument:
    """The command in *request*. Raises: as `party_of`, `level_of`, `line`."""
    return SignDocument(
        document=request.document.removeprefix("documents/"),
        level=level_of(request.level),
        party=party_of(request.party),
        reason=line(request.reason, "reason"),
    )


def declare_command(request: esign_pb2.DeclareRegistrationRequest) -> DeclareRegistration:
    """The command in *request*.

    Raises: Malformed FIELD_REQUIRED, FIELD_INVALID; as `party_of`, `level_of`, `line`.
    """
    domain, unicode_domain = domain_names(request.domain, request.unicode_domain)
    for instant in ("registered_time", "expire_time"):
        if not request.HasField(instant):
            raise Malformed("FIELD_REQUIRED", field=instant)
    registered_at = instant_of(request.registered_time, "registered_time")
    expires_at = instant_of(request.expire_time, "expire_time")
    if expires_at <= registered_at:
        detail = "phải sau ngày đăng ký"
        raise Malformed("FIELD_INVALID", field="expire_time", detail=detail)
    return DeclareRegistration(
        domain=domain,
        unicode_domain=unicode_domain,
        party=party_of(request.party),
        representative_title=line(request.representative_title, "representative_title"),
        address=line(request.address, "address", most=LONGEST_ADDRESS),
        email=email(request.email) if request.email else "",
        phone=phone(request.phone) if request.phone else "",
        registered_at=registered_at,
        expires_at=expires_at,
        level=level_of(request.level),
    )


def document_message(document: StoredDocument) -> esign_pb2.Document:
    """*document* as its message."""
    levels = {value: key for key, value in LEVELS.items()}
    message = esign_pb2.Document(
        name=f"documents/{document.id}",
        file_name=document.file_name,
        sha256=document.sha256,
        size_bytes=document.size_bytes,
        level=levels[document.level] if document.level else esign_pb2.LEVEL_UNSPECIFIED,
        source_document=f"documents/{document.source}" if document.source else "",
    )
    message.create_time.FromDatetime(document.created_at)
    if document.report_json:
        # A later version may have written more; what this one knows is still shown.
        json_format.Parse(document.report_json, message.report, ignore_unknown_fields=True)
    return message


def signer_message(held: HeldCertificate) -> esign_pb2.SignerCertificate:
    """*held* as its message."""
    message = esign_pb2.SignerCertificate(
        name=f"signers/{held.key_name}",
        subject=held.subject,
        issuer=held.issuer,
        legal_standing_vi=held.legal_standing,
    )
    message.not_before_time.FromDatetime(held.not_before)
    message.not_after_time.FromDatetime(held.not_after)
    return message


ANSWERS: Answers = {StoredDocument: document_message}
