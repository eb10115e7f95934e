"""The account: who one is, where one is signed in, password, recovery codes, passkeys."""

from __future__ import annotations

from haidang.core.errors import HaidangError, Malformed, Refused, Unauthenticated, Unavailable
from haidang.portal.accounts import Accounts
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.visit import Visit
from starlette.responses import Response

ROOT = "/tai-khoan"
SESSIONS, PASSWORD, CODES = f"{ROOT}/phien", f"{ROOT}/mat-khau", f"{ROOT}/ma-khoi-phuc"
PASSKEYS = f"{ROOT}/khoa-truy-cap"
JSON = "application/json"
TOLD = (Malformed, Refused, Unauthenticated, Unavailable)


class Account:
    """`/tai-khoan` and what lies below it, but the API keys."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """Everybody's own account: no role is asked for."""
        return (
            Door("GET", ROOT, self.show),
            Door("POST", ROOT, self.rename),
            Door("GET", SESSIONS, self.sessions),
            Door("POST", SESSIONS, self.end_session),
            Door("POST", f"{SESSIONS}/tat-ca", self.end_others),
            Door("GET", PASSWORD, self.password),
            Door("POST", PASSWORD, self.change_password),
            Door("GET", CODES, self.codes),
            Door("POST", CODES, self.new_codes, fresh=True),
            Door("GET", PASSKEYS, self.passkeys, fresh=True),
            Door("POST", PASSKEYS, self.add_passkey, fresh=True),
            Door("POST", f"{PASSKEYS}/tuy-chon", self.passkey_options, fresh=True),
            Door("POST", f"{PASSKEYS}/ten", self.rename_passkey),
            Door("POST", f"{PASSKEYS}/go", self.remove_passkey, fresh=True),
        )

    async def show(self, visit: Visit) -> Response:
        """What one's account is, and the way to its parts."""
        return await self._shown(visit, Faults())

    async def rename(self, visit: Visit) -> Response:
        """Change the name we call the user by."""
        try:
            await self._accounts.rename(visit.session, visit.typed.raw("name"))
        except TOLD as error:
            return await self._shown(visit, _faults(visit, error), 422)
        return visit.go(ROOT)

    async def _shown(self, visit: Visit, faults: Faults, status: int = 200) -> Response:
        profile = await self._accounts.profile(visit.session)
        return visit.page(
            "account.html",
            status,
            faults=faults,
            profile=profile,
            name=visit.typed.get("name", profile.name),
            businesses=await self._accounts.teams.businesses(visit.session),
        )

    async def sessions(self, visit: Visit) -> Response:
        """Where the user is signed in."""
        found = await self._accounts.sessions.all_of(visit.session)
        return visit.page("account_sessions.html", sessions=found, done=visit.asked("xong"))

    async def end_session(self, visit: Visit) -> Response:
        """Sign out another browser, or this one."""
        id = visit.typed.get("id", "")
        await self._accounts.sessions.end(visit.session, id)
        if id == visit.session.id:
            visit.end_session()
            return visit.go("/")
        return visit.go(SESSIONS, xong="mot")

    async def end_others(self, visit: Visit) -> Response:
        """Sign out everywhere but here."""
        await self._accounts.sessions.end_others(visit.session)
        return visit.go(SESSIONS, xong="tat-ca")

    async def password(self, visit: Visit) -> Response:
        """The form of another password."""
        profile = await self._accounts.profile(visit.session)
        return visit.page("account_password.html", profile=profile, done=visit.asked("xong"))

    async def change_password(self, visit: Visit) -> Response:
        """Set another password; every other browser is signed out."""
        typed = visit.typed
        try:
            token = await self._accounts.change_password(
                visit.session, typed.raw("present_password"), typed.raw("new_password")
            )
        except TOLD as error:
            profile = await self._accounts.profile(visit.session)
            faults = _faults(visit, error)
            return visit.page("account_password.html", 422, faults=faults, profile=profile, done="")
        visit.change_token(token)
        return visit.go(PASSWORD, xong="1")

    async def codes(self, visit: Visit) -> Response:
        """How many recovery codes are left; they themselves are kept nowhere."""
        profile = await self._accounts.profile(visit.session)
        return visit.page("account_codes.html", profile=profile)

    async def new_codes(self, visit: Visit) -> Response:
        """New codes, shown once; earlier ones are worth nothing from now on."""
        made = await self._accounts.new_codes(visit.session)
        called = (await self._accounts.profile(visit.session)).identifier
        return visit.page(
            "recovery_codes.html", codes=made, onward=ROOT, called=called, is_new=False
        )

    async def passkeys(self, visit: Visit) -> Response:
        """The user's passkeys."""
        return await self._passkeys(visit, Faults())

    async def passkey_options(self, visit: Visit) -> Response:
        """What the browser needs to make a passkey."""
        options = await self._accounts.passkeys.creation_options(visit.session)
        return Response(options, media_type=JSON)

    async def add_passkey(self, visit: Visit) -> Response:
        """Keep the passkey that the device made."""
        typed = visit.typed
        try:
            await self._accounts.passkeys.create(
                visit.session, typed.raw("credential"), typed.raw("name")
            )
        except TOLD as error:
            return await self._passkeys(visit, _faults(visit, error), 422)
        return visit.go(PASSKEYS)

    async def rename_passkey(self, visit: Visit) -> Response:
        """Call a passkey otherwise."""
        typed = visit.typed
        try:
            await self._accounts.passkeys.rename(visit.session, typed.raw("id"), typed.raw("name"))
        except TOLD as error:
            return await self._passkeys(visit, _faults(visit, error), 422)
        return visit.go(PASSKEYS)

    async def remove_passkey(self, visit: Visit) -> Response:
        """Forget a passkey; the device may still offer it, but it opens nothing."""
        await self._accounts.passkeys.remove(visit.session, visit.typed.raw("id"))
        return visit.go(PASSKEYS)

    async def _passkeys(self, visit: Visit, faults: Faults, status: int = 200) -> Response:
        held = await self._accounts.passkeys.all_of(visit.session)
        return visit.page("account_passkeys.html", status, faults=faults, passkeys=held)


def _faults(visit: Visit, error: HaidangError) -> Faults:
    faults = Faults()
    faults.add_error(error, visit.locale)
    return faults
