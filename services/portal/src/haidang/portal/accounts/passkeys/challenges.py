"""Challenges: random, short-lived, for one browser and purpose; remembered once used.

The server signs a challenge instead of keeping it, so that whoever asks for thousands
fills nothing. Source: W3C WebAuthn level 3, section 13.4.3.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import UTC, datetime

NONCE_BYTES = 16
TIME_BYTES = 8
MARK_BYTES = 32


class Challenges:
    """Makes and reads challenges with a key of the site."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def new(self, purpose: str, bound_to: str, expires_at: datetime) -> bytes:
        """A challenge for *purpose*, good for the browser *bound_to* until *expires_at*."""
        head = secrets.token_bytes(NONCE_BYTES) + int(expires_at.timestamp()).to_bytes(TIME_BYTES)
        return head + self._mark(head, purpose, bound_to)

    def expiry(self, challenge: bytes, purpose: str, bound_to: str) -> datetime | None:
        """When *challenge* ends; None when it is none of ours, or another browser's."""
        head, mark = challenge[:-MARK_BYTES], challenge[-MARK_BYTES:]
        if len(head) != NONCE_BYTES + TIME_BYTES:
            return None
        if not hmac.compare_digest(mark, self._mark(head, purpose, bound_to)):
            return None
        return datetime.fromtimestamp(int.from_bytes(head[NONCE_BYTES:]), UTC)

    def _mark(self, head: bytes, purpose: str, bound_to: str) -> bytes:
        text = head + b"\0" + purpose.encode() + b"\0" + bound_to.encode()
        return hmac.new(self._secret, b"challenge\0" + text, hashlib.sha256).digest()
