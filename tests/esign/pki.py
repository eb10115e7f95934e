"""A test PKI and papers signed under it, made with pyHanko and cryptography.

A root, an issuing authority, signers, a time-stamp authority; CRLs and OCSP answers signed
by whom they should be. Independent of our own signing code, so that it can judge validation.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from unittest.mock import patch

from asn1crypto import keys as asn1_keys
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID
from haidang.esign.trust import TrustAnchor
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import copy_into_new_writer
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, PdfTimeStamper, SimpleSigner, fields
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = datetime.now(UTC).replace(microsecond=0)
"""When papers are signed; they are judged a moment later, however long the run takes."""

YEAR = timedelta(days=365)
DAY = timedelta(days=1)


@dataclass
class Identity:
    """A certificate and its key, in both libraries' forms."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(serialization.Encoding.PEM).decode()

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return asn1_x509.Certificate.load(self.der)

    @property
    def asn1_key(self) -> asn1_keys.PrivateKeyInfo:
        form = serialization.PrivateFormat.PKCS8
        encoding, plain = serialization.Encoding.DER, serialization.NoEncryption()
        return asn1_keys.PrivateKeyInfo.load(self.key.private_bytes(encoding, form, plain))


def a_name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Hải Đăng thử nghiệm"),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def an_identity(
    common_name: str,
    issuer: Identity | None = None,
    *,
    is_ca: bool = False,
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + YEAR,
    extended_usage: x509.ObjectIdentifier | None = None,
    key_usage: tuple[str, ...] | None = None,
    ocsp_url: str = "",
    extensions: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    rsa_bits: int = 0,
) -> Identity:
    """A new key (P-256 unless *rsa_bits*) with a certificate by *issuer* (none: self-signed)."""
    key = (
        rsa.generate_private_key(65537, rsa_bits)
        if rsa_bits
        else ec.generate_private_key(ec.SECP256R1())
    )
    usages = key_usage or (("key_cert_sign", "crl_sign") if is_ca else ("content_commitment",))
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    builder = (
        x509.CertificateBuilder()
        .subject_name(a_name(common_name))
        .issuer_name(issuer.certificate.subject if issuer else a_name(common_name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        .add_extension(x509.KeyUsage(**{name: name in usages for name in names}), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if extended_usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([extended_usage]), critical=True)
    if ocsp_url:
        access = x509.AccessDescription(
            AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(ocsp_url)
        )
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    return Identity(builder.sign(issuer.key if issuer else key, hashes.SHA256()), key)


def a_crl(
    issuer: Identity,
    revoked: tuple[tuple[Identity, datetime, x509.ReasonFlags], ...] = (),
    *,
    at: datetime = NOW - timedelta(hours=1),
    until: datetime = NOW + timedelta(days=7),
) -> bytes:
    """A CRL of *issuer*, DER."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(at)
        .next_update(until)
    )
    for one, since, reason in revoked:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(one.certificate.serial_number)
            .revocation_date(since)
            .add_extension(x509.CRLReason(reason), critical=False)
            .build()
        )
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def an_ocsp_answer(
    about: Identity,
    issuer: Identity,
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    revoked_at: datetime | None = None,
    reason: x509.ReasonFlags | None = None,
    at: datetime = NOW - timedelta(minutes=10),
    until: datetime | None = NOW + timedelta(days=1),
    responder: Identity | None = None,
    along: tuple[Identity, ...] = (),
) -> bytes:
    """An OCSP answer about *about*, signed by *issuer* or by *responder*, DER.

    The certificates *along* are sent besides the responder's.
    """
    signer = responder or issuer
    builder = ocsp.OCSPResponseBuilder().add_response(
        cert=about.certificate,
        issuer=issuer.certificate,
        algorithm=hashes.SHA1(),
        cert_status=status,
        this_update=at,
        next_update=until,
        revocation_time=revoked_at,
        revocation_reason=reason,
    )
    if responder is not None:
        builder = builder.certificates([one.certificate for one in (*along, responder)])
    builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
    return builder.sign(signer.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@dataclass
class TestPki:
    """Everything that papers are signed under."""

    __test__ = False

    root: Identity = field(default_factory=lambda: an_identity("Gốc thử nghiệm", is_ca=True))

    def __post_init__(self) -> None:
        self.issuing = an_identity("CA cấp thử nghiệm", self.root, is_ca=True)
        self.tsa = an_identity(
            "Dấu thời gian thử nghiệm",
            self.issuing,
            extended_usage=ExtendedKeyUsageOID.TIME_STAMPING,
            key_usage=("digital_signature",),
            rsa_bits=2048,  # pyHanko's dummy authority signs with RSA alone
        )
        self.signer = an_identity("Nguyễn Thị Lan", self.issuing)

    @property
    def anchor(self) -> TrustAnchor:
        return TrustAnchor(self.root.der, "test", sandbox=True)

    def crls(self, *revoked: tuple[Identity, datetime, x509.ReasonFlags]) -> list[bytes]:
        return [a_crl(self.root), a_crl(self.issuing, revoked)]

    def timestamper(self, at: datetime | None = None) -> DummyTimeStamper:
        store = SimpleCertificateStore()
        store.register(self.issuing.asn1)
        return DummyTimeStamper(self.tsa.asn1, self.tsa.asn1_key, store, fixed_dt=at)

    def context(self, crls: list[bytes], moment: datetime | None = None) -> ValidationContext:
        return ValidationContext(
            trust_roots=[self.root.asn1],
            other_certs=[self.issuing.asn1],
            crls=crls,
            allow_fetching=False,
            revocation_mode="hard-fail",
            moment=moment,
        )


@cache
def the_pki() -> TestPki:
    return TestPki()


def a_pdf(text: str = "Tờ khai", *, pages: int = 1) -> bytes:
    """A small PDF with a classic cross-reference table, written here byte by byte."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(pages))
    bodies = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index in range(pages):
        content = f"BT /F1 18 Tf 72 720 Td (So tien: 1 000 000 dong, trang {index + 1}) Tj ET"
        bodies.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
            f"/Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * index} 0 R >>"
        )
        bodies.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return written_pdf(bodies)


PACKED_IN = 6
"""Object number of the object stream of `a_packed_pdf`."""


def a_packed_pdf() -> bytes:
    """A small PDF whose page tree lies in an object stream, with a cross-reference stream."""
    members = {
        1: "<< /Type /Catalog /Pages 2 0 R >>",
        2: "<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        4: "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "
        "/Resources << /Font << /F1 3 0 R >> >> /Contents 5 0 R >>",
    }
    heads, body = "", ""
    for number, member in members.items():
        heads += f"{number} {len(body)} "
        body += member + " "
    packed = zlib.compress((heads + body).encode())
    content = b"BT /F1 18 Tf 72 720 Td (So tien: 1 000 000 dong) Tj ET"
    pdf, offsets = b"%PDF-1.7\n", {}
    kind = b"/Type /ObjStm /N %d /First %d /Filter /FlateDecode " % (len(members), len(heads))
    for number, extra, raw in ((5, b"", content), (PACKED_IN, kind, packed)):
        offsets[number] = len(pdf)
        words = (number, extra, len(raw), raw)
        pdf += b"%d 0 obj\n<< %s/Length %d >>\nstream\n%s\nendstream\nendobj\n" % words
    start, size = len(pdf), PACKED_IN + 2
    rows = [(0, 0, 255), *((2, PACKED_IN, index) for index in range(len(members)))]
    rows += [(1, offsets[5], 0), (1, offsets[PACKED_IN], 0), (1, start, 0)]
    table = b"".join(bytes([k]) + at.to_bytes(4, "big") + bytes([x]) for k, at, x in rows)
    words = (PACKED_IN + 1, size, len(table), table, start)
    return pdf + (
        b"%d 0 obj\n<< /Type /XRef /W [1 4 1] /Size %d /Root 1 0 R /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % words
    )


def encrypted() -> bytes:
    """A paper under lock: an owner's password, and none to open it."""
    writer = copy_into_new_writer(PdfFileReader(io.BytesIO(a_pdf())))
    writer.encrypt(owner_pass="chu", user_pass="")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def hybrid() -> bytes:
    """A table whose trailer also points at a cross-reference stream."""
    plain = a_pdf()
    stream = len(plain)
    rows = b"\x01" + (9).to_bytes(4, "big") + b"\x00"
    plain += (
        b"9 0 obj\n<< /Type /XRef /W [1 4 1] /Index [1 1] /Size 10 /Length %d >>\n"
        b"stream\n%s\nendstream\nendobj\n" % (len(rows), rows)
    )
    at, before = len(plain), plain.rindex(b"xref\n0 ", 0, stream)
    return plain + (
        b"xref\n0 1\n0000000000 65535 f \ntrailer\n<< /Size 10 /Root 1 0 R /Prev %d "
        b"/XRefStm %d >>\nstartxref\n%d\n%%%%EOF\n" % (before, stream, at)
    )


def written_pdf(bodies: list[str]) -> bytes:
    """A PDF of *bodies* as objects 1, 2, 3 ...; object 1 is the catalog."""
    pdf, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(pdf))
        pdf += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    start = len(pdf)
    rows = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(bodies) + 1
    pdf += f"xref\n0 {size}\n0000000000 65535 f \n{rows}".encode()
    pdf += f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()
    return pdf


def signed(
    pdf: bytes | None = None,
    *,
    level: str = "B-B",
    pki: TestPki | None = None,
    signer: Identity | None = None,
    crls: list[bytes] | None = None,
    stamped_at: datetime | None = None,
    field_name: str = "Signature1",
    box: tuple[int, int, int, int] | None = None,
    subfilter: fields.SigSeedSubFilter = fields.SigSeedSubFilter.PADES,
    certify: int | None = None,
) -> bytes:
    """*pdf* signed with pyHanko at *level*."""
    pki = pki or the_pki()
    who = signer or pki.signer
    store = SimpleCertificateStore()
    store.register(pki.issuing.asn1)
    store.register(pki.root.asn1)
    with_evidence = level in ("B-LT", "B-LTA")
    meta = PdfSignatureMetadata(
        field_name=field_name,
        md_algorithm="sha256",
        subfilter=subfilter,
        embed_validation_info=with_evidence,
        use_pades_lta=level == "B-LTA",
        validation_context=pki.context(crls or pki.crls()) if with_evidence else None,
        certify=certify is not None,
        **({"docmdp_permissions": fields.MDPPerm(certify)} if certify else {}),
    )
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf if pdf is not None else a_pdf()))
    if box is not None:
        fields.append_signature_field(writer, fields.SigFieldSpec(field_name, box=box))
    signing = PdfSigner(
        meta,
        signer=SimpleSigner(who.asn1, who.asn1_key, store),
        timestamper=None if level == "B-B" else pki.timestamper(stamped_at),
    )
    with patch("pyhanko.sign.signers.pdf_signer.datetime", AtNoon):
        return bytes(signing.sign_pdf(writer).getvalue())


class AtNoon(datetime):
    """The clock of pyHanko's signer, standing at NOW: a long run must not sign in the future."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return NOW.astimezone(tz)


def document_timestamped(pdf: bytes, pki: TestPki | None = None) -> bytes:
    """*pdf* with a document time-stamp appended."""
    pki = pki or the_pki()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    out = PdfTimeStamper(pki.timestamper()).timestamp_pdf(writer, "sha256")
    return bytes(out.getvalue())


def ocsp_as_asn1(der: bytes) -> asn1_ocsp.OCSPResponse:
    return asn1_ocsp.OCSPResponse.load(der)
