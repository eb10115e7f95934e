"""DNS hosts: where a zone's records are really published."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, reads


@dataclass(frozen=True, slots=True, order=True)
class RecordSet:
    """All records of one owner and type. `owner` is relative, "@" is the apex; TTL in seconds.

    `values` are in DNS presentation format (RFC 1035 section 5), sorted.
    """

    owner: str
    type: str
    ttl_seconds: int
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HostedZone:
    """A published zone without its SOA. `name` is an A-label without trailing dot."""

    name: str
    serial: int
    record_sets: tuple[RecordSet, ...]


@dataclass(frozen=True, slots=True)
class ZonePublication:
    """Intent to publish *record_sets* as the whole zone at *serial*.

    `base_serial` is the serial in force when it was planned; 0 for a new zone. A host
    that holds another serial refuses (Conflict ZONE_CHANGED).
    """

    name: str
    base_serial: int
    serial: int
    record_sets: tuple[RecordSet, ...]


@dataclass(frozen=True, slots=True)
class ZoneReceipt:
    """The serial the host now answers with."""

    name: str
    serial: int


@runtime_checkable
class DnsHost(Protocol):
    """Authoritative hosting of zones. Capabilities: none beyond publishing yet."""

    @reads
    async def read(self, name: str) -> HostedZone | None:
        """The zone as held by the host; None when it hosts no such zone."""
        ...

    @reads
    async def nameservers(self) -> tuple[str, ...]:
        """Host names a delegation to this host must carry, sorted."""
        ...

    @acts(find="find_publication")
    async def publish(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt: ...

    @reads
    async def find_publication(
        self, publication: ZonePublication, effect_id: EffectId
    ) -> ZoneReceipt | None: ...
