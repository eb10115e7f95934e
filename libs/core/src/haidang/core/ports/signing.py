"""Signers: who holds a private key and signs digests with it. Keys never leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, needs, reads


@dataclass(frozen=True, slots=True)
class SigningSubject:
    """Whom a certificate is to name. `identifier` is a tax code or personal number."""

    name: str
    identifier: str
    representative_name: str = ""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """Intent to hold a key for *subject* under *key_name* and have it certified."""

    key_name: str
    subject: SigningSubject


@dataclass(frozen=True, slots=True)
class HeldCertificate:
    """A certificate the signer can sign with. Certificates are DER, base64; leaf first."""

    key_name: str
    subject: str
    issuer: str
    not_before: datetime
    not_after: datetime
    chain_base64: tuple[str, ...]
    signature_algorithm: str
    legal_standing: str


@dataclass(frozen=True, slots=True)
class SigningRequest:
    """Intent to sign one digest. `digest_hex` is of the DER signed attributes.

    `digest_algorithm` is "sha256" ...; `signature_algorithm` as in asn1crypto, such as
    "sha256_ecdsa". `certificate_sha256` freezes the certificate the digest was made for.
    """

    key_name: str
    certificate_sha256: str
    digest_hex: str
    digest_algorithm: str
    signature_algorithm: str


@dataclass(frozen=True, slots=True)
class SignatureReceipt:
    """The raw signature value, base64; empty while the signer waits for its user."""

    transaction_id: str
    signature_base64: str
    waiting_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyDiscard:
    """Intent to destroy the key called *key_name* and what names its holder."""

    key_name: str


@dataclass(frozen=True, slots=True)
class DiscardReceipt:
    """The key is not there."""

    key_name: str


@runtime_checkable
class Signer(Protocol):
    """A signer of digests. Capabilities: soft, remote, enrolment."""

    @reads
    async def certificates(self) -> list[HeldCertificate]: ...

    @needs("enrolment")
    @acts(find="find_enrolment")
    async def enrol(self, enrolment: Enrolment, effect_id: EffectId) -> HeldCertificate: ...

    @needs("enrolment")
    @reads
    async def find_enrolment(
        self, enrolment: Enrolment, effect_id: EffectId
    ) -> HeldCertificate | None: ...

    @needs("enrolment")
    @acts(find="find_discarded")
    async def discard(self, discard: KeyDiscard, effect_id: EffectId) -> DiscardReceipt:
        """Destroy a key for good; one that is not there is destroyed already."""
        ...

    @needs("enrolment")
    @reads
    async def find_discarded(
        self, discard: KeyDiscard, effect_id: EffectId
    ) -> DiscardReceipt | None: ...

    @acts(find="find_signature")
    async def sign(self, request: SigningRequest, effect_id: EffectId) -> SignatureReceipt: ...

    @reads
    async def find_signature(
        self, request: SigningRequest, effect_id: EffectId
    ) -> SignatureReceipt | None: ...
