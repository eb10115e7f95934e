"""Users, their sessions, known devices, recovery codes and journal: SQL behind the office.

Memberships are `teams/ledger.py`, passkeys `passkeys/ledger.py`, API keys `keys/ledger.py`;
one migration makes all their tables. Every query is bound to one user.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.errors import Conflict, register
from haidang.core.operations import Tx
from haidang.portal.accounts.teams.ledger import members
from haidang.portal.accounts.values import AccountEvent, Role, SeenSession, Session, User

MIGRATIONS = Path(__file__).parent / "migrations"
SHOWN_EVENTS = 30
DETAIL_CHARACTERS = 200
TURNS = ("joined", "switched")

metadata = sa.MetaData()

users = sa.Table(
    "account_user",
    metadata,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("identifier", sa.String(254), nullable=False, unique=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("password_hash", sa.String(200), nullable=False),
    sa.Column("is_operator", sa.Boolean, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)
sessions = sa.Table(
    "account_session",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("id", sa.String(40), nullable=False, unique=True),
    sa.Column("user_id", sa.String(40), nullable=False),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("device", sa.String(200), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("proved_at", Instant, nullable=False),
    sa.Column("ends_at", Instant),
    sa.Column("succeeded_by", sa.String(40), nullable=False, server_default=""),
)
devices = sa.Table(
    "account_device",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("user_id", sa.String(40), primary_key=True),
    sa.Column("seen_at", Instant, nullable=False),
)
codes = sa.Table(
    "account_recovery_code",
    metadata,
    sa.Column("user_id", sa.String(40), primary_key=True),
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
)
events = sa.Table(
    "account_event",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("user_id", sa.String(40), nullable=False),
    sa.Column("tenant", sa.String(40), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("detail", sa.String(200), nullable=False),
)

SESSION = (
    sa.select(sessions, users.c.name.label("user_name"), users.c.is_operator)
    .add_columns(members.c.role)
    .join(users, users.c.id == sessions.c.user_id)
    .join(
        members,
        (members.c.user_id == sessions.c.user_id) & (members.c.tenant == sessions.c.tenant),
    )
    .where(
        sessions.c.hash == sa.bindparam("token"),
        sessions.c.ends_at.is_(None) | (sessions.c.ends_at > sa.bindparam("at", type_=Instant)),
    )
)
"""Asked at every request: composing it anew would cost as much as the answer."""

register(
    Conflict,
    {
        "IDENTIFIER_TAKEN": (
            "An account with this phone number or e-mail address exists already. If it is "
            "yours, sign in, or recover it with one of your recovery codes.",
            "Số điện thoại hoặc địa chỉ thư này đã có tài khoản. Nếu là của anh/chị, hãy đăng "
            "nhập, hoặc khôi phục bằng một mã khôi phục đã in.",
        ),
    },
)


class AccountLedger:
    """Users and what proves them. Writes take the transaction they belong to."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def user(self, id: str) -> User | None:
        """The user with *id*."""
        return await self._user(users.c.id == id)

    async def user_called(self, identifier: str) -> User | None:
        """The user who signs in with *identifier*, normalised."""
        return await self._user(users.c.identifier == identifier)

    async def _user(self, which: sa.ColumnElement[bool]) -> User | None:
        async with self.database.reading() as session:
            row = (await session.execute(sa.select(users).where(which))).mappings().first()
        return None if row is None else User(**row)

    async def add_user(self, tx: Tx, user: User) -> None:
        """Keep a new user. Raises: Conflict IDENTIFIER_TAKEN."""
        values = {name: getattr(user, name) for name in User.__slots__}
        try:
            async with tx.begin_nested():
                await tx.execute(sa.insert(users).values(values))
        except sa.exc.IntegrityError as error:
            raise Conflict("IDENTIFIER_TAKEN", field="identifier") from error

    # Any: column values, each of its column's own type.
    async def change_user(self, tx: Tx, id: str, **values: Any) -> None:
        """Change columns of one user."""
        await tx.execute(sa.update(users).where(users.c.id == id).values(**values))

    async def add_session(self, tx: Tx, hash: str, session: Session, device: str) -> None:
        """Keep a new session under the hash of its token."""
        values = {
            name: getattr(session, name)
            for name in ("id", "user_id", "tenant", "created_at", "seen_at", "proved_at")
        }
        await tx.execute(sa.insert(sessions).values(hash=hash, device=device, **values))

    async def session(self, hash: str, now: datetime) -> Session | None:
        """The session whose token hashes to *hash*, while its user is a member there."""
        async with self.database.reading() as reading:
            found = await reading.execute(SESSION, {"token": hash, "at": now})
            row = found.mappings().first()
        if row is None:
            return None
        values = {name: row[name] for name in Session.__slots__ if name != "role"}
        return Session(role=Role(row["role"]), **values)

    async def sessions(self, user_id: str) -> tuple[SeenSession, ...]:
        """A user's sessions, last seen first."""
        query = (
            sa.select(*(sessions.c[name] for name in SeenSession.__slots__))
            .where(sessions.c.user_id == user_id, sessions.c.ends_at.is_(None))
            .order_by(sessions.c.seen_at.desc(), sessions.c.id)
        )
        async with self.database.reading() as reading:
            rows = (await reading.execute(query)).mappings().all()
        return tuple(SeenSession(**row) for row in rows)

    # Any: column values, each of its column's own type.
    async def change_session(self, tx: Tx, id: str, **values: Any) -> None:
        """Change columns of one session."""
        await tx.execute(sa.update(sessions).where(sessions.c.id == id).values(**values))

    # Any: as above.
    async def rotate_session(
        self, tx: Tx, id: str, *, new_id: str, hash: str, ends_at: datetime, **values: Any
    ) -> None:
        """Continue a session under another token; the old one ends at *ends_at*.

        A session that was rotated before, by a request whose answer the browser never
        took (a double tap), has its unused successor replaced.
        """
        row = (await tx.execute(sa.select(sessions).where(sessions.c.id == id))).mappings().one()
        await tx.execute(sa.delete(sessions).where(sessions.c.id == row["succeeded_by"]))
        await self.change_session(tx, id, ends_at=ends_at, succeeded_by=new_id)
        continued = {**row, "id": new_id, "hash": hash, "ends_at": None, "succeeded_by": ""}
        await tx.execute(sa.insert(sessions).values({**continued, **values}))

    async def end_session(self, tx: Tx, user_id: str, id: str) -> None:
        """End one of the user's sessions."""
        await tx.execute(
            sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id == id)
        )

    async def end_sessions(self, tx: Tx, user_id: str, *, but: str = "") -> None:
        """End all of the user's sessions *but* one."""
        await tx.execute(
            sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.id != but)
        )

    async def end_sessions_at(self, tx: Tx, user_id: str, tenant: str) -> None:
        """End the user's sessions at one business."""
        await tx.execute(
            sa.delete(sessions).where(sessions.c.user_id == user_id, sessions.c.tenant == tenant)
        )

    async def end_old_sessions(self, tx: Tx, user_id: str, *, keep: int) -> None:
        """End the user's sessions that were seen longest ago, all but *keep*."""
        seen = sa.select(sessions.c.hash).where(sessions.c.user_id == user_id)
        kept = seen.order_by(sessions.c.seen_at.desc()).limit(keep)
        await tx.execute(
            sa.delete(sessions).where(
                sessions.c.user_id == user_id, sessions.c.hash.not_in(kept.scalar_subquery())
            )
        )

    async def know_device(self, tx: Tx, user_id: str, hash: str, now: datetime) -> None:
        """Remember that *user_id* signed in on this device."""
        where = (devices.c.hash == hash) & (devices.c.user_id == user_id)
        changed = await tx.execute(sa.update(devices).where(where).values(seen_at=now))
        if not changed.rowcount:  # type: ignore[attr-defined]
            await tx.execute(sa.insert(devices).values(hash=hash, user_id=user_id, seen_at=now))

    async def knows_device(self, user_id: str, hash: str, since: datetime) -> bool:
        """Whether *user_id* signed in on this device after *since*."""
        query = sa.select(devices.c.hash).where(
            devices.c.hash == hash, devices.c.user_id == user_id, devices.c.seen_at > since
        )
        async with self.database.reading() as session:
            return (await session.execute(query)).first() is not None

    async def forget_devices(self, tx: Tx, user_id: str) -> None:
        """No device of the user is known any longer."""
        await tx.execute(sa.delete(devices).where(devices.c.user_id == user_id))

    async def put_codes(self, tx: Tx, user_id: str, hashes: Iterable[str], now: datetime) -> None:
        """Replace the user's recovery codes."""
        await tx.execute(sa.delete(codes).where(codes.c.user_id == user_id))
        rows = [{"user_id": user_id, "hash": hash, "made_at": now} for hash in hashes]
        await tx.execute(sa.insert(codes), rows)

    async def use_code(self, tx: Tx, user_id: str, hash: str, now: datetime) -> bool:
        """Use a code up; False when there is no such unused code."""
        changed = await tx.execute(
            sa.update(codes)
            .where(codes.c.user_id == user_id, codes.c.hash == hash, codes.c.used_at.is_(None))
            .values(used_at=now)
        )
        return bool(changed.rowcount)  # type: ignore[attr-defined]

    async def codes_left(self, user_id: str) -> tuple[int, datetime | None]:
        """How many codes are unused, and when they were made."""
        query = sa.select(sa.func.count(), sa.func.max(codes.c.made_at)).where(
            codes.c.user_id == user_id, codes.c.used_at.is_(None)
        )
        async with self.database.reading() as session:
            count, made_at = (await session.execute(query)).one()
        return int(count), made_at

    async def note(
        self, tx: Tx, user_id: str, tenant: str, at: datetime, kind: str, detail: str = ""
    ) -> None:
        """Write a line into the user's journal."""
        await tx.execute(
            sa.insert(events).values(
                user_id=user_id, tenant=tenant, at=at, kind=kind, detail=detail[:DETAIL_CHARACTERS]
            )
        )

    async def events(self, user_id: str, most: int = SHOWN_EVENTS) -> tuple[AccountEvent, ...]:
        """The user's journal, newest first."""
        query = (
            sa.select(events.c.at, events.c.kind, events.c.detail)
            .where(events.c.user_id == user_id)
            .order_by(events.c.id.desc())
            .limit(most)
        )
        async with self.database.reading() as session:
            rows = (await session.execute(query)).mappings().all()
        return tuple(AccountEvent(**row) for row in rows)

    async def homes(self, user_id: str) -> tuple[str, ...]:
        """Businesses the user joined or turned to, the last first."""
        query = (
            sa.select(events.c.tenant)
            .where(events.c.user_id == user_id, events.c.kind.in_(TURNS))
            .order_by(events.c.id.desc())
            .limit(SHOWN_EVENTS)
        )
        async with self.database.reading() as session:
            return tuple((await session.execute(query)).scalars())

    async def end_sessions_of(self, tx: Tx, tenant: str) -> None:
        """End everybody's sessions at one business."""
        await tx.execute(sa.delete(sessions).where(sessions.c.tenant == tenant))

    async def erase(self, tx: Tx, user_id: str) -> None:
        """Forget the user: everything that proves them, their journal, their row."""
        for table in (sessions, devices, codes, events):
            await tx.execute(sa.delete(table).where(table.c.user_id == user_id))
        await tx.execute(sa.delete(users).where(users.c.id == user_id))
