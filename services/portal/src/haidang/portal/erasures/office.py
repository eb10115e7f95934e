"""The durable erasure of a business: each service forgets in turn, the portal last.

    websites -> domains -> esign -> portal -> account

Each step repeats until it is done: work under way must end first, a service may be away.
Nothing is ever half kept on purpose, so there is no way back and no giving up but after
days, when an operator is told by a failed operation.
"""

from __future__ import annotations

import uuid
from typing import Protocol

from haidang.core.errors import HaidangError, Refused, Unavailable
from haidang.core.operations import Run, operation
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.portal.accounts import Accounts
from haidang.portal.erasures.ledger import FarewellLedger
from haidang.portal.erasures.values import (
    EraseBusiness,
    ErasedLine,
    Farewell,
    Forgetting,
    Forgotten,
    Leaving,
    Left,
)

REQUESTS = uuid.UUID("6b1f1f44-2d0b-4f6f-8c55-0c9b0f3f6c11")
"""Namespace of the request ids that services are given."""
SERVICES = ("websites", "domains", "esign", "journeys")
STEPS = (*SERVICES, "account")
FIRST_SECONDS, LONGEST_SECONDS = 2.0, 600.0
MOST_TRIES = 600
"""About four days of tries ten minutes apart."""


class Forgetter(Protocol):
    """Has services forget a tenant."""

    @acts(find="find_forgotten")
    async def forget(self, intent: Forgetting, effect_id: EffectId) -> Forgotten: ...

    @reads
    async def find_forgotten(self, intent: Forgetting, effect_id: EffectId) -> Forgotten | None: ...


class Leavers:
    """Forgets users that no business is left to."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    @acts(find="find_left")
    async def leave(self, intent: Leaving, effect_id: EffectId) -> Left:
        """Forget the user, unless another business still has them."""
        if await self._accounts.ledger.user(intent.user) is None:
            return Left(True)
        if await self._accounts.teams.ledger.memberships(intent.user):
            return Left(False)
        await self._accounts.erase_user(intent.user)
        await self._accounts.ledger.database.scrub()
        return Left(True)

    @reads
    async def find_left(self, intent: Leaving, effect_id: EffectId) -> Left | None:
        """Whether the user is gone."""
        held = await self._accounts.ledger.user(intent.user)
        return Left(True) if held is None else None


class BusinessErasure:
    """The office of the erasure."""

    def __init__(self, ledger: FarewellLedger, forgetter: Forgetter, leavers: Leavers) -> None:
        self.ledger = ledger
        self.forgetter = forgetter
        self.leavers = leavers

    @operation("privacy.erase/1", steps=STEPS)
    async def erase(self, run: Run, command: EraseBusiness) -> Farewell:
        """Have everything forgotten; what was erased and what the law keeps, in words."""
        lines: list[ErasedLine] = []
        for service in SERVICES:
            lines += (await self._forgotten(run, service)).lines
        left = await run.effect(
            "account",
            Leaving(command.user),
            ask=self.leavers.find_left,
            act=self.leavers.leave,
            settle=self.ledger.left,
        )
        return Farewell(tuple(lines), left.is_gone)

    async def _forgotten(self, run: Run, service: str) -> Forgotten:
        request_id = str(uuid.uuid5(REQUESTS, f"{run.id}/{service}"))
        intent = Forgetting(service, run.tenant, request_id, run.id)
        delay = FIRST_SECONDS
        for attempt in range(MOST_TRIES):
            try:
                return await run.effect(
                    service if attempt == 0 else f"{service}.{attempt}",
                    intent,
                    ask=self.forgetter.find_forgotten,
                    act=self.forgetter.forget,
                    settle=self.ledger.forgotten,
                )
            except HaidangError as error:
                if not _passes(error):
                    raise
            await run.sleep(delay)
            delay = min(delay * 2, LONGEST_SECONDS)
        raise Refused("ERASURE_STUCK", service=service)


def _passes(error: HaidangError) -> bool:
    """Whether waiting helps: work under way ends, a service that is away comes back."""
    return isinstance(error, Unavailable) or error.reason == "PRIVACY_OPERATIONS_RUNNING"
