"""`/kiem-tra`: anyone brings a PDF and reads how its signatures stand. Nothing is kept.

The visitor needs no account; the service is asked by an actor who may judge and sees
nobody's documents. A network that asks too often, and more checks at once than the verify
worker carries, are told to wait.
"""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.errors import HaidangError, OutcomeUnknown, Unavailable
from haidang.core.tenancy import Actor
from haidang.portal.web.calls import Calls
from haidang.portal.web.doors import PAPER_BYTES, PUBLIC, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.pacing import Pace
from haidang.portal.web.pdfs import MOST_BYTES, MOST_MB, judging_parts, read_pdf
from haidang.portal.web.verdicts import told
from haidang.portal.web.visit import Visit
from starlette.responses import Response

PATH = "/kiem-tra"
VISITOR = Actor("visitor", "visitors", frozenset({"esign.validate"}))
"""A stranger: belongs to a tenant that has nothing, and may have a file judged."""
CHECKS, PACE_SECONDS = 12, 600.0
"""Checks of one network; a household and its accountant never meet this limit."""
AT_ONCE = 4
"""What the verify worker carries at once; more would only wait for it with their bytes."""
JUDGE_SECONDS = 45.0
"""Above the service's own patience with the worker, 40 s."""
RETRY_SECONDS = 60
TOO_MANY = 429


class Verify:
    """The public check."""

    def __init__(self, calls: Calls, clock: Clock) -> None:
        self._calls = calls
        self._pace = Pace(clock, burst=CHECKS, seconds=PACE_SECONDS)
        self._running = 0

    def doors(self) -> tuple[Door, ...]:
        """The form and its answer."""
        return (
            Door("GET", PATH, self.show, needs=PUBLIC),
            Door("POST", PATH, self.judge, needs=PUBLIC, most_bytes=PAPER_BYTES),
        )

    async def show(self, visit: Visit) -> Response:
        """Where a file is dropped or chosen."""
        return _form(visit, 200, Faults())

    async def judge(self, visit: Visit) -> Response:
        """The verdict on the file that was sent."""
        faults = Faults()
        _, pdf = await read_pdf(visit, faults)
        if faults:
            return _form(visit, 422, faults)
        if self._running >= AT_ONCE or not self._pace.admit(visit.origin.network):
            return _wait(visit, faults)
        self._running += 1
        try:
            service = self._calls.service("esign", VISITOR)
            report = await service.ValidateDocument(judging_parts(pdf), timeout=JUDGE_SECONDS)
        except HaidangError as error:
            faults.add_error(error, visit.locale, {"file": "file"})
            is_away = isinstance(error, Unavailable | OutcomeUnknown)
            return _form(visit, 503 if is_away else 422, faults)
        finally:
            self._running -= 1
        return visit.page("verify_verdict.html", verdict=told(report, visit.words))


def _form(visit: Visit, status: int, faults: Faults) -> Response:
    return visit.page("verify.html", status, faults=faults, most=MOST_MB, most_bytes=MOST_BYTES)


def _wait(visit: Visit, faults: Faults) -> Response:
    faults.add("file", visit.words("verify.busy"))
    response = _form(visit, TOO_MANY, faults)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
