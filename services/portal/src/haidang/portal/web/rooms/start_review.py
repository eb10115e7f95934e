"""`/bat-dau/{id}/xem-lai`: everything once more, the price by its lines, and the last button.

A price is accepted as it stands on the page. One that ran out or changed is asked anew
and shown again; nothing dearer is ever agreed to behind the owner's back.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from google.longrunning import operations_pb2
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.clock import Clock, vietnamese_time
from haidang.core.errors import (
    Absent,
    HaidangError,
    OutcomeUnknown,
    Unavailable,
    sentence,
)
from haidang.core.money import written
from haidang.core.operations.names import operation_name
from haidang.portal.starts import Start, Starts
from haidang.portal.starts.facts import all_faults, place_of
from haidang.portal.starts.requests import digest_of, registrant
from haidang.portal.starts.values import Attempt, Consent
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.payers import LONGEST_PAYER, SANDBOX_PAYER
from haidang.portal.web.rooms.start import CHECKS
from haidang.portal.web.rooms.start_bench import (
    NEEDS,
    Bench,
    journey_path,
    note_refusal,
    said,
)
from haidang.portal.web.rooms.start_pack import packs_for, suggested_draft
from haidang.portal.web.visit import Visit
from starlette.responses import Response

SCREEN = "xem-lai"
PURPOSES = ("true", "registry", "public", "sign")
"""One consent each; the words are "start.consent.<purpose>"."""
WORDING_VERSION = "2026-11-28"
FRESH_FOR = timedelta(minutes=5)
"""A price that runs out sooner than this is asked anew before it is shown."""
State = journeys_pb2.Journey

Request = journeys_pb2.GoOnlineRequest | journeys_pb2.FinishOnlineRequest


@dataclass(frozen=True)
class Missing:
    """What is still to be put right: where, and its sentence."""

    screen: str
    field: str
    said: str


class StartReview:
    """The review and the start of the journey."""

    def __init__(self, starts: Starts, clock: Clock) -> None:
        self._starts = starts
        self._clock = clock
        self._bench = Bench(starts)

    def doors(self) -> tuple[Door, ...]:
        """The page, and the button on it."""
        door = partial(Door, needs=NEEDS, names=("start",))
        return (
            door("GET", "/bat-dau/{start}/xem-lai", self.show),
            door("POST", "/bat-dau/{start}/xem-lai", self.go),
        )

    async def show(self, visit: Visit) -> Response:
        """The page; an attempt that runs is followed instead."""
        start = await self._bench.start(visit)
        away = self._bench.elsewhere(visit, start) or await self._under_way(visit, start)
        if away:
            return away
        if start.attempt is not None and start.attempt.operation:
            journey = await _journey_of(visit, start.attempt.operation)
            if journey.reason == "JOURNEY_STOPPED_UNPAID":
                return visit.go(journey_path(start.attempt.operation))  # its price comes first
            start = await note_refusal(self._starts, visit, start, journey)
        return await self._page(visit, start, Faults())

    async def _page(
        self, visit: Visit, start: Start, faults: Faults, *, notice: str = "",
        missing: Sequence[Missing] = (),
    ) -> Response:  # fmt: skip
        wrong = [*unfinished(visit, start), *missing]
        quote = None
        if not wrong and not start.is_held:
            try:
                start, quote = await self._quoted(visit, start)
            except HaidangError as error:
                wrong = [misplaced(visit, start, error)]
        return self._bench.draw(
            visit, start, SCREEN, faults=faults, quote=quote, missing=wrong, notice=notice,
            quote_until=vietnamese_time(expiry(quote)) if quote else "",
            purposes=PURPOSES, request_id=str(uuid.uuid4()), shown=as_written(start.facts),
            pack_title=await pack_title(visit, start),
            payer=visit.typed.get("payer") or start["payer"] or SANDBOX_PAYER,
        )  # fmt: skip

    async def _quoted(self, visit: Visit, start: Start) -> tuple[Start, domains_pb2.Quote]:
        """The price of the name: the one shown before while it is good, else a fresh one."""
        quote = kept_quote(start)
        if quote is not None and expiry(quote) - self._clock.now() > FRESH_FOR:
            return start, quote
        request = domains_pb2.QuoteDomainRequest(
            domain=start["domain"],
            action=domains_pb2.QuoteDomainRequest.ACTION_REGISTER,
            years=int(start["years"]),
        )
        fresh: domains_pb2.Quote = await visit.domains.QuoteDomain(request)
        text = json_format.MessageToJson(fresh, indent=None)
        kept = f"{asked_for(start)}\n{text}"
        return await self._starts.keep_quote(visit.session.tenant, start.id, kept), fresh

    async def _under_way(self, visit: Visit, start: Start) -> Response | None:
        """Where the attempt known of is followed; None when there is none, or it is over."""
        state, operation = await attempt_state(visit, start)
        if start.attempt is None or state not in {State.STATE_RUNNING, State.STATE_ONLINE}:
            return None
        tenant = visit.session.tenant
        await self._starts.sent(tenant, start.id, start.attempt.request_id, operation)
        return visit.go(journey_path(operation))

    async def go(self, visit: Visit) -> Response:
        """The last button: once what is shown is what holds, the journey begins."""
        start = await self._bench.saved(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        request_id = visit.typed.get("request_id", "")
        if start.attempt and start.attempt.request_id == request_id and start.attempt.operation:
            return visit.go(journey_path(start.attempt.operation))  # the same tap, twice
        faults = consent_faults(visit, is_held=start.is_held)
        if unfinished(visit, start) or faults:
            return await self._page(visit, start, faults)
        if not start.is_held and (notice := await self._price_moved(visit, start)):
            return await self._page(
                visit, await self._bench.start(visit), Faults({"total": notice}), notice=notice
            )
        return await self._begin(visit, await self._bench.start(visit), request_id)

    async def _price_moved(self, visit: Visit, start: Start) -> str:
        """Why the price that was shown no longer holds; "" when it does."""
        shown = visit.typed.get("total", "")
        quote = kept_quote(start)
        now = self._clock.now()
        if quote is not None and now < expiry(quote) and str(quote.total_dong) == shown:
            return ""
        if quote is None or now >= expiry(quote):
            start = await self._starts.keep_quote(visit.session.tenant, start.id, "")
        _, fresh = await self._quoted(visit, start)
        told = whole_number(shown)
        before = written(told) if told is not None else ""
        after = written(fresh.total_dong)
        if before == after:
            return visit.words("start.price_renewed", total=after)
        return visit.words("start.price_changed", before=before or "…", after=after)

    async def _begin(self, visit: Visit, start: Start, request_id: str) -> Response:
        tenant = visit.session.tenant
        state, operation = await attempt_state(visit, start)
        if state in {State.STATE_RUNNING, State.STATE_ONLINE}:
            return visit.go(journey_path(operation))
        try:
            request = await self._request(visit, start)
            proposed = Attempt(
                request_id, digest_of(json_format.MessageToDict(request)),
                self._clock.now(), start.is_held,
            )  # fmt: skip
            is_over = start.attempt is None or state in {State.STATE_REFUSED, None}
            attempt = await self._starts.attempt(tenant, start.id, proposed, is_over=is_over)
        except (Unavailable, OutcomeUnknown):
            raise
        except HaidangError as error:
            return await self._refused(visit, start, error)
        request.request_id = attempt.request_id
        await self._starts.consent(tenant, start.id, attempt.request_id, self._given(visit, start))
        return await self._send(visit, start, request)

    async def _send(self, visit: Visit, start: Start, request: Request) -> Response:
        tenant = visit.session.tenant
        try:
            if isinstance(request, journeys_pb2.FinishOnlineRequest):
                sent: operations_pb2.Operation = await visit.journeys.FinishOnline(request)
            else:
                sent = await visit.journeys.GoOnline(request)
        except (Unavailable, OutcomeUnknown):
            raise  # the same button, pressed again, joins it
        except HaidangError as error:
            await self._starts.not_sent(tenant, start.id, request.request_id)
            return await self._refused(visit, start, error)
        await self._starts.sent(tenant, start.id, request.request_id, sent.name)
        return visit.go(journey_path(sent.name))

    async def _refused(self, visit: Visit, start: Start, error: HaidangError) -> Response:
        """Nothing began: say why, with the way to the field at fault."""
        start = await self._bench.start(visit)
        wrong = misplaced(visit, start, error)
        if wrong.screen == SCREEN and wrong.field:
            return await self._page(visit, start, Faults({wrong.field: wrong.said}))
        return await self._page(visit, start, Faults({"": wrong.said}), missing=[wrong])

    async def _request(self, visit: Visit, start: Start) -> Request:
        """What the facts ask for. Its request id is still missing."""
        draft = await suggested_draft(visit, start, start["pack"])
        if start.is_held:
            return journeys_pb2.FinishOnlineRequest(domain=start.held_domain, draft=draft)
        quote = kept_quote(start)
        request = journeys_pb2.GoOnlineRequest(
            domain=start["domain"],
            years=int(start["years"]),
            accepted_total_dong=quote.total_dong if quote else 0,
            draft=draft,
            payer=(visit.typed.get("payer") or SANDBOX_PAYER)[:LONGEST_PAYER],
        )
        json_format.ParseDict(registrant(start.facts), request.registrant)
        return request

    def _given(self, visit: Visit, start: Start) -> list[Consent]:
        now, words = self._clock.now(), visit.words
        name = start["legal_name"]
        return [
            Consent(
                purpose, words.plain(f"start.consent.{purpose}", name=name), WORDING_VERSION,
                now, visit.session.user_id,
            )
            for purpose in PURPOSES
        ]  # fmt: skip


def consent_faults(visit: Visit, *, is_held: bool) -> Faults:
    """A fault for every purpose that is not agreed to."""
    faults = Faults()
    for purpose in PURPOSES:
        if visit.typed.get(f"consent-{purpose}") != "1":
            faults.add(f"consent-{purpose}", visit.words(f"start.consent_missing.{purpose}"))
    if not is_held:
        visit.typed.required("payer", faults, visit.words("start.missing.payer"))
    return faults


def unfinished(visit: Visit, start: Start) -> list[Missing]:
    """What is missing anywhere, in the order of the screens."""
    return [
        Missing(screen, field, said(visit, field, fault))
        for screen, faults in all_faults(start.facts).items()
        for field, fault in faults.items()
    ]


def misplaced(visit: Visit, start: Start, error: HaidangError) -> Missing:
    """A refusal of a service, at the question it comes from."""
    screen, field = place_of(error.field or "", start.facts)
    return Missing(screen, field, sentence(error.reason, error.facts, visit.locale))


async def pack_title(visit: Visit, start: Start) -> str:
    """What the chosen template is called; its id while nobody can be asked."""
    with contextlib.suppress(HaidangError):
        for pack in await packs_for(visit, start):
            if pack.name == start["pack"]:
                return pack.title_vi if visit.locale == "vi" else pack.title_en
    return start["pack"]


async def attempt_state(visit: Visit, start: Start) -> tuple[int | None, str]:
    """(state of the journey the last attempt became, its operation); None when there is none.

    The request id was kept before it was sent, so its name is known even if no answer came.
    """
    if start.attempt is None:
        return None, ""
    operation = start.attempt.operation or operation_name(
        visit.session.tenant, start.attempt.request_id
    )
    try:
        found = await _journey_of(visit, operation)
    except Absent:
        return None, operation
    return found.state, operation


async def _journey_of(visit: Visit, operation: str) -> journeys_pb2.Journey:
    name = operation.replace("operations/", "journeys/")
    request = journeys_pb2.GetJourneyRequest(name=name)
    found: journeys_pb2.Journey = await visit.journeys.GetJourney(request)
    return found


def kept_quote(start: Start) -> domains_pb2.Quote | None:
    """The price last shown, if it is of the name and years chosen now."""
    asked, _, text = start.quote_json.partition("\n")
    if not text or asked != asked_for(start):
        return None
    quote = domains_pb2.Quote()
    json_format.Parse(text, quote, ignore_unknown_fields=True)
    return quote


def asked_for(start: Start) -> str:
    """What a price is of; it stands before the price as a start keeps it."""
    return f"{start['domain']} {start['years']}"


def expiry(quote: domains_pb2.Quote) -> datetime:
    """When the price runs out."""
    return quote.expire_time.ToDatetime(UTC)


def as_written(facts: Mapping[str, str]) -> dict[str, str]:
    """Facts as they are shown: codes and numbers in groups. What cannot be read is as typed."""
    shown = dict(facts)
    for fact, read in CHECKS.items():
        with contextlib.suppress(HaidangError):
            shown[fact] = read(facts.get(fact, ""))
    return shown
