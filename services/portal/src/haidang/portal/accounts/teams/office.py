"""The team of a business: who is in it, what they may, who is invited, who leaves.

The last owner stays: somebody must be able to let others in and to erase the business.
A role that changes takes effect at the member's next click; whoever is removed is signed
out of that business at once.
"""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.errors import Absent, Conflict, Malformed, Refused, register
from haidang.core.operations import Tx
from haidang.core.vietnamese import normal
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.teams.ledger import TeamLedger
from haidang.portal.accounts.tokens import kept, new_token
from haidang.portal.accounts.values import Invitation, Membership, Role, Session

LONGEST_NAME = 200
MOST_OPEN_INVITATIONS = 50

register(
    Absent,
    {
        "MEMBER_ABSENT": (
            "This person is not in the team.",
            "Người này không còn trong nhóm.",
        ),
        "INVITATION_ABSENT": (
            "This invitation does not hold: it was used, revoked, or its seven days are over. "
            "Ask for a new one.",
            "Lời mời này không còn dùng được: đã có người dùng, đã bị rút lại, hoặc quá bảy ngày. "
            "Hãy xin một lời mời mới.",
        ),
    },
)
register(
    Refused,
    {
        "LAST_OWNER": (
            "A business keeps at least one owner. Make somebody else an owner first.",
            "Mỗi cơ sở phải còn ít nhất một chủ. Hãy trao quyền chủ cho người khác trước.",
        ),
        "TOO_MANY_INVITATIONS": (
            "There are {most} open invitations. Revoke those that nobody needs.",
            "Đang có {most} lời mời chưa dùng. Hãy rút lại những lời mời không cần nữa.",
        ),
    },
)
register(
    Conflict,
    {
        "ALREADY_MEMBER": (
            "You are in this team already.",
            "Anh/chị đã ở trong nhóm này rồi.",
        ),
    },
)
register(
    Malformed,
    {
        "BUSINESS_NAME_MISSING": (
            "Say what the business is called.",
            "Hãy cho biết tên cơ sở.",
        ),
        "BUSINESS_NAME_LONG": (
            "The name of a business has at most {most} characters.",
            "Tên cơ sở dài nhất là {most} ký tự.",
        ),
        "ROLE_UNKNOWN": (
            "Choose what the person may do.",
            "Hãy chọn quyền cho người này.",
        ),
    },
)


class Teams:
    """The office. Every method but `join` and `invitation` acts on the session's business."""

    def __init__(
        self,
        ledger: TeamLedger,
        people: AccountLedger,
        sessions: Sessions,
        policy: AccountPolicy,
        clock: Clock,
    ) -> None:
        self.ledger = ledger
        self._people = people
        self._sessions = sessions
        self._policy = policy
        self._clock = clock

    async def team(self, session: Session) -> tuple[Membership, ...]:
        """Everybody of the business, joined first first."""
        return await self.ledger.team(session.tenant)

    async def businesses(self, session: Session) -> tuple[Membership, ...]:
        """The user's own memberships: what the switcher offers."""
        return await self.ledger.memberships(session.user_id)

    async def rename(self, session: Session, name: str) -> None:
        """Call the business *name*. Raises: Malformed BUSINESS_NAME_MISSING, _LONG at "name"."""
        name = normal(name)
        if not name:
            raise Malformed("BUSINESS_NAME_MISSING", field="name")
        if len(name) > LONGEST_NAME:
            raise Malformed("BUSINESS_NAME_LONG", field="name", most=LONGEST_NAME)
        async with self.ledger.database.writing() as tx:
            await self.ledger.rename(tx, session.tenant, name)

    async def invite(self, session: Session, role: str, *, request_id: str) -> str:
        """A one-time link's token, to be shown once. Sent twice, it is one invitation.

        Raises: Malformed ROLE_UNKNOWN at "role"; Refused TOO_MANY_INVITATIONS.
        """
        wanted, now, token = as_role(role), self._clock.now(), new_token()
        made = Invitation(
            id=kept(f"{session.tenant}:{request_id}")[:20],
            tenant=session.tenant,
            role=wanted,
            made_by=session.user_id,
            made_at=now,
            expires_at=now + self._policy.invitation_lasts,
        )
        async with self.ledger.database.writing() as tx:
            if await self.ledger.count_invitations(tx, session.tenant, now) >= (
                MOST_OPEN_INVITATIONS
            ):
                raise Refused("TOO_MANY_INVITATIONS", most=MOST_OPEN_INVITATIONS)
            await self.ledger.put_invitation(tx, made, kept(token))
            await self._note(tx, session, "invited", wanted)
        return token

    async def invitations(self, session: Session) -> tuple[Invitation, ...]:
        """Open invitations of the business, newest first."""
        return await self.ledger.invitations(session.tenant, self._clock.now())

    async def revoke(self, session: Session, id: str) -> None:
        """Take an invitation back; one that is used or gone already stays as it is."""
        async with self.ledger.database.writing() as tx:
            await self.ledger.revoke_invitation(tx, session.tenant, id, self._clock.now())

    async def invitation(self, token: str) -> tuple[Invitation, str]:
        """The invitation behind a link and the business's name. Raises: Absent."""
        found = await self.ledger.invitation(kept(token), self._clock.now())
        if found is None:
            raise Absent("INVITATION_ABSENT")
        return found

    async def join(self, session: Session, token: str) -> Membership:
        """Take an invitation: the user is in the team, the link is used up.

        Raises: Absent INVITATION_ABSENT; Conflict ALREADY_MEMBER, the link stays good.
        """
        invitation, name = await self.invitation(token)
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            if await self.ledger.role(tx, invitation.tenant, session.user_id) is not None:
                raise Conflict("ALREADY_MEMBER")
            if not await self.ledger.use_invitation(tx, invitation.id, session.user_id, now):
                raise Absent("INVITATION_ABSENT")
            await self.ledger.add_member(
                tx, invitation.tenant, session.user_id, invitation.role, now
            )
            await self._people.note(
                tx, session.user_id, invitation.tenant, now, "joined", invitation.role
            )
        return Membership(
            invitation.tenant, name, session.user_id, session.user_name, invitation.role, now
        )

    async def change_role(self, session: Session, user_id: str, role: str) -> None:
        """Give a member another role.

        Raises: Malformed ROLE_UNKNOWN; Absent MEMBER_ABSENT; Refused LAST_OWNER.
        """
        wanted = as_role(role)
        async with self.ledger.database.writing() as tx:
            held = await self._role(tx, session.tenant, user_id)
            if held is Role.OWNER and wanted is not Role.OWNER:
                await self._keep_an_owner(tx, session.tenant)
            await self.ledger.change_role(tx, session.tenant, user_id, wanted)
            await self._note(tx, session, "role_changed", wanted)

    async def remove(self, session: Session, user_id: str) -> None:
        """Take a member out, oneself too; they are signed out of this business at once.

        Raises: Absent MEMBER_ABSENT; Refused LAST_OWNER.
        """
        async with self.ledger.database.writing() as tx:
            if await self._role(tx, session.tenant, user_id) is Role.OWNER:
                await self._keep_an_owner(tx, session.tenant)
            await self.ledger.remove_member(tx, session.tenant, user_id)
            await self._people.end_sessions_at(tx, user_id, session.tenant)
            await self._note(tx, session, "removed", "")

    async def switch(self, session: Session, tenant: str) -> str:
        """Speak for another of the user's businesses from now on; the session's new token.

        Raises: Absent MEMBER_ABSENT.
        """
        async with self.ledger.database.writing() as tx:
            await self._role(tx, tenant, session.user_id)
            now = self._clock.now()
            await self._people.note(tx, session.user_id, tenant, now, "switched")
            return await self._sessions.rotate(tx, session, tenant=tenant)

    async def _role(self, tx: Tx, tenant: str, user_id: str) -> Role:
        found = await self.ledger.role(tx, tenant, user_id)
        if found is None:
            raise Absent("MEMBER_ABSENT")
        return found

    async def _keep_an_owner(self, tx: Tx, tenant: str) -> None:
        if await self.ledger.count_owners(tx, tenant) <= 1:
            raise Refused("LAST_OWNER")

    async def _note(self, tx: Tx, session: Session, kind: str, detail: str) -> None:
        await self._people.note(
            tx, session.user_id, session.tenant, self._clock.now(), kind, detail
        )


def as_role(text: str) -> Role:
    """*text* as a role. Raises: Malformed ROLE_UNKNOWN at "role"."""
    try:
        return Role(text)
    except ValueError as error:
        raise Malformed("ROLE_UNKNOWN", field="role") from error
