"""The directory target keeps what every publish target promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.conformance import PublishTargetSuite
from haidang.core.testing.conformance.suite import journal_count
from haidang.core.testing.memory import NOON
from haidang.website_builder.edge.sites import Sites
from haidang.website_builder.providers.directory import POINTER, Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings


class TestDirectory(PublishTargetSuite):
    """A folder below the test's own."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Directory:
        self.folder = tmp_path
        return self.a_directory()

    def a_directory(self) -> Directory:
        settings = DirectorySettings(folder=self.folder / "edge")
        return Directory(settings, self.folder, FakeClock(NOON), self.blobs)

    async def count_effects(self, provider: Any, act: str) -> int | None:
        if act == "upload":  # content-addressed: the same however often it is done
            return None
        return journal_count(self.folder / "effects-directory.sqlite")

    async def reborn(self, provider: Any) -> Any:
        return self.a_directory()

    async def live(self, provider: Any, host: str) -> str | None:
        """As the edge finds it out."""
        if Sites(self.folder / "edge").manifest(host) is None:
            return None
        pointer = self.folder / "edge" / "live" / f"{host}.json"
        return POINTER.validate_json(pointer.read_bytes()).deployment
