"""Recovery: a forgotten password is replaced by one of the codes printed at sign-up."""

from __future__ import annotations

from haidang.core.errors import Malformed, Refused, Unauthenticated, Unavailable
from haidang.portal.accounts import Accounts
from haidang.portal.web.doors import PUBLIC, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.account import CODES
from haidang.portal.web.visit import Visit
from starlette.responses import Response

ADDRESS = "/khoi-phuc"


class Recovery:
    """`/khoi-phuc`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """The form and where it is sent."""
        return (
            Door("GET", ADDRESS, self.show, needs=PUBLIC),
            Door("POST", ADDRESS, self.recover, needs=PUBLIC),
        )

    async def show(self, visit: Visit) -> Response:
        """The empty form."""
        return visit.page("recovery.html")

    async def recover(self, visit: Visit) -> Response:
        """Set the new password, end every session, sign this browser in."""
        typed = visit.typed
        try:
            admission = await self._accounts.recover(
                typed.raw("identifier"),
                typed.raw("code"),
                typed.raw("new_password"),
                visit.origin,
            )
        except (Malformed, Refused, Unauthenticated, Unavailable) as error:
            faults = Faults()
            faults.add_error(error, visit.locale)
            return visit.page("recovery.html", 422, faults=faults)
        visit.begin_session(admission)
        return visit.go(CODES)
