"""What an operation may touch: effects, reads of its ledger, sleep, and its own facts.

All else in an operation is a pure function of these journalled values, so a replay
walks the same way.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from haidang.core import errors
from haidang.core.clock import Clock
from haidang.core.operations.codec import Seal, decode, encode
from haidang.core.operations.definition import hints_of
from haidang.core.operations.effects import EffectWalk, Patience
from haidang.core.operations.faults import Faults
from haidang.core.operations.tagged import Tagged
from haidang.core.ports.marks import EffectId
from sqlalchemy.ext.asyncio import AsyncSession

Tx = AsyncSession
"""The transaction a settle writes in: it commits together with the journal's checkpoint."""

I = TypeVar("I")  # noqa: E741 - the house's own signature of effect names it so
R = TypeVar("R")
T = TypeVar("T")
P = ParamSpec("P")


class Journal(Protocol):
    """Durable memory of one operation: what is recorded is not done again on replay."""

    async def step(self, name: str, body: Callable[[], Awaitable[str]]) -> str:
        """Do *body* at least once; answer its recorded text ever after."""
        ...

    async def transaction(self, name: str, body: Callable[[Tx], Awaitable[str]]) -> str:
        """Do *body* exactly once, its writes and its record in one commit."""
        ...

    async def pause(self, topic: str, seconds: float) -> str | None:
        """Wait durably; a message sent on *topic* ends the wait and is answered."""
        ...


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What is fixed when an operation starts. `life` names this life of the process."""

    id: str
    kind: str
    tenant: str
    actor: str
    started_at: datetime
    life: str


class Run:
    """One walk through an operation. `id` is its name, "operations/<hex>"."""

    def __init__(
        self,
        facts: RunFacts,
        journal: Journal,
        seal: Seal,
        clock: Clock,
        *,
        faults: Faults,
        patience: Patience,
    ) -> None:
        self._facts = facts
        self._journal = journal
        self._seal = seal
        self._clock = clock
        self._faults = faults
        self._patience = patience
        self._names: set[str] = set()
        self._reads = 0
        self.now = facts.started_at

    @property
    def id(self) -> str:
        """The operation's name."""
        return self._facts.id

    @property
    def tenant(self) -> str:
        """Whose operation this is."""
        return self._facts.tenant

    @property
    def actor(self) -> str:
        """Who asked for it."""
        return self._facts.actor

    async def read(self, query: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
        """Ask the ledger once; a replay gets the answer of then. Raises what *query* raises."""
        annotation = hints_of(query)["return"]

        async def body() -> str:
            try:
                value = await query(*args, **kwargs)
            except errors.HaidangError as refusal:
                return self._seal.close(Tagged.of_error(refusal).text())
            return self._seal.close(Tagged("ok", encode(value, annotation)).text())

        self._reads += 1
        recorded = Tagged.parse(
            self._seal.open(await self._journal.step(f"read-{self._reads}", body))
        )
        value: T = decode(recorded.value_or_raise(), annotation)
        return value

    async def effect(
        self,
        name: str,
        intent: I,
        *,
        ask: Callable[[I, EffectId], Awaitable[R | None]],
        act: Callable[[I, EffectId], Awaitable[R]],
        settle: Callable[Concatenate[Tx, I, R, ...], Awaitable[T]],
    ) -> T:
        """Carry out one effect on the outside exactly once, and settle it in the ledger.

        Records *intent*; asks whether it already happened; acts only if not; settles
        in one transaction with the checkpoint. *name* is unique in the operation.

        Raises:
            HaidangError: the definite no of *act*, recorded as REFUSED.
            Unavailable: nothing was ever sent and the stated patience is over.
        """
        if name in self._names:
            raise ValueError(f"effect {name} appears twice in {self._facts.kind}")
        self._names.add(name)
        walk = EffectWalk(
            name,
            self._facts,
            self._journal,
            self._seal,
            self._clock,
            faults=self._faults,
            patience=self._patience,
        )
        settled: T = await walk.walk(intent, ask, act, settle)
        return settled

    async def sleep(self, seconds: float) -> None:
        """Wait durably; `now` moves on."""
        await self._journal.pause("sleep", seconds)
        await self._move_on()

    async def receive(self, topic: str, *, timeout_seconds: float) -> str | None:
        """Wait for a message on *topic*; None when none came in time. `now` moves on."""
        message = await self._journal.pause(topic, timeout_seconds)
        await self._move_on()
        return message

    async def _move_on(self) -> None:
        async def body() -> str:
            return self._clock.now().isoformat()

        self.now = datetime.fromisoformat(await self._journal.step("now", body))
