"""`/ten-mien/{name}/gia-han`: years, the price by its lines, the button that names it; then
the renewal while it goes on, and how it ended."""

from __future__ import annotations

import uuid

from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.clock import Clock
from haidang.core.errors import Absent, Malformed, Refused, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.dues import DueLedger
from haidang.portal.dues.values import total_of
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.payers import LONGEST_PAYER, MOST_SUM_DIGITS, SANDBOX_PAYER
from haidang.portal.web.rooms.domains import registration
from haidang.portal.web.rooms.following import Following
from haidang.portal.web.rooms.names import later_by, name_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

OFFERED_YEARS = (1, 2, 3, 5, 10)
MOST_YEAR_DIGITS = 2
UNPAID = "RENEWAL_UNPAID"
FIELDS = {"payer": "payer", "years": "years", "accepted_total_dong": ""}
"""Where faults of the contract's fields stand on the page; others are the whole form's."""


class Renewing:
    """Renewing a name and following it."""

    def __init__(self, dues: DueLedger, clock: Clock) -> None:
        self._dues = dues
        self._clock = clock
        self._following = Following("journeys.renew/1", "gia-han", "renewal")

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
        owed = await self._dues.owed(visit.session.tenant, held.domain)
        quote = None
        if name.is_renewable and not owed:
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
            owed=total_of(owed),
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
            accepted_total_dong=whole_number(typed.get("total", ""), MOST_SUM_DIGITS) or 0,
            payer=payer[:LONGEST_PAYER],
        )
        start = visit.journeys.RenewName(request)
        begun = await self._following.begun(visit, held.domain, start, faults, FIELDS)
        return begun or await self._page(visit, years, faults)

    async def follow(self, visit: Visit) -> Response:
        """The renewal as it stands: under way, done, or stopped and why."""
        held = await registration(visit)
        operation = await self._following.operation(visit)
        name = name_of(held, self._clock.now())
        progress = self._following.progress(visit, operation)
        if not operation.done:
            return visit.page(
                "domains_following.html",
                title=visit.words("domains.renewing_title", name=name.shown),
                lead=visit.words("domains.renewing_lead"),
                **progress,
            )
        if operation.HasField("error"):
            error = error_of_status(operation.error)
            is_unpaid = error.reason == UNPAID and await self._is_owed(visit, held.domain)
            return visit.page(
                "domains_not_renewed.html",
                name=name,
                outcome=sentence(error.reason, error.facts, visit.locale),
                is_unpaid=is_unpaid,
                is_paid_since=error.reason == UNPAID and not is_unpaid,
                may_retry=error.reason != UNPAID and name.is_renewable,
                **progress,
            )
        renewal = journeys_pb2.Renewal()
        operation.response.Unpack(renewal)
        if renewal.domain != held.domain:
            raise Absent("OPERATION_ABSENT")
        renewed = name_of(renewal.registration, self._clock.now())
        return visit.page("domains_renewed.html", name=name, renewed=renewed, renewal=renewal)

    async def events(self, visit: Visit) -> StreamingResponse:
        """What moves, as it moves; ends with the renewal."""
        return await self._following.events(visit)

    async def _is_owed(self, visit: Visit, domain: str) -> bool:
        """Whether the renewal in the path is still to be paid."""
        owed = await self._dues.owed(visit.session.tenant, domain)
        return visit["renewal"] in {item.id for item in owed}


def _years(text: str) -> int:
    """Years as asked for; one when it says nothing sensible."""
    years = whole_number(text, MOST_YEAR_DIGITS)
    return years if years is not None and 1 <= years <= OFFERED_YEARS[-1] else 1
