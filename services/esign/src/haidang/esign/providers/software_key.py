"""A Signer whose keys are held by this process: sealed on disk, loaded once, kept in memory.

Nothing outside remembers a signature, so an effect log does: the same effect id gives
the same signature value. Certificates come from a trust service by EST.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from haidang.core.clock import Clock
from haidang.core.errors import Absent, OutcomeUnknown, Refused
from haidang.core.ports.marks import EffectId
from haidang.core.ports.signing import (
    DiscardReceipt,
    Enrolment,
    HeldCertificate,
    KeyDiscard,
    SignatureReceipt,
    SigningRequest,
    SigningSubject,
)
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.formats import cms
from haidang.esign.providers.effect_log import EffectLog
from haidang.esign.providers.est import EstClient
from haidang.esign.providers.key_folder import KeyFolder, SigningKey
from haidang.esign.providers.settings import SoftwareKeySettings
from pydantic import TypeAdapter

NAME_BYTES = 64
"""The longest common name and serial number of a subject. RFC 5280 appendix A.1 counts
characters; libraries, `cryptography` among them, count bytes."""
RECEIPT = TypeAdapter(SignatureReceipt)


class SoftwareKey:
    """Keys by name, in *state*/keys."""

    def __init__(self, settings: SoftwareKeySettings, state: Path, clock: Clock) -> None:
        passphrase = settings.passphrase.get_secret_value() if settings.passphrase else None
        self._keys = KeyFolder(state / "keys", settings.key_kind, passphrase)
        self._trust = EstClient(settings.trust_url, settings.credentials)
        self._log = EffectLog(state / "effects-software-key.sqlite", clock)
        self._legal_standing = settings.legal_standing
        self._clock = clock
        self._loaded: dict[str, SigningKey] = {}
        self._held: dict[str, HeldCertificate] = {}
        self._one_at_a_time = asyncio.Lock()

    async def certificates(self) -> list[HeldCertificate]:
        """Every certificate there is a key for."""
        return [self._certificate(name) for name in self._keys.certified()]

    async def enrol(self, enrolment: Enrolment, effect_id: EffectId) -> HeldCertificate:
        """Make a key and have it certified; a key certified for now is given back.

        A key whose certificate has expired is certified again.

        Raises: Refused ENROLMENT_REFUSED; Unavailable TRUST_SERVICE_UNREACHABLE;
            OutcomeUnknown ENROLMENT_NOT_ANSWERED.
        """
        async with self._one_at_a_time:
            held = await self.find_enrolment(enrolment, effect_id)
            if held is not None:
                return held
            name = enrolment.key_name
            await asyncio.to_thread(self._keys.make_key, name)
            key = await asyncio.to_thread(self._key, name)
            issued = await self._trust.enrol(_request(key, enrolment.subject), effect_id)
            await asyncio.to_thread(self._keys.keep_chain, name, _in_order(issued, key))
            self._held.pop(name, None)
            return self._certificate(name)

    async def find_enrolment(
        self, enrolment: Enrolment, effect_id: EffectId
    ) -> HeldCertificate | None:
        """The certificate held under this key name, if it is valid now."""
        try:
            held = self._certificate(enrolment.key_name)
        except Absent:
            return None
        return held if held.not_before <= self._clock.now() <= held.not_after else None

    async def discard(self, discard: KeyDiscard, effect_id: EffectId) -> DiscardReceipt:
        """Destroy a key and its certificate here; the trust service keeps what it issued."""
        async with self._one_at_a_time:
            await asyncio.to_thread(self._keys.discard, discard.key_name)
            self._loaded.pop(discard.key_name, None)
            self._held.pop(discard.key_name, None)
        return DiscardReceipt(discard.key_name)

    async def find_discarded(
        self, discard: KeyDiscard, effect_id: EffectId
    ) -> DiscardReceipt | None:
        """Whether nothing of the key is left."""
        is_held = await asyncio.to_thread(self._keys.holds, discard.key_name)
        return None if is_held else DiscardReceipt(discard.key_name)

    async def sign(self, request: SigningRequest, effect_id: EffectId) -> SignatureReceipt:
        """Sign one digest.

        Raises: Absent SIGNING_KEY_ABSENT; Refused SIGNATURE_NOT_BY_CERTIFICATE.
        """
        found = await self.find_signature(request, effect_id)
        if found is not None:
            return found
        self._require_ours(request)
        key = self._loaded.get(request.key_name)
        if key is None:
            key = await asyncio.to_thread(self._key, request.key_name)
        value = cms.sign_digest(key, bytes.fromhex(request.digest_hex))
        receipt = SignatureReceipt(effect_id, base64.b64encode(value).decode())
        # Made twice at once, the first noted is the signature; the other never leaves.
        text = RECEIPT.dump_json(receipt).decode()
        noted = await self._log.note("signature.create", effect_id, text)
        return RECEIPT.validate_json(noted)

    async def find_signature(
        self, request: SigningRequest, effect_id: EffectId
    ) -> SignatureReceipt | None:
        """The signature made under *effect_id*, if any."""
        noted = await self._log.receipt(effect_id)
        return RECEIPT.validate_json(noted) if noted else None

    def _require_ours(self, request: SigningRequest) -> None:
        """Raises: Refused SIGNATURE_NOT_BY_CERTIFICATE unless made for this certificate and key."""
        held = self._certificate(request.key_name)
        leaf = base64.b64decode(held.chain_base64[0])
        asked = (
            request.certificate_sha256,
            request.digest_algorithm,
            request.signature_algorithm,
        )
        if asked != (hashlib.sha256(leaf).hexdigest(), cms.DIGEST, held.signature_algorithm):
            raise Refused("SIGNATURE_NOT_BY_CERTIFICATE")

    def _key(self, name: str) -> SigningKey:
        """The key, loaded and validated once."""
        if name not in self._loaded:
            self._loaded[name] = self._keys.key(name)
        return self._loaded[name]

    def _certificate(self, name: str) -> HeldCertificate:
        if name not in self._held:
            self._held[name] = _described(name, self._keys.chain(name), self._legal_standing)
        return self._held[name]


def _described(
    name: str, chain: tuple[x509.Certificate, ...], legal_standing: str
) -> HeldCertificate:
    ders = [one.public_bytes(Encoding.DER) for one in chain]
    return HeldCertificate(
        key_name=name,
        subject=chain[0].subject.rfc4514_string(),
        issuer=chain[0].issuer.rfc4514_string(),
        not_before=chain[0].not_valid_before_utc,
        not_after=chain[0].not_valid_after_utc,
        chain_base64=tuple(base64.b64encode(der).decode() for der in ders),
        signature_algorithm=cms.signature_algorithm(ders[0]),
        legal_standing=legal_standing,
    )


def _request(key: SigningKey, subject: SigningSubject) -> bytes:
    """A DER PKCS#10 request; what is longer than a subject holds is cut."""
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, _fitting(subject.name)),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, _fitting(subject.identifier)),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _fitting(text: str) -> str:
    """As much of *text* as a subject holds, in whole letters."""
    return text.encode()[:NAME_BYTES].decode(errors="ignore").strip()


def _in_order(found: list[x509.Certificate], key: SigningKey) -> list[x509.Certificate]:
    """The path from our own certificate up; a PKCS#7 is a set and has no order.

    Raises: OutcomeUnknown ENROLMENT_NOT_ANSWERED when none is for *key*.
    """
    ours = key.public_key()
    path = [one for one in found if one.public_key() == ours][:1]
    if not path:
        raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED")
    while path[-1].issuer != path[-1].subject:
        above = [one for one in found if one.subject == path[-1].issuer]
        if not above:
            break
        path.append(above[0])
    return path
