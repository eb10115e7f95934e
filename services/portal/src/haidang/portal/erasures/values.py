"""What an erasure exchanges: frozen values. Nothing in them is personal but who asked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EraseBusiness:
    """Erase the business of the run's tenant, and *user*'s account if it has no other."""

    user: str


@dataclass(frozen=True, slots=True)
class Forgetting:
    """Intent to have one service forget the tenant. The id is the same on every try."""

    service: str
    tenant: str
    request_id: str
    on_behalf_of: str


@dataclass(frozen=True, slots=True)
class KeptBy:
    """Why a thing stays. `until` is an ISO date, "" while the thing itself lasts."""

    why_vi: str
    why_en: str
    citation: str
    confidence: str
    until: str


@dataclass(frozen=True, slots=True)
class ErasedLine:
    """One kind of thing: erased, or kept by law."""

    service: str
    kind: str
    count: int
    vi: str
    en: str
    kept: KeptBy | None = None


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What one service erased and kept."""

    lines: tuple[ErasedLine, ...]


@dataclass(frozen=True, slots=True)
class Leaving:
    """Intent to forget a user who has no business left."""

    user: str


@dataclass(frozen=True, slots=True)
class Left:
    """Whether the account is gone; it stays where the user belongs to another business."""

    is_gone: bool


@dataclass(frozen=True, slots=True)
class Farewell:
    """How an erasure ended."""

    lines: tuple[ErasedLine, ...]
    is_account_gone: bool
