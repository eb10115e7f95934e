"""The zone files keep what every DNS host promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.conformance import DnsHostSuite
from haidang.core.testing.conformance.suite import journal_count
from haidang.core.testing.memory import NOON
from haidang.domains.providers.zonefiles.host import ZoneFileHost
from haidang.domains.providers.zonefiles.settings import ZoneFileSettings


class TestZoneFiles(DnsHostSuite):
    """A folder of the test's own; nothing outside, so no answer of it can be lost."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> ZoneFileHost:
        self.folder = tmp_path
        return self.a_host()

    def a_host(self) -> ZoneFileHost:
        settings = ZoneFileSettings(folder=self.folder / "zones")
        return ZoneFileHost(settings, self.folder, FakeClock(NOON))

    async def count_effects(self, provider: Any, act: str) -> int | None:
        return journal_count(self.folder / "effects-zonefiles.sqlite")

    async def reborn(self, provider: Any) -> Any:
        return self.a_host()
