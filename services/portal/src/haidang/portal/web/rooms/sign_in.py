"""Sign in and out. A form whose session was lost is carried over and sent again."""

from __future__ import annotations

from haidang.core.errors import Refused, Unauthenticated, Unavailable
from haidang.portal.accounts import Accounts
from haidang.portal.web.doors import PUBLIC, SIGNED_IN, Door
from haidang.portal.web.entrance import HELD, SIGN_IN
from haidang.portal.web.forms import Faults
from haidang.portal.web.paths import HOME, local_path
from haidang.portal.web.visit import Visit
from starlette.responses import Response

Held = tuple[tuple[str, str], ...]


class SignIn:
    """`/dang-nhap` and `/dang-xuat`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """The form, where it is sent, and the way out."""
        return (
            Door("GET", SIGN_IN, self.show, needs=PUBLIC),
            Door("POST", SIGN_IN, self.sign_in, needs=PUBLIC),
            Door("POST", "/dang-xuat", self.sign_out, needs=SIGNED_IN),
        )

    async def show(self, visit: Visit) -> Response:
        """The empty form; whoever is signed in goes on."""
        onward = local_path(visit.asked("tiep"))
        if visit.maybe_session is not None:
            return visit.go(onward)
        return visit.page("sign_in.html", onward=onward, held=(), notice="", lost=False)

    async def sign_in(self, visit: Visit) -> Response:
        """Sign in, then go where the visitor was going, with what they had typed there."""
        typed, onward = visit.typed, local_path(visit.typed.get("tiep", ""))
        try:
            admission = await self._accounts.sign_in(
                typed.raw("identifier"), typed.raw("password"), visit.origin
            )
        except (Unauthenticated, Refused, Unavailable) as error:
            faults = Faults()
            faults.add_error(error, visit.locale, {"": ""})
            return visit.page(
                "sign_in.html",
                422,
                faults=faults,
                identifier=typed.get("identifier", ""),
                onward=onward,
                held=held_by(visit),
                notice="",
                lost=False,
            )
        visit.begin_session(admission)
        return resumed(visit, onward, held_by(visit))

    async def sign_out(self, visit: Visit) -> Response:
        """End the session; what this browser held of it is dropped."""
        await self._accounts.sessions.end(visit.session)
        visit.end_session()
        return visit.go("/")


def held_by(visit: Visit) -> Held:
    """The fields that a sign-in page carries for another form, under their own names."""
    return tuple(
        (name.removeprefix(HELD), text)
        for name, text in visit.typed.pairs()
        if name.startswith(HELD)
    )


def resumed(visit: Visit, onward: str, held: Held) -> Response:
    """Go on to *onward*; a form that was held is shown to be sent again by one tap."""
    if not held:
        return visit.go(onward or HOME)
    return visit.page("resume.html", onward=onward, held=held)
