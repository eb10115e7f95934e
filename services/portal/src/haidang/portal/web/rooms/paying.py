"""`/ten-mien/{name}/tra-tien`: what is owed line by line, the button that names the sum; then
the payment while it goes on, and what comes next."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC

from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.clock import Clock
from haidang.core.errors import Absent, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.pages import written_day
from haidang.portal.web.payers import LONGEST_PAYER, MOST_SUM_DIGITS, SANDBOX_PAYER
from haidang.portal.web.rooms.domains import registration
from haidang.portal.web.rooms.following import Following
from haidang.portal.web.rooms.names import day_of, name_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

PLACE = "tra-tien"
REGISTRATION = journeys_pb2.DueItem.KIND_REGISTRATION
FIELDS = {"payer": "payer", "accepted_total_dong": "", "domain": ""}
"""Where faults of the contract's fields stand on the page; others are the whole form's."""


class Paying:
    """Paying what is owed for a name, and following it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._following = Following("journeys.pay-due/1", PLACE, "payment")

    def doors(self) -> tuple[Door, ...]:
        """What is owed and its button; the payment and its events."""
        base, name = f"/ten-mien/{{name}}/{PLACE}", ("domain",)
        pay, look, both = "journeys.write", "journeys.read", ("domain", "operation")
        return (
            Door("GET", base, self.ask, needs=pay, names=name),
            Door("POST", base, self.begin, needs=pay, names=name),
            Door("GET", f"{base}/{{payment}}", self.follow, needs=look, names=both),
            Door("GET", f"{base}/{{payment}}/su-kien", self.events, needs=look, names=both),
        )

    async def ask(self, visit: Visit) -> Response:
        """What is owed."""
        return await self._page(visit, Faults())

    async def _page(self, visit: Visit, faults: Faults) -> Response:
        held, due = await registration(visit), await _due(visit)
        return visit.page(
            "dues_pay.html",
            422 if faults else 200,
            name=name_of(held, self._clock.now()),
            lines=lines_of(visit, due.items),
            total=due.total_dong,
            payer=visit.typed.get("payer") or SANDBOX_PAYER,
            faults=faults,
            request_id=str(uuid.uuid4()),
        )

    async def begin(self, visit: Visit) -> Response:
        """Start the payment of the sum that was on the button."""
        typed, faults = visit.typed, Faults()
        payer = typed.required("payer", faults, visit.words("domains.payer_missing"))
        if faults:
            return await self._page(visit, faults)
        held = await registration(visit)
        request = journeys_pb2.PayDueRequest(
            request_id=typed.get("request_id", ""),
            domain=held.domain,
            accepted_total_dong=whole_number(typed.get("total", ""), MOST_SUM_DIGITS) or 0,
            payer=payer[:LONGEST_PAYER],
        )
        start = visit.journeys.PayDue(request)
        begun = await self._following.begun(visit, held.domain, start, faults, FIELDS)
        return begun or await self._page(visit, faults)

    async def follow(self, visit: Visit) -> Response:
        """The payment as it stands: under way, done and what comes next, or stopped and why."""
        held = await registration(visit)
        operation = await self._following.operation(visit)
        name = name_of(held, self._clock.now())
        progress = self._following.progress(visit, operation)
        if not operation.done:
            return visit.page(
                "domains_following.html",
                title=visit.words("dues.paying_title", name=name.shown),
                lead=visit.words("dues.paying_lead"),
                **progress,
            )
        if operation.HasField("error"):
            error = error_of_status(operation.error)
            return visit.page(
                "dues_not_paid.html",
                name=name,
                outcome=sentence(error.reason, error.facts, visit.locale),
                owed=(await _due(visit)).total_dong,
                **progress,
            )
        payment = journeys_pb2.DuePayment()
        operation.response.Unpack(payment)
        if payment.domain != held.domain:
            raise Absent("OPERATION_ABSENT")
        return visit.page(
            "dues_paid.html",
            name=name,
            payment=payment,
            lines=lines_of(visit, payment.items),
            journey=_journey(payment.items),
        )

    async def events(self, visit: Visit) -> StreamingResponse:
        """What moves, as it moves; ends with the payment."""
        return await self._following.events(visit)


def lines_of(visit: Visit, items: Sequence[journeys_pb2.DueItem]) -> list[dict[str, object]]:
    """What is owed as lines of parts/show.html."""
    return [
        {"label": _label(visit, item), "citation": "", "amount": item.amount_dong} for item in items
    ]


def _label(visit: Visit, item: journeys_pb2.DueItem) -> str:
    day = written_day(day_of(item.create_time.ToDatetime(UTC)))
    if item.kind == REGISTRATION:
        return visit.words("dues.registration", day=day)
    return visit.words("dues.renewal", n=item.years, day=day)


def _journey(items: Sequence[journeys_pb2.DueItem]) -> str:
    """The journey that stopped for want of this money: what is left can be done now."""
    registered = (item.name for item in items if item.kind == REGISTRATION)
    return next(registered, "").removeprefix("journeys/")


async def _due(visit: Visit) -> journeys_pb2.Due:
    """What is owed for the name in the path. Raises: Absent REGISTRATION_ABSENT."""
    request = journeys_pb2.GetDueRequest(domain=visit["name"])
    found: journeys_pb2.Due = await visit.journeys.GetDue(request)
    return found
