"""A Signer whose keys are held by this process: sealed on disk, loaded once, kept in memory.

Nothing outside remembers a signature, so an effect log does: the same effect id gives
the same signature value. Certificates come from a trust service by EST.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509.oid import NameOID
from haidang.core.clock import Clock
from haidang.core.errors import Absent, OutcomeUnknown, Refused, Unavailable
from haidang.core.ports.marks import EffectId
from haidang.core.ports.signing import (
    Enrolment,
    HeldCertificate,
    SignatureReceipt,
    SigningRequest,
    SigningSubject,
)
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.providers.effect_log import EffectLog
from haidang.esign.providers.settings import SoftwareKeySettings
from pydantic import TypeAdapter

ALGORITHM = "sha256_ecdsa"
TIMEOUT_SECONDS = 15.0
PASSPHRASE_BYTES = 32
NAME_CHARACTERS = 64
OK, SERVER_ERROR = 200, 500
RECEIPT = TypeAdapter(SignatureReceipt)


@dataclass(frozen=True)
class _Held:
    key: ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...]


class SoftwareKey:
    """Keys by name, in *state*/keys."""

    def __init__(self, settings: SoftwareKeySettings, state: Path, clock: Clock) -> None:
        self._settings = settings
        self._folder = state / "keys"
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._log = EffectLog(state / "effects-software-key.sqlite", clock)
        self._held: dict[str, _Held] = {}
        self._lock = asyncio.Lock()

    async def certificates(self) -> list[HeldCertificate]:
        """Every certificate there is a key for."""
        names = sorted(path.name.removesuffix(".chain.pem") for path in self._chains())
        return [self._described(name, self._load(name)) for name in names]

    async def enrol(self, enrolment: Enrolment, effect_id: EffectId) -> HeldCertificate:
        """Make a key and have it certified; a key already certified is given back.

        Raises: Refused ENROLMENT_REFUSED; Unavailable; OutcomeUnknown.
        """
        async with self._lock:
            held = await self.find_enrolment(enrolment, effect_id)
            if held is not None:
                return held
            key = self._own_key(enrolment.key_name)
            chain = await self._certified(key, enrolment.subject, effect_id)
            pem = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
            _write(self._folder / f"{enrolment.key_name}.chain.pem", pem)
            return self._described(enrolment.key_name, self._load(enrolment.key_name))

    async def find_enrolment(
        self, enrolment: Enrolment, effect_id: EffectId
    ) -> HeldCertificate | None:
        """The certificate held under this key name, if it is."""
        if not (self._folder / f"{enrolment.key_name}.chain.pem").exists():
            return None
        return self._described(enrolment.key_name, self._load(enrolment.key_name))

    async def sign(self, request: SigningRequest, effect_id: EffectId) -> SignatureReceipt:
        """Sign one digest. Raises: Absent KEY_ABSENT; Refused SIGNATURE_NOT_BY_CERTIFICATE."""
        found = await self.find_signature(request, effect_id)
        if found is not None:
            return found
        held = self._load(request.key_name)
        leaf = held.chain[0].public_bytes(Encoding.DER)
        if hashlib.sha256(leaf).hexdigest() != request.certificate_sha256:
            raise Refused("SIGNATURE_NOT_BY_CERTIFICATE")
        digest = bytes.fromhex(request.digest_hex)
        value = held.key.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
        receipt = SignatureReceipt(effect_id, base64.b64encode(value).decode())
        text = RECEIPT.dump_json(receipt).decode()
        noted = await asyncio.to_thread(self._log.note, "signature.create", effect_id, text)
        return RECEIPT.validate_json(noted)

    async def find_signature(
        self, request: SigningRequest, effect_id: EffectId
    ) -> SignatureReceipt | None:
        """The signature made under *effect_id*, if any."""
        noted = self._log.receipt(effect_id)
        return RECEIPT.validate_json(noted) if noted else None

    def _chains(self) -> list[Path]:
        return list(self._folder.glob("*.chain.pem"))

    def _load(self, name: str) -> _Held:
        held = self._held.get(name)
        if held is not None:
            return held
        try:
            pem = (self._folder / f"{name}.chain.pem").read_bytes()
        except FileNotFoundError as error:
            raise Absent("KEY_ABSENT") from error
        chain = tuple(x509.load_pem_x509_certificates(pem))
        held = self._held[name] = _Held(self._own_key(name), chain)
        return held

    def _own_key(self, name: str) -> ec.EllipticCurvePrivateKey:
        path = self._folder / f"{name}.key.pem"
        if not path.exists():
            made = ec.generate_private_key(ec.SECP256R1())
            sealed = made.private_bytes(
                Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.BestAvailableEncryption(self._passphrase()),
            )
            _write(path, sealed)
        loaded = serialization.load_pem_private_key(path.read_bytes(), self._passphrase())
        assert isinstance(loaded, ec.EllipticCurvePrivateKey)
        return loaded

    def _passphrase(self) -> bytes:
        if self._settings.passphrase is not None:
            return self._settings.passphrase.get_secret_value().encode()
        path = self._folder / "passphrase"
        if not path.exists():
            _write(path, secrets.token_urlsafe(PASSPHRASE_BYTES).encode())
        return path.read_bytes()

    async def _certified(
        self, key: ec.EllipticCurvePrivateKey, subject: SigningSubject, effect_id: EffectId
    ) -> list[x509.Certificate]:
        """Ask the trust service by EST; the effect id is its idempotency key. RFC 7030."""
        request = _request(key, subject)
        secret = json.loads(self._settings.credentials.read_text())["secret"]
        headers = {
            "Authorization": f"Bearer {secret}",
            "Idempotency-Key": effect_id,
            "Content-Type": "application/pkcs10",
        }
        url = f"{self._settings.trust_url}/.well-known/est/simpleenroll"
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_SECONDS)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(url, data=base64.b64encode(request), headers=headers) as response,
            ):
                body, status = await response.read(), response.status
        except aiohttp.ClientConnectorError as error:
            raise Unavailable("TRUST_SERVICE_UNREACHABLE") from error
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED") from error
        if status >= SERVER_ERROR:
            raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED")
        if status != OK:
            raise Refused("ENROLMENT_REFUSED", detail=str(status))
        found = pkcs7.load_der_pkcs7_certificates(base64.b64decode(body))
        return _in_order(found, key)

    def _described(self, name: str, held: _Held) -> HeldCertificate:
        leaf = held.chain[0]
        return HeldCertificate(
            key_name=name,
            subject=leaf.subject.rfc4514_string(),
            issuer=leaf.issuer.rfc4514_string(),
            not_before=leaf.not_valid_before_utc,
            not_after=leaf.not_valid_after_utc,
            chain_base64=tuple(
                base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in held.chain
            ),
            signature_algorithm=ALGORITHM,
            legal_standing=self._settings.legal_standing,
        )


def _request(key: ec.EllipticCurvePrivateKey, subject: SigningSubject) -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, subject.name[:NAME_CHARACTERS]),
            x509.NameAttribute(NameOID.SERIAL_NUMBER, subject.identifier[:NAME_CHARACTERS]),
        ]
    )
    builder = x509.CertificateSigningRequestBuilder().subject_name(name)
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def _in_order(
    found: list[x509.Certificate], key: ec.EllipticCurvePrivateKey
) -> list[x509.Certificate]:
    """The chain from our own certificate up; a PKCS#7 is a set and has no order."""
    ours = key.public_key()
    (leaf,) = [one for one in found if one.public_key() == ours]
    chain = [leaf]
    while chain[-1].issuer != chain[-1].subject:
        above = [one for one in found if one.subject == chain[-1].issuer]
        if not above:
            break
        chain.append(above[0])
    return chain


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f"{path.name}.new")
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
