"""One request, as a room sees it: who, in which language, what was sent, and how to answer."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from haidang.core.errors import Unauthenticated
from haidang.core.tenancy import Actor, may
from haidang.portal.accounts.values import Admission, Origin
from haidang.portal.web.calls import Service
from haidang.portal.web.forms import Typed
from haidang.portal.web.words import Words
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

if TYPE_CHECKING:
    from haidang.portal.accounts import Session
    from haidang.portal.web.pages import Frame

SEE_OTHER = 303
SESSION, DEVICE, VISITOR, LANGUAGE = "phien", "thiet-bi", "khach", "ngon-ngu"
"""The site's cookies, as `Visit.cookies` calls them; over https they are `__Host-` ones."""
V4_PREFIX, V6_PREFIX = 24, 56
"""Addresses of one network: what one household or attacker can pick from at will."""


class Visit:
    """One request on its way through a room. Made by the entrance, which fills `typed`.

    `cookies` is what the answer sets: name to value and seconds, 0 seconds to drop it.
    """

    def __init__(
        self,
        request: Request,
        frame: Frame,
        *,
        words: Words,
        session: Session | None,
        visitor: str = "",
        device: str = "",
        forgery_token: Callable[[str], str] = lambda _: "",
    ) -> None:
        self.request = request
        self.words = words
        self.visitor = visitor
        self.typed = Typed()
        self.cookies: dict[str, tuple[str, int]] = {}
        self.csrf = forgery_token(visitor)
        self._device = device
        self._forgery_token = forgery_token
        self._frame = frame
        self._session = session

    @property
    def locale(self) -> str:
        """ "vi" or "en"."""
        return self.words.locale

    @property
    def maybe_session(self) -> Session | None:
        """The visitor's session, None for a stranger."""
        return self._session

    @property
    def session(self) -> Session:
        """The visitor's session. Raises: Unauthenticated behind a public door."""
        if self._session is None:
            raise Unauthenticated("TOKEN_MISSING")
        return self._session

    @property
    def origin(self) -> Origin:
        """Where the visitor comes from: network, known device, kind of device."""
        host = self.request.client.host if self.request.client else ""
        return Origin(_network(host), self._device, self.request.headers.get("user-agent", ""))

    def begin_session(self, admission: Admission) -> None:
        """Sign this browser in: from this answer on it bears the new session."""
        self.change_token(admission.token)
        self.cookies[DEVICE] = (admission.device, YEAR_SECONDS)

    def change_token(self, token: str) -> None:
        """Give this browser another session token; forms of this page are bound to it."""
        self.cookies[SESSION] = (token, YEAR_SECONDS)
        self.csrf = self._forgery_token(token)

    def end_session(self) -> None:
        """Sign this browser out; it stays a known device."""
        self.cookies[SESSION] = ("", 0)

    @property
    def actor(self) -> Actor:
        """Who asks, for which tenant, with the grants of their role."""
        return self._frame.accounts.actor(self.session)

    def may(self, grant: str) -> bool:
        """Whether the visitor's role holds *grant*: pages show no button that would refuse."""
        return self._session is not None and may(self.actor, grant)

    @property
    def domains(self) -> Service:
        """domains.v1 as the visitor."""
        return self._frame.calls.service("domains", self.actor)

    @property
    def websites(self) -> Service:
        """websites.v1 as the visitor."""
        return self._frame.calls.service("websites", self.actor)

    @property
    def esign(self) -> Service:
        """esign.v1 as the visitor."""
        return self._frame.calls.service("esign", self.actor)

    @property
    def journeys(self) -> Service:
        """journeys.v1 as the visitor."""
        return self._frame.calls.service("journeys", self.actor)

    def operations(self, service: str) -> Service:
        """The operations that *service* issued, as the visitor."""
        return self._frame.calls.operations(service, self.actor)

    def __getitem__(self, parameter: str) -> str:
        """A part of the path."""
        return str(self.request.path_params[parameter])

    def asked(self, name: str, default: str = "") -> str:
        """A part of the query."""
        return self.request.query_params.get(name, default)

    @property
    def wants_part(self) -> bool:
        """Whether our module asks for a piece of the page instead of the whole."""
        return self.request.headers.get("x-part") == "1"

    @property
    def is_module(self) -> bool:
        """Whether our module sent this; without it a form is answered by a page."""
        return "x-csrf" in self.request.headers

    def page(self, template: str, status: int = 200, **context: object) -> Response:
        """The page drawn by *template*."""
        return self._frame.page(self, template, status, context)

    def part(self, template: str, **context: object) -> str:
        """A piece of a page: what an event or our module puts in place."""
        return self._frame.draw(self, template, context)

    def go(self, path: str, **query: str) -> Response:
        """Send the browser to *path* of this site by GET: the end of every good POST."""
        address = f"{path}?{urlencode(query)}" if query else path
        return RedirectResponse(address, status_code=SEE_OTHER)

    def receive(self, form: FormData) -> None:
        """Take what was posted."""
        self.typed = Typed(form)

    def hidden(self) -> tuple[tuple[str, str], ...]:
        """What was typed, for a page that must hand it on: no password, no file."""
        return tuple((name, text) for name, text in self.typed.pairs() if name not in SECRET_FIELDS)


SECRET_FIELDS = frozenset(
    {"csrf", "password", "new_password", "present_password", "code", "secret", "credential"}
)
"""Fields that no page ever shows again."""
YEAR_SECONDS = 365 * 24 * 3600


def _network(host: str) -> str:
    """The network of an address, as text; what is no address is a network of its own."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    prefix = V6_PREFIX if address.version > 4 else V4_PREFIX
    return str(ip_network((address, prefix), strict=False))
