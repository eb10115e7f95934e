"""A registry and a DNS host for tests of the offices: they count, and can be told to fail."""

from __future__ import annotations

from collections.abc import Sequence

from haidang.core.errors import Conflict, HaidangError, OutcomeUnknown, Unavailable
from haidang.core.ports.dnshost import HostedZone, ZonePublication, ZoneReceipt
from haidang.core.ports.marks import acts, reads
from haidang.core.ports.registry import (
    Availability,
    ContactCreation,
    ContactReceipt,
    Creation,
    CreationReceipt,
    NameCheck,
    RegistryRecord,
    Renewal,
    RenewalReceipt,
)
from haidang.domains.lifecycle import add_years

from tests.builders import NOON


class FakeRegistry:
    """Names in a dictionary. `moods` are errors, one per act, raised after it took effect."""

    def __init__(self) -> None:
        self.names: dict[str, CreationReceipt] = {}
        self.owners: dict[str, str] = {}
        self.contacts: set[str] = set()
        self.creations = 0
        self.renewals = 0
        self.checks = 0
        self.moods: list[HaidangError] = []
        self.statuses: frozenset[str] = frozenset()
        self.is_down = False
        self.refuses: HaidangError | None = None

    def _answered(self) -> None:
        if self.moods:
            raise self.moods.pop(0)

    @reads
    async def check(self, names: Sequence[str]) -> list[NameCheck]:
        self.checks += 1
        if self.is_down:
            raise Unavailable("REGISTRY_UNREACHABLE")
        return [
            NameCheck(
                name,
                Availability.TAKEN if name in self.names else Availability.AVAILABLE,
                "fake",
                NOON,
            )
            for name in names
        ]

    @reads
    async def info(self, name: str) -> RegistryRecord | None:
        held = self.names.get(name)
        if self.is_down:
            raise Unavailable("REGISTRY_UNREACHABLE")
        if held is None:
            return None
        return RegistryRecord(
            name, held.roid, "fake", self.owners[name], self.statuses, (), NOON, held.expires_at
        )

    @acts(find="find_contact")
    async def create_contact(self, creation: ContactCreation, effect_id: str) -> ContactReceipt:
        self.contacts.add(creation.contact_id)
        return ContactReceipt(creation.contact_id, "C1-FAKE")

    @reads
    async def find_contact(
        self, creation: ContactCreation, effect_id: str
    ) -> ContactReceipt | None:
        held = creation.contact_id in self.contacts
        return ContactReceipt(creation.contact_id, "C1-FAKE") if held else None

    @acts(find="find_creation")
    async def create(self, creation: Creation, effect_id: str) -> CreationReceipt:
        if self.refuses is not None:
            raise self.refuses
        if creation.name in self.names:
            raise Conflict("NAME_HELD", name=creation.name)
        receipt = CreationReceipt(creation.name, "D1-FAKE", NOON, add_years(NOON, creation.years))
        self.names[creation.name] = receipt
        self.owners[creation.name] = creation.contact_id
        self.creations += 1
        self._answered()
        return receipt

    @reads
    async def find_creation(self, creation: Creation, effect_id: str) -> CreationReceipt | None:
        is_ours = self.owners.get(creation.name) == creation.contact_id
        return self.names.get(creation.name) if is_ours else None

    @acts(find="find_renewal")
    async def renew(self, renewal: Renewal, effect_id: str) -> RenewalReceipt:
        self.renewals += 1
        held = self.names[renewal.name]
        self.names[renewal.name] = CreationReceipt(
            held.name, held.roid, held.created_at, renewal.new_expires_at
        )
        self._answered()
        return RenewalReceipt(renewal.name, renewal.new_expires_at)

    @reads
    async def find_renewal(self, renewal: Renewal, effect_id: str) -> RenewalReceipt | None:
        held = self.names[renewal.name]
        is_done = held.expires_at == renewal.new_expires_at
        return RenewalReceipt(renewal.name, held.expires_at) if is_done else None


class FakeDnsHost:
    """Zones in a dictionary. `moods` as the registry's."""

    def __init__(self) -> None:
        self.zones: dict[str, HostedZone] = {}
        self.publications = 0
        self.moods: list[HaidangError] = []

    @reads
    async def read(self, name: str) -> HostedZone | None:
        return self.zones.get(name)

    @reads
    async def nameservers(self) -> tuple[str, ...]:
        return ("ns1.example.vn", "ns2.example.vn")

    @acts(find="find_publication")
    async def publish(self, publication: ZonePublication, effect_id: str) -> ZoneReceipt:
        zone = HostedZone(publication.name, publication.serial, publication.record_sets)
        self.zones[publication.name] = zone
        self.publications += 1
        if self.moods:
            raise self.moods.pop(0)
        return ZoneReceipt(publication.name, publication.serial)

    @reads
    async def find_publication(
        self, publication: ZonePublication, effect_id: str
    ) -> ZoneReceipt | None:
        held = self.zones.get(publication.name)
        is_done = held is not None and held.serial == publication.serial
        return ZoneReceipt(publication.name, publication.serial) if is_done else None


def lost() -> OutcomeUnknown:
    """The error of an answer that did not come."""
    return OutcomeUnknown("ACT_CUT_OFF", port="registry")
