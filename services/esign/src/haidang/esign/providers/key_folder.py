"""Signing keys on disk: sealed, private to this user, each with its certification path."""

from __future__ import annotations

import re
import secrets
from functools import cached_property
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from haidang.core.errors import Absent
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.esign.providers.private_files import write_private

SigningKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
KeyKind = Literal["ec-p256", "rsa-2048"]

RSA_BITS = 2048
"""The least that TT 15/2025 App. I allows."""
RSA_EXPONENT = 65_537
PASSPHRASE_BYTES = 32
KEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
CHAIN, KEY, PASSPHRASE = ".chain.pem", ".key.pem", "passphrase"


class KeyFolder:
    """Keys by name. *passphrase* seals them; None means one of its own beside them, mode 0600."""

    def __init__(self, folder: Path, kind: KeyKind, passphrase: str | None) -> None:
        self._folder = folder
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._kind = kind
        self._given = passphrase

    def certified(self) -> list[str]:
        """The names of the keys that have a certificate."""
        return sorted(path.name.removesuffix(CHAIN) for path in self._folder.glob(f"*{CHAIN}"))

    def chain(self, name: str) -> tuple[x509.Certificate, ...]:
        """The path of a key, its own certificate first. Raises: Absent SIGNING_KEY_ABSENT."""
        try:
            pem = self._path(name, CHAIN).read_bytes()
        except FileNotFoundError as error:
            raise Absent("SIGNING_KEY_ABSENT") from error
        return tuple(x509.load_pem_x509_certificates(pem))

    def keep_chain(self, name: str, chain: list[x509.Certificate]) -> None:
        """Keep the certification path of a key, in place of an earlier one."""
        pem = b"".join(one.public_bytes(Encoding.PEM) for one in chain)
        write_private(self._path(name, CHAIN), pem)

    def make_key(self, name: str) -> None:
        """Make the key called *name*, unless there is one. Raises: Absent SIGNING_KEY_ABSENT."""
        path = self._path(name, KEY)
        if path.exists():
            return
        sealed = serialization.BestAvailableEncryption(self._passphrase)
        form = serialization.PrivateFormat.PKCS8
        write_private(path, self._made().private_bytes(Encoding.PEM, form, sealed))

    def key(self, name: str) -> SigningKey:
        """The key called *name*. Reading it costs its validation: keep it.

        Raises: Absent SIGNING_KEY_ABSENT; a lost key is never replaced behind its certificate.
        """
        try:
            pem = self._path(name, KEY).read_bytes()
        except FileNotFoundError as error:
            raise Absent("SIGNING_KEY_ABSENT") from error
        loaded = serialization.load_pem_private_key(pem, self._passphrase)
        assert isinstance(loaded, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
        return loaded

    def discard(self, name: str) -> None:
        """Destroy a key, then what names its holder.

        Raises: Absent SIGNING_KEY_ABSENT for what is no name.
        """
        for suffix in (KEY, CHAIN):
            self._path(name, suffix).unlink(missing_ok=True)

    def holds(self, name: str) -> bool:
        """Whether anything of the key called *name* is left. Raises: Absent SIGNING_KEY_ABSENT."""
        return any(self._path(name, suffix).exists() for suffix in (KEY, CHAIN))

    def _made(self) -> SigningKey:
        if self._kind == "rsa-2048":
            return rsa.generate_private_key(RSA_EXPONENT, RSA_BITS)
        return ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def _passphrase(self) -> bytes:
        if self._given is not None:
            return self._given.encode()
        path = self._folder / PASSPHRASE
        if not path.exists():
            write_private(path, secrets.token_urlsafe(PASSPHRASE_BYTES).encode())
        return path.read_bytes()

    def _path(self, name: str, suffix: str) -> Path:
        if not KEY_NAME.fullmatch(name):  # a name becomes a path: nothing else may come in
            raise Absent("SIGNING_KEY_ABSENT")
        return self._folder / f"{name}{suffix}"
