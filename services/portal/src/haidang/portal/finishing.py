"""Finishing: what a journey left undone, for a name that is held and paid for.

    zone -> website -> published -> declaration signed

Nothing is priced, paid or registered here. Who holds the name is read from its
registration; a website that is already on it is published as it is, never replaced.
"""

from __future__ import annotations

import json
from datetime import datetime

from haidang.core.clock import vietnamese_date
from haidang.core.errors import HaidangError, Refused
from haidang.core.operations import Run, operation
from haidang.portal import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.journeys import Journeys, Walk, cause_facts, journey_id, zone_request
from haidang.portal.values import FinishOnline, Journey

STEPS = ("zone", "website", "publish", "declare")
PAGE = 100


class Finishing:
    """The office that finishes; it walks the steps of *journeys*."""

    def __init__(self, journeys: Journeys) -> None:
        self.journeys = journeys
        self.ledger = journeys.ledger

    @operation("journeys.finish-online/1", steps=STEPS)
    async def finish_online(self, run: Run, command: FinishOnline) -> Journey:
        """Carry out what is left.

        Raises: Absent REGISTRATION_ABSENT; Refused NAME_NOT_PAID, FINISH_STOPPED; its fact
            `cause` is the reason of the step that stopped.
        """
        held = await run.read(self.held, run.tenant, command.domain)
        registration = json.loads(held)
        if await run.read(self.ledger.is_unpaid, run.tenant, registration["domain"]):
            raise Refused("NAME_NOT_PAID", field="domain", domain=registration["unicode_domain"])
        settles = self.ledger.of(
            run.tenant, journey_id(run.id), command.domain, run.now, registration_json=held
        )
        walk = Walk(run, settles, registration=registration)
        try:
            await self._put_the_website_on_it(walk, command)
            await self.journeys.declare(walk, registration.get("registrant", {}))
        except HaidangError as refusal:
            raise _stopped(walk, refusal) from refusal
        return await run.read(self.ledger.journey, run.tenant, journey_id(run.id))

    async def _put_the_website_on_it(self, walk: Walk, command: FinishOnline) -> None:
        run, journeys, domain = walk.run, self.journeys, walk.registration["domain"]
        zone = json.loads(await run.read(self.zone, run.tenant, domain))
        request = zone_request(domain, journeys.policy, zone)
        await journeys.step(journeys.domains, walk, "zone", request)
        website = await run.read(self.website_on, run.tenant, domain)
        if not website:
            wanted = {"domain": domain, "draft": json.loads(command.draft_json)}
            website = (await journeys.step(journeys.websites, walk, "website", wanted))["name"]
        await journeys.step(journeys.websites, walk, "publish", {"name": website})

    async def held(self, tenant: str, domain: str) -> str:
        """The tenant's registration of *domain* as JSON. Raises: Absent REGISTRATION_ABSENT."""
        name = {"name": f"registrations/{domain}"}
        answer = await self.journeys.domains.ask(tenant, "registration", dict(name))
        return json.dumps(answer, ensure_ascii=False)

    async def zone(self, tenant: str, domain: str) -> str:
        """The zone as the name server holds it, as JSON."""
        answer = await self.journeys.domains.ask(tenant, "held-zone", {"name": f"zones/{domain}"})
        return json.dumps(answer, ensure_ascii=False)

    async def website_on(self, tenant: str, domain: str) -> str:
        """The tenant's website on *domain*, "websites/{id}"; "" when there is none."""
        token = ""
        while True:
            asked: dict[str, object] = {"page_size": PAGE, "page_token": token}
            answer = await self.journeys.websites.ask(tenant, "websites", asked)
            for website in answer.get("websites", ()):
                if website["domain"] == domain:
                    return str(website["name"])
            token = answer.get("next_page_token", "")
            if not token:
                return ""


def _stopped(walk: Walk, cause: HaidangError) -> Refused:
    """The name stays what it was: the owner's."""
    return Refused(
        "FINISH_STOPPED",
        **cause_facts(cause),
        domain=walk.registration["unicode_domain"],
        expires=vietnamese_date(datetime.fromisoformat(walk.registration["expire_time"])),
    )
