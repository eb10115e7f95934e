"""The sandbox registry's own certificate authority, made at its first start.

`__main__` comes here before the socket opens. Under `<folder>/tls`: `ca.pem`,
`server.pem`, `server-key.pem`, and what the registry hands out to its registrar,
`client.pem` and `client-key.pem`. Worth nothing outside this machine.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

VALID_DAYS = 3650
"""A sandbox's folder outlives a laptop's; nobody renews these."""

BACKDATED = timedelta(days=1)
"""So that a clock a little behind accepts them."""

PRIVATE = 0o600
SERVER_NAMES = ("localhost", "registry")


def issue_certificates(folder: Path, client_id: str, now: datetime) -> None:
    """Issue authority, server and client certificates into *folder*."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority_key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key, now)
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in SERVER_NAMES]
    names += [x509.IPAddress(ip_address(text)) for text in ("127.0.0.1", "::1")]
    own_name: list[x509.GeneralName] = [x509.DNSName(client_id)]
    purposes = (
        ("server", ExtendedKeyUsageOID.SERVER_AUTH, "localhost", names),
        ("client", ExtendedKeyUsageOID.CLIENT_AUTH, client_id, own_name),
    )
    for label, purpose, subject, alternatives in purposes:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _begin(subject, authority.subject, key, now)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), False)
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
        builder = builder.add_extension(_authority_id(authority_key), False)
        certificate = builder.sign(authority_key, hashes.SHA256())
        _write(folder / f"{label}-key.pem", _key_pem(key))
        _write(folder / f"{label}.pem", _certificate_pem(certificate))
    # Last, for its presence says that all are there: a start cut short is begun again.
    _write(folder / "ca.pem", _certificate_pem(authority))


def _name(common_name: str) -> x509.Name:
    parts = (
        (NameOID.ORGANIZATION_NAME, "Hai Dang SANDBOX registry"),
        (NameOID.COMMON_NAME, common_name),
    )
    return x509.Name([x509.NameAttribute(oid, text) for oid, text in parts])


def _begin(
    subject: str, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + timedelta(days=VALID_DAYS))
    )


def _authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    label = "SANDBOX registry CA"
    builder = _begin(label, _name(label), key, now)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
    builder = builder.add_extension(
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False
    )
    return builder.sign(key, hashes.SHA256())


def _authority_id(key: ec.EllipticCurvePrivateKey) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())


def _certificate_pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(file: Path, pem: bytes) -> None:
    file.touch(mode=PRIVATE)
    file.write_bytes(pem)
