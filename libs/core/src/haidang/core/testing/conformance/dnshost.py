"""The suite of DNS hosts."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from haidang.core.errors import Conflict
from haidang.core.ports.dnshost import DnsHost, RecordSet, ZonePublication
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id

TTL_SECONDS = 3600
FIRST_SERIAL = 2026112401


# Any: the provider under test.
class DnsHostSuite(EffectSuite):
    """What a host of zones must keep."""

    port: ClassVar[type[Any]] = DnsHost
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {
        "read": ("khong-co-vung-nay.vn",),
        "nameservers": (),
    }

    async def record_sets(self, provider: Any) -> tuple[RecordSet, ...]:
        """The records of a small zone, the host's own name servers among them."""
        servers = tuple(f"{name.rstrip('.')}." for name in await provider.nameservers())
        return (
            RecordSet("@", "A", TTL_SECONDS, ("127.0.0.1",)),
            RecordSet("@", "NS", TTL_SECONDS, servers),
            RecordSet("@", "TXT", TTL_SECONDS, ('"v=spf1 -all"',)),
            RecordSet("www", "A", TTL_SECONDS, ("127.0.0.1", "127.0.0.2")),
        )

    async def intent_to_publish(self, provider: Any) -> ZonePublication:
        """A zone the host has never seen."""
        name = f"vung-{uuid.uuid4().hex[:12]}.vn"
        return ZonePublication(name, 0, FIRST_SERIAL, await self.record_sets(provider))

    async def test_a_published_zone_reads_back_as_it_was_planned(self, provider: Any) -> None:
        publication, _, receipt = await self.done("publish", provider)

        zone = await provider.read(publication.name)

        assert zone is not None
        assert zone.serial == receipt.serial == publication.serial
        assert sorted(zone.record_sets) == sorted(publication.record_sets)

    async def test_a_zone_never_published_is_not_read(self, provider: Any) -> None:
        publication = await self.intent_to_publish(provider)

        assert await provider.read(publication.name) is None

    async def test_a_later_publication_replaces_the_whole_zone(self, provider: Any) -> None:
        first, _, _ = await self.done("publish", provider)
        fewer = ZonePublication(first.name, first.serial, first.serial + 1, first.record_sets[:2])

        await provider.publish(fewer, an_effect_id("publish"))

        zone = await provider.read(first.name)
        assert zone is not None
        assert sorted(zone.record_sets) == sorted(fewer.record_sets)

    async def test_a_plan_made_on_another_serial_is_refused(self, provider: Any) -> None:
        first, _, _ = await self.done("publish", provider)
        stale = replace(first, serial=first.serial + 1, base_serial=first.serial - 1)

        with pytest.raises(Conflict) as refusal:
            await provider.publish(stale, an_effect_id("publish"))

        assert refusal.value.reason == "ZONE_CHANGED"
        zone = await provider.read(first.name)
        assert zone is not None
        assert zone.serial == first.serial

    async def test_the_name_servers_to_delegate_to_are_named_and_sorted(
        self, provider: Any
    ) -> None:
        names = await provider.nameservers()

        assert names
        assert list(names) == sorted(names)
