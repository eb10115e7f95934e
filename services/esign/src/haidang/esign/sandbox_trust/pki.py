"""The sandbox's keys and certificates: made on first start, kept in its folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

MARK = "SANDBOX – KHÔNG CÓ GIÁ TRỊ PHÁP LÝ"
"""Stands in every subject: whoever reads a certificate reads this."""

DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""Purpose "document signing". Source: RFC 9336."""

ROOT_DAYS, ISSUING_DAYS, SERVICE_DAYS, LEAF_DAYS = 3650, 1825, 1460, 365
BACKDATE = timedelta(minutes=5)
LEAST_EC_BITS, LEAST_RSA_BITS = 256, 2048


@dataclass(frozen=True)
class Held:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


@dataclass(frozen=True)
class Pki:
    """Everything the sandbox signs with."""

    root: Held
    issuing: Held
    ocsp: Held
    tsa: Held
    base_url: str


def open_pki(folder: Path, base_url: str) -> Pki:
    """The PKI in *folder*, made on first use. *base_url* goes into new certificates."""
    root = _held(folder, "root", lambda key: _authority("Root CA", key, None, ROOT_DAYS, base_url))
    issuing = _held(
        folder, "issuing", lambda key: _authority("Issuing CA", key, root, ISSUING_DAYS, base_url)
    )
    ocsp = _held(folder, "ocsp", lambda key: _service("OCSP", key, issuing, base_url))
    tsa = _held(folder, "tsa", lambda key: _service("TSA", key, issuing, base_url))
    return Pki(root, issuing, ocsp, tsa, base_url)


def name(common_name: str, serial_number: str = "") -> x509.Name:
    """A subject that says it is a sandbox's."""
    parts = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, MARK),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if serial_number:
        parts.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, serial_number))
    return x509.Name(parts)


def issue_leaf(pki: Pki, request: x509.CertificateSigningRequest) -> x509.Certificate:
    """A certificate for the key in *request*, for signing documents only."""
    subject = name(_text(request, NameOID.COMMON_NAME), _text(request, NameOID.SERIAL_NUMBER))
    public_key = request.public_key()
    builder = _under(pki.issuing, subject, public_key, LEAF_DAYS, pki.base_url)
    builder = builder.add_extension(_usage(digital_signature=True, content_commitment=True), True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), False)
    return builder.sign(pki.issuing.key, hashes.SHA256())


def is_strong(key: object) -> bool:
    """Whether certificates are issued for such a key. Source: TT 15/2025 App. I (field guide)."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.key_size >= LEAST_EC_BITS
    return isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS


def _text(request: x509.CertificateSigningRequest, oid: x509.ObjectIdentifier) -> str:
    found = request.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if found else ""


def _held(
    folder: Path, stem: str, make: Callable[[ec.EllipticCurvePrivateKey], x509.Certificate]
) -> Held:
    key_path, certificate_path = folder / f"{stem}-key.pem", folder / f"{stem}.pem"
    if not certificate_path.exists():
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(key_path, pem, 0o600)
        _write(certificate_path, make(key).public_bytes(serialization.Encoding.PEM), 0o644)
    loaded = serialization.load_pem_private_key(key_path.read_bytes(), None)
    assert isinstance(loaded, ec.EllipticCurvePrivateKey)
    return Held(x509.load_pem_x509_certificate(certificate_path.read_bytes()), loaded)


def _write(path: Path, content: bytes, mode: int) -> None:
    fresh = path.with_suffix(".new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    fresh.rename(path)


def _authority(
    title: str, key: ec.EllipticCurvePrivateKey, parent: Held | None, days: int, base_url: str
) -> x509.Certificate:
    subject = name(f"Hải Đăng SANDBOX {title}")
    issuer = (parent.certificate.subject, parent.key) if parent else (subject, key)
    path_length = 0 if parent else 1
    builder = _builder(subject, key.public_key(), issuer, days)
    if parent:
        builder = _with_places(builder, base_url, "root")
    builder = builder.add_extension(x509.BasicConstraints(True, path_length), True)
    builder = builder.add_extension(_usage(key_cert_sign=True, crl_sign=True), True)
    return builder.sign(issuer[1], hashes.SHA256())


def _service(
    title: str, key: ec.EllipticCurvePrivateKey, issuing: Held, base_url: str
) -> x509.Certificate:
    subject = name(f"Hải Đăng SANDBOX {title}")
    builder = _under(issuing, subject, key.public_key(), SERVICE_DAYS, base_url)
    builder = builder.add_extension(_usage(digital_signature=True), True)
    if title == "TSA":  # RFC 3161 section 2.3: critical, and the only purpose
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(purpose, True)
    else:
        purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING])
        builder = builder.add_extension(purpose, False).add_extension(x509.OCSPNoCheck(), False)
    return builder.sign(issuing.key, hashes.SHA256())


def _under(
    issuing: Held,
    subject: x509.Name,
    public_key: CertificatePublicKeyTypes,
    days: int,
    base_url: str,
) -> x509.CertificateBuilder:
    """What every certificate of the issuing authority has."""
    issuer = (issuing.certificate.subject, issuing.key)
    builder = _with_places(_builder(subject, public_key, issuer, days), base_url, "issuing")
    return builder.add_extension(x509.BasicConstraints(False, None), True)


def _builder(
    subject: x509.Name,
    public_key: CertificatePublicKeyTypes,
    issuer: tuple[x509.Name, ec.EllipticCurvePrivateKey],
    days: int,
) -> x509.CertificateBuilder:
    issuer_name, issuer_key = issuer
    now = datetime.now(UTC).replace(microsecond=0)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer_name)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATE)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), False)
        .add_extension(authority, False)
    )


def _with_places(
    builder: x509.CertificateBuilder, base_url: str, stem: str
) -> x509.CertificateBuilder:
    """Where its issuer's certificate and revocation information are found."""
    uri = x509.UniformResourceIdentifier
    access = x509.AccessDescription
    places = [access(AuthorityInformationAccessOID.CA_ISSUERS, uri(f"{base_url}/{stem}.crt"))]
    if stem == "issuing":  # the root answers by its CRL alone
        places.insert(0, access(AuthorityInformationAccessOID.OCSP, uri(f"{base_url}/ocsp")))
    crl = x509.DistributionPoint([uri(f"{base_url}/{stem}.crl")], None, None, None)
    return builder.add_extension(x509.AuthorityInformationAccess(places), False).add_extension(
        x509.CRLDistributionPoints([crl]), False
    )


def _usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )
