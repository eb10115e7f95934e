"""API keys: an owner makes them for an integrator; the token service takes them.

A key may do what its scopes say, never more than the services' grants, and ends by
itself. Its text is shown once; what is kept is a hash, found by the key's public id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta

from haidang.core.clock import Clock
from haidang.core.errors import Absent, Malformed, Refused, register
from haidang.core.tenancy import Actor, check_api_key, hash_api_key, may, new_api_key
from haidang.core.vietnamese import normal
from haidang.portal.accounts.grants import GRANTS, KEY_SCOPES
from haidang.portal.accounts.keys.ledger import KeyLedger
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.tokens import kept
from haidang.portal.accounts.values import ApiKey, Session

LONGEST_NAME = 100
MOST_KEYS = 20
ID_CHARACTERS = 12
TEXT = re.compile(r"hd_live_([0-9a-f]{12})_[A-Za-z0-9_-]{20,100}")
USED_EVERY = timedelta(minutes=1)
"""`used_at` is written at most this often: an exchange is not a write."""
NOBODYS_HASH = hash_api_key("nobody has this key")

register(
    Malformed,
    {
        "KEY_NAME_MISSING": (
            "Say what the key is for.",
            "Hãy đặt tên để nhớ khóa này dùng cho việc gì.",
        ),
        "KEY_NAME_LONG": (
            "A key's name has at most {most} characters.",
            "Tên khóa dài nhất là {most} ký tự.",
        ),
        "KEY_SCOPE_MISSING": (
            "Choose at least one thing the key may do.",
            "Hãy chọn ít nhất một việc mà khóa được làm.",
        ),
        "KEY_EXPIRY_INVALID": (
            "A key ends after 1 to {most} days.",
            "Khóa phải hết hạn trong khoảng từ 1 đến {most} ngày.",
        ),
    },
)
register(
    Refused,
    {
        "TOO_MANY_KEYS": (
            "A business has at most {most} keys at work. Revoke one first.",
            "Mỗi cơ sở có nhiều nhất {most} khóa đang dùng. Hãy thu hồi bớt một khóa trước.",
        ),
    },
)
register(
    Absent,
    {
        "KEY_ABSENT": (
            "There is no such key, or it was revoked already.",
            "Không có khóa này hoặc khóa đã bị thu hồi.",
        ),
    },
)


class Keys:
    """The office. Every method but `actor` acts on the session's business."""

    def __init__(
        self, ledger: KeyLedger, people: AccountLedger, policy: AccountPolicy, clock: Clock
    ) -> None:
        self.ledger = ledger
        self._people = people
        self._policy = policy
        self._clock = clock

    async def keys(self, session: Session) -> tuple[ApiKey, ...]:
        """The business's keys, newest first."""
        return await self.ledger.keys(session.tenant)

    async def make(
        self, session: Session, name: str, scopes: Iterable[str], days: int, *, request_id: str
    ) -> tuple[ApiKey, str]:
        """A new key and its text, shown once. Sent twice, it is one key with the later text.

        Raises: Malformed KEY_NAME_*, KEY_SCOPE_MISSING, KEY_EXPIRY_INVALID, each at its
        field; Refused TOO_MANY_KEYS.
        """
        now = self._clock.now()
        key = ApiKey(
            id=kept(f"{session.tenant}:{request_id}")[:ID_CHARACTERS],
            tenant=session.tenant,
            name=_name(name),
            grants=self._scopes(session, scopes),
            made_by=session.user_id,
            made_at=now,
            expires_at=now + timedelta(days=self._days(days)),
            used_at=None,
            revoked_at=None,
        )
        _, text, _ = new_api_key()
        text = f"hd_live_{key.id}_{text.split('_', 3)[3]}"
        async with self.ledger.database.writing() as tx:
            if await self.ledger.count(tx, session.tenant, now) >= MOST_KEYS:
                raise Refused("TOO_MANY_KEYS", most=MOST_KEYS)
            await self.ledger.put(tx, key, hash_api_key(text))
            await self._people.note(tx, session.user_id, session.tenant, now, "key_made", key.name)
        return key, text

    async def revoke(self, session: Session, id: str) -> None:
        """End a key now. Tokens it was exchanged for end within five minutes.

        Raises: Absent KEY_ABSENT.
        """
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            if not await self.ledger.revoke(tx, session.tenant, id, now):
                raise Absent("KEY_ABSENT")
            await self._people.note(tx, session.user_id, session.tenant, now, "key_revoked", id)

    async def actor(self, text: str) -> Actor | None:
        """Whom *text* speaks for; None for what is no working key of ours."""
        found = TEXT.fullmatch(text)
        held = await self.ledger.key(found[1]) if found else None
        # One comparison either way, so that the time taken tells nobody which ids exist.
        is_right = check_api_key(text, held[1] if held else NOBODYS_HASH)
        if held is None or not is_right:
            return None
        key, now = held[0], self._clock.now()
        if key.revoked_at is not None or key.expires_at <= now:
            return None
        if key.used_at is None or now - key.used_at >= USED_EVERY:
            await self.ledger.used(key.id, now)
        return Actor(f"key-{key.id}", key.tenant, frozenset(key.grants))

    def _scopes(self, session: Session, scopes: Iterable[str]) -> tuple[str, ...]:
        wanted = set(scopes)
        holder = Actor(session.user_id, session.tenant, GRANTS[session.role])
        given = tuple(one for one in KEY_SCOPES if one in wanted and may(holder, one))
        if not given:
            raise Malformed("KEY_SCOPE_MISSING", field="scopes")
        return given

    def _days(self, days: int) -> int:
        most = self._policy.longest_key.days
        if not 1 <= days <= most:
            raise Malformed("KEY_EXPIRY_INVALID", field="days", most=most)
        return days


def _name(text: str) -> str:
    name = normal(text)
    if not name:
        raise Malformed("KEY_NAME_MISSING", field="name")
    if len(name) > LONGEST_NAME:
        raise Malformed("KEY_NAME_LONG", field="name", most=LONGEST_NAME)
    return name
