"""Sessions: who a browser is, for how long, and how fresh the proof of it is.

A session's token is 256 random bits that only the browser knows; the ledger keeps its
hash. Every sign-in makes a new one, so that a token planted before is worth nothing.
"""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.operations import Tx
from haidang.portal.accounts.devices import device_words
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.teams.ledger import TeamLedger
from haidang.portal.accounts.tokens import kept, new_id, new_token
from haidang.portal.accounts.values import (
    Admission,
    Membership,
    Origin,
    Role,
    SeenSession,
    Session,
    User,
)

LONGEST_COOKIE = 200


class Sessions:
    """Opens, finds, rotates and ends sessions."""

    def __init__(
        self, ledger: AccountLedger, teams: TeamLedger, policy: AccountPolicy, clock: Clock
    ) -> None:
        self._ledger = ledger
        self._teams = teams
        self._policy = policy
        self._clock = clock

    async def session(self, cookie: str) -> Session | None:
        """The session of *cookie*; None when there is none or it came to its end."""
        if not 0 < len(cookie) <= LONGEST_COOKIE:
            return None
        now = self._clock.now()
        found = await self._ledger.session(kept(cookie), now)
        if found is None:
            return None
        if now - found.seen_at >= self._policy.session_idle:
            return None
        if now - found.created_at >= self._policy.session_end:
            return None
        if now - found.seen_at >= self._policy.seen_every:
            async with self._ledger.database.writing() as tx:
                await self._ledger.change_session(tx, found.id, seen_at=now)
        return found

    def is_fresh(self, session: Session) -> bool:
        """Whether the user proved who they are a moment ago: sensitive doors ask."""
        return self._clock.now() - session.proved_at < self._policy.proof_lasts

    async def admit(self, tx: Tx, user: User, origin: Origin, *, at: Membership) -> Admission:
        """Open a session of *user* at a business, on a device that is known from now on."""
        now = self._clock.now()
        token, device = new_token(), origin.device or new_token()
        opened = Session(
            id=new_id(),
            user_id=user.id,
            user_name=user.name,
            tenant=at.tenant,
            role=at.role,
            is_operator=user.is_operator,
            created_at=now,
            seen_at=now,
            proved_at=now,
        )
        await self._ledger.add_session(tx, kept(token), opened, device_words(origin.agent))
        await self._ledger.end_old_sessions(tx, user.id, keep=self._policy.most_sessions)
        await self._ledger.know_device(tx, user.id, kept(device), now)
        return Admission(token, device, user.id)

    async def rotate(
        self, tx: Tx, session: Session, *, is_proved: bool = False, tenant: str = ""
    ) -> str:
        """Another token for the same session, after what it may do has changed.

        The old token holds for half a minute more, with what it was worth before: other
        tabs are on their way with it, and so is a double tap.
        """
        token, now = new_token(), self._clock.now()
        values = {"proved_at": now} if is_proved else {}
        await self._ledger.rotate_session(
            tx,
            session.id,
            new_id=new_id(),
            hash=kept(token),
            ends_at=now + self._policy.old_token_lasts,
            tenant=tenant or session.tenant,
            **values,
        )
        return token

    async def is_known(self, user_id: str, device: str) -> bool:
        """Whether the user signed in on this device before."""
        since = self._clock.now() - self._policy.device_lasts
        return bool(device) and await self._ledger.knows_device(user_id, kept(device), since)

    async def all_of(self, session: Session) -> tuple[SeenSession, ...]:
        """The user's sessions, last seen first."""
        now = self._clock.now()
        return tuple(
            one
            for one in await self._ledger.sessions(session.user_id)
            if now - one.seen_at < self._policy.session_idle
            and now - one.created_at < self._policy.session_end
        )

    async def home_of(self, tx: Tx, user: User) -> Membership:
        """The business a sign-in leads to: where the user turned to last, or belongs first.

        One of their own is made for a user who belongs to none.
        """
        found = await self._teams.memberships(user.id)
        if not found:
            return await self.found_home(tx, user)
        at = {one.tenant: one for one in found}
        turns = await self._ledger.homes(user.id)
        return next((at[tenant] for tenant in turns if tenant in at), found[0])

    async def found_home(self, tx: Tx, user: User) -> Membership:
        """A business of the user's own, called like its owner until it has a name."""
        now, tenant = self._clock.now(), new_id()
        await self._teams.add_tenant(tx, tenant, user.name, now)
        await self._teams.add_member(tx, tenant, user.id, Role.OWNER, now)
        return Membership(tenant, user.name, user.id, user.name, Role.OWNER, now)

    async def end(self, session: Session, id: str) -> None:
        """End the session called *id*, this one or another of the same user."""
        async with self._ledger.database.writing() as tx:
            await self._ledger.end_session(tx, session.user_id, id)

    async def end_others(self, session: Session) -> None:
        """Sign the user out everywhere but here."""
        async with self._ledger.database.writing() as tx:
            await self._ledger.end_sessions(tx, session.user_id, but=session.id)
            now = self._clock.now()
            await self._ledger.note(tx, session.user_id, session.tenant, now, "sessions_ended")
