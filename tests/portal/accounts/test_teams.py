"""Teams on both databases: invitations, roles, and the owner who stays."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from haidang.core.errors import Absent, Conflict, HaidangError, Malformed, Refused
from haidang.core.tenancy import may
from haidang.portal.accounts import Role, Session
from haidang.portal.accounts import grants as book
from haidang.portal.accounts.grants import GRANTS, KEY_SCOPES

from tests.portal.accounts.office import PASSWORD, Office


async def refused(kind: type[HaidangError], awaited: Any) -> str:
    with pytest.raises(kind) as refusal:
        await awaited
    return refusal.value.reason


async def joined(office: Office, owner: Session, role: str, identifier: str) -> Session:
    """A user of their own who joins the owner's business and turns to it."""
    user = await office.user(identifier, f"Người {identifier[-1]}")
    teams = office.accounts.teams
    token = await teams.invite(owner, role, request_id=identifier)
    await teams.join(user, token)
    return await office.session(await teams.switch(user, owner.tenant))


async def roles(office: Office, owner: Session) -> dict[str, Role]:
    return {one.user_name: one.role for one in await office.accounts.teams.team(owner)}


async def test_whoever_is_invited_joins_with_that_role(office: Office) -> None:
    owner = await office.user()
    editor = await joined(office, owner, "editor", "0902222222")

    assert (editor.tenant, editor.role) == (owner.tenant, Role.EDITOR)
    assert await roles(office, owner) == {"Nguyễn Thị Lan": Role.OWNER, "Người 2": Role.EDITOR}


async def test_an_invitation_is_good_for_one(office: Office) -> None:
    owner = await office.user()
    users = [await office.user(f"090333333{n}", f"Người {n}") for n in range(3)]
    token = await office.accounts.teams.invite(owner, "viewer", request_id="r")

    answers = await asyncio.gather(
        *(office.accounts.teams.join(user, token) for user in users), return_exceptions=True
    )

    assert sum(isinstance(one, Absent) for one in answers) == 2
    assert len(await roles(office, owner)) == 2


async def test_an_invitation_ends_after_seven_days(office: Office) -> None:
    owner, user = await office.user(), await office.user("0902222222", "Bình")
    token = await office.accounts.teams.invite(owner, "viewer", request_id="r")
    office.clock.advance(7 * 24 * 3600)

    assert await refused(Absent, office.accounts.teams.join(user, token)) == "INVITATION_ABSENT"


async def test_a_revoked_invitation_is_gone(office: Office) -> None:
    owner, user = await office.user(), await office.user("0902222222", "Bình")
    teams = office.accounts.teams
    token = await teams.invite(owner, "viewer", request_id="r")
    [open_one] = await teams.invitations(owner)
    await teams.revoke(user, open_one.id)
    assert await teams.invitations(owner) == (open_one,), "another business cannot revoke it"

    await teams.revoke(owner, open_one.id)

    assert await teams.invitations(owner) == ()
    assert await refused(Absent, teams.join(user, token)) == "INVITATION_ABSENT"


async def test_sent_twice_an_invitation_is_one_and_its_later_link_holds(office: Office) -> None:
    owner, user = await office.user(), await office.user("0902222222", "Bình")
    teams = office.accounts.teams
    lost = await teams.invite(owner, "editor", request_id="r")
    kept = await teams.invite(owner, "editor", request_id="r")

    assert len(await teams.invitations(owner)) == 1
    assert await refused(Absent, teams.join(user, lost)) == "INVITATION_ABSENT"
    assert (await teams.join(user, kept)).role is Role.EDITOR


async def test_a_member_who_takes_an_invitation_does_not_use_it_up(office: Office) -> None:
    owner, user = await office.user(), await office.user("0902222222", "Bình")
    token = await office.accounts.teams.invite(owner, "viewer", request_id="r")

    assert await refused(Conflict, office.accounts.teams.join(owner, token)) == "ALREADY_MEMBER"
    assert (await office.accounts.teams.join(user, token)).role is Role.VIEWER


async def test_the_last_owner_neither_leaves_nor_steps_down(office: Office) -> None:
    owner = await office.user()
    await joined(office, owner, "editor", "0902222222")
    teams = office.accounts.teams

    assert await refused(Refused, teams.remove(owner, owner.user_id)) == "LAST_OWNER"
    assert await refused(Refused, teams.change_role(owner, owner.user_id, "viewer")) == "LAST_OWNER"
    await teams.change_role(owner, owner.user_id, "owner")


async def test_two_owners_who_leave_at_once_leave_one(office: Office) -> None:
    owner = await office.user()
    other = await joined(office, owner, "owner", "0902222222")
    teams = office.accounts.teams

    answers = await asyncio.gather(
        teams.remove(owner, owner.user_id),
        teams.remove(other, other.user_id),
        return_exceptions=True,
    )

    assert sum(isinstance(one, Refused) for one in answers) == 1


async def test_whoever_is_taken_out_is_out_at_once_but_keeps_their_own(office: Office) -> None:
    owner = await office.user()
    admission, _ = await office.signed_up("0902222222", "Bình")
    user = await office.session(admission.token)
    teams = office.accounts.teams
    await teams.join(user, await teams.invite(owner, "editor", request_id="r"))
    token = await teams.switch(user, owner.tenant)

    await teams.remove(owner, user.user_id)

    assert await office.accounts.session(token) is None
    again = await office.session((await office.sign_in("0902222222")).token)
    assert again.tenant == user.tenant
    assert again.role is Role.OWNER


async def test_a_changed_role_holds_at_the_next_click(office: Office) -> None:
    owner = await office.user()
    admission, _ = await office.signed_up("0902222222", "Bình")
    user = await office.session(admission.token)
    teams = office.accounts.teams
    await teams.join(user, await teams.invite(owner, "editor", request_id="r"))
    token = await teams.switch(user, owner.tenant)

    await teams.change_role(owner, user.user_id, "viewer")

    found = await office.session(token)
    assert found.role is Role.VIEWER
    assert not may(office.accounts.actor(found), "websites.write")


async def test_a_later_sign_in_leads_to_where_one_turned_last(office: Office) -> None:
    owner = await office.user()
    editor = await joined(office, owner, "editor", "0902222222")

    again = await office.session((await office.sign_in("0902222222", PASSWORD)).token)

    assert again.tenant == owner.tenant == editor.tenant


async def test_nobody_acts_on_a_business_they_do_not_belong_to(office: Office) -> None:
    lan, binh = await office.user(), await office.user("0902222222", "Bình")
    teams = office.accounts.teams

    for awaited in (
        teams.switch(binh, lan.tenant),
        teams.change_role(binh, lan.user_id, "viewer"),
        teams.remove(binh, lan.user_id),
    ):
        assert await refused(Absent, awaited) == "MEMBER_ABSENT"


@pytest.mark.parametrize("role", ["", "admin", "OWNER", "owner "])
async def test_a_role_that_is_none_is_told_at_its_field(office: Office, role: str) -> None:
    owner = await office.user()

    with pytest.raises(Malformed) as refusal:
        await office.accounts.teams.invite(owner, role, request_id="r")

    assert (refusal.value.reason, refusal.value.field) == ("ROLE_UNKNOWN", "role")


async def test_a_business_has_at_most_fifty_open_invitations(office: Office) -> None:
    owner = await office.user()
    for n in range(50):
        await office.accounts.teams.invite(owner, "viewer", request_id=f"r{n}")

    assert (
        await refused(Refused, office.accounts.teams.invite(owner, "viewer", request_id="one more"))
        == "TOO_MANY_INVITATIONS"
    )


def test_the_table_in_the_book_is_what_the_roles_hold() -> None:
    rows = [line.split("|")[1:5] for line in (book.__doc__ or "").splitlines() if "|" in line][2:]
    told = {
        role: {row[0].strip() for row in rows if row[column].strip() == "yes"}
        for column, role in ((1, Role.OWNER), (2, Role.EDITOR), (3, Role.VIEWER))
    }

    assert told == {role: set(grants) for role, grants in GRANTS.items()}


def test_an_api_key_never_holds_what_is_the_accounts_own() -> None:
    assert all(scope.partition(".")[0] not in {"team", "keys", "data"} for scope in KEY_SCOPES)
    assert GRANTS[Role.VIEWER] < GRANTS[Role.EDITOR] < GRANTS[Role.OWNER]
