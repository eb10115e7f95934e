"""`/ten-mien`: the names a business holds, and one name: how it stands and what comes next."""

from __future__ import annotations

from haidang.api.domains.v1 import domains_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import Clock
from haidang.core.errors import HaidangError
from haidang.portal.dues import DueLedger
from haidang.portal.dues.values import total_of
from haidang.portal.renewals import RenewalLedger
from haidang.portal.web.doors import Door
from haidang.portal.web.rooms.names import ORDER, name_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response

NEEDS = "domains.read"
PAGE = 50
KINDS = {
    domains_pb2.Registrant.KIND_ORGANIZATION: "organization",
    domains_pb2.Registrant.KIND_HOUSEHOLD: "household",
    domains_pb2.Registrant.KIND_PERSON: "person",
}


class Domains:
    """The list and the page of a name."""

    def __init__(self, renewals: RenewalLedger, dues: DueLedger, clock: Clock) -> None:
        self._renewals = renewals
        self._dues = dues
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """Two addresses."""
        return (
            Door("GET", "/ten-mien", self.list, needs=NEEDS),
            Door("GET", "/ten-mien/{name}", self.show, needs=NEEDS, names=("domain",)),
        )

    async def list(self, visit: Visit) -> Response:
        """Every name, trouble first."""
        request = domains_pb2.ListRegistrationsRequest(
            page_size=PAGE, page_token=visit.asked("trang")
        )
        found = await visit.domains.ListRegistrations(request)
        now = self._clock.now()
        names = sorted(
            (name_of(held, now) for held in found.registrations),
            key=lambda name: (ORDER.index(name.state), name.expires_on, name.domain),
        )
        return visit.page(
            "domains.html",
            names=names,
            next_page=found.next_page_token,
            is_first=not visit.asked("trang"),
        )

    async def show(self, visit: Visit) -> Response:
        """One name: its state in words, what comes next, and the ways on."""
        held = await registration(visit)
        renewals = await self._renewals.renewals(visit.session.tenant, held.domain)
        owed = await self._dues.owed(visit.session.tenant, held.domain)
        debts = {item.id for item in owed}
        return visit.page(
            "domains_name.html",
            name=name_of(held, self._clock.now()),
            held=held,
            kind=KINDS.get(held.registrant.kind, "household"),
            address=_address(held.registrant.address),
            website=await _website_on(visit, held.domain),
            renewals=[one for one in renewals if one.ended_at is None and one.id not in debts],
            owed=total_of(owed),
        )


async def registration(visit: Visit) -> domains_pb2.Registration:
    """The registration that the path names. Raises: Absent REGISTRATION_ABSENT."""
    request = domains_pb2.GetRegistrationRequest(name=f"registrations/{visit['name']}")
    held: domains_pb2.Registration = await visit.domains.GetRegistration(request)
    return held


async def _website_on(visit: Visit, domain: str) -> websites_pb2.Website | None:
    """The website on *domain*; None when there is none, or nobody can say right now."""
    try:
        found = await visit.websites.ListWebsites(websites_pb2.ListWebsitesRequest(page_size=PAGE))
    except HaidangError:
        return None
    return next((one for one in found.websites if one.domain == domain), None)


def _address(address: domains_pb2.Address) -> str:
    return ", ".join(part for part in (address.street, address.commune, address.province) if part)
