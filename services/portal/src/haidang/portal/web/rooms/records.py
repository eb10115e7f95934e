"""`/ten-mien/{name}/ban-ghi`: the records of a name in plain words, and changes of them.

A wish in a simple form becomes a change; the change is planned by the domains service and
shown line by line before it is applied, at the serial it was planned against. Changed
meanwhile, it is planned and shown again beside what changed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.core.clock import VIETNAM, Clock
from haidang.core.errors import Conflict, HaidangError, Malformed, Refused, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.records import (
    Change,
    Purpose,
    Record,
    mail_changes,
    mail_presets,
    proof_changes,
    purpose_of,
    record_changes,
    spoken,
    stops_mail,
    stops_website,
    wanted_of,
    without_value,
)
from haidang.portal.records.mail import MailPreset, preset_in_use
from haidang.portal.records.zone import TTL_SECONDS
from haidang.portal.web.doors import Answer, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms import zone_reasons as _reasons  # noqa: F401 - the sentences
from haidang.portal.web.rooms.zone_plans import (
    elsewhere,
    field_of,
    lines_of,
    read,
    record_sets,
    records_of,
    seen_by,
    written,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

BASE = "/ten-mien/{name}/ban-ghi"
TYPES = ("A", "AAAA", "CNAME", "MX", "TXT", "SRV", "CAA")
OWN_SERVERS, NO_MAIL = "own", "none"
WAIT_SECONDS = 8.0
CHANGED = "ZONE_CHANGED"


@dataclass(frozen=True)
class Group:
    """The records of one purpose, for the page."""

    purpose: Purpose
    records: list[Record] = field(default_factory=list)


class Records:
    """The list, the forms, the plan, and applying it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """The list is for all who look; what changes it for who may."""
        look, change = _opening("domains.read"), _opening("domains.write")
        return (
            look("GET", BASE, self.list),
            change("GET", f"{BASE}/thu-dien-tu", self.mail),
            change("POST", f"{BASE}/thu-dien-tu", self.plan_mail),
            change("GET", f"{BASE}/xac-minh", self.proof),
            change("POST", f"{BASE}/xac-minh", self.plan_proof),
            change("GET", f"{BASE}/khac", self.other),
            change("POST", f"{BASE}/khac", self.plan_other),
            change("POST", f"{BASE}/bo", self.plan_removal),
            change("POST", f"{BASE}/ap-dung", self.apply),
        )

    async def list(self, visit: Visit) -> Response:
        """Every record by what it is for."""
        zone = await zone_of(visit)
        groups = {purpose: Group(purpose) for purpose in Purpose}
        for record in records_of(zone):
            groups[purpose_of(record)].records.append(record)
        presets = self._presets()
        return visit.page(
            "records.html",
            groups=groups,
            zone=zone,
            mail=preset_in_use(records_of(zone), label(zone), presets),
            spoken=spoken,
            applied=visit.asked("xong") == "1",
            working=visit.asked("doi") == "1",
            **await self._shared(visit),
        )

    # Any: what a template takes.
    async def _shared(self, visit: Visit) -> dict[str, Any]:
        """What every page of records shows: the name, as its owner writes it."""
        request = domains_pb2.GetRegistrationRequest(name=f"registrations/{visit['name']}")
        held = await visit.domains.GetRegistration(request)
        return {"shown": held.unicode_domain or held.domain, "base": f"/ten-mien/{held.domain}"}

    def _presets(self) -> tuple[MailPreset, ...]:
        return mail_presets(self._clock.now().astimezone(VIETNAM).date())

    async def mail(self, visit: Visit) -> Response:
        """Who receives mail at the name."""
        zone = await zone_of(visit)
        in_use = preset_in_use(records_of(zone), label(zone), self._presets())
        return await self._mail_form(visit, zone, Faults(), in_use.id if in_use else "")

    async def _mail_form(
        self, visit: Visit, zone: domains_pb2.Zone, faults: Faults, chosen: str
    ) -> Response:
        servers = [
            value for one in records_of(zone) if one.key == ("@", "MX") for value in one.values
        ]
        return visit.page(
            "records_mail.html",
            422 if faults else 200,
            presets=self._presets(),
            domain=label(zone),
            chosen=chosen or (OWN_SERVERS if servers else ""),
            servers=visit.typed.lines("values") or "\n".join(servers),
            faults=faults,
            **await self._shared(visit),
        )

    async def plan_mail(self, visit: Visit) -> Response:
        """The plan of another mail provider, or of none."""
        zone, chosen, faults = await zone_of(visit), visit.typed.get("provider", ""), Faults()
        preset = next((one for one in self._presets() if one.id == chosen), None)
        servers = visit.typed.lines("values").split("\n") if chosen == OWN_SERVERS else []
        if preset is None and chosen not in {OWN_SERVERS, NO_MAIL}:
            faults.add("provider", visit.words("records.provider_missing"))
        elif chosen == OWN_SERVERS and not any(servers):
            faults.add("values", visit.words("records.servers_missing"))
        if not faults:
            changes = mail_changes(records_of(zone), label(zone), preset, servers)
            if page := await self._planned(visit, zone, changes, faults):
                return page
        return await self._mail_form(visit, zone, faults, chosen)

    async def proof(self, visit: Visit) -> Response:
        """A text that proves to somebody whose the name is."""
        return await self._proof_form(visit, Faults())

    async def _proof_form(self, visit: Visit, faults: Faults) -> Response:
        status = 422 if faults else 200
        return visit.page("records_proof.html", status, faults=faults, **await self._shared(visit))

    async def plan_proof(self, visit: Visit) -> Response:
        """The plan of one text more."""
        zone, faults = await zone_of(visit), Faults()
        value = visit.typed.required("values", faults, visit.words("records.text_missing"))
        if not faults:
            owner = visit.typed.get("owner", "").lower()
            changes = proof_changes(owner, value)
            if page := await self._planned(visit, zone, changes, faults):
                return page
        return await self._proof_form(visit, faults)

    async def other(self, visit: Visit) -> Response:
        """Any record, a fresh one or one that is there."""
        zone = await zone_of(visit)
        key = (visit.asked("ten"), visit.asked("loai"))
        found = next((one for one in records_of(zone) if one.key == key), None)
        return await self._other_form(visit, Faults(), found)

    async def _other_form(self, visit: Visit, faults: Faults, found: Record | None) -> Response:
        typed = visit.typed
        values = "\n".join(map(spoken, found.values)) if found else ""
        return visit.page(
            "records_other.html",
            422 if faults else 200,
            types=TYPES,
            is_new=found is None and not typed.get("before"),
            before=typed.get("before") or (f"{found.owner} {found.type}" if found else ""),
            owner=typed.get("owner", found.owner if found else ""),
            type=typed.get("type", found.type if found else "A"),
            values=typed.lines("values") or values,
            ttl=typed.get("ttl", str(found.ttl_seconds if found else TTL_SECONDS)),
            faults=faults,
            **await self._shared(visit),
        )

    async def plan_other(self, visit: Visit) -> Response:
        """The plan of a record as it was written."""
        zone, typed, faults = await zone_of(visit), visit.typed, Faults()
        kind = typed.get("type", "")
        if kind not in TYPES:
            faults.add("type", visit.words("records.type_missing"))
        values = typed.lines("values").split("\n")
        if not any(values):
            faults.add("values", visit.words("records.values_missing"))
        ttl = typed.get("ttl", "") or str(TTL_SECONDS)
        if not (ttl.isascii() and ttl.isdecimal() and len(ttl) < 9):
            faults.add("ttl", visit.words("records.ttl_wrong"))
        if not faults:
            owner, before = typed.get("owner", ""), _key(typed.get("before", ""))
            changes = record_changes(before, owner, kind, values, int(ttl))
            if page := await self._planned(visit, zone, changes, faults):
                return page
        return await self._other_form(visit, faults, None)

    async def plan_removal(self, visit: Visit) -> Response:
        """The plan of taking a record, or one value of it, away."""
        zone, typed = await zone_of(visit), visit.typed
        key = (typed.get("owner", ""), typed.get("type", ""))
        changes = without_value(records_of(zone), key, typed.raw("value"))
        if not changes:
            return visit.go(f"/ten-mien/{label(zone)}/ban-ghi")
        page = await self._planned(visit, zone, changes, Faults())
        return page or visit.go(f"/ten-mien/{label(zone)}/ban-ghi")

    async def _planned(
        self, visit: Visit, zone: domains_pb2.Zone, changes: Sequence[Change], faults: Faults
    ) -> Response | None:
        """The page of the plan; None, with the fault at its field, when it cannot be."""
        try:
            return await self._plan_page(visit, zone, changes)
        except (Malformed, Refused) as error:
            faults.add(field_of(error), sentence(error.reason, error.facts, visit.locale))
            return None

    async def _plan_page(
        self, visit: Visit, zone: domains_pb2.Zone, changes: Sequence[Change], *,
        seen: Sequence[Change] | None = None,
    ) -> Response:  # fmt: skip
        """The plan of *changes* on *zone*; after a conflict also what differs from *seen*."""
        held = records_of(zone)
        request = domains_pb2.PlanZoneRequest(
            name=zone.name, wanted=record_sets(wanted_of(held, changes))
        )
        plan = await visit.domains.PlanZone(request)
        return visit.page(
            "records_plan.html",
            200 if seen is None else 409,
            lines=lines_of(plan, held),
            conflict=None if seen is None else elsewhere(seen, held),
            stops_website=stops_website(held, changes),
            stops_mail=stops_mail(held, changes),
            change=written(changes),
            seen=written(seen_by(changes, held)),
            base_serial=plan.base_serial,
            request_id=str(uuid.uuid4()),
            **await self._shared(visit),
        )

    async def apply(self, visit: Visit) -> Response:
        """Publish the change as it was shown; else show again what it would be now."""
        typed = visit.typed
        changes, seen = read(typed.raw("change")), read(typed.raw("seen"))
        zone = await zone_of(visit)
        back = f"/ten-mien/{label(zone)}/ban-ghi"
        wanted = wanted_of(records_of(zone), changes)
        if str(zone.serial) != typed.get("base_serial", ""):
            if _stands(wanted, records_of(zone)):
                return visit.go(back, xong="1")  # the same tap, twice
            return await self._plan_page(visit, zone, changes, seen=seen)
        request = domains_pb2.ApplyZoneRequest(
            request_id=typed.get("request_id", ""),
            name=zone.name,
            wanted=record_sets(wanted),
            base_serial=zone.serial,
        )
        try:
            is_done = await _applied(visit, request)
        except Conflict as error:
            if error.reason != CHANGED:
                raise
            return await self._plan_page(visit, await zone_of(visit), changes, seen=seen)
        return visit.go(back, **({"xong": "1"} if is_done else {"doi": "1"}))


def _opening(needs: str) -> Callable[[str, str, Answer], Door]:
    """Makes doors of one name for those with the grant *needs*."""

    def door(method: str, path: str, answer: Answer) -> Door:
        return Door(method, path, answer, needs=needs, names=("domain",))

    return door


async def zone_of(visit: Visit) -> domains_pb2.Zone:
    """The zone of the name in the path. Raises: Absent REGISTRATION_ABSENT."""
    request = domains_pb2.GetZoneRequest(name=f"zones/{visit['name']}")
    zone: domains_pb2.Zone = await visit.domains.GetZone(request)
    return zone


def label(zone: domains_pb2.Zone) -> str:
    """The A-label of *zone*."""
    return zone.name.removeprefix("zones/")


async def _applied(visit: Visit, request: domains_pb2.ApplyZoneRequest) -> bool:
    """Whether the zone was published within a page's patience; if not, it goes on.

    Raises: what it was refused for.
    """
    operation: operations_pb2.Operation = await visit.domains.ApplyZone(request)
    if not operation.done:
        wait = operations_pb2.WaitOperationRequest(name=operation.name)
        wait.timeout.FromSeconds(int(WAIT_SECONDS))
        try:
            operation = await visit.operations("domains").WaitOperation(
                wait, timeout=WAIT_SECONDS + 1
            )
        except HaidangError:
            return False
    if operation.HasField("error"):
        raise error_of_status(operation.error)
    return operation.done


def _stands(wanted: Sequence[Record], held: Sequence[Record]) -> bool:
    """Whether *held* already is what was wanted, as far as plain texts tell."""

    def plain(records: Sequence[Record]) -> set[tuple[str, str, tuple[str, ...]]]:
        return {
            (one.owner, one.type, tuple(sorted(map(spoken, one.values))))
            for one in records
            if purpose_of(one) is not Purpose.PLATFORM
        }

    return plain(wanted) == plain(held)


def _key(text: str) -> tuple[str, str] | None:
    """The "owner TYPE" of a hidden field; None for a fresh record."""
    owner, _, kind = text.partition(" ")
    return (owner, kind) if kind else None
