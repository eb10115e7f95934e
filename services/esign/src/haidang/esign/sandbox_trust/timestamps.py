"""Time-stamp tokens. Source: RFC 3161, RFC 5816 (ESSCertIDv2)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from asn1crypto import cms, core, tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from haidang.esign.sandbox_trust.pki import Pki

POLICY = "2.25.231874501203948571029384756102938475610"
"""The sandbox's own time-stamp policy, in the arc of UUIDs (ITU-T X.667)."""

DIGEST_BYTES = {"sha256": 32, "sha384": 48, "sha512": 64}
SERIAL_BYTES = 8


class TimeStampResp(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    """An answer. asn1crypto's own demands the token that a rejection does not have."""

    _fields = [  # noqa: RUF012 - asn1crypto reads it so
        ("status", tsp.PKIStatusInfo),
        ("time_stamp_token", cms.ContentInfo, {"optional": True}),
    ]


def timestamp_answer(pki: Pki, der: bytes) -> bytes:
    """The DER TimeStampResp to a DER TimeStampReq; refused requests say why."""
    try:
        request = tsp.TimeStampReq.load(der, strict=True)
        imprint = request["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        digest = imprint["hashed_message"].native
        policy = request["req_policy"].native
        version = request["version"].native
        # Parsed here, because a library that parses late would fail late.
        _ = request["nonce"].native, request["cert_req"].native, request["extensions"].native
    except (ValueError, TypeError, KeyError):
        return _rejected("bad_request")
    if version != "v1":
        return _rejected("bad_request")
    if algorithm not in DIGEST_BYTES:
        return _rejected("bad_alg")
    if len(digest) != DIGEST_BYTES[algorithm]:
        return _rejected("bad_data_format")
    if policy not in {None, POLICY}:
        return _rejected("unaccepted_policy")
    if len(request["extensions"]):
        return _rejected("unaccepted_extensions")
    token = _token(pki, request)
    answer: bytes = TimeStampResp(
        {"status": {"status": "granted"}, "time_stamp_token": token}
    ).dump()
    return answer


def _rejected(reason: str) -> bytes:
    answer: bytes = TimeStampResp({"status": {"status": "rejection", "fail_info": {reason}}}).dump()
    return answer


def _token(pki: Pki, request: tsp.TimeStampReq) -> cms.ContentInfo:
    certificate = x509.Certificate.load(pki.tsa.certificate.public_bytes(Encoding.DER))
    info = _info(certificate, request)
    signed = {
        "version": "v3",
        "digest_algorithms": [{"algorithm": "sha256"}],
        "encap_content_info": {
            "content_type": "tst_info",
            "content": core.ParsableOctetString(info),
        },
        "signer_infos": [_signer_info(pki, certificate, info)],
    }
    if request["cert_req"].native:
        issuing = x509.Certificate.load(pki.issuing.certificate.public_bytes(Encoding.DER))
        signed["certificates"] = [certificate, issuing]
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(signed)})


def _info(certificate: x509.Certificate, request: tsp.TimeStampReq) -> bytes:
    """The DER TSTInfo: what was asked for, and when. Source: RFC 3161 section 2.4.2."""
    fields = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": request["message_imprint"],
        "serial_number": int.from_bytes(secrets.token_bytes(SERIAL_BYTES), "big"),
        "gen_time": datetime.now(UTC).replace(microsecond=0),
        "accuracy": {"seconds": 1},
        "tsa": x509.GeneralName(name="directory_name", value=certificate.subject),
    }
    if request["nonce"].native is not None:
        fields["nonce"] = request["nonce"].native
    der: bytes = tsp.TSTInfo(fields).dump()
    return der


def _signer_info(pki: Pki, certificate: x509.Certificate, info: bytes) -> cms.SignerInfo:
    attributes = _attributes(certificate, info)
    return cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                name="issuer_and_serial_number",
                value=cms.IssuerAndSerialNumber(
                    {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
                ),
            ),
            "digest_algorithm": {"algorithm": "sha256"},
            "signed_attrs": attributes,
            "signature_algorithm": {"algorithm": "sha256_ecdsa"},
            "signature": pki.tsa.key.sign(attributes.dump(), ec.ECDSA(hashes.SHA256())),
        }
    )


def _attributes(certificate: x509.Certificate, info: bytes) -> cms.CMSAttributes:
    identifier = tsp.ESSCertIDv2(
        {
            "cert_hash": hashlib.sha256(certificate.dump()).digest(),
            "issuer_serial": {
                "issuer": [x509.GeneralName(name="directory_name", value=certificate.issuer)],
                "serial_number": certificate.serial_number,
            },
        }
    )
    return cms.CMSAttributes(
        [
            cms.CMSAttribute({"type": "content_type", "values": ["tst_info"]}),
            cms.CMSAttribute({"type": "message_digest", "values": [hashlib.sha256(info).digest()]}),
            cms.CMSAttribute(
                {
                    "type": "signing_certificate_v2",
                    "values": [tsp.SigningCertificateV2({"certs": [identifier]})],
                }
            ),
        ]
    )
