"""`/ten-mien/{name}/gia-han`: years, the price by its lines, the button that names it; then
the renewal while it goes on, and how it ended."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.clock import Clock
from haidang.core.errors import (
    Absent,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    sentence,
)
from haidang.core.statuses import error_of_status
from haidang.portal.web.doors import Door
from haidang.portal.web.events import Event, stream
from haidang.portal.web.forms import Faults
from haidang.portal.web.pages import written_clock
from haidang.portal.web.rooms.domains import registration
from haidang.portal.web.rooms.journey import SHOWN_STATES
from haidang.portal.web.rooms.journey_watch import Watches, counter_of, metadata_of
from haidang.portal.web.rooms.names import later_by, name_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

OFFERED_YEARS = (1, 2, 3, 5, 10)
SANDBOX_PAYER = "sandbox-account"
LONGEST_PAYER = 80
MOST_DIGITS = 12
KIND = "journeys.renew/1"
UNPAID = "RENEWAL_UNPAID"
ID = re.compile(r"[0-9a-f]{32}")
FIELDS = {"payer": "payer", "years": "years", "accepted_total_dong": ""}
"""Where faults of the contract's fields stand on the page; others are the whole form's."""


class Renewing:
    """Renewing a name and following it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.watches = Watches()

    def doors(self) -> tuple[Door, ...]:
        """The price and its button; the renewal and its events."""
        base, name = "/ten-mien/{name}/gia-han", ("domain",)
        look, both = "domains.read", ("domain", "operation")
        return (
            Door("GET", base, self.ask, needs="domains.write", names=name),
            Door("POST", base, self.begin, needs="domains.write", names=name),
            Door("GET", f"{base}/{{renewal}}", self.follow, needs=look, names=both),
            Door("GET", f"{base}/{{renewal}}/su-kien", self.events, needs=look, names=both),
        )

    async def ask(self, visit: Visit) -> Response:
        """Years and price."""
        return await self._page(visit, _years(visit.asked("nam")), Faults())

    async def _page(self, visit: Visit, years: int, faults: Faults) -> Response:
        held = await registration(visit)
        name = name_of(held, self._clock.now())
        quote = None
        if name.is_renewable:
            try:
                quote = await self._quote(visit, held.domain, years)
            except (Malformed, Refused) as error:
                faults.add("", sentence(error.reason, error.facts, visit.locale))
        return visit.page(
            "domains_renew.html",
            422 if faults else 200,
            name=name,
            years=years,
            offered=[one for one in OFFERED_YEARS if one <= name.most_years],
            quote=quote,
            expires_then=later_by(name.expires_on, years),
            payer=visit.typed.get("payer") or SANDBOX_PAYER,
            faults=faults,
            request_id=str(uuid.uuid4()),
        )

    async def _quote(self, visit: Visit, domain: str, years: int) -> domains_pb2.Quote:
        request = domains_pb2.QuoteDomainRequest(
            domain=domain, action=domains_pb2.QuoteDomainRequest.ACTION_RENEW, years=years
        )
        quote: domains_pb2.Quote = await visit.domains.QuoteDomain(request)
        return quote

    async def begin(self, visit: Visit) -> Response:
        """Start the renewal at the price that was on the button."""
        typed, faults = visit.typed, Faults()
        years = _years(typed.get("years", ""))
        payer = typed.required("payer", faults, visit.words("domains.payer_missing"))
        if faults:
            return await self._page(visit, years, faults)
        held = await registration(visit)
        request = journeys_pb2.RenewNameRequest(
            request_id=typed.get("request_id", ""),
            domain=held.domain,
            years=years,
            accepted_total_dong=_dong(typed.get("total", "")),
            payer=payer[:LONGEST_PAYER],
        )
        try:
            sent: operations_pb2.Operation = await visit.journeys.RenewName(request)
        except (Unavailable, OutcomeUnknown):
            raise  # the same button, pressed again, joins it
        except HaidangError as error:
            faults.add_error(error, visit.locale, FIELDS)
            return await self._page(visit, years, faults)
        id = sent.name.removeprefix("operations/")
        return visit.go(f"/ten-mien/{held.domain}/gia-han/{id}")

    async def follow(self, visit: Visit) -> Response:
        """The renewal as it stands: under way, done, or stopped and why."""
        held, operation = await registration(visit), await _operation(visit)
        name = name_of(held, self._clock.now())
        if not operation.done:
            return visit.page("domains_renewing.html", name=name, **progress(visit, operation))
        if operation.HasField("error"):
            error = error_of_status(operation.error)
            return visit.page(
                "domains_not_renewed.html",
                name=name,
                outcome=sentence(error.reason, error.facts, visit.locale),
                is_unpaid=error.reason == UNPAID,
                may_retry=error.reason != UNPAID and name.is_renewable,
                **progress(visit, operation),
            )
        renewal = journeys_pb2.Renewal()
        operation.response.Unpack(renewal)
        if renewal.domain != held.domain:
            raise Absent("OPERATION_ABSENT")
        renewed = name_of(renewal.registration, self._clock.now())
        return visit.page("domains_renewed.html", name=name, renewed=renewed, renewal=renewal)

    async def events(self, visit: Visit) -> StreamingResponse:
        """What moves, as it moves; ends with the renewal."""
        first = await _operation(visit)
        seen = visit.request.headers.get("last-event-id", "")
        return stream(self._told(visit, first, _count(seen)))

    async def _told(
        self, visit: Visit, first: operations_pb2.Operation, seen: int | None
    ) -> AsyncIterator[Event]:
        """Pieces of the page for every state after the one counted *seen*."""
        listening = self.watches.listen(
            visit.session.tenant, first.name, lambda: _operation(visit), seen=seen
        )
        async for operation in listening:
            piece = visit.part("parts/renewal_steps.html", **progress(visit, operation))
            kind = "end" if operation.done else "message"
            yield Event(str(counter_of(operation)), piece, kind)


async def _operation(visit: Visit) -> operations_pb2.Operation:
    """The renewal that the path names. Raises: Absent OPERATION_ABSENT."""
    if not ID.fullmatch(visit["renewal"]):
        raise Absent("OPERATION_ABSENT")
    request = operations_pb2.GetOperationRequest(name=f"operations/{visit['renewal']}")
    found: operations_pb2.Operation = await visit.operations("journeys").GetOperation(request)
    if metadata_of(found).kind != KIND:
        raise Absent("OPERATION_ABSENT")
    return found


# Any: what a template takes.
def progress(visit: Visit, operation: operations_pb2.Operation) -> dict[str, Any]:
    """What the steps of a renewal show: rows for parts/show.html, and where to follow it."""
    metadata = metadata_of(operation)
    rows = [
        {
            "state": SHOWN_STATES[step.state],
            "words": visit.words(f"domains.step.{step.name}"),
            "note": written_clock(step.end_time.ToDatetime(UTC))
            if step.HasField("end_time")
            else "",
        }
        for step in metadata.steps
    ]
    needs_us = any(step.state == step.STATE_NEEDS_OPERATOR for step in metadata.steps)
    return {
        "rows": rows,
        "needs_us": needs_us,
        "here": f"/ten-mien/{visit['name']}/gia-han/{visit['renewal']}",
        "began": metadata.create_time.ToDatetime(UTC),
    }


def _count(text: str) -> int | None:
    """The state last seen; None when the browser does not say."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS else None


def _years(text: str) -> int:
    """Years as asked for; one when it says nothing sensible."""
    years = int(text) if text.isascii() and text.isdecimal() and len(text) <= 2 else 1
    return years if 1 <= years <= OFFERED_YEARS[-1] else 1


def _dong(text: str) -> int:
    is_sum = text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS
    return int(text) if is_sum else 0
