"""Starts erasures, and tells whoever left how they stand."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from haidang.core.clock import Clock
from haidang.core.errors import Absent, HaidangError, Refused, register
from haidang.core.operations import Desk, Operation
from haidang.core.tenancy import Actor
from haidang.portal.erasures.ledger import FarewellLedger
from haidang.portal.erasures.office import BusinessErasure
from haidang.portal.erasures.values import EraseBusiness, Farewell

READABLE_FOR = timedelta(days=30)

register(
    Absent,
    {
        "FAREWELL_ABSENT": (
            "This page is not there any more.",
            "Trang này không còn nữa.",
        ),
    },
)
register(
    Refused,
    {
        "ERASURE_STUCK": (
            "{service} could not forget after days of trying; an operator was told.",
            "Phần {service} chưa xóa được sau nhiều ngày thử; người vận hành đã được báo.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How an erasure stands: its steps done so far, and its end."""

    done: tuple[str, ...]
    farewell: Farewell | None = None
    error: HaidangError | None = None


class FarewellDesk(Protocol):
    """What the rooms need of it."""

    async def start(self, actor: Actor, request_id: str) -> str:
        """Begin erasing the actor's business; the token of the farewell page."""
        ...

    async def standing(self, token: str) -> Standing:
        """How the erasure behind *token* stands. Raises: Absent FAREWELL_ABSENT."""
        ...


class Farewells:
    """The desk of erasures. *secret* keys the tokens, so that a double tap has one."""

    def __init__(
        self,
        desk: Desk,
        office: BusinessErasure,
        ledger: FarewellLedger,
        *,
        secret: bytes,
        clock: Clock,
    ) -> None:
        self._desk = desk
        self._office = office
        self._ledger = ledger
        self._secret = secret
        self._clock = clock

    async def start(self, actor: Actor, request_id: str) -> str:
        """Begin erasing; the token. Raises: Malformed REQUEST_ID_INVALID."""
        started = await self._desk.start(
            self._office.erase, EraseBusiness(actor.id), request_id=request_id, actor=actor
        )
        said = f"farewell\n{actor.tenant}\n{actor.id}\n{started.name}"
        token = hmac.new(self._secret, said.encode(), hashlib.sha256).hexdigest()
        await self._ledger.keep(_hash(token), actor.tenant, started.name, self._clock.now())
        return token

    async def standing(self, token: str) -> Standing:
        """How it stands. Raises: Absent FAREWELL_ABSENT."""
        found = await self._ledger.found(_hash(token), self._clock.now() - READABLE_FOR)
        if found is None:
            raise Absent("FAREWELL_ABSENT")
        tenant, name = found
        return standing_of(await self._desk.get(name, tenant=tenant))


def standing_of(operation: Operation) -> Standing:
    """How *operation*, an erasure, stands."""
    ended = [one.name.partition(".")[0] for one in operation.effects if one.state == "SETTLED"]
    result = operation.result
    return Standing(
        tuple(dict.fromkeys(ended)),
        result if isinstance(result, Farewell) else None,
        operation.error,
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
