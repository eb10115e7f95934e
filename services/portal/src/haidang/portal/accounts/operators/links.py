"""Operator links: signed with the site's secret, which this machine's user alone can read.

Pure but for the randomness of a fresh link. Light, so that the command starts fast.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime

TIME_BYTES, NONCE_BYTES, MARK_BYTES = 8, 12, 32
PATH = "/quyen-van-hanh"


def new_link(secret: bytes, expires_at: datetime) -> str:
    """A link's token, good until *expires_at*."""
    head = int(expires_at.timestamp()).to_bytes(TIME_BYTES) + secrets.token_bytes(NONCE_BYTES)
    return urlsafe_b64encode(head + _mark(secret, head)).decode().rstrip("=")


def expiry(secret: bytes, token: str) -> datetime | None:
    """When *token* ends; None when it was not made with *secret*."""
    try:
        wire = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return None
    head, mark = wire[:-MARK_BYTES], wire[-MARK_BYTES:]
    if len(head) != TIME_BYTES + NONCE_BYTES or not hmac.compare_digest(mark, _mark(secret, head)):
        return None
    return datetime.fromtimestamp(int.from_bytes(head[:TIME_BYTES]), UTC)


def _mark(secret: bytes, head: bytes) -> bytes:
    return hmac.new(secret, b"operator-link\0" + head, hashlib.sha256).digest()
