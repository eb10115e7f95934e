"""`/bat-dau/{id}/ten`: names for the business, each as soon as the registry has answered.

The page itself is streamed: what is known is on the screen at once, with or without
scripts. Nothing is reserved here; a name is taken by registering it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial

from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.core.errors import HaidangError, sentence
from haidang.portal.starts import Start, Starts
from haidang.portal.starts.facts import MOST_YEARS, all_faults, screen_after
from haidang.portal.starts.requests import registrant
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.start_bench import NEEDS, REVIEW, Bench, screen_faults, wants_review
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

SCREEN = "ten"
FACTS_SCREENS = frozenset({"co-so", "dang-ky", "lien-he"})
STREAM_SECONDS = 3.0
"""What a registry does not say in this time is said to be unknown: nobody waits longer."""
HERE = "<!-- names come here -->"
STREAMED = {"Cache-Control": "no-store", "Content-Encoding": "identity", "X-Accel-Buffering": "no"}
"""Not compressed: a compressor would hold the first names back until the last."""

Availability = domains_pb2.CheckAvailabilityResponse
STATES = {
    Availability.AVAILABILITY_AVAILABLE: "free",
    Availability.AVAILABILITY_TAKEN: "taken",
    Availability.AVAILABILITY_REFUSED: "refused",
}


class StartNames:
    """The choice of a name."""

    def __init__(self, starts: Starts) -> None:
        self._bench = Bench(starts)

    def doors(self) -> tuple[Door, ...]:
        """The page, and the choice."""
        door = partial(Door, needs=NEEDS, names=("start",))
        return (
            door("GET", "/bat-dau/{start}/ten", self.show),
            door("POST", "/bat-dau/{start}/ten", self.choose),
        )

    async def show(self, visit: Visit) -> Response:
        """The page, streamed: its names come as they are known. Our module asks for them alone."""
        start = await self._bench.start(visit)
        if visit.wants_part:
            names = _names(visit, start, suggest_request(visit, start))
            return StreamingResponse(names, 200, STREAMED, "text/html; charset=utf-8")
        if away := self._bench.elsewhere(visit, start):
            return away
        is_correcting = visit.asked("sua") == "1"
        faults = screen_faults(visit, SCREEN, start.facts) if is_correcting else Faults()
        return self._page(visit, start, faults)

    def _page(self, visit: Visit, start: Start, faults: Faults) -> Response:
        request = suggest_request(visit, start)
        shared = self._bench.shared(visit, start, SCREEN, faults=faults)
        html = visit.part(
            "start_ten.html",
            **shared,
            wish=request.wish,
            years=request.years,
            most_years=MOST_YEARS,
            here=HERE,
        )
        top, _, rest = html.partition(HERE)

        async def whole() -> AsyncIterator[str]:
            yield top
            async for piece in _names(visit, start, request):
                yield piece
            yield rest

        status = 422 if faults and visit.request.method == "POST" else 200
        return StreamingResponse(whole(), status, STREAMED, "text/html; charset=utf-8")

    async def choose(self, visit: Visit) -> Response:
        """Keep the chosen name, if it can be registered."""
        start = await self._bench.saved(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        faults = screen_faults(visit, SCREEN, start.facts)
        if not faults:
            await _ask_the_registry(visit, start, faults)
        if faults:
            return self._page(visit, start, faults)
        onward = REVIEW if wants_review(visit) else screen_after(SCREEN)
        return visit.go(f"/bat-dau/{start.id}/{onward}")


def suggest_request(visit: Visit, start: Start) -> domains_pb2.SuggestNamesRequest:
    """What to ask for: the business, and the wish and years of the search, if any."""
    place = ", ".join(part for part in (start["commune"], start["province"]) if part)
    kind = start["holder"] or "HOUSEHOLD"
    years = visit.asked("years") or start["years"]
    is_number = years.isascii() and years.isdigit() and len(years) <= len(str(MOST_YEARS))
    return domains_pb2.SuggestNamesRequest(
        business_name=start["sign_name"],
        place=place,
        kind=domains_pb2.Registrant.Kind.Value(f"KIND_{kind}"),
        years=min(max(int(years), 1), MOST_YEARS) if is_number else 1,
        wish=visit.asked("wish") or start["wish"],
    )


async def _names(
    visit: Visit, start: Start, request: domains_pb2.SuggestNamesRequest
) -> AsyncIterator[str]:
    """Cards, each a piece of HTML that ends with an empty line. Never raises: it is under way."""
    yield _piece(visit.part("parts/start_years.html", years=request.years))
    explained: set[str] = set()
    found = 0
    try:
        answers = visit.domains.stream("SuggestNames", request, timeout=STREAM_SECONDS)
        async for name in answers:
            found += 1
            yield _piece(_card(visit, start, name, explained))
    except HaidangError as error:
        said = visit.words("start.names_cut") if found else _sentence(visit, error)
        yield _piece(visit.part("parts/start_cut.html", said=said))
        return
    if not found:
        yield _piece(visit.part("parts/start_cut.html", said=visit.words("start.names_none")))


def _card(visit: Visit, start: Start, name: domains_pb2.NameSuggestion, explained: set[str]) -> str:
    """One name. Who may hold a suffix is said with its first free name, not with each."""
    is_vietnamese = visit.locale == "vi"
    suffix, state = name.domain.partition(".")[2], STATES.get(name.availability, "unknown")
    is_first = state == "free" and suffix not in explained
    if is_first:
        explained.add(suffix)
    return visit.part(
        "parts/start_name.html",
        name=name,
        state=state,
        is_chosen=name.domain == start["domain"],
        holders=(name.holders_vi if is_vietnamese else name.holders_en) if is_first else "",
        citation=name.citation if is_first else "",
        message=name.message_vi if is_vietnamese else name.message_en,
    )


def _piece(html: str) -> str:
    """*html* without empty lines inside: our module cuts the stream at them."""
    return "\n".join(line for line in html.splitlines() if line.strip()) + "\n\n"


def _sentence(visit: Visit, error: HaidangError) -> str:
    return sentence(error.reason, error.facts, visit.locale)


async def _ask_the_registry(visit: Visit, start: Start, faults: Faults) -> None:
    """Put at their fields what the rules or the registry say against the chosen name.

    What they say against the registrant is said on the review, which links to its field.
    """
    request = domains_pb2.RegisterDomainRequest(
        domain=start["domain"], years=int(start["years"]), validate_only=True
    )
    try:
        if FACTS_SCREENS & all_faults(start.facts).keys():
            await _ask_without_registrant(visit, start, faults)
            return
        json_format.ParseDict(registrant(start.facts), request.registrant)
        await visit.domains.RegisterDomain(request)
    except HaidangError as error:
        if not str(error.field or "").startswith("registrant"):
            faults.add_error(error, visit.locale, {"domain": "domain", "years": "years"})


async def _ask_without_registrant(visit: Visit, start: Start, faults: Faults) -> None:
    request = domains_pb2.CheckAvailabilityRequest(domains=[start["domain"]])
    async for answer in visit.domains.stream("CheckAvailability", request):
        if STATES.get(answer.availability) in {"taken", "refused"}:
            faults.add("domain", answer.message_vi or visit.words("start.name.taken"))
