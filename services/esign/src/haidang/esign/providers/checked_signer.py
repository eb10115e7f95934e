"""A signer that asks about its certificate before every signature.

Wraps the chosen signer. Nobody signs with a certificate that is not valid, is revoked, or
cannot be asked about. Source: Circular 15/2025/TT-BKHCN art. 5 (S1) and App. II.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography import x509
from haidang.core.errors import Refused
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.ports.signing import (
    DiscardReceipt,
    Enrolment,
    HeldCertificate,
    KeyDiscard,
    SignatureReceipt,
    Signer,
    SigningRequest,
)
from haidang.esign.providers.evidence import EvidenceSource


class CheckedSigner:
    """*signer*, with every signature preceded by a check of its certificate's standing."""

    def __init__(self, signer: Signer, evidence: EvidenceSource) -> None:
        self._signer = signer
        self._evidence = evidence
        self._known: dict[str, HeldCertificate] = {}

    @reads
    async def certificates(self) -> list[HeldCertificate]:
        """Every certificate there is a key for."""
        return self._noted(await self._signer.certificates())

    @acts(find="find_enrolment")
    async def enrol(self, enrolment: Enrolment, effect_id: EffectId) -> HeldCertificate:
        """As the signer enrols."""
        (held,) = self._noted([await self._signer.enrol(enrolment, effect_id)])
        return held

    @reads
    async def find_enrolment(
        self, enrolment: Enrolment, effect_id: EffectId
    ) -> HeldCertificate | None:
        """As the signer finds."""
        held = await self._signer.find_enrolment(enrolment, effect_id)
        return self._noted([held])[0] if held is not None else None

    @acts(find="find_discarded")
    async def discard(self, discard: KeyDiscard, effect_id: EffectId) -> DiscardReceipt:
        """As the signer destroys; the certificate is not known here any more."""
        receipt = await self._signer.discard(discard, effect_id)
        self._known = {
            digest: one for digest, one in self._known.items() if one.key_name != discard.key_name
        }
        return receipt

    @reads
    async def find_discarded(
        self, discard: KeyDiscard, effect_id: EffectId
    ) -> DiscardReceipt | None:
        """As the signer finds."""
        return await self._signer.find_discarded(discard, effect_id)

    @acts(find="find_signature")
    async def sign(self, request: SigningRequest, effect_id: EffectId) -> SignatureReceipt:
        """Check, then sign.

        Raises: Refused CERTIFICATE_NOT_VALID, CERTIFICATE_REVOKED; Unavailable
            REVOCATION_UNREACHABLE; what the signer raises.
        """
        await self._evidence.require_good_standing(await self._path(request))
        return await self._signer.sign(request, effect_id)

    @reads
    async def find_signature(
        self, request: SigningRequest, effect_id: EffectId
    ) -> SignatureReceipt | None:
        """As the signer finds."""
        return await self._signer.find_signature(request, effect_id)

    async def _path(self, request: SigningRequest) -> list[x509.Certificate]:
        """The path of the very certificate the digest was made for.

        Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE.
        """
        if request.certificate_sha256 not in self._known:
            await self.certificates()
        held = self._known.get(request.certificate_sha256)
        if held is None or held.key_name != request.key_name:
            raise Refused("SIGNATURE_NOT_BY_CERTIFICATE")
        ders = [base64.b64decode(one) for one in held.chain_base64]
        return [x509.load_der_x509_certificate(der) for der in ders]

    def _noted(self, found: list[HeldCertificate]) -> list[HeldCertificate]:
        for one in found:
            leaf = base64.b64decode(one.chain_base64[0])
            self._known[hashlib.sha256(leaf).hexdigest()] = one
        return found
