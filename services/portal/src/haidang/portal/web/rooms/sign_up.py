"""Sign up: a name, a phone number or e-mail address, a password; then the recovery codes."""

from __future__ import annotations

from uuid import uuid4

from haidang.core.errors import Conflict, HaidangError, Malformed
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.identifiers import identifier
from haidang.portal.web.doors import PUBLIC, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.paths import local_path
from haidang.portal.web.visit import Visit
from starlette.responses import Response

WIZARD = "/bat-dau"


class SignUp:
    """`/dang-ky`. Its answer shows the recovery codes at once: they are kept nowhere."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """The form and where it is sent."""
        return (
            Door("GET", "/dang-ky", self.show, needs=PUBLIC),
            Door("POST", "/dang-ky", self.sign_up, needs=PUBLIC),
        )

    async def show(self, visit: Visit) -> Response:
        """The empty form; whoever is signed in needs none."""
        if visit.maybe_session is not None:
            return visit.go(local_path(visit.asked("tiep"), WIZARD))
        return self._form(visit, Faults())

    async def sign_up(self, visit: Visit) -> Response:
        """Make the account, sign in and show the codes."""
        typed = visit.typed
        try:
            admission, codes = await self._accounts.sign_up(
                typed.raw("identifier"),
                typed.raw("name"),
                typed.raw("password"),
                visit.origin,
                request_id=typed.raw("request_id"),
            )
        except (Malformed, Conflict) as error:
            return self._form(visit, await self._faults(visit, error), status=422)
        visit.begin_session(admission)
        onward = local_path(typed.raw("tiep"), WIZARD)
        called = identifier(typed.raw("identifier"))
        return visit.page(
            "recovery_codes.html", codes=codes, onward=onward, called=called, is_new=True
        )

    async def _faults(self, visit: Visit, refusal: HaidangError) -> Faults:
        """Every fault of the form at once, not only the one that it was refused for."""
        typed, faults = visit.typed, Faults()
        every = await self._accounts.sign_up_faults(
            typed.raw("identifier"), typed.raw("name"), typed.raw("password")
        )
        for fault in every or (refusal,):
            faults.add_error(fault, visit.locale)
        return faults

    def _form(self, visit: Visit, faults: Faults, status: int = 200) -> Response:
        return visit.page(
            "sign_up.html",
            status,
            faults=faults,
            request_id=visit.typed.get("request_id", str(uuid4())),
            onward=local_path(visit.typed.raw("tiep") or visit.asked("tiep"), WIZARD),
        )
