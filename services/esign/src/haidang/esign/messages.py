"""The contract's messages and this service's values, each made from the other."""

from __future__ import annotations

import unicodedata
from datetime import UTC

from google.protobuf import json_format
from haidang.api.esign.v1 import esign_pb2
from haidang.core.errors import Malformed
from haidang.core.identifiers import email, phone, tax_code
from haidang.core.operations.served import Answers
from haidang.core.ports.signing import HeldCertificate, SigningSubject
from haidang.esign.levels import Level
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
    """The signing party. Raises: Malformed PARTY_INCOMPLETE, TAX_CODE_INVALID."""
    name = _spaced(message.name)
    for field, value in (("party.name", name), ("party.identifier", message.identifier.strip())):
        if not value:
            raise Malformed("PARTY_INCOMPLETE", field=field)
    code = tax_code(message.identifier, field="party.identifier")
    return SigningSubject(name, code, _spaced(message.representative_name))


def _spaced(text: str) -> str:
    """One space between words, letters composed: as it is printed and certified."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def sign_command(request: esign_pb2.SignDocumentRequest) -> SignDocument:
    """The command in *request*."""
    return SignDocument(
        document=request.document.removeprefix("documents/"),
        level=level_of(request.level),
        party=party_of(request.party),
        reason=request.reason,
    )


def declare_command(request: esign_pb2.DeclareRegistrationRequest) -> DeclareRegistration:
    """The command in *request*. Raises: Malformed FIELD_REQUIRED, as `party_of`, `level_of`."""
    if not request.domain:
        raise Malformed("FIELD_REQUIRED", field="domain")
    for instant in ("registered_time", "expire_time"):
        if not request.HasField(instant):
            raise Malformed("FIELD_REQUIRED", field=instant)
    return DeclareRegistration(
        domain=request.domain,
        unicode_domain=request.unicode_domain or request.domain,
        party=party_of(request.party),
        representative_title=request.representative_title,
        address=request.address,
        email=email(request.email) if request.email else "",
        phone=phone(request.phone) if request.phone else "",
        registered_at=request.registered_time.ToDatetime(UTC),
        expires_at=request.expire_time.ToDatetime(UTC),
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
        json_format.Parse(document.report_json, message.report)
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
