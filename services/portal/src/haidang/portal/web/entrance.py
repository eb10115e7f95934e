"""The entrance: what happens to every request before and after a room.

From outside in: host -> headers -> door -> session -> size and origin of what was posted
-> token against forgery -> the room -> errors as pages. Nothing here knows a room.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from haidang.core import telemetry
from haidang.core.errors import (
    Absent,
    Forbidden,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Unauthenticated,
    Unavailable,
    sentence,
)
from haidang.core.tenancy import may
from haidang.portal.web import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.web.doors import OPERATOR, PUBLIC, SIGNED_IN, Door
from haidang.portal.web.pages import Frame
from haidang.portal.web.visit import DEVICE, LANGUAGE, SESSION, VISITOR, YEAR_SECONDS, Visit
from haidang.portal.web.words import DEFAULT, LOCALES, Words
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message, Receive

if TYPE_CHECKING:
    from haidang.portal.accounts import Session

POLICY = (
    "default-src 'none'; img-src 'self' data: blob:; style-src 'self'; font-src 'self'; "
    "script-src 'self'; connect-src 'self'; form-action 'self'; frame-src 'self'; "
    "manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT_TRANSPORT = "max-age=31536000"
MOST_FIELDS = 1000
MEBIBYTE = 1024 * 1024
VISITOR_BYTES = 16
SIGN_IN, CONFIRM = "/dang-nhap", "/xac-nhan"
HELD = "giu-"
"""Prefix of fields that a sign-in page carries for a form whose session was lost."""

STATUS_OF: tuple[tuple[type[HaidangError], int], ...] = (
    (Absent, 404),
    (Forbidden, 403),
    (Malformed, 400),
    (Unavailable, 503),
    (OutcomeUnknown, 503),
)


class Stale(Exception):
    """The form is ours and the visitor is signed in, but the form is of an earlier session."""


class TooLarge(Exception):
    """The body is larger than its door lets in."""


class Entrance:
    """Wraps a door into an endpoint. *secret* keys the tokens against forgery."""

    def __init__(self, frame: Frame, secret: bytes) -> None:
        self._frame = frame
        self._secret = secret
        split = urlsplit(frame.origin)
        self._hosts = {split.netloc}
        self._is_https = split.scheme == "https"
        prefix = "__Host-" if self._is_https else ""
        self._names = {name: f"{prefix}{name}" for name in (SESSION, DEVICE, VISITOR, LANGUAGE)}
        self._log = telemetry.logger(__name__)

    async def enter(self, door: Door, request: Request) -> Response:
        """Answer one request at *door*."""
        if request.headers.get("host", "") not in self._hosts:
            nowhere = PlainTextResponse("Không có trang nào ở địa chỉ này.\n", 421)
            return self._with_headers(nowhere)
        words = Words(self._locale(request))
        visitor = self._cookie(request, VISITOR)
        fresh = "" if _is_visitor(visitor) else secrets.token_urlsafe(VISITOR_BYTES)
        session, token = await self._session(request)
        visit = Visit(
            request,
            self._frame,
            words=words,
            session=session,
            visitor=token or fresh or visitor,
            device=self._cookie(request, DEVICE),
            forgery_token=self.forgery_token,
        )
        response = await self._answered(door, visit)
        if fresh and not token and _has_page(response):
            visit.cookies[VISITOR] = (fresh, YEAR_SECONDS)
        if request.query_params.get("lang") in LOCALES:
            visit.cookies[LANGUAGE] = (words.locale, YEAR_SECONDS)
        for name, (value, seconds) in visit.cookies.items():
            self._set_cookie(response, self._names[name], value, seconds=seconds)
        return self._with_headers(response)

    def _cookie(self, request: Request, name: str) -> str:
        return request.cookies.get(self._names[name], "")

    async def _session(self, request: Request) -> tuple[Session | None, str]:
        cookie = self._cookie(request, SESSION)
        session = await self._frame.accounts.session(cookie) if cookie else None
        return session, cookie if session else ""

    async def _answered(self, door: Door, visit: Visit) -> Response:
        try:
            if door.method == "POST" and not self._is_own(visit.request):
                raise Malformed("FORM_FORGED")
            if refused := self._refused(door, visit):
                return refused  # before a byte of what they bring is read
            if door.method == "POST":
                await self._receive(door, visit)
            return self._asked(door, visit) or await door.answer(visit)
        except Unauthenticated:
            return self._ask_to_sign_in(visit)
        except Stale:
            return self._ask_to_send_again(visit)
        except HaidangError as error:
            return self._told(visit, error)
        except TooLarge:
            if visit.maybe_session is None and door.needs != PUBLIC:
                return self._ask_to_sign_in(visit)
            most = max(1, door.most_bytes // MEBIBYTE)
            if visit.is_module:
                return PlainTextResponse(visit.words.plain("error.large_text", n=most), 413)
            said = visit.words("error.large_text", n=most)
            return visit.page("error.html", 413, title="error.large", said=said)
        except ClientDisconnect:
            return Response(status_code=400)
        except HTTPException as error:
            said = visit.words("error.bad_text")
            return visit.page("error.html", error.status_code, title="error.bad", said=said)

    def _refused(self, door: Door, visit: Visit) -> Response | None:
        """Who is signed in and may not enter, and what they read instead."""
        session = visit.maybe_session
        if session is None or door.needs == PUBLIC:
            return None
        if door.needs == OPERATOR and not session.is_operator:
            # A stranger learns nothing of the console, not even that it is here.
            return visit.page("not_found.html", 404)
        if door.needs not in (SIGNED_IN, OPERATOR) and not may(visit.actor, door.needs):
            return self._told(visit, Forbidden("NOT_PERMITTED", verb=door.needs))
        return None

    def _asked(self, door: Door, visit: Visit) -> Response | None:
        """Who must first say, or say again, who they are; what they typed goes along."""
        session = visit.maybe_session
        if session is None:
            return None if door.needs == PUBLIC else self._ask_to_sign_in(visit)
        if door.fresh and not self._frame.accounts.sessions.is_fresh(session):
            return self._ask_to_confirm(visit)
        return None

    async def _receive(self, door: Door, visit: Visit) -> None:
        """Read what was posted, within the door's bounds, and check its token.

        A stranger's files are not taken where only members may bring some.
        Raises: TooLarge, Stale, Malformed FORM_FORGED, Unauthenticated TOKEN_MISSING.
        """
        request, most_bytes = visit.request, door.most_bytes
        if visit.maybe_session is None and door.needs != PUBLIC:
            most_bytes = min(most_bytes, MEBIBYTE)
        bounded = Request(request.scope, _bounded(request, most_bytes))
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
            visit.receive(await _form(bounded, most_bytes))
        visit.request = bounded
        sent = request.headers.get("x-csrf") or visit.typed.raw("csrf")
        if not self._bears_token(sent, door, visit):
            if visit.maybe_session is None and door.needs != PUBLIC:
                raise Unauthenticated("TOKEN_MISSING")  # the session ended while they typed
            if visit.maybe_session is not None and self._is_surely_own(request) and sent:
                raise Stale
            raise Malformed("FORM_FORGED")

    def _is_surely_own(self, request: Request) -> bool:
        """Whether the browser said that a page of ours sent this: silence is not enough."""
        told = request.headers.get("origin") == self._frame.origin
        return told or request.headers.get("sec-fetch-site") == "same-origin"

    def _bears_token(self, sent: str, door: Door, visit: Visit) -> bool:
        """Whether *sent* is bound to this session; at a public door also to this browser.

        There, a form opened before signing in, in another tab or by a double tap, is as
        good as any.
        """
        expected = [visit.csrf]
        if door.needs == PUBLIC and (visitor := self._cookie(visit.request, VISITOR)):
            expected.append(self.forgery_token(visitor))
        given = _unmasked(sent)
        return any(hmac.compare_digest(given, _unmasked(token)) for token in expected)

    def _is_own(self, request: Request) -> bool:
        """Whether the browser says that a page of ours sent this. Source: Fetch Metadata."""
        site = request.headers.get("sec-fetch-site", "same-origin")
        origin = request.headers.get("origin", self._frame.origin)
        return site in ("same-origin", "none") and origin == self._frame.origin

    def forgery_token(self, bound_to: str) -> str:
        """The token a form must send, bound to a session or, before sign-in, to a browser.

        Masked anew on every page: compressed beside what a visitor typed, a constant one
        could be guessed letter by letter (the BREACH attack).
        """
        token = hmac.new(self._secret, bound_to.encode(), hashlib.sha256).digest()
        mask = secrets.token_bytes(len(token))
        return mask.hex() + bytes(a ^ b for a, b in zip(mask, token, strict=True)).hex()

    def _set_cookie(self, response: Response, name: str, value: str, *, seconds: int) -> None:
        """A cookie that scripts cannot read and other sites cannot send; 0 seconds drop it."""
        response.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            secure=self._is_https,
            httponly=True,
            samesite="lax",
        )

    def _ask_to_confirm(self, visit: Visit) -> Response:
        """The page that asks for the password or passkey again, and comes back here."""
        if visit.is_module:
            return PlainTextResponse(visit.words.plain("confirm.module_text"), 401)
        if visit.request.method == "GET":
            return visit.go(CONFIRM, tiep=_path_of(visit.request))
        return visit.page("confirm.html", 401, onward=_path_of(visit.request), held=visit.hidden())

    def _ask_to_send_again(self, visit: Visit) -> Response:
        """What was typed, under the present session: in another tab it was begun anew."""
        if visit.is_module:
            return PlainTextResponse(visit.words.plain("error.stale_text"), 403)
        onward, held = _path_of(visit.request), visit.hidden()
        return visit.page("resume.html", 403, onward=onward, held=held, is_stale=True)

    def _ask_to_sign_in(self, visit: Visit) -> Response:
        """The sign-in page, which comes back here: a lost session loses nothing typed."""
        request = visit.request
        path = _path_of(request)
        if visit.is_module:
            return PlainTextResponse(visit.words.plain("error.session_text"), 401)
        if request.method == "GET":
            return visit.go(SIGN_IN, tiep=path)
        return visit.page(
            "sign_in.html",
            401,
            onward=path,
            held=visit.hidden(),
            notice=visit.words("error.session_text"),
            lost=True,
        )

    def _told(self, visit: Visit, error: HaidangError) -> Response:
        status = next((code for kind, code in STATUS_OF if isinstance(error, kind)), 409)
        if type(error) is HaidangError:
            status = 500
        said = sentence(error.reason, error.facts, visit.locale)
        if visit.is_module:
            return PlainTextResponse(said, status)
        if status == 404:
            return visit.page("not_found.html", 404)
        return visit.page("error.html", status, title="error.refused", said=said)

    def broken(self, request: Request) -> Response:
        """What a visitor reads when the fault is ours."""
        visit = self._bare(request)
        title, said = "error.ours", visit.words("error.ours_text")
        return self._with_headers(visit.page("error.html", 500, title=title, said=said))

    def not_found(self, request: Request) -> Response:
        """What a visitor reads at an address that is not there."""
        visit = self._bare(request)
        return self._with_headers(visit.page("not_found.html", 404))

    def _bare(self, request: Request) -> Visit:
        return Visit(request, self._frame, words=Words(self._locale(request)), session=None)

    def _locale(self, request: Request) -> str:
        wanted = request.query_params.get("lang") or self._cookie(request, LANGUAGE)
        return wanted if wanted in LOCALES else DEFAULT

    def _with_headers(self, response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        if self._is_https:
            response.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
        return response


def _path_of(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _is_visitor(cookie: str) -> bool:
    return 0 < len(cookie) <= 64 and cookie.isascii()


def _has_page(response: Response) -> bool:
    return response.headers.get("content-type", "").startswith("text/html")


def _unmasked(text: str) -> bytes:
    """The token under its mask; b"" for what is no token of ours."""
    try:
        sent = bytes.fromhex(text)
    except ValueError:
        return b""
    half = len(sent) // 2
    return bytes(a ^ b for a, b in zip(sent[:half], sent[half:], strict=False))


async def _form(request: Request, most_bytes: int) -> FormData:
    return await request.form(max_files=40, max_fields=MOST_FIELDS, max_part_size=most_bytes)


# The body is counted as it comes: a length that is announced may be a lie.
def _bounded(request: Request, most_bytes: int) -> Receive:
    taken = 0

    async def receive() -> Message:
        nonlocal taken
        message = await request.receive()
        taken += len(message.get("body", b""))
        if taken > most_bytes:
            raise TooLarge
        return message

    return receive
