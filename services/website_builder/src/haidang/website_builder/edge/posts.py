"""Forms at the edge: a visitor's POST in, a page or a kept letter out.

No cookies and no accounts are involved, so a forged request could do no more than its
sender; what is held off is volume and foreign pages. A visitor is told that a letter
arrived only after it lies durably in the letterbox; else they read that it did not, with
what they typed and the number to call.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from haidang.core.clock import VIETNAM, Clock
from haidang.core.errors import Malformed, Unavailable
from haidang.core.ports.publishing import Letter, LetterAnswer, PublishedForm
from haidang.website_builder import letterbox
from haidang.website_builder.edge.limits import Budget, address_prefix
from haidang.website_builder.edge.sites import Manifest, Sites
from haidang.website_builder.enquiries import (
    CONSENT,
    MOST_BYTES,
    Fault,
    given,
    input_names,
    is_trapped,
    judge_enquiry,
    read_body,
)
from haidang.website_builder.form_markup import (
    CHANGE,
    CONFIRM,
    SLOT,
    draw_again,
    draw_code,
    draw_refusal,
    draw_review,
)
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response

BODY_SECONDS = 15.0
"""How long a phone with a bad signal may take for 16 KiB."""
WINDOW_SECONDS = 600.0
MOST_POSTS = 60
"""Posts of one address in a window, faults and reviews included."""
MOST_LETTERS = 8
"""Letters of one address to one site in a window: an office behind one address included."""
MOST_LETTERS_OF_SITE = 120
"""Letters to one site in a window: more than anybody answers, far less than a flood."""

ID_CHARACTERS, CODE_CHARACTERS = 24, 6
HOUR = "%Y%m%d%H"
_CODE = re.compile(rf"[0-9A-F]{{{CODE_CHARACTERS}}}")
_KIND = "application/x-www-form-urlencoded"
_REVIEWED = "order"
"""The kind of form that is shown again before it is sent. Source: field guide 1.3."""


class _Late(Exception):
    """The body did not come in time, or not at all."""


class Posts:
    """Takes what is posted to the forms of *sites* into the folder *letters*."""

    def __init__(
        self,
        sites: Sites,
        letters: Path,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sites = sites
        self._letters = letters
        self._clock = clock
        self._monotonic = monotonic
        self._posts = Budget(MOST_POSTS, WINDOW_SECONDS)
        self._kept = Budget(MOST_LETTERS, WINDOW_SECONDS)
        self._kept_of_site = Budget(MOST_LETTERS_OF_SITE, WINDOW_SECONDS)

    async def answer(self, request: Request, manifest: Manifest) -> Response:
        """Answer a POST to one of the manifest's forms. Raises: sites.Unserved."""
        action = request.scope["path"]
        desk = _Desk(self._sites, manifest, action)
        came_from = address_prefix(request.client.host if request.client else "")
        if not self._posts.take(came_from, self._monotonic()):
            return desk.refuse({}, Fault("", "ENQUIRY_TOO_MANY"), 429)
        if not _is_own(request):
            return desk.refuse({}, Fault("", "ENQUIRY_UNREADABLE"), 403)
        try:
            inputs = read_body(await _body(request))
        except Malformed as error:
            status = 413 if error.facts.get("is_too_large") else 400
            return desk.refuse({}, Fault("", error.reason), status)
        except (_Late, ClientDisconnect):
            return desk.refuse({}, Fault("", "ENQUIRY_NOT_KEPT"), 408)
        return await self._judged(desk, inputs, came_from)

    async def _judged(self, desk: _Desk, inputs: list[tuple[str, str]], came_from: str) -> Response:
        pressed = {name for name, _ in inputs} & {CONFIRM, CHANGE}
        inputs = [(name, value) for name, value in inputs if name not in {CONFIRM, CHANGE}]
        form, now = desk.form, self._clock.now()
        names = input_names(form) | {CONSENT}
        typed = {name: text for name, text in given(inputs).items() if name in names}
        answers, faults = judge_enquiry(form, inputs, now.astimezone(VIETNAM).date())
        if is_trapped(inputs):
            faults.insert(0, Fault("", "ENQUIRY_FORM_CHANGED"))
        if faults:
            return desk.page(draw_again(form, desk.action, typed, faults), 422)
        if CHANGE in pressed:
            return desk.page(draw_again(form, desk.action, typed, ()), 200)
        if form.kind == _REVIEWED and CONFIRM not in pressed:
            return desk.page(draw_review(form, desk.action, typed, answers), 200)
        return await self._keep(desk, typed, answers, came_from)

    async def _keep(
        self, desk: _Desk, typed: Mapping[str, str], answers: list[LetterAnswer], came_from: str
    ) -> Response:
        site, tick = desk.manifest.site, self._monotonic()
        if not self._kept.take((site, came_from), tick) or not self._kept_of_site.take(site, tick):
            return desk.refuse(typed, Fault("", "ENQUIRY_TOO_MANY"), 429)
        letter = a_letter(desk.form, site, answers, self._clock.now())
        try:
            await asyncio.to_thread(letterbox.leave, self._letters, letter)
        except Unavailable as error:
            return desk.refuse(typed, Fault("", error.reason), 503)
        return desk.sent(code_of(letter.id))

    async def thank(self, manifest: Manifest, path: str, code: str) -> Response:
        """The thank-you page with the letter's code, if it is one. Raises: sites.Unserved."""
        form = manifest.thanks[path]
        line = draw_code(form, code) if _CODE.fullmatch(code) else ""
        html = self._sites.text(manifest, path).replace(SLOT, line)
        return HTMLResponse(html, 200, {**manifest.headers, "Cache-Control": "no-store"})


class _Desk:
    """One form of one site, and how its visitor is answered."""

    def __init__(self, sites: Sites, manifest: Manifest, action: str) -> None:
        self.manifest = manifest
        self.action = action
        self.form: PublishedForm = manifest.forms[action]
        self._sites = sites

    def page(self, markup: str, status: int) -> Response:
        html = self._sites.text(self.manifest, self.form.again).replace(SLOT, markup)
        return HTMLResponse(html, status, self._headers())

    def refuse(self, typed: Mapping[str, str], fault: Fault, status: int) -> Response:
        response = self.page(draw_refusal(self.form, self.action, typed, fault), status)
        if status == 429:
            response.headers["Retry-After"] = str(int(WINDOW_SECONDS))
        return response

    def sent(self, code: str) -> Response:
        location = f"{self.form.sent}?ma={code}"
        return Response(status_code=303, headers={**self._headers(), "Location": location})

    def _headers(self) -> dict[str, str]:
        return {**self.manifest.headers, "Cache-Control": "no-store"}


def a_letter(
    form: PublishedForm, site: str, answers: Sequence[LetterAnswer], now: datetime
) -> Letter:
    """The letter of these answers. The same ones within an hour are the same letter."""
    said = [[one.name, one.value] for one in answers]
    digest = hashlib.sha256(json.dumps([site, form.section, said, now.strftime(HOUR)]).encode())
    return Letter(
        id=digest.hexdigest()[:ID_CHARACTERS],
        site=site,
        received_at=now,
        kind=form.kind,
        section=form.section,
        locale=form.locale,
        kept_months=form.kept_months,
        answers=tuple(answers),
    )


def code_of(id: str) -> str:
    """What a visitor quotes on the telephone."""
    return id[:CODE_CHARACTERS].upper()


def _is_own(request: Request) -> bool:
    """Whether a page of this very host sent it, by what the browser says.

    A browser that says neither is an old one. Source: Fetch Metadata; RFC 6454 section 7.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = request.headers.get("origin")
    host = request.headers.get("host", "").lower()
    is_same = origin is None or origin.lower().partition("://")[2] == host
    return is_same and site in {"same-origin", "none"}


async def _body(request: Request) -> bytes:
    """The body of a form's POST. Raises: Malformed ENQUIRY_UNREADABLE; _Late."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _KIND:
        raise Malformed("ENQUIRY_UNREADABLE")
    taken = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                taken += chunk
                if len(taken) > MOST_BYTES:
                    raise Malformed("ENQUIRY_UNREADABLE", is_too_large=True)
    except TimeoutError as error:
        raise _Late from error
    return bytes(taken)
