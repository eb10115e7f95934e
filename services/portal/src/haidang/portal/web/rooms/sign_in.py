"""Sign in, prove again, sign out. A form whose session was lost is carried and sent again."""

from __future__ import annotations

from haidang.core.errors import HaidangError, Malformed, Refused, Unauthenticated, Unavailable
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.passkeys.office import GET, PROVE
from haidang.portal.web.doors import PUBLIC, SIGNED_IN, Door
from haidang.portal.web.entrance import CONFIRM, HELD, SIGN_IN
from haidang.portal.web.forms import Faults
from haidang.portal.web.paths import HOME, local_path
from haidang.portal.web.visit import Visit
from starlette.responses import Response

Held = tuple[tuple[str, str], ...]
JSON = "application/json"
TOLD = (Unauthenticated, Refused, Unavailable, Malformed)


class SignIn:
    """`/dang-nhap`, `/xac-nhan` and `/dang-xuat`."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """The forms, where they are sent, and the way out."""
        return (
            Door("GET", SIGN_IN, self.show, needs=PUBLIC),
            Door("POST", SIGN_IN, self.sign_in, needs=PUBLIC),
            Door("POST", f"{SIGN_IN}/tuy-chon", self.options, needs=PUBLIC),
            Door("POST", f"{SIGN_IN}/khoa", self.sign_in_by_passkey, needs=PUBLIC),
            Door("GET", CONFIRM, self.ask, needs=SIGNED_IN),
            Door("POST", CONFIRM, self.prove, needs=SIGNED_IN),
            Door("POST", f"{CONFIRM}/tuy-chon", self.proof_options, needs=SIGNED_IN),
            Door("POST", f"{CONFIRM}/khoa", self.prove_by_passkey, needs=SIGNED_IN),
            Door("POST", "/dang-xuat", self.sign_out, needs=SIGNED_IN),
        )

    async def show(self, visit: Visit) -> Response:
        """The empty form; whoever is signed in goes on."""
        onward = local_path(visit.asked("tiep"))
        if visit.maybe_session is not None:
            return visit.go(onward)
        return visit.page("sign_in.html", onward=onward, held=())

    async def sign_in(self, visit: Visit) -> Response:
        """Sign in, then go where the visitor was going, with what they had typed there."""
        typed = visit.typed
        try:
            admission = await self._accounts.sign_in(
                typed.raw("identifier"), typed.raw("password"), visit.origin
            )
        except TOLD as error:
            return _again(visit, "sign_in.html", error)
        visit.begin_session(admission)
        return resumed(visit)

    async def options(self, visit: Visit) -> Response:
        """What the browser needs to ask for a passkey."""
        return Response(self._accounts.passkeys.options(visit.visitor, GET), media_type=JSON)

    async def sign_in_by_passkey(self, visit: Visit) -> Response:
        """The same by a passkey."""
        try:
            admission = await self._accounts.passkeys.sign_in(
                visit.typed.raw("credential"), visit.visitor, visit.origin
            )
        except TOLD as error:
            return _again(visit, "sign_in.html", error)
        visit.begin_session(admission)
        return resumed(visit)

    async def ask(self, visit: Visit) -> Response:
        """The form that asks for the password again."""
        return visit.page("confirm.html", onward=local_path(visit.asked("tiep")), held=())

    async def prove(self, visit: Visit) -> Response:
        """Prove again who one is, then go on."""
        try:
            token = await self._accounts.prove(visit.session, visit.typed.raw("password"))
        except TOLD as error:
            return _again(visit, "confirm.html", error)
        visit.change_token(token)
        return resumed(visit)

    async def proof_options(self, visit: Visit) -> Response:
        """What the browser needs to ask for a passkey once more."""
        options = self._accounts.passkeys.options(visit.session.id, PROVE)
        return Response(options, media_type=JSON)

    async def prove_by_passkey(self, visit: Visit) -> Response:
        """The same by a passkey."""
        try:
            token = await self._accounts.passkeys.prove(
                visit.session, visit.typed.raw("credential")
            )
        except TOLD as error:
            return _again(visit, "confirm.html", error)
        visit.change_token(token)
        return resumed(visit)

    async def sign_out(self, visit: Visit) -> Response:
        """End the session; what this browser held of it is dropped."""
        await self._accounts.sessions.end(visit.session, visit.session.id)
        visit.end_session()
        return visit.go("/")


def _again(visit: Visit, template: str, error: HaidangError) -> Response:
    """The same form once more, still carrying what it carried."""
    faults = Faults()
    faults.add_error(error, visit.locale, {"password": "password"})
    return visit.page(
        template,
        422,
        faults=faults,
        identifier=visit.typed.get("identifier", ""),
        onward=local_path(visit.typed.raw("tiep")),
        held=held_by(visit),
    )


def held_by(visit: Visit) -> Held:
    """The fields that a sign-in page carries for another form, under their own names."""
    return tuple(
        (name.removeprefix(HELD), text)
        for name, text in visit.typed.pairs()
        if name.startswith(HELD)
    )


def resumed(visit: Visit) -> Response:
    """Go on where the visitor was; a form that was held is shown, to be sent by one tap."""
    onward, held = local_path(visit.typed.raw("tiep"), HOME), held_by(visit)
    if not held:
        return visit.go(onward)
    return visit.page("resume.html", onward=onward, held=held)
