"""`/trang-chu`: what is live, what needs somebody, and the one next step.

The services are asked at once, with a deadline; what answered in time is shown, what did
not is said in one sentence.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from datetime import date
from typing import TypeVar

from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import Clock
from haidang.core.errors import HaidangError
from haidang.core.money import written
from haidang.portal.dues import DueLedger
from haidang.portal.starts import Starts
from haidang.portal.web.doors import SIGNED_IN, Door
from haidang.portal.web.pages import written_day
from haidang.portal.web.paths import HOME
from haidang.portal.web.rooms.home_needs import Found, Need, Site, lit, needs_of, running
from haidang.portal.web.rooms.names import name_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response

DEADLINE_SECONDS = 2.5
"""A page that waits longer feels broken; half of it is the second wave's."""
MOST_SITES = 6
PAGE = 50
T = TypeVar("T")


class Home:
    """The first page of whoever is signed in."""

    def __init__(
        self,
        starts: Starts,
        dues: DueLedger,
        clock: Clock,
        *,
        deadline_seconds: float = DEADLINE_SECONDS,
    ) -> None:
        self._starts = starts
        self._dues = dues
        self._clock = clock
        self._deadline_seconds = deadline_seconds

    def doors(self) -> tuple[Door, ...]:
        """One address."""
        return (Door("GET", HOME, self.show, needs=SIGNED_IN),)

    async def show(self, visit: Visit) -> Response:
        """The page, of what answered."""
        found, now = await self._found(visit), self._clock.now()
        needs = needs_of(found, now)
        names = sorted(
            (name_of(held, now) for held in found.names or ()),
            key=lambda name: (name.expires_on, name.domain),
        )
        return visit.page(
            "home.html",
            found=found,
            needs=[(need, _said(visit, need)) for need in needs],
            lit=lit(needs, visit.may),
            running=running(found.journeys),
            names=names,
            live=[site for site in found.sites or () if site.website.live_uri],
            away=", ".join(visit.words.plain(f"home.part_{part}") for part in found.away),
        )

    async def _found(self, visit: Visit) -> Found:
        """Everything, asked at once."""
        tenant = visit.session.tenant
        names, sites, documents, journeys, starts, dues = await asyncio.gather(
            self._asked(self._names(visit)),
            self._asked(self._sites(visit), waves=2),
            self._asked(self._documents(visit)),
            self._asked(self._journeys(visit)),
            self._asked(self._starts.open_ones(tenant)),
            self._asked(self._dues.owed(tenant)),
        )
        return Found(names, sites, documents, journeys, starts, dues)

    async def _asked(self, answer: Awaitable[T], *, waves: int = 1) -> T | None:
        """*answer*, or None when it did not come in time or was an error."""
        try:
            async with asyncio.timeout(self._deadline_seconds * waves / 2):
                return await answer
        except (HaidangError, TimeoutError):
            return None

    async def _names(self, visit: Visit) -> list[domains_pb2.Registration]:
        request = domains_pb2.ListRegistrationsRequest(page_size=PAGE)
        return list((await visit.domains.ListRegistrations(request)).registrations)

    async def _documents(self, visit: Visit) -> list[esign_pb2.Document]:
        request = esign_pb2.ListDocumentsRequest(page_size=PAGE)
        return list((await visit.esign.ListDocuments(request)).documents)

    async def _journeys(self, visit: Visit) -> list[journeys_pb2.Journey]:
        request = journeys_pb2.ListJourneysRequest(page_size=PAGE)
        return list((await visit.journeys.ListJourneys(request)).journeys)

    async def _sites(self, visit: Visit) -> list[Site]:
        """The websites; of the first few also what is live and what visitors sent."""
        request = websites_pb2.ListWebsitesRequest(page_size=PAGE)
        websites = list((await visit.websites.ListWebsites(request)).websites)
        looked_into = [self._site(visit, one) for one in websites[:MOST_SITES]]
        return [*await asyncio.gather(*looked_into), *map(Site, websites[MOST_SITES:])]

    async def _site(self, visit: Visit, website: websites_pb2.Website) -> Site:
        live, enquiries = await asyncio.gather(
            self._asked(_live(visit, website)), self._asked(_enquiries(visit, website))
        )
        return Site(website, live, enquiries)


async def _live(visit: Visit, website: websites_pb2.Website) -> websites_pb2.Deployment | None:
    """What is published of *website*; nothing is asked before the first time."""
    if not website.live_deployment:
        return None
    request = websites_pb2.ListDeploymentsRequest(website=website.name, page_size=PAGE)
    found = await visit.websites.ListDeployments(request)
    return next((one for one in found.deployments if one.live), None)


async def _enquiries(visit: Visit, website: websites_pb2.Website) -> list[websites_pb2.Enquiry]:
    request = websites_pb2.ListEnquiriesRequest(website=website.name, page_size=PAGE)
    return list((await visit.websites.ListEnquiries(request)).enquiries)


def _said(visit: Visit, need: Need) -> str:
    """The sentence of *need*, its dates and sums as people write them."""
    facts = {
        name: written_day(value)
        if isinstance(value, date)
        else written(value)
        if name == "amount" and isinstance(value, int)
        else value
        for name, value in need.facts.items()
    }
    return visit.words(f"home.need_{need.kind}", **facts)
