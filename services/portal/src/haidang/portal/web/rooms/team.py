"""The team of a business: members and their roles, invitations, the switch to another."""

from __future__ import annotations

from uuid import uuid4

from haidang.core.errors import Absent, Conflict, HaidangError, Malformed, Refused
from haidang.portal.accounts import Accounts, Role
from haidang.portal.web.doors import PUBLIC, SIGNED_IN, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.paths import HOME, local_path
from haidang.portal.web.visit import Visit
from starlette.responses import Response

ROOT = "/nhom"
JOIN = "/moi/{token}"
TOLD = (Malformed, Refused, Absent, Conflict)


class Team:
    """`/nhom`, and `/moi/…` for whoever is invited."""

    def __init__(self, accounts: Accounts, origin: str) -> None:
        self._accounts = accounts
        self._teams = accounts.teams
        self._origin = origin

    def doors(self) -> tuple[Door, ...]:
        """Whoever belongs to the team sees it; who lets others in must be an owner."""
        return (
            Door("GET", ROOT, self.show, needs="team.read"),
            Door("POST", f"{ROOT}/ten", self.rename, needs="team.write"),
            Door("POST", f"{ROOT}/moi", self.invite, needs="team.write", fresh=True),
            Door("POST", f"{ROOT}/rut", self.revoke, needs="team.write"),
            Door("POST", f"{ROOT}/vai-tro", self.change_role, needs="team.write", fresh=True),
            Door("GET", f"{ROOT}/roi/{{user}}", self.ask_to_remove, needs="team.read"),
            Door("POST", f"{ROOT}/go", self.remove, needs="team.write", fresh=True),
            Door("POST", f"{ROOT}/roi", self.leave, needs=SIGNED_IN, fresh=True),
            Door("POST", f"{ROOT}/doi", self.switch, needs=SIGNED_IN),
            Door("GET", JOIN, self.show_invitation, needs=PUBLIC),
            Door("POST", JOIN, self.join, needs=SIGNED_IN),
        )

    async def show(self, visit: Visit) -> Response:
        """Members, open invitations, and how to invite."""
        return await self._shown(visit, Faults())

    async def rename(self, visit: Visit) -> Response:
        """Call the business otherwise."""
        try:
            await self._teams.rename(visit.session, visit.typed.raw("name"))
        except TOLD as error:
            return await self._refused(visit, error)
        return visit.go(ROOT)

    async def invite(self, visit: Visit) -> Response:
        """A link to hand on, shown this once."""
        typed = visit.typed
        try:
            token = await self._teams.invite(
                visit.session, typed.raw("role"), request_id=typed.raw("request_id")
            )
        except TOLD as error:
            return await self._refused(visit, error)
        link = f"{self._origin}{JOIN.format(token=token)}"
        return visit.page("team_invited.html", link=link, role=typed.raw("role"))

    async def revoke(self, visit: Visit) -> Response:
        """Take an invitation back."""
        await self._teams.revoke(visit.session, visit.typed.raw("id"))
        return visit.go(ROOT)

    async def change_role(self, visit: Visit) -> Response:
        """Give a member another role."""
        typed = visit.typed
        try:
            await self._teams.change_role(visit.session, typed.raw("user"), typed.raw("role"))
        except TOLD as error:
            return await self._refused(visit, error)
        return visit.go(ROOT)

    async def ask_to_remove(self, visit: Visit) -> Response:
        """What removing this member, or leaving, means."""
        team = await self._teams.team(visit.session)
        member = next((one for one in team if one.user_id == visit["user"]), None)
        if member is None:
            raise Absent("MEMBER_ABSENT")
        is_me = member.user_id == visit.session.user_id
        if not is_me and not visit.may("team.write"):
            raise Absent("MEMBER_ABSENT")
        return visit.page("team_remove.html", member=member, is_me=is_me)

    async def remove(self, visit: Visit) -> Response:
        """Take a member out."""
        try:
            await self._teams.remove(visit.session, visit.typed.raw("user"))
        except TOLD as error:
            return await self._refused(visit, error)
        return visit.go(ROOT)

    async def leave(self, visit: Visit) -> Response:
        """Leave the business; one's sessions there end."""
        try:
            await self._teams.remove(visit.session, visit.session.user_id)
        except TOLD as error:
            return await self._refused(visit, error)
        visit.end_session()
        return visit.go("/dang-nhap")

    async def switch(self, visit: Visit) -> Response:
        """Turn to another of one's businesses."""
        visit.change_token(await self._teams.switch(visit.session, visit.typed.raw("tenant")))
        return visit.go(local_path(visit.typed.raw("tiep"), HOME))

    async def show_invitation(self, visit: Visit) -> Response:
        """Who invites to what; whoever is not signed in does so, or signs up, and returns."""
        try:
            invitation, business = await self._teams.invitation(visit["token"])
        except Absent as error:
            return self._gone(visit, error)
        return visit.page("team_join.html", invitation=invitation, business=business)

    async def join(self, visit: Visit) -> Response:
        """Take the invitation and turn to that business."""
        try:
            joined = await self._teams.join(visit.session, visit["token"])
        except (Absent, Conflict) as error:
            return self._gone(visit, error)
        visit.change_token(await self._teams.switch(visit.session, joined.tenant))
        return visit.go(HOME)

    def _gone(self, visit: Visit, error: HaidangError) -> Response:
        faults = Faults()
        faults.add_error(error, visit.locale, {"": ""})
        status = 409 if isinstance(error, Conflict) else 404
        return visit.page("team_gone.html", status, said=faults[""])

    async def _refused(self, visit: Visit, error: HaidangError) -> Response:
        faults = Faults()
        faults.add_error(error, visit.locale)
        return await self._shown(visit, faults, 422)

    async def _shown(self, visit: Visit, faults: Faults, status: int = 200) -> Response:
        session, teams = visit.session, self._teams
        team = await teams.team(session)
        names = {one.user_id: one.user_name for one in team}
        may_write = visit.may("team.write")
        return visit.page(
            "team.html",
            status,
            faults=faults,
            team=team,
            names=names,
            roles=tuple(Role),
            business=next(one for one in team if one.user_id == session.user_id).tenant_name,
            businesses=await teams.businesses(session),
            invitations=await teams.invitations(session) if may_write else (),
            may_write=may_write,
            request_id=visit.typed.get("request_id", str(uuid4())),
        )
