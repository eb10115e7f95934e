"""The suite of signers: keys that never leave, digests that come back signed."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from haidang.core.errors import HaidangError, OutcomeUnknown, Unavailable
from haidang.core.ports.signing import (
    Enrolment,
    HeldCertificate,
    KeyDiscard,
    Signer,
    SigningRequest,
    SigningSubject,
)
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id


def certificate_der(held: HeldCertificate) -> bytes:
    """The signing certificate itself."""
    return base64.b64decode(held.chain_base64[0])


def is_signed_by(held: HeldCertificate, digest: bytes, signature: bytes) -> bool:
    """Whether *signature* over *digest* verifies with the held certificate's public key."""
    key = x509.load_der_x509_certificate(certificate_der(held)).public_key()
    algorithm = Prehashed(hashes.SHA256())
    if isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, digest, ec.ECDSA(algorithm))
    else:
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(signature, digest, padding.PKCS1v15(), algorithm)
    return True


# Any: the provider under test.
class SignerSuite(EffectSuite):
    """What a holder of signing keys must keep.

    One that cannot enrol (`enrolment` not declared) holds a certificate beforehand.
    A signer that waits for its user is driven by its own tests besides.
    """

    port: ClassVar[type[Any]] = Signer
    capabilities: ClassVar[frozenset[str]] = frozenset({"enrolment"})
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {"certificates": ()}

    def a_subject(self) -> SigningSubject:
        """Whom a certificate is to name."""
        return SigningSubject("Homestay Gió Biển", "3501234567", "Nguyễn Thị Lan")

    async def a_held_certificate(self, provider: Any) -> HeldCertificate:
        """A certificate to sign with."""
        if "enrolment" in self.capabilities:
            _, _, held = await self.done("enrol", provider)
            assert isinstance(held, HeldCertificate)
            return held
        certificates = await provider.certificates()
        assert isinstance(certificates[0], HeldCertificate)
        return certificates[0]

    async def intent_to_enrol(self, provider: Any) -> Enrolment:
        """A fresh key for a subject."""
        return Enrolment(f"khoa-{uuid.uuid4().hex[:12]}", self.a_subject())

    async def intent_to_discard(self, provider: Any) -> KeyDiscard:
        """A key that is held."""
        _, _, held = await self.done("enrol", provider)
        return KeyDiscard(held.key_name)

    async def intent_to_sign(self, provider: Any) -> SigningRequest:
        """A fresh digest to sign with a held key."""
        held = await self.a_held_certificate(provider)
        return SigningRequest(
            held.key_name,
            hashlib.sha256(certificate_der(held)).hexdigest(),
            hashlib.sha256(uuid.uuid4().bytes).hexdigest(),
            "sha256",
            held.signature_algorithm,
        )

    async def test_a_signature_verifies_with_the_held_certificate(self, provider: Any) -> None:
        request, _, receipt = await self.done("sign", provider)
        if receipt.waiting_until is not None:
            pytest.skip("this signer waits for its user")
        held = {one.key_name: one for one in await provider.certificates()}[request.key_name]

        signature = base64.b64decode(receipt.signature_base64)

        assert is_signed_by(held, bytes.fromhex(request.digest_hex), signature)

    async def test_a_held_certificate_says_what_it_is_worth(self, provider: Any) -> None:
        held = await self.a_held_certificate(provider)

        listed = [one for one in await provider.certificates() if one.key_name == held.key_name]

        assert listed == [held]
        assert held.legal_standing
        assert held.not_before < held.not_after
        assert len(held.chain_base64) > 1

    async def test_a_discarded_key_is_gone_and_signs_nothing(self, provider: Any) -> None:
        if "enrolment" not in self.capabilities:
            pytest.skip("this signer makes no keys")
        request = await self.intent_to_sign(provider)

        await provider.discard(KeyDiscard(request.key_name), an_effect_id("discard"))

        assert request.key_name not in {one.key_name for one in await provider.certificates()}
        with pytest.raises(HaidangError):
            await provider.sign(request, an_effect_id("sign"))

    async def test_a_digest_made_for_another_certificate_is_not_signed(self, provider: Any) -> None:
        request = replace(await self.intent_to_sign(provider), certificate_sha256="0" * 64)

        with pytest.raises(HaidangError) as refusal:
            await provider.sign(request, an_effect_id("sign"))

        assert not isinstance(refusal.value, Unavailable | OutcomeUnknown)

    async def test_a_key_nobody_holds_signs_nothing(self, provider: Any) -> None:
        request = replace(await self.intent_to_sign(provider), key_name="khong-co")

        with pytest.raises(HaidangError) as refusal:
            await provider.sign(request, an_effect_id("sign"))

        assert not isinstance(refusal.value, Unavailable | OutcomeUnknown)
