"""Accounts: sign up, sign in, prove again, recover; and what a session may do."""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.errors import Conflict, Malformed, Unauthenticated, register
from haidang.core.operations import Tx
from haidang.core.tenancy import Actor
from haidang.core.vietnamese import normal
from haidang.portal.accounts.grants import GRANTS
from haidang.portal.accounts.identifiers import identifier, maybe_identifier
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.passwords import Passwords
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.teams.office import Teams
from haidang.portal.accounts.tokens import kept_code, new_code
from haidang.portal.accounts.values import Admission, Membership, Origin, Session, User

LONGEST_NAME = 100
ID_LETTERS = 20

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
    },
)


class Accounts:
    """The office. `sessions` and `teams` are parts of it that rooms speak to directly."""

    def __init__(
        self,
        ledger: AccountLedger,
        sessions: Sessions,
        passwords: Passwords,
        policy: AccountPolicy,
        *,
        teams: Teams,
        secret: bytes,
        clock: Clock,
    ) -> None:
        self.sessions = sessions
        self.teams = teams
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
        id = kept_code(self._secret, called, request_id)[:ID_LETTERS]
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

        Raises: Unauthenticated SIGN_IN_WRONG; Unavailable SERVER_FULL.
        """
        user = await self.ledger.user_called(maybe_identifier(typed))
        if not await self._passwords.matches(password, user.password_hash if user else None):
            raise Unauthenticated("SIGN_IN_WRONG")
        assert user is not None
        async with self.ledger.database.writing() as tx:
            home = await self.sessions.home_of(tx, user)
            return await self.sessions.admit(tx, user, origin, at=home)


def checked_name(text: str) -> str:
    """*text* as a person's name. Raises: Malformed NAME_MISSING, NAME_LONG at "name"."""
    name = normal(text)
    if not name:
        raise Malformed("NAME_MISSING", field="name")
    if len(name) > LONGEST_NAME:
        raise Malformed("NAME_LONG", field="name", most=LONGEST_NAME)
    return name
