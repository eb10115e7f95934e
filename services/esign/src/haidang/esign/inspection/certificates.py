"""Read certificates, and build and check certification paths by RFC 5280.

Comes in: a leaf, a pool of certificates, anchors, an instant. Path building and the rules
of RFC 5280 are pyhanko-certvalidator's; it is given no way to fetch, and revocation and
algorithms are facts gathered apart. Never here: a verdict.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from asn1crypto import x509
from haidang.esign.facts import CertificateFacts, PathFacts
from haidang.esign.inspection.algorithms import PARSING_FAULTS, describe
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import (
    InvalidCertificateError,
    PathBuildingError,
    PathValidationError,
    ValidationError,
)


@dataclass(frozen=True)
class Anchor:
    """A trust anchor: its certificate, and whether it is a sandbox's."""

    certificate: x509.Certificate
    sandbox: bool


@dataclass(frozen=True)
class BuiltPath:
    """A path as certificates, leaf first and anchor last, beside its facts."""

    facts: PathFacts
    certificates: tuple[x509.Certificate, ...] = ()


def read_certificate(der: bytes) -> x509.Certificate | None:
    """Parse a DER certificate whole; None if it is none."""
    try:
        certificate = x509.Certificate.load(der, strict=True)
        # The parser is lazy: read here what we and the path builder go by.
        describe_certificate(certificate)
        _ = certificate.issuer.hashable, certificate.subject.hashable
        _ = certificate.key_identifier, certificate.authority_key_identifier
    except PARSING_FAULTS:
        return None
    return certificate


def _name_of(name: x509.Name, *kinds: str) -> str:
    values = name.native
    for kind in kinds:
        found = values.get(kind)
        if found:
            return str(found[-1] if isinstance(found, list) else found)
    return ""


def describe_certificate(certificate: x509.Certificate) -> CertificateFacts:
    """The facts of one certificate, without revocation."""
    validity = certificate["tbs_certificate"]["validity"]
    usage, extended = certificate.key_usage_value, certificate.extended_key_usage_value
    names = ("common_name", "organization_name", "email_address", "serial_number")
    return CertificateFacts(
        subject=_name_of(certificate.subject, *names),
        issuer=_name_of(certificate.issuer, *names),
        sha256=hashlib.sha256(certificate.dump()).hexdigest(),
        not_before=validity["not_before"].native.astimezone(UTC),
        not_after=validity["not_after"].native.astimezone(UTC),
        algorithm=describe(
            "certificate", certificate["signature_algorithm"], certificate.public_key
        ),
        key_usage=tuple(sorted(usage.native)) if usage is not None else None,
        extended_key_usage=tuple(one.dotted for one in extended) if extended is not None else None,
        extended_key_usage_critical="extended_key_usage" in certificate.critical_extensions,
        organisation=_name_of(certificate.subject, "organization_name"),
    )


def build_path(
    leaf: x509.Certificate,
    pool: Iterable[x509.Certificate],
    anchors: Iterable[Anchor],
    moment: datetime,
) -> BuiltPath:
    """The first path from *leaf* to an anchor that keeps RFC 5280 at *moment*.

    *moment* is brought inside the leaf's validity: whether the leaf was in time is judged
    from its facts, apart from whether its path is sound.
    """
    known = list(anchors)
    if not known:
        return BuiltPath(PathFacts(problem="NO_PATH"))
    facts = describe_certificate(leaf)
    moment = min(max(moment, facts.not_before), facts.not_after)
    try:
        context = ValidationContext(
            trust_roots=[anchor.certificate for anchor in known],
            other_certs=list(pool),
            moment=moment,
            allow_fetching=False,
            revocation_mode="soft-fail",
            weak_hash_algos=set(),
        )
        path = asyncio.run(
            CertificateValidator(leaf, validation_context=context).async_validate_path()
        )
    except (PathBuildingError, InvalidCertificateError) as fault:
        return BuiltPath(PathFacts(problem="NO_PATH", detail=type(fault).__name__))
    except PathValidationError as fault:
        return BuiltPath(PathFacts(problem="CONSTRAINTS", detail=type(fault).__name__))
    except (ValidationError, *PARSING_FAULTS) as fault:
        return BuiltPath(PathFacts(problem="GENERAL", detail=type(fault).__name__))
    return _describe_path(list(reversed(list(path))), known)


def _describe_path(chain: list[x509.Certificate], anchors: list[Anchor]) -> BuiltPath:
    top = chain[-1]
    anchor = next((one for one in anchors if one.certificate.dump() == top.dump()), None)
    if anchor is None:
        return BuiltPath(PathFacts(problem="GENERAL", detail="ANCHOR"))
    facts = PathFacts(
        certificates=tuple(describe_certificate(one) for one in chain[:-1] or chain),
        anchor=_name_of(top.subject, "common_name", "organization_name"),
        anchor_sha256=hashlib.sha256(top.dump()).hexdigest(),
        sandbox=anchor.sandbox,
        problem="",
    )
    return BuiltPath(facts, tuple(chain))
