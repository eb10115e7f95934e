"""PAdES, cut where the remote party stands: prepare, (sign elsewhere), complete, add evidence.

Preparing freezes the bytes, the certificate and the time; what is signed is the digest
of the DER signed attributes. Completing checks the returned value against the frozen
certificate before it is embedded. Earlier bytes are kept as they are.

Source: ETSI EN 319 142-1 clause 6.3, EN 319 122-1, RFC 5652 section 5.4.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from io import BytesIO

from asn1crypto import algos, cms, core, crl, ocsp, tsp, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509 import load_der_x509_certificate
from haidang.core.errors import Refused
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest, SignatureObject
from pyhanko.sign.validation.dss import DocumentSecurityStore

DIGEST = "sha256"
CMS_OVERHEAD_BYTES = 2_000
TIMESTAMP_RESERVE_BYTES = 6_000
"""Room for a token with its chain, beside our own certificates. Source: field measurement."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A PDF frozen for signing: `pdf` has an empty place where the signature goes.

    `digest` is what the key signs: SHA-256 of the DER signed attributes.
    """

    pdf: bytes
    attributes_der: bytes
    digest: bytes
    region_start: int
    region_end: int


def signature_algorithm(certificate: x509.Certificate) -> str:
    """The algorithm this certificate's key signs with, as asn1crypto names it."""
    return "sha256_ecdsa" if certificate.public_key.algorithm == "ec" else "sha256_rsa"


def prepare(
    pdf: bytes,
    chain: tuple[bytes, ...],
    signing_time: datetime,
    *,
    reason: str = "",
    signer_name: str = "",
    with_timestamp: bool = False,
) -> Prepared:
    """Freeze *pdf* for signing by the first certificate (DER) of *chain*.

    Raises: Refused DOCUMENT_NOT_SIGNABLE when the PDF needs repair or is encrypted.
    """
    reserved = sum(map(len, chain)) + CMS_OVERHEAD_BYTES
    reserved += TIMESTAMP_RESERVE_BYTES if with_timestamp else 0
    try:
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=True)
        if writer.prev.encrypted:
            raise Refused("DOCUMENT_NOT_SIGNABLE", field="document", detail="encrypted")
        embedding = PdfCMSEmbedder().write_cms(field_name=_field_name(writer), writer=writer)
        next(embedding)
        place = SignatureObject(
            timestamp=signing_time,
            subfilter=SigSeedSubFilter.PADES,
            name=signer_name or None,
            reason=reason or None,
            bytes_reserved=2 * reserved,
        )
        embedding.send(SigObjSetup(sig_placeholder=place))
        byte_range, output = embedding.send(SigIOSetup(md_algorithm=DIGEST, in_place=False))
    except (PdfError, ValueError, KeyError, TypeError, IndexError, RecursionError) as error:
        detail = type(error).__name__
        raise Refused("DOCUMENT_NOT_SIGNABLE", field="document", detail=detail) from error
    attributes = _signed_attributes(chain[0], byte_range.document_digest).dump()
    return Prepared(
        pdf=output.getvalue(),
        attributes_der=attributes,
        digest=hashlib.sha256(attributes).digest(),
        region_start=byte_range.reserved_region_start,
        region_end=byte_range.reserved_region_end,
    )


def complete(
    prepared: Prepared,
    chain: tuple[bytes, ...],
    signature: bytes,
    *,
    timestamp: cms.ContentInfo | None = None,
) -> bytes:
    """The signed PDF: level B-B, or B-T with a signature time-stamp.

    Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE.
    """
    require_signature(chain[0], prepared.digest, signature)
    certificates = [_certificate(der) for der in chain]
    content = _signed_data(certificates, prepared.attributes_der, signature, timestamp)
    output = BytesIO(prepared.pdf)
    byte_range = PreparedByteRangeDigest(
        document_digest=b"",
        reserved_region_start=prepared.region_start,
        reserved_region_end=prepared.region_end,
    )
    byte_range.fill_with_cms(output, content)
    return output.getvalue()


def with_evidence(
    pdf: bytes,
    certificates: list[bytes],
    ocsp_responses: list[bytes],
    crls: list[bytes],
) -> bytes:
    """*pdf* with certificates and revocation information in its /DSS: level B-LT.

    The evidence goes into an incremental update; earlier bytes are kept.
    """
    output = BytesIO(pdf)
    DocumentSecurityStore.add_dss(
        output_stream=output,
        sig_contents=None,
        certs=[_certificate(der) for der in certificates],
        ocsps=[ocsp.OCSPResponse.load(der) for der in ocsp_responses],
        crls=[crl.CertificateList.load(der) for der in crls],
    )
    return output.getvalue()


def require_signature(certificate_der: bytes, digest: bytes, signature: bytes) -> None:
    """Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE unless the key signed *digest*."""
    key = load_der_x509_certificate(certificate_der).public_key()
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


@lru_cache(maxsize=256)
def _certificate(der: bytes) -> x509.Certificate:
    return x509.Certificate.load(der)


def _field_name(writer: IncrementalPdfFileWriter) -> str:
    """A fresh field name: one more than the signatures there are."""
    taken = {str(signature.field_name) for signature in writer.prev.embedded_signatures}
    number = len(taken) + 1
    while f"Signature{number}" in taken:
        number += 1
    return f"Signature{number}"


def _signed_attributes(certificate_der: bytes, document_digest: bytes) -> cms.CMSAttributes:
    """Exactly what PAdES baseline asks: no signing-time, for /M carries it."""
    certificate = _certificate(certificate_der)
    identifier = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate_der).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName(name="directory_name", value=certificate.issuer)],
                "serial_number": certificate.serial_number,
            },
        }
    )
    signing_certificate = tsp.SigningCertificateV2({"certs": [identifier]})
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["data"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [document_digest]}),
            cms.CMSAttribute({"type": "signing_certificate_v2", "values": [signing_certificate]}),
        ]
    )


def _signed_data(
    certificates: list[x509.Certificate],
    attributes_der: bytes,
    signature: bytes,
    timestamp: cms.ContentInfo | None,
) -> cms.ContentInfo:
    leaf = certificates[0]
    digest_algorithm = algos.DigestAlgorithm({"algorithm": DIGEST})
    fields = {
        "version": "v1",
        "sid": cms.SignerIdentifier(
            name="issuer_and_serial_number",
            value=cms.IssuerAndSerialNumber(
                {"issuer": leaf.issuer, "serial_number": leaf.serial_number}
            ),
        ),
        "digest_algorithm": digest_algorithm,
        "signed_attrs": cms.CMSAttributes.load(attributes_der),
        "signature_algorithm": {"algorithm": signature_algorithm(leaf)},
        "signature": signature,
    }
    if timestamp is not None:
        fields["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": "signature_time_stamp_token", "values": [timestamp]})]
        )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [digest_algorithm],
            "encap_content_info": {"content_type": "data"},
            "certificates": certificates,
            "signer_infos": [cms.SignerInfo(fields)],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def timestamp_request(signature: bytes, nonce: int) -> bytes:
    """A DER TimeStampReq over *signature*, asking for the authority's certificates."""
    request: bytes = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": DIGEST},
                "hashed_message": hashlib.sha256(signature).digest(),
            },
            "nonce": core.Integer(nonce),
            "cert_req": True,
        }
    ).dump()
    return request


def timestamp_token(answer_der: bytes, signature: bytes, nonce: int) -> cms.ContentInfo:
    """The token in a DER TimeStampResp, if it answers that very request.

    Raises: Refused TIMESTAMP_REFUSED. Source: RFC 3161 section 2.2.
    """
    try:
        answer = tsp.TimeStampResp.load(answer_der, strict=True)
        status = answer["status"]["status"].native
        token = answer["time_stamp_token"]
        if status not in {"granted", "granted_with_mods"}:
            raise Refused("TIMESTAMP_REFUSED", detail=str(status))
        info = token["content"]["encap_content_info"]["content"].parsed
        imprint = info["message_imprint"]
        is_ours = (
            info["nonce"].native == nonce
            and imprint["hash_algorithm"]["algorithm"].native == DIGEST
            and imprint["hashed_message"].native == hashlib.sha256(signature).digest()
        )
    except (ValueError, TypeError, KeyError) as error:
        raise Refused("TIMESTAMP_REFUSED", detail="unreadable") from error
    if not is_ours:
        raise Refused("TIMESTAMP_REFUSED", detail="it answers another request")
    return token
