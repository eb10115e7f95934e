"""Accounts: sign up, sign in, prove again, recover; and what a session may do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from haidang.core.clock import Clock
from haidang.core.errors import Conflict, Malformed, Unauthenticated, register
from haidang.core.operations import Tx
from haidang.core.tenancy import Actor
from haidang.core.vietnamese import normal
from haidang.portal.accounts.grants import GRANTS
from haidang.portal.accounts.identifiers import identifier, maybe_identifier
from haidang.portal.accounts.keys.office import Keys
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.operators.office import Operators
from haidang.portal.accounts.passkeys.office import Passkeys
from haidang.portal.accounts.passwords import Passwords
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.privacy import Privacy
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.teams.office import Teams
from haidang.portal.accounts.throttle.office import Count, Throttle
from haidang.portal.accounts.tokens import derived_id, kept_code, new_code
from haidang.portal.accounts.values import Admission, Membership, Origin, Profile, Session, User

LONGEST_NAME = 100

register(
    Malformed,
    {
        "NAME_MISSING": (
            "Say what we may call you.",
            "Hãy cho biết tên để chúng tôi xưng hô.",
        ),
        "NAME_LONG": (
            "A name has at most {most} characters.",
            "Tên dài nhất là {most} ký tự.",
        ),
    },
)
register(
    Unauthenticated,
    {
        "SIGN_IN_WRONG": (
            "This phone number or e-mail address and this password do not belong together. "
            "Check both and try again.",
            "Số điện thoại hoặc thư điện tử và mật khẩu chưa khớp nhau. Hãy xem lại cả hai rồi "
            "thử lại.",
        ),
        "PASSWORD_WRONG": (
            "This is not the present password.",
            "Mật khẩu hiện tại chưa đúng.",
        ),
        "CODE_WRONG": (
            "This code does not belong to this account, or was used before. Check both, or take "
            "the next code.",
            "Mã này không thuộc tài khoản trên hoặc đã dùng rồi. Hãy xem lại cả hai, hoặc dùng "
            "mã kế tiếp.",
        ),
    },
)


class Accounts:
    """The office. Its parts (`sessions`, `teams`, `passkeys`, `keys`, `operators`) are offices
    that rooms speak to directly."""

    def __init__(
        self,
        ledger: AccountLedger,
        sessions: Sessions,
        passwords: Passwords,
        policy: AccountPolicy,
        *,
        teams: Teams,
        passkeys: Passkeys,
        keys: Keys,
        operators: Operators,
        throttle: Throttle,
        privacy: Privacy,
        secret: bytes,
        clock: Clock,
    ) -> None:
        self.sessions = sessions
        self.teams = teams
        self.passkeys = passkeys
        self.keys = keys
        self.operators = operators
        self.throttle = throttle
        self.privacy = privacy
        self.ledger = ledger
        self._passwords = passwords
        self._policy = policy
        self._secret = secret
        self._clock = clock

    def close(self) -> None:
        """End the threads that hash."""
        self._passwords.close()

    async def session(self, cookie: str) -> Session | None:
        """The session of *cookie*, None when it has ended."""
        return await self.sessions.session(cookie)

    def actor(self, session: Session) -> Actor:
        """Whom the session speaks for, with the grants of its role."""
        return Actor(session.user_id, session.tenant, GRANTS[session.role])

    async def sign_up(
        self, typed: str, name: str, password: str, origin: Origin, *, request_id: str
    ) -> tuple[Admission, tuple[str, ...]]:
        """A new user with a business of their own; their recovery codes, shown once.

        Sent twice with one *request_id*, as by a double tap, it is one account: the later
        answer, the one that the browser shows, has the codes that hold.

        Raises: Malformed at "identifier", "name" or "password"; Conflict IDENTIFIER_TAKEN.
        """
        called, name = identifier(typed), checked_name(name)
        await self._passwords.check_new(password, (name, called), field="password")
        id = derived_id(self._secret, called, request_id)
        stored, now = await self._passwords.hashed(password), self._clock.now()
        user = User(id, called, name, stored, False, now)
        try:
            async with self.ledger.database.writing() as tx:
                await self.ledger.add_user(tx, user)
                home = await self.sessions.found_home(tx, user)
                await self.ledger.note(tx, id, home.tenant, now, "signed_up")
                return await self._begun(tx, user, origin, home)
        except Conflict:
            return await self._again(user, password, origin)

    async def sign_up_faults(self, typed: str, name: str, password: str) -> tuple[Malformed, ...]:
        """All that a sign-up would be refused for, in the order of its form."""
        found: list[Malformed] = []
        for check, text in ((checked_name, name), (identifier, typed)):
            try:
                check(text)
            except Malformed as fault:
                found.append(fault)
        try:
            own = (name, maybe_identifier(typed))
            await self._passwords.check_new(password, own, field="password")
        except Malformed as fault:
            found.append(fault)
        return tuple(found)

    async def _again(
        self, user: User, password: str, origin: Origin
    ) -> tuple[Admission, tuple[str, ...]]:
        """The same sign-up once more. Raises: Conflict IDENTIFIER_TAKEN for any other."""
        held = await self.ledger.user(user.id)
        if held is None or not await self._passwords.matches(password, held.password_hash):
            raise Conflict("IDENTIFIER_TAKEN", field="identifier")
        async with self.ledger.database.writing() as tx:
            home = await self.sessions.home_of(tx, held)
            return await self._begun(tx, held, origin, home)

    async def _begun(
        self, tx: Tx, user: User, origin: Origin, home: Membership
    ) -> tuple[Admission, tuple[str, ...]]:
        codes = await self._fresh_codes(tx, user.id)
        return await self.sessions.admit(tx, user, origin, at=home), codes

    async def _fresh_codes(self, tx: Tx, user_id: str) -> tuple[str, ...]:
        """New recovery codes instead of all earlier ones."""
        made = tuple(new_code() for _ in range(self._policy.recovery_codes))
        hashes = [kept_code(self._secret, user_id, code) for code in made]
        await self.ledger.put_codes(tx, user_id, hashes, self._clock.now())
        return made

    async def sign_in(self, typed: str, password: str, origin: Origin) -> Admission:
        """Open a session. Unknown and wrong are answered alike, in time and words.

        Raises: Unauthenticated SIGN_IN_WRONG; Refused WAIT_*; Unavailable SERVER_FULL.
        """
        called = maybe_identifier(typed)
        user = await self.ledger.user_called(called)
        counts = await self._counts(user, called, origin)
        await self.throttle.enter(counts)
        if not await self._passwords.matches(password, user.password_hash if user else None):
            raise Unauthenticated("SIGN_IN_WRONG")
        assert user is not None
        await self.throttle.forgive(counts)
        if self._passwords.is_dated(user.password_hash):
            user = replace(user, password_hash=await self._passwords.hashed(password))
        async with self.ledger.database.writing() as tx:
            await self.ledger.change_user(tx, user.id, password_hash=user.password_hash)
            home = await self.sessions.home_of(tx, user)
            return await self.sessions.admit(tx, user, origin, at=home)

    async def prove(self, session: Session, password: str) -> str:
        """The session's new token once its user gave the password again.

        Raises: Unauthenticated PASSWORD_WRONG at "password"; Refused WAIT_*.
        """
        async with self._checked(session, password, field="password") as tx:
            return await self.sessions.rotate(tx, session, is_proved=True)

    async def change_password(self, session: Session, present: str, new: str) -> str:
        """Set another password; every other session ends. The session's new token.

        Raises: Unauthenticated PASSWORD_WRONG at "present_password"; Malformed PASSWORD_* at
        "new_password"; Refused WAIT_*.
        """
        user = await self._user(session)
        await self._passwords.check_new(new, (user.name, user.identifier), field="new_password")
        stored = await self._passwords.hashed(new)
        async with self._checked(session, present, field="present_password") as tx:
            await self.ledger.change_user(tx, user.id, password_hash=stored)
            await self.ledger.end_sessions(tx, user.id, but=session.id)
            await self._note(tx, session, "password_changed")
            return await self.sessions.rotate(tx, session, is_proved=True)

    async def recover(self, typed: str, code: str, new: str, origin: Origin) -> Admission:
        """Set a password by a recovery code, which is used up; all sessions end.

        An unknown account and a wrong code are answered alike, and a password that is
        refused costs no code.

        Raises: Malformed PASSWORD_* at "new_password"; Unauthenticated CODE_WRONG at "code";
        Refused WAIT_*.
        """
        called = maybe_identifier(typed)
        await self._passwords.check_new(new, (called,), field="new_password")
        user = await self.ledger.user_called(called)
        counts = await self._counts(user, called, origin)
        await self.throttle.enter(counts)
        stored, now = await self._passwords.hashed(new), self._clock.now()
        id = user.id if user else ""
        async with self.ledger.database.writing() as tx:
            hash = kept_code(self._secret, id, code)
            if not await self.ledger.use_code(tx, id, hash, now) or user is None:
                raise Unauthenticated("CODE_WRONG", field="code")
            await self.ledger.change_user(tx, id, password_hash=stored)
            await self.ledger.end_sessions(tx, id)
            await self.ledger.forget_devices(tx, id)
            home = await self.sessions.home_of(tx, user)
            await self.ledger.note(tx, id, home.tenant, now, "recovered")
            admission = await self.sessions.admit(tx, user, origin, at=home)
        await self.throttle.forgive(counts)
        return admission

    async def new_codes(self, session: Session) -> tuple[str, ...]:
        """New recovery codes, shown once; earlier ones are worth nothing from now on."""
        async with self.ledger.database.writing() as tx:
            await self._note(tx, session, "codes_made")
            return await self._fresh_codes(tx, session.user_id)

    async def rename(self, session: Session, name: str) -> None:
        """Call the user *name*. Raises: Malformed NAME_MISSING, NAME_LONG at "name"."""
        async with self.ledger.database.writing() as tx:
            await self.ledger.change_user(tx, session.user_id, name=checked_name(name))

    async def profile(self, session: Session) -> Profile:
        """What the account's page shows."""
        user = await self._user(session)
        left, _ = await self.ledger.codes_left(user.id)
        return Profile(user.name, user.identifier, left, await self.ledger.events(user.id))

    async def export_user(self, user_id: str) -> dict[str, object]:
        """Everything accounts hold about a user, ready for JSON. Raises: Absent USER_ABSENT."""
        return await self.privacy.export_user(user_id)

    async def tenants_to_erase(self, user_id: str) -> tuple[str, ...]:
        """Businesses that `erase_user` would take along. Raises: as `erase_user`."""
        return await self.privacy.tenants_to_erase(user_id)

    async def erase_user(self, user_id: str) -> tuple[str, ...]:
        """Forget a user and the businesses that are theirs alone; those businesses.

        Raises: Absent USER_ABSENT; Refused LAST_OWNER when others would be left in a
        business without an owner.
        """
        return await self.privacy.erase_user(user_id)

    async def erase_tenant(self, tenant: str) -> None:
        """Forget a business: members' places, invitations, keys; its sessions end.

        Its members stay users; whoever belongs to no other business gets a new one of their
        own at the next sign-in.
        """
        await self.privacy.erase_tenant(tenant)

    async def _user(self, session: Session) -> User:
        user = await self.ledger.user(session.user_id)
        if user is None:
            raise Unauthenticated("TOKEN_INVALID")
        return user

    async def _counts(self, user: User | None, called: str, origin: Origin) -> tuple[Count, ...]:
        """Where failures at this account from here are counted.

        A device the account knows counts for itself alone: strangers cannot delay it.
        """
        if await self.sessions.is_known(user.id if user else "", origin.device):
            return (Count(f"device:{called}:{origin.device}"),)
        return (
            Count(f"place:{called}:{origin.network}"),
            Count(f"network:{origin.network}", is_shared=True),
        )

    @asynccontextmanager
    async def _checked(self, session: Session, password: str, *, field: str) -> AsyncIterator[Tx]:
        """A transaction for whoever knows the user's password."""
        user, counts = await self._user(session), (Count(f"session:{session.id}"),)
        await self.throttle.enter(counts)
        if not await self._passwords.matches(password, user.password_hash):
            raise Unauthenticated("PASSWORD_WRONG", field=field)
        await self.throttle.forgive(counts)
        async with self.ledger.database.writing() as tx:
            yield tx

    async def _note(self, tx: Tx, session: Session, kind: str) -> None:
        now = self._clock.now()
        await self.ledger.note(tx, session.user_id, session.tenant, now, kind)


def checked_name(text: str) -> str:
    """*text* as a person's name. Raises: Malformed NAME_MISSING, NAME_LONG at "name"."""
    name = normal(text)
    if not name:
        raise Malformed("NAME_MISSING", field="name")
    if len(name) > LONGEST_NAME:
        raise Malformed("NAME_LONG", field="name", most=LONGEST_NAME)
    return name
