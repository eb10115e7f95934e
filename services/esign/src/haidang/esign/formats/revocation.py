"""Revocation information, judged before it is relied on or embedded. Pure.

Bytes and `now` come in. An answer that is not credible counts as no answer; what a
finished paper's evidence is worth is judged again, by other code, in its verdict.

Source: RFC 6960 sections 3.2 and 4.2.2.2, RFC 5280 section 5.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from haidang.core.errors import Refused, Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences

CLOCKS_DIFFER_BY = timedelta(minutes=5)
"""How far ahead of ours another party's clock may be."""
NO_PROMISE = timedelta(hours=1)
"""How long an answer holds that names no next update. RFC 6960 section 2.4 leaves it to us."""
UNREADABLE = (
    *(ValueError, TypeError, NotImplementedError),
    *(UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound),
)


def require_valid_now(certificate: x509.Certificate, now: datetime) -> None:
    """Raises: Refused CERTIFICATE_NOT_VALID outside its validity period."""
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise Refused("CERTIFICATE_NOT_VALID")


def require_good_ocsp(
    answer_der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> None:
    """Believe an OCSP answer that says *certificate* is good at *now*.

    Raises: Refused CERTIFICATE_REVOKED; Unavailable REVOCATION_UNREACHABLE when the answer
        is not about this certificate, is stale, or not by one the issuer authorised.
    """
    try:
        answer = ocsp.load_der_ocsp_response(answer_der)
        is_about = answer.serial_number == certificate.serial_number
        is_fresh = _is_fresh(answer.this_update_utc, answer.next_update_utc, now)
        _require_authorised(answer, issuer, now)
        status = answer.certificate_status
    except (*UNREADABLE, InvalidSignature) as error:
        raise Unavailable("REVOCATION_UNREACHABLE") from error
    if is_about and is_fresh and status is ocsp.OCSPCertStatus.REVOKED:
        raise Refused("CERTIFICATE_REVOKED")
    if not (is_about and is_fresh and status is ocsp.OCSPCertStatus.GOOD):
        raise Unavailable("REVOCATION_UNREACHABLE")


def require_good_crl(
    crl_der: bytes, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
) -> None:
    """Believe a CRL of *issuer* that does not list *certificate*. Raises: as for OCSP."""
    try:
        listed = x509.load_der_x509_crl(crl_der)
        is_theirs = listed.issuer == issuer.subject and listed.is_signature_valid(
            issuer.public_key()  # type: ignore[arg-type]  # other kinds of key raise TypeError
        )
    except UNREADABLE as error:
        raise Unavailable("REVOCATION_UNREACHABLE") from error
    if not (is_theirs and _is_fresh(listed.last_update_utc, listed.next_update_utc, now)):
        raise Unavailable("REVOCATION_UNREACHABLE")
    if listed.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
        raise Refused("CERTIFICATE_REVOKED")


def _is_fresh(since: datetime, until: datetime | None, now: datetime) -> bool:
    return since <= now + CLOCKS_DIFFER_BY and now <= (until or since + NO_PROMISE)


def _is_delegate(one: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
    """Whether *issuer* lets *one* answer for it at *now*. Source: RFC 6960 section 4.2.2.2."""
    try:
        one.verify_directly_issued_by(issuer)
        purposes = one.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (*UNREADABLE, InvalidSignature):  # a certificate of the path above, sent along
        return False
    is_current = one.not_valid_before_utc <= now <= one.not_valid_after_utc
    return is_current and ExtendedKeyUsageOID.OCSP_SIGNING in purposes


def _require_authorised(answer: ocsp.OCSPResponse, issuer: x509.Certificate, now: datetime) -> None:
    """Raises: InvalidSignature unless *issuer*, or one it delegated to, signed *answer*."""
    delegates = [one for one in answer.certificates if _is_delegate(one, issuer, now)]
    signer = delegates[0] if delegates else issuer
    algorithm = answer.signature_hash_algorithm
    key = signer.public_key()
    if algorithm is None:
        raise InvalidSignature
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, ec.ECDSA(algorithm))
    elif isinstance(key, rsa.RSAPublicKey):
        key.verify(answer.signature, answer.tbs_response_bytes, padding.PKCS1v15(), algorithm)
    else:
        raise InvalidSignature
