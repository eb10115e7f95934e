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
_SIGNING_CERTIFICATE_V1 = "signing_certificate"
_SIGNING_CERTIFICATE_V2 = "signing_certificate_v2"
_TEACH_ATTRIBUTES = (pdf, tsp)  # importing them makes asn1crypto know their attributes
_PARSING_FAULTS = (ValueError, TypeError, KeyError, IndexError, OverflowError, AttributeError)


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
    except _PARSING_FAULTS as fault:
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
        has_message_digest="message_digest" in attributes,
        attributes_consistent=_is_consistent(attributes, encapsulated_type),
        digest_matches=digest_matches,
        value_matches=value_matches,
        signing_certificate=_binding_kind(attributes),
        signing_certificate_matches=_is_bound(attributes, certificate),
        signing_time=_signing_time(attributes),
        commitment="1.2.840.113549.1.9.16.2.16" in attributes
        or "commitment_type_indication" in attributes,
        policy="signature_policy_identifier" in attributes
        or "1.2.840.113549.1.9.16.2.15" in attributes,
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
    if isinstance(chosen, core.Void) or chosen.native is None:
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


def _attributes(signed: object) -> dict[str, list[core.Asn1Value]]:
    if isinstance(signed, core.Void) or not isinstance(signed, cms.CMSAttributes):
        return {}
    found: dict[str, list[core.Asn1Value]] = {}
    for attribute in signed:
        found.setdefault(str(attribute["type"].native), []).extend(attribute["values"])
    return found


def _content_of(signed_data: cms.SignedData) -> bytes | None:
    content = signed_data["encap_content_info"]["content"]
    if isinstance(content, core.Void) or content.native is None:
        return None
    return bytes(content)


def _content_digest(content: bytes | None, digester: Digester, name: str) -> bytes | None:
    return digester(name) if content is None else algorithms.digest(name, [content])


def _verify(
    signer: cms.SignerInfo,
    certificate: x509.Certificate | None,
    digest: bytes | None,
    digest_name: str,
    attributes: dict[str, list[core.Asn1Value]],
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
    stated = attributes.get("message_digest", [])
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


def _is_consistent(attributes: dict[str, list[core.Asn1Value]], content_type: str) -> bool:
    if not attributes:
        return True
    stated = attributes.get("content_type", [])
    return (
        len(stated) == 1
        and stated[0].native == content_type
        and len(attributes.get("message_digest", [])) == 1
    )


def _binding_kind(attributes: dict[str, list[core.Asn1Value]]) -> str:
    if _SIGNING_CERTIFICATE_V2 in attributes:
        return "v2"
    return "v1" if _SIGNING_CERTIFICATE_V1 in attributes else ""


def _is_bound(
    attributes: dict[str, list[core.Asn1Value]], certificate: x509.Certificate | None
) -> bool:
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


def _signing_time(attributes: dict[str, list[core.Asn1Value]]) -> datetime | None:
    stated = attributes.get("signing_time", [])
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
    tokens = _attributes(signer["unsigned_attrs"]).get("signature_time_stamp_token", [])
    return tuple(bytes(token.dump()) for token in tokens)


def _revocation_values(attributes: dict[str, list[core.Asn1Value]]) -> tuple[bytes, ...]:
    stated = attributes.get("adobe_revocation_info_archival", [])
    found: list[bytes] = []
    for value in stated:
        for kind in ("crl", "ocsp"):
            found.extend(one.dump() for one in value[kind] or ())
    return tuple(found)
