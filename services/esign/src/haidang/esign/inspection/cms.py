"""Read a CMS SignedData and measure it against the bytes it should cover.

Comes in: DER, a function that digests the covered bytes, certificates known otherwise.
Goes out: `CmsFacts` with the parsed values beside. Never here: a verdict.
Source: RFC 5652 section 5; RFC 5035 (signing certificate); EN 319 122-1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from asn1crypto import cms, core, pdf, tsp, x509
from haidang.esign.facts import AlgorithmFacts, CmsFacts
from haidang.esign.inspection import algorithms
from haidang.esign.inspection.certificates import describe_certificate, read_certificate

Digester = Callable[[str], bytes | None]
_SET_OF_TAG = b"\x31"
_CONTENT_TYPE = "1.2.840.113549.1.9.3"
_MESSAGE_DIGEST = "1.2.840.113549.1.9.4"
_SIGNING_TIME = "1.2.840.113549.1.9.5"
_SIGNING_CERTIFICATE_V1 = "1.2.840.113549.1.9.16.2.12"
_SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47"
_SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14"
_SIGNATURE_POLICY = "1.2.840.113549.1.9.16.2.15"
_COMMITMENT = "1.2.840.113549.1.9.16.2.16"
_REVOCATION_VALUES = "1.2.840.113583.1.1.8"
_READ_ATTRIBUTES = frozenset(
    {
        _CONTENT_TYPE,
        _MESSAGE_DIGEST,
        _SIGNING_TIME,
        _SIGNING_CERTIFICATE_V1,
        _SIGNING_CERTIFICATE_V2,
        _SIGNATURE_TIMESTAMP,
        _REVOCATION_VALUES,
    }
)
Attributes = dict[str, list[core.Asn1Value]]
_TEACH_ATTRIBUTES = (pdf, tsp)  # importing them makes asn1crypto know their attributes


@dataclass(frozen=True)
class ReadCms:
    """A signature's facts beside the values other rooms go on with."""

    facts: CmsFacts
    signer: x509.Certificate | None = None
    certificates: tuple[x509.Certificate, ...] = ()
    signature: bytes = b""
    content: bytes = b""
    timestamp_tokens: tuple[bytes, ...] = ()
    revocation_values: tuple[bytes, ...] = ()


def read_cms(der: bytes, digester: Digester, *, use: str) -> ReadCms:
    """Read one SignedData; whatever is wrong with it is a fact, never an exception.

    *digester* answers the digest of the covered bytes by an algorithm's name. Where the
    SignedData encapsulates content (RFC 3161 tokens) the content is digested instead and
    *digester* is not asked.
    """
    try:
        info = cms.ContentInfo.load(der, strict=True)
        if info["content_type"].native != "signed_data":
            return ReadCms(CmsFacts(problem="not signed data"))
        signed_data = info["content"]
        signers = list(signed_data["signer_infos"])
        if len(signers) != 1:
            problem = "not exactly one signer"
            return ReadCms(CmsFacts(problem=problem, signer_count=len(signers)))
        read = _read_signer(signed_data, signers[0], digester, use)
        return replace(read, facts=replace(read.facts, is_der=_is_der(der)))
    except algorithms.PARSING_FAULTS as fault:
        return ReadCms(CmsFacts(problem=f"unreadable: {type(fault).__name__}"))


def _is_der(der: bytes) -> bool:
    indefinite = 0x80
    return len(der) > 1 and der[1] != indefinite


def _read_signer(
    signed_data: cms.SignedData, signer: cms.SignerInfo, digester: Digester, use: str
) -> ReadCms:
    certificates = _certificates_of(signed_data)
    certificate = _find_signer(signer["sid"], certificates)
    attributes = _attributes(signer["signed_attrs"])
    content = _content_of(signed_data)
    digest_name = str(signer["digest_algorithm"]["algorithm"].native)
    digest = _content_digest(content, digester, digest_name)
    value_matches, digest_matches = _verify(signer, certificate, digest, digest_name, attributes)
    encapsulated_type = str(signed_data["encap_content_info"]["content_type"].native)
    facts = CmsFacts(
        content_type=encapsulated_type,
        encapsulated=content is not None,
        has_signed_attributes=bool(attributes),
        has_message_digest=_MESSAGE_DIGEST in attributes,
        attributes_consistent=_is_consistent(attributes, encapsulated_type),
        digest_matches=digest_matches,
        value_matches=value_matches,
        signing_certificate=_binding_kind(attributes),
        signing_certificate_matches=_is_bound(attributes, certificate),
        signing_time=_signing_time(attributes),
        commitment=_COMMITMENT in attributes,
        policy=_SIGNATURE_POLICY in attributes,
        algorithms=_algorithms(use, signer, certificate, digest_name),
        signer=describe_certificate(certificate) if certificate else None,
    )
    return ReadCms(
        facts,
        certificate,
        certificates,
        signer["signature"].native,
        content or b"",
        _unsigned_tokens(signer),
        _revocation_values(attributes),
    )


def _certificates_of(signed_data: cms.SignedData) -> tuple[x509.Certificate, ...]:
    chosen = signed_data["certificates"]
    if not isinstance(chosen, cms.CertificateSet):
        return ()
    read = (read_certificate(one.chosen.dump()) for one in chosen if one.name == "certificate")
    return tuple(one for one in read if one is not None)


def _find_signer(
    sid: cms.SignerIdentifier, certificates: Iterable[x509.Certificate]
) -> x509.Certificate | None:
    for certificate in certificates:
        if sid.name == "issuer_and_serial_number":
            named = sid.chosen
            if (
                named["issuer"] == certificate.issuer
                and named["serial_number"].native == certificate.serial_number
            ):
                return certificate
        elif sid.chosen.native == certificate.key_identifier:
            return certificate
    return None


def _attributes(signed: object) -> Attributes:
    """Attributes by dotted OID. Values are read only of those we go by: a strange attribute
    is the signer's affair, and how asn1crypto would read it depends on who else is loaded."""
    if isinstance(signed, core.Void) or not isinstance(signed, cms.CMSAttributes):
        return {}
    found: Attributes = {}
    for attribute in signed:
        oid = str(attribute["type"].dotted)
        values = list(attribute["values"]) if oid in _READ_ATTRIBUTES else []
        found.setdefault(oid, []).extend(values)
    return found


def _content_of(signed_data: cms.SignedData) -> bytes | None:
    content = signed_data["encap_content_info"]["content"]
    is_octets = isinstance(content, core.OctetString | core.ParsableOctetString)
    return bytes(content) if is_octets else None


def _content_digest(content: bytes | None, digester: Digester, name: str) -> bytes | None:
    return digester(name) if content is None else algorithms.digest(name, [content])


def _verify(
    signer: cms.SignerInfo,
    certificate: x509.Certificate | None,
    digest: bytes | None,
    digest_name: str,
    attributes: Attributes,
) -> tuple[bool | None, bool | None]:
    """(does the value verify, does the digest match); None where we cannot tell."""
    if certificate is None:
        return None, None
    key, algorithm = certificate.public_key, signer["signature_algorithm"]
    value = signer["signature"].native
    if not attributes:
        if digest is None:
            return None, None
        matches = algorithms.verifies_digest(key, algorithm, value, digest, digest_name)
        return matches, matches
    stated = attributes.get(_MESSAGE_DIGEST, [])
    same = digest is not None and len(stated) == 1 and stated[0].native == digest
    for message in _signed_attribute_forms(signer["signed_attrs"]):
        verified = algorithms.verifies(key, algorithm, value, message, digest_name)
        if verified is not False:
            break
    return verified, (same if digest is not None else None)


def _signed_attribute_forms(attributes: cms.CMSAttributes) -> list[bytes]:
    """As SET OF (never the implicit tag [0]): as written, then as DER. RFC 5652 section 5.4."""
    written = attributes.dump()
    as_der = attributes.untag().dump(force=True)
    return [_SET_OF_TAG + written[1:], as_der]


def _is_consistent(attributes: Attributes, content_type: str) -> bool:
    if not attributes:
        return True
    stated = attributes.get(_CONTENT_TYPE, [])
    return (
        len(stated) == 1
        and stated[0].native == content_type
        and len(attributes.get(_MESSAGE_DIGEST, [])) == 1
    )


def _binding_kind(attributes: Attributes) -> str:
    if _SIGNING_CERTIFICATE_V2 in attributes:
        return "v2"
    return "v1" if _SIGNING_CERTIFICATE_V1 in attributes else ""


def _is_bound(attributes: Attributes, certificate: x509.Certificate | None) -> bool:
    """Whether the first certificate each binding attribute names is the signer's."""
    if certificate is None:
        return False
    stated = attributes.get(_SIGNING_CERTIFICATE_V2, []) + attributes.get(
        _SIGNING_CERTIFICATE_V1, []
    )
    return bool(stated) and all(_names(one, certificate) for one in stated)


def _names(binding: core.Asn1Value, certificate: x509.Certificate) -> bool:
    first = binding["certs"][0]
    name = (
        first["hash_algorithm"]["algorithm"].native if "hash_algorithm" in first.native else "sha1"
    )
    return bool(first["cert_hash"].native == algorithms.digest(str(name), [certificate.dump()]))


def _signing_time(attributes: Attributes) -> datetime | None:
    stated = attributes.get(_SIGNING_TIME, [])
    value = stated[0].native if stated else None
    return value.astimezone(UTC) if isinstance(value, datetime) else None


def _algorithms(
    use: str, signer: cms.SignerInfo, certificate: x509.Certificate | None, digest_name: str
) -> tuple[AlgorithmFacts, ...]:
    found = [AlgorithmFacts(use, "", digest_name)]
    if certificate is not None:
        algorithm = signer["signature_algorithm"]
        found.append(algorithms.describe(use, algorithm, certificate.public_key, digest_name))
    return tuple(found)


def _unsigned_tokens(signer: cms.SignerInfo) -> tuple[bytes, ...]:
    tokens = _attributes(signer["unsigned_attrs"]).get(_SIGNATURE_TIMESTAMP, [])
    return tuple(bytes(token.dump()) for token in tokens)


def _revocation_values(attributes: Attributes) -> tuple[bytes, ...]:
    stated = attributes.get(_REVOCATION_VALUES, [])
    found: list[bytes] = []
    for value in stated:
        for kind in ("crl", "ocsp"):
            found.extend(one.dump() for one in value[kind] or ())
    return tuple(found)
