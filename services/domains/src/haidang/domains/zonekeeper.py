"""The zone keeper: plans zones, and publishes them for names the tenant holds."""

from __future__ import annotations

from dataclasses import dataclass

from haidang.core.errors import Conflict
from haidang.core.operations import Run, operation
from haidang.core.ports.dnshost import DnsHost, HostedZone, RecordSet, ZonePublication
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.ledger import DomainLedger
from haidang.domains.names import lookup_form
from haidang.domains.values import ApplyZone
from haidang.domains.zones import ZonePlan, checked_records, delegation, next_serial, plan_zone


@dataclass(frozen=True)
class PlannedZone:
    """A plan and the serial it was computed against."""

    name: str
    base_serial: int
    plan: ZonePlan


class ZoneKeeper:
    """The office for zones."""

    def __init__(self, ledger: DomainLedger, dns_host: DnsHost) -> None:
        self.ledger = ledger
        self.dns_host = dns_host

    async def zone(self, tenant: str, domain: str) -> HostedZone:
        """The zone as the host holds it; empty before the first publication.

        Raises: Absent REGISTRATION_ABSENT for a name the tenant does not hold.
        """
        name = (await self.ledger.registration(tenant, lookup_form(domain))).name
        return await self.dns_host.read(name) or HostedZone(name, 0, ())

    async def plan(self, tenant: str, domain: str, wanted: tuple[RecordSet, ...]) -> PlannedZone:
        """What would change to reach *wanted*. Raises: Malformed, Refused at the record."""
        held = await self.zone(tenant, domain)
        records = await self._records(held.name, wanted)
        return PlannedZone(held.name, held.serial, plan_zone(held.record_sets, records))

    async def judge(self, tenant: str, command: ApplyZone) -> None:
        """Judge by the rules alone, so that what cannot be is refused and not started.

        The serial is not asked: a request sent again must find its operation.
        Raises: Absent REGISTRATION_ABSENT; Malformed, Refused at the record.
        """
        held = await self.ledger.registration(tenant, lookup_form(command.domain))
        checked_records(held.name, command.wanted)

    @operation("domains.apply-zone/1", steps=("publish",))
    async def apply(self, run: Run, command: ApplyZone) -> HostedZone:
        """Publish the wanted records if the zone is still at the planned serial.

        Raises: Absent REGISTRATION_ABSENT; Malformed, Refused at the record; Conflict
            ZONE_CHANGED (ABORTED).
        """
        held = await run.read(self.zone, run.tenant, command.domain)
        if held.serial != command.base_serial:
            raise Conflict("ZONE_CHANGED", field="base_serial", serial=held.serial)
        records = await run.read(self._records, held.name, command.wanted)
        if held.serial and records == held.record_sets:
            return held
        receipt = await run.effect(
            "publish",
            ZonePublication(held.name, held.serial, next_serial(held.serial), records),
            ask=self.dns_host.find_publication,
            act=self.dns_host.publish,
            settle=self.ledger.published,
        )
        return HostedZone(held.name, receipt.serial, records)

    async def _records(self, name: str, wanted: tuple[RecordSet, ...]) -> tuple[RecordSet, ...]:
        """The whole zone that *wanted* asks for: with the delegation the platform keeps."""
        checked = checked_records(name, wanted)
        return tuple(sorted((*checked, delegation(await self.dns_host.nameservers()))))
