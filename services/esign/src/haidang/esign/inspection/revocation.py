"""Gather authentic statements about revocation: OCSP answers and CRLs.

Comes in: a path and the evidence at hand. Only what the certificate's own issuer, or a
responder it authorised, has signed becomes a fact. Never here: which statement is recent
enough, or what follows from it. Source: RFC 6960 sections 3.2, 4.2; RFC 5280 section 6.3.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from asn1crypto import ocsp, x509
from cryptography import x509 as primitives
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key
from haidang.esign.facts import RevocationFacts
from haidang.esign.inspection.algorithms import PARSING_FAULTS, signed_by, verifies

_KNOWN_CRL_EXTENSIONS = frozenset({"2.5.29.20", "2.5.29.35", "2.5.29.28"})
_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9"
_ISSUING_POINT = primitives.oid.ExtensionOID.ISSUING_DISTRIBUTION_POINT
_DELTA = primitives.oid.ExtensionOID.DELTA_CRL_INDICATOR


@dataclass
class Evidence:
    """OCSP answers and CRLs as DER, each with where it came from, unchecked."""

    ocsp: list[tuple[bytes, str]] = field(default_factory=list)
    crls: list[tuple[bytes, str]] = field(default_factory=list)

    def add(self, der: bytes, source: str) -> None:
        """Keep *der* as whichever of the two kinds it is; anything else is dropped."""
        if _basic_response(der) is not None:
            self.ocsp.append((der, source))
        else:
            self.crls.append((der, source))


def statements(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: Evidence
) -> tuple[RevocationFacts, ...]:
    """Every authentic statement of *issuer* about *certificate*, newest first."""
    found = [*_from_ocsp(certificate, issuer, evidence), *_from_crls(certificate, issuer, evidence)]
    return tuple(sorted(found, key=lambda one: one.this_update, reverse=True))


def _basic_response(der: bytes) -> ocsp.BasicOCSPResponse | None:
    try:
        response = ocsp.OCSPResponse.load(der, strict=True)
        successful = response["response_status"].native == "successful"
        basic = response.basic_ocsp_response if successful else None
    except PARSING_FAULTS:
        return None
    return basic


def _from_ocsp(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: Evidence
) -> Iterable[RevocationFacts]:
    for der, source in evidence.ocsp:
        basic = _basic_response(der)
        try:
            if basic is None or not _is_authorised(basic, issuer):
                continue
            for single in basic["tbs_response_data"]["responses"]:
                if _is_about(single["cert_id"], certificate, issuer):
                    yield _ocsp_statement(single, source)
        except PARSING_FAULTS:
            continue


def _is_authorised(basic: ocsp.BasicOCSPResponse, issuer: x509.Certificate) -> bool:
    """Whether the issuer, or a responder it certified for OCSP, signed *basic*."""
    produced_at = basic["tbs_response_data"]["produced_at"].native
    embedded = basic["certs"]
    delegates = [one for one in (embedded or ()) if _is_delegate(one, issuer, produced_at)]
    signed = basic["tbs_response_data"].dump()
    return any(
        verifies(one.public_key, basic["signature_algorithm"], basic["signature"].native, signed)
        for one in [issuer, *delegates]
    )


def _is_delegate(one: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    usage = one.extended_key_usage_value
    validity = one["tbs_certificate"]["validity"]
    return (
        usage is not None
        and _OCSP_SIGNING in [purpose.dotted for purpose in usage]
        and one.issuer == issuer.subject
        and validity["not_before"].native <= at <= validity["not_after"].native
        and signed_by(one, issuer)
    )


def _is_about(named: ocsp.CertId, certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    name = named["hash_algorithm"]["algorithm"].native
    if name not in ("sha1", "sha256", "sha384", "sha512"):
        return False

    def hashed(value: bytes) -> bytes:
        return hashlib.new(name, value, usedforsecurity=False).digest()

    return bool(
        named["serial_number"].native == certificate.serial_number
        and named["issuer_name_hash"].native == hashed(issuer.subject.dump())
        and named["issuer_key_hash"].native == hashed(bytes(issuer.public_key["public_key"]))
    )


def _ocsp_statement(single: ocsp.SingleResponse, source: str) -> RevocationFacts:
    status = single["cert_status"]
    revoked = status.name == "revoked"
    next_update = single["next_update"].native
    reason = status.chosen["revocation_reason"].native if revoked else None
    return RevocationFacts(
        kind="ocsp",
        status=status.name,
        this_update=single["this_update"].native.astimezone(UTC),
        next_update=next_update.astimezone(UTC) if next_update else None,
        revoked_at=status.chosen["revocation_time"].native.astimezone(UTC) if revoked else None,
        reason=str(reason or ""),
        source=source,
    )


def _from_crls(
    certificate: x509.Certificate, issuer: x509.Certificate, evidence: Evidence
) -> Iterable[RevocationFacts]:
    if not evidence.crls:
        return
    key = load_der_public_key(issuer.public_key.dump())
    for der, source in evidence.crls:
        try:
            crl = primitives.load_der_x509_crl(der)
            if crl.issuer.public_bytes() != issuer.subject.dump() or not _is_plain(crl):
                continue
            if not crl.is_signature_valid(key):  # type: ignore[arg-type]  # any key may be asked
                continue
            yield _crl_statement(crl, certificate, source)
        except (*PARSING_FAULTS, UnsupportedAlgorithm):
            continue


def _is_plain(crl: primitives.CertificateRevocationList) -> bool:
    """Whether *crl* speaks for all certificates and reasons of its issuer."""
    for extension in crl.extensions:
        if extension.oid == _DELTA:
            return False
        if extension.oid == _ISSUING_POINT:
            scope = extension.value
            assert isinstance(scope, primitives.IssuingDistributionPoint)
            if (
                scope.indirect_crl
                or scope.only_some_reasons
                or scope.only_contains_attribute_certs
                or scope.only_contains_ca_certs
                or scope.only_contains_user_certs
            ):
                return False
        elif extension.critical and extension.oid.dotted_string not in _KNOWN_CRL_EXTENSIONS:
            return False
    return True


def _crl_statement(
    crl: primitives.CertificateRevocationList, certificate: x509.Certificate, source: str
) -> RevocationFacts:
    entry = crl.get_revoked_certificate_by_serial_number(certificate.serial_number)
    reason = ""
    if entry is not None:
        for extension in entry.extensions:
            if isinstance(extension.value, primitives.CRLReason):
                reason = extension.value.reason.name
    return RevocationFacts(
        kind="crl",
        status="revoked" if entry is not None else "good",
        this_update=crl.last_update_utc,
        next_update=crl.next_update_utc,
        revoked_at=entry.revocation_date_utc if entry is not None else None,
        reason=reason,
        source=source,
    )
