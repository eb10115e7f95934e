"""What the offices of this service exchange: frozen values. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from haidang.website_builder.website import Draft


@dataclass(frozen=True, slots=True)
class StoredWebsite:
    """A website with its draft. `etag` changes with every change of the draft."""

    id: str
    domain: str
    draft: Draft
    revision: int
    live_deployment: str = ""
    live_uri: str = ""

    @property
    def etag(self) -> str:
        """Version of the draft."""
        return f"{self.id}-{self.revision}"


@dataclass(frozen=True, slots=True)
class StoredDeployment:
    """A deployment as the ledger holds it."""

    site: str
    id: str
    domain: str
    sequence: int
    revision: int
    pack: str
    files: int
    is_live: bool
    uri: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class PublishWebsite:
    """Publish the draft, if *revision* is 0 or still the current one."""

    site: str
    revision: int


@dataclass(frozen=True, slots=True)
class RollBackWebsite:
    """Make an earlier deployment live again."""

    site: str
    deployment: str
