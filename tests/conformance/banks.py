"""Payment providers that are no bank: one keeps every promise, the others each break one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar, cast

from haidang.core.errors import Malformed, Refused, Unavailable
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.core.testing.memory import NOON

# The sentences of these reasons; a real bank's provider registers them beside its rules.
from haidang.portal.providers import bank as _reasons  # noqa: F401

R = TypeVar("R")

A_WEEK = timedelta(days=7)
DECLINED = "khong-co-tien"


@dataclass
class Vault:
    """What the bank remembers while its customers come and go."""

    answers: dict[str, object] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)
    journal: list[str] = field(default_factory=list)


class MemoryBank:
    """Keeps its promises: the effect id is the idempotency key."""

    def __init__(self, vault: Vault, *, is_reachable: bool = True) -> None:
        self.vault = vault
        self._is_reachable = is_reachable

    async def authorize(self, authorization: Authorization, effect_id: str) -> AuthorizationReceipt:
        def effect() -> AuthorizationReceipt:
            if authorization.payer == DECLINED:
                raise Refused("PAYMENT_DECLINED", field="payer")
            name = f"auth-{len(self.vault.left)}"
            self.vault.left[name] = authorization.amount_dong
            return AuthorizationReceipt(name, authorization.amount_dong, NOON + A_WEEK)

        return await self._once(effect_id, "payment.authorize", effect)

    async def find_authorization(
        self, authorization: Authorization, effect_id: str
    ) -> AuthorizationReceipt | None:
        return self._found(effect_id, AuthorizationReceipt)

    async def capture(self, capture: Capture, effect_id: str) -> CaptureReceipt:
        def effect() -> CaptureReceipt:
            if capture.amount_dong > self.vault.left[capture.authorization_id]:
                raise Malformed("PAYMENT_MALFORMED", detail="more than is held")
            self.vault.left[capture.authorization_id] -= capture.amount_dong
            return CaptureReceipt(capture.authorization_id, capture.amount_dong, NOON)

        return await self._once(effect_id, "payment.capture", effect)

    async def find_capture(self, capture: Capture, effect_id: str) -> CaptureReceipt | None:
        return self._found(effect_id, CaptureReceipt)

    async def release(self, release: Release, effect_id: str) -> ReleaseReceipt:
        def effect() -> ReleaseReceipt:
            left = self.vault.left[release.authorization_id]
            self.vault.left[release.authorization_id] = 0
            return ReleaseReceipt(release.authorization_id, left, NOON)

        return await self._once(effect_id, "payment.release", effect)

    async def find_release(self, release: Release, effect_id: str) -> ReleaseReceipt | None:
        return self._found(effect_id, ReleaseReceipt)

    def _reach(self) -> None:
        if not self._is_reachable:
            raise Unavailable("BANK_UNREACHABLE")

    async def _once(self, effect_id: str, effect: str, body: Callable[[], R]) -> R:
        self._reach()
        await asyncio.sleep(0)
        if effect_id not in self.vault.answers:
            self.vault.answers[effect_id] = body()
            self.vault.journal.append(effect)
        await asyncio.sleep(0)
        return cast("R", self.vault.answers[effect_id])

    def _found(self, effect_id: str, kind: type[R]) -> R | None:
        self._reach()
        answer = self.vault.answers.get(effect_id)
        return answer if isinstance(answer, kind) else None


class ForgetfulBank(MemoryBank):
    """Wrong: takes a repeated call for a new one."""

    async def _once(self, effect_id: str, effect: str, body: Callable[[], R]) -> R:
        self.vault.answers.pop(effect_id, None)
        return await super()._once(effect_id, effect, body)


class BlindBank(MemoryBank):
    """Wrong: never finds what it did."""

    def _found(self, effect_id: str, kind: type[R]) -> R | None:
        return None


class BlindForgetfulBank(BlindBank, ForgetfulBank):
    """Wrong twice over: whatever befalls the answer, it acts again."""


class HastyBank(MemoryBank):
    """Wrong: two calls at once with one key both get through."""

    async def _once(self, effect_id: str, effect: str, body: Callable[[], R]) -> R:
        if effect_id in self.vault.answers:
            return await super()._once(effect_id, effect, body)
        await asyncio.sleep(0)
        answer = body()
        self.vault.answers[effect_id] = answer
        self.vault.journal.append(effect)
        return answer


class CredulousBank(MemoryBank):
    """Wrong: finds anybody's money."""

    def _found(self, effect_id: str, kind: type[R]) -> R | None:
        return next((one for one in self.vault.answers.values() if isinstance(one, kind)), None)


class RawBank(MemoryBank):
    """Wrong: lets errors of its transport through."""

    def _reach(self) -> None:
        if not self._is_reachable:
            raise ConnectionRefusedError
