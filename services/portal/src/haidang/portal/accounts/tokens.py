"""Secrets that are handed out once and kept as hashes: sessions, codes, links."""

from __future__ import annotations

import hashlib
import hmac
import secrets

TOKEN_BYTES = 32
ID_BYTES = 10
CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without I, L, O, 0 and 1, which people read as each other."""
CODE_GROUPS, CODE_GROUP_LETTERS = 3, 4


def new_token() -> str:
    """A secret of 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def kept(token: str) -> str:
    """What is kept of a token: 256 random bits need no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_id() -> str:
    """A name for a row; not a secret, but nobody counts by it."""
    return secrets.token_hex(ID_BYTES)


def derived_id(secret: bytes, *parts: str) -> str:
    """The name of what is made by one request: the same when it is sent twice."""
    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hmac.new(secret, b"id\0" + text, hashlib.sha256).hexdigest()[: 2 * ID_BYTES]


def new_code() -> str:
    """A recovery code as printed: "K7QP-M2XA-9HTC", about 59 bits."""
    return "-".join(
        "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUP_LETTERS))
        for _ in range(CODE_GROUPS)
    )


def kept_code(secret: bytes, user_id: str, code: str) -> str:
    """What is kept of a recovery code; as typed, in any case and grouping.

    Keyed: 59 bits could be tried out against a plain hash that leaked.
    """
    bare = "".join(letter for letter in code.upper() if letter in CODE_LETTERS)
    return hmac.new(secret, f"{user_id}:{bare}".encode(), hashlib.sha256).hexdigest()
