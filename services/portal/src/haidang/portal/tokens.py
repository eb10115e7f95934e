"""Tokens: the only holder of the key that signs them, and the exchange of API keys.

Services verify with the public half, `<state>/public/token.pem`, and never call here.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from haidang.core.clock import Clock
from haidang.core.errors import Unauthenticated, Unavailable
from haidang.core.tenancy import Actor, TokenSigner, check_api_key
from haidang.portal import reasons as _reasons  # noqa: F401 - registers the sentences
from pydantic import TypeAdapter

AUDIENCES = ("domains", "websites", "esign", "journeys")
LIFETIME = timedelta(minutes=5)
KEY_ID = "portal-1"
PLATFORM = "portal"
"""The actor of what the platform does for a tenant: a journey has no person behind it."""


@dataclass(frozen=True, slots=True)
class ListedKey:
    """An API key as the list keeps it: its hash, and whom it speaks for."""

    hash: str
    actor: str
    tenant: str
    grants: tuple[str, ...]


_LISTED: TypeAdapter[tuple[ListedKey, ...]] = TypeAdapter(tuple[ListedKey, ...])


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token and when it ends."""

    text: str
    expires_at: datetime


Keyholder = Callable[[str], Awaitable[Actor | None]]
"""Whom the text of an API key speaks for; None for no working key."""


class TokenOffice:
    """Signs five-minute tokens; exchanges API keys for them.

    Keys of this machine are in a file; those that owners made are found by *keyholder*,
    which the portal sets once its accounts are open.
    """

    def __init__(self, signer: TokenSigner, keys: Path, clock: Clock) -> None:
        self._signer = signer
        self._keys = keys
        self._clock = clock
        self.keyholder: Keyholder | None = None

    async def admit(self, api_key: str, audience: str) -> IssuedToken:
        """A token for the holder of *api_key*, made by an owner or listed in the file.

        Raises: Unauthenticated API_KEY_INVALID, also for an unknown audience.
        """
        if self.keyholder is not None and audience in AUDIENCES:
            actor = await self.keyholder(api_key)
            if actor is not None:
                return self.issue(actor, audience)
        return self.exchange(api_key, audience)

    def exchange(self, api_key: str, audience: str) -> IssuedToken:
        """A token for the holder of a key listed in the file.

        Raises: Unauthenticated API_KEY_INVALID, also for an unknown audience.
        """
        entry = self._entry_of(api_key)
        if entry is None or audience not in AUDIENCES:
            raise Unauthenticated("API_KEY_INVALID")
        return self.issue(Actor(entry.actor, entry.tenant, frozenset(entry.grants)), audience)

    def issue(self, actor: Actor, audience: str) -> IssuedToken:
        """A token for *actor*, valid for one audience."""
        now = self._clock.now()
        text = self._signer.issue(actor, audience, now, int(LIFETIME.total_seconds()))
        return IssuedToken(text, now + LIFETIME)

    def _entry_of(self, api_key: str) -> ListedKey | None:
        for entry in self._entries():
            if check_api_key(api_key, entry.hash):
                return entry
        return None

    def _entries(self) -> tuple[ListedKey, ...]:
        try:
            return _LISTED.validate_json(self._keys.read_bytes())
        except FileNotFoundError:
            return ()
        except (OSError, ValueError) as error:
            raise Unavailable("KEYS_UNREADABLE") from error


class CallCredentials:
    """Metadata for calls to a neighbour on a tenant's behalf; tokens are kept while fresh."""

    def __init__(self, office: TokenOffice, audience: str, clock: Clock) -> None:
        self._office = office
        self._audience = audience
        self._clock = clock
        self._held: dict[str, IssuedToken] = {}

    def __call__(self, tenant: str) -> tuple[tuple[str, str], ...]:
        held = self._held.get(tenant)
        if held is None or held.expires_at - self._clock.now() < LIFETIME / 2:
            actor = Actor(PLATFORM, tenant, frozenset({"*"}))
            held = self._held[tenant] = self._office.issue(actor, self._audience)
        return (("authorization", f"Bearer {held.text}"),)


def signing_key(folder: Path, public: Path) -> bytes:
    """The private key (PEM), made on first use with mode 0600; writes the public half too."""
    path = folder / "token-key.pem"
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        _write(path, made, mode=0o600)
    pem = path.read_bytes()
    key = serialization.load_pem_private_key(pem, password=None)
    public_pem = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    _write(public, public_pem, mode=0o644)
    return pem


def _write(path: Path, content: bytes, *, mode: int) -> None:
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)  # a leftover of a crash would keep its own mode
    descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        os.fsync(file.fileno())
    fresh.rename(path)
