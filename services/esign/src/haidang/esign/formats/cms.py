"""The CMS of a PAdES signature, encoded straight to DER. Pure.

`formats/pades.py` comes in. A certificate's share is encoded once and kept: building the
same values through an ASN.1 library takes most of the time of signing a small paper.

Source: RFC 5652 sections 5.1 to 5.4, RFC 5035 (signing-certificate-v2), RFC 5754,
ETSI EN 319 122-1, EN 319 142-1 clause 6.3.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache

from asn1crypto import core
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import Certificate, load_der_x509_certificate
from haidang.core.errors import Refused
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences

DIGEST = "sha256"
ECDSA, RSA = "sha256_ecdsa", "sha256_rsa"

SEQUENCE, SET, OCTET_STRING = 0x30, 0x31, 0x04
CERTIFICATES = EXPLICIT_CONTENT = SIGNED_ATTRIBUTES = 0xA0
UNSIGNED_ATTRIBUTES = 0xA1
DIRECTORY_NAME = 0xA4
"""GeneralName's directoryName, explicit. Source: RFC 5280 section 4.2.1.6."""

SHORT_LENGTH = 0x80
CACHED_CERTIFICATES = 256


def _encoded(tag: int, *parts: bytes) -> bytes:
    """A DER value of *tag* around *parts*."""
    body = b"".join(parts)
    size = len(body)
    if size < SHORT_LENGTH:
        return bytes((tag, size)) + body
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, SHORT_LENGTH | len(octets))) + octets + body


def _oid(dotted: str) -> bytes:
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


def _set_of(tag: int, *members: bytes) -> bytes:
    """DER sorts the members of a SET OF by their encodings."""
    return _encoded(tag, *sorted(members))


def _attribute(oid: bytes, value: bytes) -> bytes:
    return _encoded(SEQUENCE, oid, _encoded(SET, value))


VERSION_1 = core.Integer(1).dump()
ID_DATA = _oid("1.2.840.113549.1.7.1")
ID_SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
SIGNING_CERTIFICATE_V2 = _oid("1.2.840.113549.1.9.16.2.47")
SIGNATURE_TIMESTAMP = _oid("1.2.840.113549.1.9.16.2.14")
SHA256 = _encoded(SEQUENCE, _oid("2.16.840.1.101.3.4.2.1"))
SIGNATURE_ALGORITHMS = {
    ECDSA: _encoded(SEQUENCE, _oid("1.2.840.10045.4.3.2")),
    RSA: _encoded(SEQUENCE, _oid("1.2.840.113549.1.1.11"), core.Null().dump()),
}
CONTENT_TYPE = _attribute(_oid("1.2.840.113549.1.9.3"), ID_DATA)


@lru_cache(maxsize=CACHED_CERTIFICATES)
def certificate_of(der: bytes) -> Certificate:
    """The parsed certificate; parsing the same one again costs nothing."""
    return load_der_x509_certificate(der)


@lru_cache(maxsize=CACHED_CERTIFICATES)
def _identified(der: bytes) -> tuple[bytes, bytes]:
    """(IssuerAndSerialNumber, signing-certificate-v2 attribute) of a certificate."""
    certificate = certificate_of(der)
    issuer = certificate.issuer.public_bytes()
    serial = core.Integer(certificate.serial_number).dump()
    issuer_serial = _encoded(SEQUENCE, _encoded(SEQUENCE, _encoded(DIRECTORY_NAME, issuer)), serial)
    # hashAlgorithm is left out: SHA-256 is its default, and DER leaves out defaults.
    hashed = _encoded(OCTET_STRING, hashlib.sha256(der).digest())
    signing_certificate = _encoded(
        SEQUENCE, _encoded(SEQUENCE, _encoded(SEQUENCE, hashed, issuer_serial))
    )
    attribute = _attribute(SIGNING_CERTIFICATE_V2, signing_certificate)
    return _encoded(SEQUENCE, issuer, serial), attribute


def signed_attributes(certificate_der: bytes, document_digest: bytes) -> bytes:
    """The DER SET OF attributes to sign: exactly what PAdES baseline asks.

    There is no signing-time, for the signature dictionary's /M carries it.
    """
    digest = _attribute(MESSAGE_DIGEST, _encoded(OCTET_STRING, document_digest))
    return _set_of(SET, CONTENT_TYPE, digest, _identified(certificate_der)[1])


def signature_algorithm(certificate_der: bytes) -> str:
    """The algorithm this certificate's key signs with: "sha256_ecdsa" or "sha256_rsa".

    Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE for any other kind of key.
    """
    key = certificate_of(certificate_der).public_key()
    if isinstance(key, ec.EllipticCurvePublicKey):
        return ECDSA
    if isinstance(key, rsa.RSAPublicKey):
        return RSA
    raise Refused("SIGNATURE_NOT_BY_CERTIFICATE")


def signed_data(
    chain: tuple[bytes, ...],
    attributes_der: bytes,
    signature: bytes,
    timestamp_token: bytes | None = None,
) -> bytes:
    """The DER ContentInfo of a detached signature by the first certificate of *chain*."""
    identifier = _identified(chain[0])[0]
    parts = [
        VERSION_1,
        identifier,
        SHA256,
        bytes((SIGNED_ATTRIBUTES,)) + attributes_der[1:],
        SIGNATURE_ALGORITHMS[signature_algorithm(chain[0])],
        _encoded(OCTET_STRING, signature),
    ]
    if timestamp_token is not None:
        stamped = _attribute(SIGNATURE_TIMESTAMP, timestamp_token)
        parts.append(_encoded(UNSIGNED_ATTRIBUTES, stamped))
    content = _encoded(
        SEQUENCE,
        VERSION_1,
        _encoded(SET, SHA256),
        _encoded(SEQUENCE, ID_DATA),
        _set_of(CERTIFICATES, *chain),
        _encoded(SET, _encoded(SEQUENCE, *parts)),
    )
    return _encoded(SEQUENCE, ID_SIGNED_DATA, _encoded(EXPLICIT_CONTENT, content))


def require_signature(certificate_der: bytes, digest: bytes, signature: bytes) -> None:
    """Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE unless its key signed the SHA-256 *digest*."""
    key = certificate_of(certificate_der).public_key()
    algorithm = Prehashed(hashes.SHA256())
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, digest, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, digest, padding.PKCS1v15(), algorithm)
        else:
            raise Refused("SIGNATURE_NOT_BY_CERTIFICATE")
    except InvalidSignature as error:
        raise Refused("SIGNATURE_NOT_BY_CERTIFICATE") from error


def sign_digest(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, digest: bytes) -> bytes:
    """The signature value of *key* over the SHA-256 *digest*, as CMS carries it."""
    algorithm = Prehashed(hashes.SHA256())
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(digest, padding.PKCS1v15(), algorithm)
    return key.sign(digest, ec.ECDSA(algorithm))
