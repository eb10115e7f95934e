"""The directory target keeps what every publish target promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Unsupported
from haidang.core.ports.publishing import Deployment, Letter, UploadReceipt
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.conformance import PublishTargetSuite
from haidang.core.testing.conformance.suite import journal_count
from haidang.core.testing.memory import NOON
from haidang.website_builder import letterbox
from haidang.website_builder.edge.sites import Sites
from haidang.website_builder.providers.directory import POINTER, Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings


class TestDirectory(PublishTargetSuite):
    """A folder below the test's own."""

    capabilities = frozenset({"forms"})

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

    async def leave(self, provider: Any, letter: Letter) -> None:
        """As the edge does."""
        letterbox.leave(self.folder / "edge" / letterbox.LETTERS, letter)

    async def live(self, provider: Any, host: str) -> str | None:
        """As the edge finds it out."""
        if Sites(self.folder / "edge").manifest(host) is None:
            return None
        pointer = self.folder / "edge" / "live" / f"{host}.json"
        return POINTER.validate_json(pointer.read_bytes()).deployment


class PagesOnly(Directory):
    """A target that serves files and takes no forms."""

    async def upload(self, deployment: Deployment, effect_id: str) -> UploadReceipt:
        if deployment.forms:
            raise Unsupported("FORMS_NOT_TAKEN")
        return await super().upload(deployment, effect_id)


class TestPagesOnly(TestDirectory):
    """The same folder without a letterbox: what it cannot do it refuses."""

    capabilities = frozenset()

    def a_directory(self) -> Directory:
        settings = DirectorySettings(folder=self.folder / "edge")
        return PagesOnly(settings, self.folder, FakeClock(NOON), self.blobs)
