"""OCSP answers and revocation lists. Source: RFC 6960, RFC 5280 section 5."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from haidang.esign.sandbox_trust.pki import Held, Pki
from haidang.esign.sandbox_trust.store import Store

NEXT_UPDATE = timedelta(hours=24)
BACKDATE = timedelta(minutes=1)
UNREADABLE = (
    *(ValueError, TypeError, NotImplementedError),
    *(UnsupportedAlgorithm, x509.DuplicateExtension),
)
"""What the library makes of requests it cannot read, or that ask about several certificates."""


def ocsp_answer(pki: Pki, store: Store, der: bytes) -> bytes:
    """The DER answer to a DER OCSP request; malformed requests are told so."""
    try:
        request = ocsp.load_der_ocsp_request(der)
        nonces = [one for one in request.extensions if isinstance(one.value, x509.OCSPNonce)]
        is_ours = _is_about(request, pki)
    except UNREADABLE:
        failed = ocsp.OCSPResponseBuilder.build_unsuccessful(
            ocsp.OCSPResponseStatus.MALFORMED_REQUEST
        )
        return failed.public_bytes(Encoding.DER)
    serial = request.serial_number
    services = {pki.ocsp.certificate.serial_number, pki.tsa.certificate.serial_number}
    is_known = store.is_issued(serial) or serial in services
    if not (is_known and is_ours):
        unknown = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
        return unknown.public_bytes(Encoding.DER)
    revoked_at = store.revoked().get(serial)
    now = datetime.now(UTC).replace(microsecond=0)
    builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
        issuer_name_hash=request.issuer_name_hash,
        issuer_key_hash=request.issuer_key_hash,
        serial_number=serial,
        algorithm=request.hash_algorithm,
        cert_status=ocsp.OCSPCertStatus.REVOKED if revoked_at else ocsp.OCSPCertStatus.GOOD,
        this_update=now - BACKDATE,
        next_update=now + NEXT_UPDATE,
        revocation_time=revoked_at,
        revocation_reason=x509.ReasonFlags.key_compromise if revoked_at else None,
    )
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, pki.ocsp.certificate)
    builder = builder.certificates([pki.ocsp.certificate])
    for nonce in nonces:
        builder = builder.add_extension(nonce.value, False)
    return builder.sign(pki.ocsp.key, hashes.SHA256()).public_bytes(Encoding.DER)


def _is_about(request: ocsp.OCSPRequest, pki: Pki) -> bool:
    """Whether the request means our issuing authority. Source: RFC 6960 section 4.1.1."""
    try:
        mine = ocsp.OCSPRequestBuilder().add_certificate(
            pki.ocsp.certificate, pki.issuing.certificate, request.hash_algorithm
        )
    except ValueError:
        return False
    built = mine.build()
    return (built.issuer_name_hash, built.issuer_key_hash) == (
        request.issuer_name_hash,
        request.issuer_key_hash,
    )


def crl(issuer: Held, revoked: dict[int, datetime]) -> bytes:
    """A DER revocation list of *issuer*, fresh."""
    now = datetime.now(UTC).replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - BACKDATE)
        .next_update(now + NEXT_UPDATE)
        .add_extension(x509.CRLNumber(int(now.timestamp())), False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key()), False
        )
    )
    for serial, at in revoked.items():
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(serial)
            .revocation_date(at)
            .add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), False)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)
