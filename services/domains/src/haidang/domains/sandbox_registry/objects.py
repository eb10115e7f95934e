"""Objects of the sandbox registry's repository, as frozen values kept as JSON. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from haidang.domains.sandbox_registry.lifecycle import Stage
from haidang.domains.sandbox_registry.request_values import NameServers, Postal


@dataclass(frozen=True)
class Domain:
    """A registered name. `statuses` are those clients and the registry set; others derive.

    `stage` is the last one announced, kept so that each change is announced once.
    """

    name: str
    roid: str
    registrar: str
    registrant: str
    created_at: datetime
    expires_at: datetime
    creator: str
    servers: NameServers = field(default_factory=NameServers)
    contacts: tuple[tuple[str, str], ...] = ()
    statuses: tuple[str, ...] = ()
    auth_hash: str = ""
    stage: Stage = Stage.ACTIVE
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Contact:
    """A contact object."""

    id: str
    roid: str
    registrar: str
    created_at: datetime
    postals: tuple[Postal, ...]
    email: str
    voice: str = ""
    fax: str = ""
    statuses: tuple[str, ...] = ()
    auth_hash: str = ""
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Host:
    """A host object; addresses are written "v4 192.0.2.1"."""

    name: str
    roid: str
    registrar: str
    created_at: datetime
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Message:
    """A message waiting for a registrar."""

    id: int
    queued_at: datetime
    text: str
