"""Payment providers: authorise, then capture or release. Money is integer đồng."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, reads


@dataclass(frozen=True, slots=True)
class Authorization:
    """Intent to set *amount_dong* (> 0) aside at *payer*'s account.

    `reference` is shown to the payer.
    """

    payer: str
    amount_dong: int
    reference: str


@dataclass(frozen=True, slots=True)
class AuthorizationReceipt:
    """The money is set aside until *expires_at*."""

    authorization_id: str
    amount_dong: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Capture:
    """Intent to take the authorised money, wholly or in part."""

    authorization_id: str
    amount_dong: int


@dataclass(frozen=True, slots=True)
class CaptureReceipt:
    """The money was taken."""

    authorization_id: str
    amount_dong: int
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class Release:
    """Intent to give back all that is authorised and not captured."""

    authorization_id: str


@dataclass(frozen=True, slots=True)
class ReleaseReceipt:
    """What was given back."""

    authorization_id: str
    amount_dong: int
    released_at: datetime


@runtime_checkable
class PaymentProvider(Protocol):
    """A bank or payment gateway. The effect id is its idempotency key."""

    @acts(find="find_authorization")
    async def authorize(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt:
        """Raises: Refused at the field payer, why in the provider's own reason; Unavailable;
        OutcomeUnknown."""
        ...

    @reads
    async def find_authorization(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt | None: ...

    @acts(find="find_capture")
    async def capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt: ...

    @reads
    async def find_capture(
        self, capture: Capture, effect_id: EffectId
    ) -> CaptureReceipt | None: ...

    @acts(find="find_release")
    async def release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt: ...

    @reads
    async def find_release(
        self, release: Release, effect_id: EffectId
    ) -> ReleaseReceipt | None: ...
