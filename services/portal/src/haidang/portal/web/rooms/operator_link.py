"""The one-time link that makes the user an operator; `haidang operator-link` prints it."""

from __future__ import annotations

from haidang.core.errors import Absent
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.operators.links import PATH
from haidang.portal.web.doors import SIGNED_IN, Door
from haidang.portal.web.visit import Visit
from starlette.responses import Response

ADDRESS = f"{PATH}/{{token}}"
CONSOLE = "/operator"


class OperatorLink:
    """`/quyen-van-hanh/…`."""

    def __init__(self, accounts: Accounts) -> None:
        self._operators = accounts.operators

    def doors(self) -> tuple[Door, ...]:
        """For whoever is signed in and holds a link."""
        return (
            Door("GET", ADDRESS, self.show, needs=SIGNED_IN),
            Door("POST", ADDRESS, self.take, needs=SIGNED_IN, fresh=True),
        )

    async def show(self, visit: Visit) -> Response:
        """What the link does, and the button that does it: opening a link changes nothing."""
        if not self._operators.holds(visit["token"]):
            raise Absent("OPERATOR_LINK_ABSENT")
        return visit.page("operator_link.html", token=visit["token"])

    async def take(self, visit: Visit) -> Response:
        """Become an operator."""
        visit.change_token(await self._operators.promote(visit.session, visit["token"]))
        return visit.go(CONSOLE)
