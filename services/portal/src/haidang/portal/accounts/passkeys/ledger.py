"""Passkeys and used challenges: SQL behind the office."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx
from haidang.portal.accounts.values import Passkey

metadata = sa.MetaData()

passkeys = sa.Table(
    "account_passkey",
    metadata,
    sa.Column("id", sa.String(1400), primary_key=True),
    sa.Column("user_id", sa.String(40), nullable=False),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("is_backed_up", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
)
challenges = sa.Table(
    "account_used_challenge",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("expires_at", Instant, nullable=False),
)


class PasskeyLedger:
    """Credentials by their id; every change is bound to one user."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def passkeys(self, user_id: str) -> tuple[Passkey, ...]:
        """The user's passkeys, oldest first."""
        query = sa.select(passkeys).where(passkeys.c.user_id == user_id)
        return await self._found(query.order_by(passkeys.c.created_at, passkeys.c.id))

    async def passkey(self, id: str) -> Passkey | None:
        """The passkey with the credential id *id*."""
        found = await self._found(sa.select(passkeys).where(passkeys.c.id == id))
        return found[0] if found else None

    async def add(self, tx: Tx, passkey: Passkey) -> bool:
        """Keep a new passkey; False when its id is kept already."""
        known = sa.select(passkeys.c.id).where(passkeys.c.id == passkey.id)
        if (await tx.execute(known)).first() is not None:
            return False
        values = {name: getattr(passkey, name) for name in Passkey.__slots__}
        await tx.execute(sa.insert(passkeys).values(values))
        return True

    # Any: column values, each of its column's own type.
    async def change(self, tx: Tx, user_id: str, id: str, **values: Any) -> bool:
        """Change columns of one passkey; False when the user has no such one."""
        where = (passkeys.c.id == id) & (passkeys.c.user_id == user_id)
        changed = await tx.execute(sa.update(passkeys).where(where).values(**values))
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def remove(self, tx: Tx, user_id: str, id: str) -> None:
        """Forget one passkey of the user."""
        where = (passkeys.c.id == id) & (passkeys.c.user_id == user_id)
        await tx.execute(sa.delete(passkeys).where(where))

    async def forget_user(self, tx: Tx, user_id: str) -> None:
        """Forget every passkey of the user."""
        await tx.execute(sa.delete(passkeys).where(passkeys.c.user_id == user_id))

    async def use_challenge(self, tx: Tx, hash: str, expires_at: datetime, now: datetime) -> bool:
        """Use a challenge up; False when it was used before. Those that ended go."""
        await tx.execute(sa.delete(challenges).where(challenges.c.expires_at < now))
        try:
            async with tx.begin_nested():
                await tx.execute(sa.insert(challenges).values(hash=hash, expires_at=expires_at))
        except sa.exc.IntegrityError:
            return False
        return True

    async def _found(self, query: sa.Select[Any]) -> tuple[Passkey, ...]:
        async with self.database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return tuple(Passkey(**row) for row in rows)
