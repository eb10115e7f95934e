"""Who asks, for whom, and what they may: actors, grants, tokens, API keys.

The tenant comes from the credential, never from a message. The portal signs tokens;
every service verifies them with the public key alone.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from haidang.core.errors import Forbidden, Unauthenticated

ALGORITHM = "EdDSA"
ISSUER = "haidang-portal"
CACHED_TOKENS = 4096
KEY_ID_BYTES = 6
KEY_SECRET_BYTES = 32
EVERYTHING = "*"
WIDER = {"read": ("write",), "validate": ("read", "write")}
"""Which verbs include another. To validate is to judge what one brings: it sees nothing kept."""
OPERATE = "operations.operate"
"""The grant of whoever runs the platform, over every tenant's operations. It is only held
by name: "*" speaks of one tenant's things and does not include it."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks (*id*) and for which tenant. Grants look like "domains.write"; "*" is all."""

    id: str
    tenant: str
    grants: frozenset[str]


def may(actor: Actor, grant: str) -> bool:
    """Whether *actor* holds *grant*. Denied by default.

    "x.write" includes "x.read", and "x.read" includes "x.validate".
    """
    if grant == OPERATE:
        return grant in actor.grants
    service, _, verb = grant.partition(".")
    held = actor.grants
    return (
        EVERYTHING in held
        or grant in held
        or any(f"{service}.{wider}" in held for wider in WIDER.get(verb, ()))
        or (grant == "operations.read" and bool(held))
    )


def require(actor: Actor, grant: str) -> None:
    """Raises: Forbidden NOT_PERMITTED unless *actor* holds *grant*."""
    if not may(actor, grant):
        raise Forbidden("NOT_PERMITTED", verb=grant)


class TokenSigner:
    """Signs tokens with the portal's Ed25519 key (PEM). Source: RFC 8037 section 3.1."""

    def __init__(self, private_key_pem: bytes, key_id: str) -> None:
        self._key = private_key_pem
        self._key_id = key_id

    def issue(self, actor: Actor, audience: str, now: datetime, lifetime_seconds: int = 300) -> str:
        """A token that says who *actor* is to *audience*, for *lifetime_seconds*."""
        issued = int(now.timestamp())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": actor.id,
            "tenant": actor.tenant,
            "grants": sorted(actor.grants),
            "iat": issued,
            "exp": issued + lifetime_seconds,
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"kid": self._key_id})


class TokenVerifier:
    """Verifies tokens for one audience; verified ones are remembered until they end."""

    def __init__(self, public_key_pem: bytes, audience: str) -> None:
        key = load_pem_public_key(public_key_pem)
        assert isinstance(key, Ed25519PublicKey)
        self._key = key
        self._audience = audience
        self._verified: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()

    def verify(self, token: str, now: datetime) -> Actor:
        """The actor *token* speaks for. Raises: Unauthenticated TOKEN_INVALID."""
        digest = hashlib.sha256(token.encode()).digest()
        instant = now.timestamp()
        known = self._verified.get(digest)
        if known is not None and instant < known[0]:
            return known[1]
        expires, actor = self._decoded(token, instant)
        self._verified[digest] = (expires, actor)
        while len(self._verified) > CACHED_TOKENS:
            self._verified.popitem(last=False)
        return actor

    def _decoded(self, token: str, instant: float) -> tuple[float, Actor]:
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                options={
                    "verify_exp": False,  # judged against the clock we are given
                    "verify_iat": False,
                    "require": ["exp", "aud", "sub", "iss", "tenant", "grants"],
                },
            )
            actor = _actor_in(claims)
            expires = float(claims["exp"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("TOKEN_INVALID") from error
        if instant >= expires:
            raise Unauthenticated("TOKEN_INVALID")
        return expires, actor


# Any: claims are whatever JSON the signer put there.
def _actor_in(claims: dict[str, Any]) -> Actor:
    """Raises: KeyError, ValueError. A token without a tenant speaks for nobody."""
    subject, tenant, grants = claims["sub"], claims["tenant"], claims["grants"]
    if not (subject and tenant and isinstance(tenant, str) and isinstance(grants, list)):
        raise ValueError("sub, tenant and grants are required")
    return Actor(subject, tenant, frozenset(map(str, grants)))


def new_api_key() -> tuple[str, str, str]:
    """A fresh API key: (id, text to hand out once, hash to keep).

    The secret has 256 bits of randomness, so a plain SHA-256 keeps it safe at rest.
    """
    identifier = secrets.token_hex(KEY_ID_BYTES)
    text = f"hd_live_{identifier}_{secrets.token_urlsafe(KEY_SECRET_BYTES)}"
    return identifier, text, hash_api_key(text)


def hash_api_key(text: str) -> str:
    """What is kept of an API key."""
    return hashlib.sha256(text.encode()).hexdigest()


def check_api_key(text: str, stored_hash: str) -> bool:
    """Whether *text* is the key that *stored_hash* was kept of; in constant time."""
    return hmac.compare_digest(hash_api_key(text), stored_hash)
