"""PAdES, cut where the remote party stands: prepare, (sign elsewhere), complete, add evidence.

Preparing freezes the bytes, the certificate and the time; what is signed is the digest
of the DER signed attributes. Completing checks the returned value against the frozen
certificate before it is embedded. Earlier bytes are kept as they are.

Source: ETSI EN 319 142-1 clause 6.3; ISO 32000-1 section 12.8.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import crl, ocsp, x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from haidang.core.errors import Refused
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.formats import cms
from haidang.esign.formats.revision import Revision
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore

CMS_OVERHEAD_BYTES = 2_000
TIMESTAMP_RESERVE_BYTES = 6_000
"""Room for a token with its chain, beside our own certificates. Source: field measurement."""

END_OF_FILE = b"%%EOF"
PDF_WHITE_SPACE = b"\0\t\n\f\r "


@dataclass(frozen=True, slots=True)
class Prepared:
    """A PDF frozen for signing: `pdf` has an empty place where the signature goes.

    `digest` is what the key signs: SHA-256 of the DER signed attributes. The region holds
    the place with its angle brackets.
    """

    pdf: bytes
    attributes_der: bytes
    digest: bytes
    region_start: int
    region_end: int


def prepare(
    pdf: bytes,
    chain: tuple[bytes, ...],
    signing_time: datetime,
    *,
    reason: str = "",
    with_timestamp: bool = False,
) -> Prepared:
    """Freeze *pdf* for signing by the first certificate (DER) of *chain*.

    Raises: Refused DOCUMENT_NOT_SIGNABLE when the PDF needs repair, is encrypted or may be
        read in two ways; DOCUMENT_SEALED when an earlier signature forbids every change.
    """
    reserved = sum(map(len, chain)) + CMS_OVERHEAD_BYTES
    reserved += TIMESTAMP_RESERVE_BYTES if with_timestamp else 0
    place = SignatureObject(
        timestamp=signing_time,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason or None,
        bytes_reserved=2 * reserved,
    )
    distinct = f"{signing_time.isoformat()} {reason}".encode() + chain[0]
    if not pdf.rstrip(PDF_WHITE_SPACE).endswith(END_OF_FILE):
        raise _not_signable("content after its end")
    try:
        writer = Revision(pdf, distinct)
        _require_signable(writer)
        embedding = PdfCMSEmbedder().write_cms(field_name=_field_name(writer), writer=writer)
        next(embedding)
        embedding.send(SigObjSetup(sig_placeholder=place))
        hashed, output = embedding.send(SigIOSetup(md_algorithm=cms.DIGEST, in_place=False))
    except Refused:
        raise
    except Exception as error:  # reason: a stranger's file may make the parser raise anything
        raise _not_signable(type(error).__name__) from error
    attributes = cms.signed_attributes(chain[0], hashed.document_digest)
    return Prepared(
        pdf=output.getvalue(),
        attributes_der=attributes,
        digest=hashlib.sha256(attributes).digest(),
        region_start=hashed.reserved_region_start,
        region_end=hashed.reserved_region_end,
    )


def complete(
    prepared: Prepared,
    chain: tuple[bytes, ...],
    signature: bytes,
    *,
    timestamp_token: bytes | None = None,
) -> bytes:
    """The signed PDF: level B-B, or B-T with the DER of a signature time-stamp.

    Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE, SIGNATURE_TOO_LARGE.
    """
    cms.require_signature(chain[0], prepared.digest, signature)
    content = cms.signed_data(chain, prepared.attributes_der, signature, timestamp_token)
    start, end = prepared.region_start + 1, prepared.region_end - 1
    written = content.hex().encode()
    if len(written) > end - start:
        raise Refused("SIGNATURE_TOO_LARGE", bytes=len(content))
    return b"".join((prepared.pdf[:start], written.ljust(end - start, b"0"), prepared.pdf[end:]))


def sign_b_b(
    pdf: bytes,
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey,
    chain: tuple[bytes, ...],
    now: datetime,
) -> bytes:
    """*pdf* signed at level B-B by *key* in this very process: prepare, sign, complete.

    Raises: as `prepare` and `complete`.
    """
    prepared = prepare(pdf, chain, now)
    return complete(prepared, chain, cms.sign_digest(key, prepared.digest))


def with_evidence(
    pdf: bytes,
    certificates: list[bytes],
    ocsp_responses: list[bytes],
    crls: list[bytes],
) -> bytes:
    """*pdf* with certificates and revocation information in its /DSS: level B-LT.

    The evidence goes into an incremental update; earlier bytes and evidence are kept.
    """
    evidence = [*certificates, *ocsp_responses, *crls]
    revision = Revision(pdf, b"".join(hashlib.sha256(one).digest() for one in evidence))
    DocumentSecurityStore.supply_dss_in_writer(
        revision,
        None,
        certs=[x509.Certificate.load(der) for der in certificates],
        ocsps=[ocsp.OCSPResponse.load(der) for der in ocsp_responses],
        crls=[crl.CertificateList.load(der) for der in crls],
    )
    return revision.written()


def _not_signable(detail: str) -> Refused:
    return Refused("DOCUMENT_NOT_SIGNABLE", field="document", detail=detail)


def _require_signable(writer: Revision) -> None:
    """Raises: Refused DOCUMENT_NOT_SIGNABLE, DOCUMENT_SEALED."""
    reader = writer.prev
    if reader.encrypted:
        raise _not_signable("encrypted")
    if reader.xrefs.hybrid_xrefs_present:
        raise _not_signable("hybrid cross-references")
    for earlier in reader.embedded_signatures:
        if earlier.docmdp_level is MDPPerm.NO_CHANGES:
            raise Refused("DOCUMENT_SEALED", field="document")


def _field_name(writer: Revision) -> str:
    """A name that no form field has, of whatever kind: "Signature" and a number."""
    root = writer.prev.root
    fields = root["/AcroForm"]["/Fields"] if "/AcroForm" in root else []
    taken = {str(field.get_object().get("/T", "")) for field in fields}
    number = len(taken) + 1
    while f"Signature{number}" in taken:
        number += 1
    return f"Signature{number}"
