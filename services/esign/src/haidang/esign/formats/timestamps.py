"""RFC 3161 as we speak it: requests built, tokens checked before they are embedded. Pure.

Who comes in: the assembler. The socket is `providers/tsa.py`. Whether an authority is
believed is said by the verdict on the finished paper, not here.

Source: RFC 3161 sections 2.2 to 2.4, RFC 5816 (ESSCertIDv2).
"""

from __future__ import annotations

import hashlib

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID
from haidang.core.errors import Refused
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.formats.cms import DIGEST

UNREADABLE = (
    *(ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(UnsupportedAlgorithm, x509.InvalidVersion, x509.ExtensionNotFound),
)
GRANTED = frozenset({"granted", "granted_with_mods"})
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class TimeStampResp(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """An answer. asn1crypto's own demands the token that a rejection does not have."""

    _fields = [  # noqa: RUF012 - asn1crypto reads it so
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def timestamp_request(signature: bytes, nonce: int) -> bytes:
    """A DER TimeStampReq over *signature*, asking for the authority's certificates."""
    request: bytes = tsp.TimeStampReq(
        {
            "version": "v1",
            "message_imprint": {
                "hash_algorithm": {"algorithm": DIGEST},
                "hashed_message": hashlib.sha256(signature).digest(),
            },
            "nonce": nonce,
            "cert_req": True,
        }
    ).dump()
    return request


def timestamp_token(answer_der: bytes, signature: bytes, nonce: int) -> bytes:
    """The DER token in a DER TimeStampResp, if it answers that request and bears its signature.

    Raises: Refused TIMESTAMP_REFUSED.
    """
    try:
        answer = TimeStampResp.load(answer_der, strict=True)
        status = answer["status"]["status"].native
        if status not in GRANTED:
            raise _refused(str(status))
        token = answer["time_stamp_token"]
        _require_answer(token["content"], signature, nonce)
        _require_authority(token["content"])
        _require_readable(token["content"])
        der: bytes = token.dump()
    except UNREADABLE as error:
        raise _refused("unreadable") from error
    return der


def authority_chain(token_der: bytes) -> list[bytes]:
    """The certificates in a token, the authority's own first."""
    signed = cms.ContentInfo.load(token_der)["content"]
    own = _authority(signed).dump()
    return [own, *(one for one in _certificates(signed) if one != own)]


def _refused(detail: str) -> Refused:
    return Refused("TIMESTAMP_REFUSED", detail=detail)


def _require_answer(signed: cms.SignedData, signature: bytes, nonce: int) -> None:
    """Raises: Refused unless the token stamps *signature* and repeats *nonce*."""
    if signed["encap_content_info"]["content_type"].native != "tst_info":
        raise _refused("no time-stamp inside")
    info = signed["encap_content_info"]["content"].parsed
    imprint = info["message_imprint"]
    is_ours = (
        info["nonce"].native == nonce
        and imprint["hash_algorithm"]["algorithm"].native == DIGEST
        and imprint["hashed_message"].native == hashlib.sha256(signature).digest()
    )
    if not is_ours:
        raise _refused("it answers another request")


def _require_authority(signed: cms.SignedData) -> None:
    """Raises: Refused unless the certificate it names made it and is for time-stamps alone."""
    (signer,) = signed["signer_infos"]
    certificate = _authority(signed)
    held = x509.load_der_x509_certificate(certificate.dump())
    attributes = {one["type"].native: one["values"][0] for one in signer["signed_attrs"]}
    algorithm = signer["digest_algorithm"]["algorithm"].native
    content = signed["encap_content_info"]["content"].contents
    if attributes["message_digest"].native != hashlib.new(algorithm, content).digest():
        raise _refused("its digest does not match")
    if not _names(attributes, certificate.dump()):
        raise _refused("it names another certificate")
    purpose = held.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    if not purpose.critical or list(purpose.value) != [ExtendedKeyUsageOID.TIME_STAMPING]:
        raise _refused("its certificate is not for time-stamps alone")
    _require_signed_by(held, signer)


def _require_readable(signed: cms.SignedData) -> None:
    """Raises: one of UNREADABLE for a certificate that no path could be built of."""
    for der in _certificates(signed):
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.subject, certificate.issuer, certificate.extensions


def _names(attributes: dict[str, object], certificate: bytes) -> bool:
    """Whether ESSCertIDv2 (or, from older authorities, ESSCertID) names *certificate*."""
    current = attributes.get("signing_certificate_v2")
    if current is not None:
        (first, *_) = current["certs"]  # type: ignore[index]  # asn1crypto is untyped
        algorithm = first["hash_algorithm"]["algorithm"].native
        return bool(first["cert_hash"].native == hashlib.new(algorithm, certificate).digest())
    older = attributes.get("signing_certificate")
    if older is None:
        return False
    (first, *_) = older["certs"]  # type: ignore[index]  # asn1crypto is untyped
    named = hashlib.sha1(certificate, usedforsecurity=False).digest()
    return bool(first["cert_hash"].native == named)


def _require_signed_by(certificate: x509.Certificate, signer: cms.SignerInfo) -> None:
    attributes = signer["signed_attrs"].untag().dump()
    value = signer["signature"].native
    algorithm = HASHES[signer["digest_algorithm"]["algorithm"].native]
    key = certificate.public_key()
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(value, attributes, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(value, attributes, padding.PKCS1v15(), algorithm)
        else:
            raise _refused("its key is of an unknown kind")
    except InvalidSignature as error:
        raise _refused("its signature is wrong") from error


def _authority(signed: cms.SignedData) -> cms.Certificate:
    """The certificate that the only signer names. Raises: Refused TIMESTAMP_REFUSED."""
    (signer,) = signed["signer_infos"]
    for choice in signed["certificates"]:
        one = choice.chosen
        if signer["sid"].name == "issuer_and_serial_number":
            named = signer["sid"].chosen
            is_it = (one.issuer, one.serial_number) == (
                named["issuer"],
                named["serial_number"].native,
            )
        else:
            is_it = one.key_identifier == signer["sid"].chosen.native
        if is_it:
            return one
    raise _refused("its certificate is missing")


def _certificates(signed: cms.SignedData) -> list[bytes]:
    return [choice.chosen.dump() for choice in signed["certificates"]]
