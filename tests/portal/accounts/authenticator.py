"""A passkey authenticator for tests: makes credentials and signs as a phone would.

Source: W3C WebAuthn level 3, sections 6.1 (authenticator data), 6.5.4 (attested credential
data) and 5.8.1 (client data).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

PRESENT, VERIFIED, BACKUP, BACKED_UP, ATTESTED = 0x01, 0x04, 0x08, 0x10, 0x40


def text(wire: bytes) -> str:
    return urlsafe_b64encode(wire).decode().rstrip("=")


def wire(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Authenticator:
    """One device with one key. `count` grows with every signature unless it `is_still`."""

    origin: str = "http://localhost:20080"
    host: str = "localhost"
    count: int = 0
    is_still: bool = False
    flags: int = PRESENT | VERIFIED | BACKUP | BACKED_UP
    user: str = ""
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: str) -> str:
        """Answer navigator.credentials.create(), as our module sends it."""
        asked = json.loads(options)
        self.user = asked["user"]["id"]
        client = self._client("webauthn.create", asked["challenge"])
        numbers = self.key.public_key().public_numbers()
        public = cbor2.dumps(
            {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32), -3: numbers.y.to_bytes(32)}
        )
        attested = b"\0" * 16 + len(self.id).to_bytes(2) + self.id + public
        data = self._data(self.flags | ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        response = {"clientDataJSON": text(client), "attestationObject": text(attestation)}
        return self._credential(response)

    def get(self, options: str) -> str:
        """Answer navigator.credentials.get()."""
        if not self.is_still:
            self.count += 1
        client = self._client("webauthn.get", json.loads(options)["challenge"])
        data = self._data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text(client),
            "authenticatorData": text(data),
            "signature": text(signature),
            "userHandle": self.user,
        }
        return self._credential(response)

    def _client(self, kind: str, challenge: str) -> bytes:
        told = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(told).encode()

    def _data(self, flags: int) -> bytes:
        hashed = hashlib.sha256(self.host.encode()).digest()
        return hashed + bytes([flags]) + self.count.to_bytes(4)

    def _credential(self, response: dict[str, str]) -> str:
        return json.dumps(
            {
                "id": text(self.id),
                "rawId": text(self.id),
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            }
        )
