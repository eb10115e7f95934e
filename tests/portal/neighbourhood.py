"""A journey's whole neighbourhood in memory: neighbours and a bank that count what they did.

`World.did` is what happened outside, in order, each effect once. A test states in
`refusing`, `losing` or `gates` the one difference it is about.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from haidang.core.database import Database
from haidang.core.errors import Absent, HaidangError, OutcomeUnknown
from haidang.core.operations.effects import Patience
from haidang.core.ports.marks import acts, reads
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.core.testing.memory import NOON, MemoryRun
from haidang.portal.finishing import Finishing
from haidang.portal.journeys import Journeys, SitePolicy
from haidang.portal.ledger import JourneyLedger
from haidang.portal.values import GoOnline, Journey, Step, StepReceipt

from tests.conformance.banks import MemoryBank, Vault

TOTAL_DONG = 525_000
ID = "0123456789abcdef0123456789abcdef"
A_LABEL = "xn--bnhm-3na6742b.vn"

IN_ORDER = [
    "domains.quote",
    "payment.authorize",
    "domains.register",
    "payment.capture",
    "domains.zone",
    "websites.website",
    "websites.publish",
    "esign.declare",
]

ANSWERS: dict[str, dict[str, Any]] = {
    "quote": {"name": "quotes/q1", "domain": A_LABEL, "total_dong": str(TOTAL_DONG)},
    "register": {
        "domain": A_LABEL,
        "unicode_domain": "bánhmì.vn",
        "state": "STATE_ACTIVE",
        "create_time": NOON.isoformat().replace("+00:00", "Z"),
        "expire_time": (NOON + timedelta(days=365)).isoformat().replace("+00:00", "Z"),
    },
    "zone": {"name": f"zones/{A_LABEL}"},
    "website": {"name": "websites/w1"},
    "publish": {"name": "deployments/d1", "uri": "https://bánhmì.vn/"},
    "declare": {"name": "documents/p1", "level": "LEVEL_B_LT"},
}


@dataclass
class World:
    """What happened, and what is to go wrong."""

    did: list[str] = field(default_factory=list)
    asked: list[Step] = field(default_factory=list)
    refusing: dict[str, HaidangError] = field(default_factory=dict)
    losing: set[str] = field(default_factory=set)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=lambda: dict(ANSWERS))
    held: dict[str, dict[str, Any]] = field(default_factory=dict)

    def carry_out(self, what: str) -> None:
        """Do *what*, unless it is refused. Raises: what it is refused for."""
        if what in self.refusing:
            raise self.refusing[what]

    def answer(self, what: str) -> None:
        """Raises: OutcomeUnknown, once, where the answer is to be lost."""
        if what in self.losing:
            self.losing.discard(what)
            raise OutcomeUnknown("STEP_STILL_RUNNING", service="x")


class CountingNeighbour:
    """A service that carries each effect id out once. Quotes and drafts cannot be found."""

    UNARY = frozenset({"quote", "website"})

    def __init__(self, name: str, world: World) -> None:
        self._name = name
        self._world = world
        self._done: dict[str, StepReceipt] = {}

    @acts(find="find_done")
    async def do(self, step: Step, effect_id: str) -> StepReceipt:
        what = f"{self._name}.{step.verb}"
        if what in self._world.gates:
            await self._world.gates[what].wait()
        if effect_id not in self._done:
            self._world.carry_out(what)
            self._world.did.append(what)
            self._world.asked.append(step)
            text = json.dumps(self._world.answers[step.verb], ensure_ascii=False)
            self._done[effect_id] = StepReceipt(text)
        self._world.answer(what)
        return self._done[effect_id]

    async def ask(self, tenant: str, verb: str, request: dict[str, Any]) -> dict[str, Any]:
        """What `World.held` has of the tenant "t1"; nobody else holds anything."""
        found = self._world.held.get(verb) if tenant == "t1" else None
        if found is None:
            raise Absent("REGISTRATION_ABSENT", name="x")
        return found

    @reads
    async def find_done(self, step: Step, effect_id: str) -> StepReceipt | None:
        return None if step.verb in self.UNARY else self._done.get(effect_id)


class RefusingBank(MemoryBank):
    """The bank of the suite, which here also refuses and loses answers as the world says."""

    def __init__(self, world: World) -> None:
        super().__init__(Vault(journal=world.did))
        self._world = world

    async def authorize(self, authorization: Authorization, effect_id: str) -> AuthorizationReceipt:
        if "payment.authorize" in self._world.gates:
            await self._world.gates["payment.authorize"].wait()
        self._world.carry_out("payment.authorize")
        receipt = await super().authorize(authorization, effect_id)
        self._world.answer("payment.authorize")
        return receipt

    async def capture(self, capture: Capture, effect_id: str) -> CaptureReceipt:
        self._world.carry_out("payment.capture")
        receipt = await super().capture(capture, effect_id)
        self._world.answer("payment.capture")
        return receipt

    async def release(self, release: Release, effect_id: str) -> ReleaseReceipt:
        self._world.carry_out("payment.release")
        receipt = await super().release(release, effect_id)
        self._world.answer("payment.release")
        return receipt


def a_command(**changes: Any) -> GoOnline:
    """A household that goes online."""
    registrant = {
        "name": "Hộ kinh doanh Lan",
        "tax_code": "0300588569",
        "representative_name": "Nguyễn Thị Lan",
        "representative_title": "Chủ hộ",
        "email": "lan@example.vn",
        "phone": "0901234567",
        "address": {"street": "1 Lê Lợi", "commune": "Phường Bến Thành", "province": "TP. HCM"},
    }
    facts: dict[str, Any] = {
        "domain": "bánhmì.vn",
        "years": 1,
        "accepted_total_dong": TOTAL_DONG,
        "registrant_json": json.dumps(registrant, ensure_ascii=False),
        "draft_json": '{"pack": "packs/vn.homestay.bien"}',
        "payer": "sandbox-account",
    }
    return GoOnline(**{**facts, **changes})


class JourneyHouse:
    """The office over a real ledger in *database*, its neighbourhood in memory."""

    def __init__(self, database: Database) -> None:
        self.world = World()
        self.database = database
        self.ledger = JourneyLedger(database)
        self.bank = RefusingBank(self.world)
        self.office = Journeys(
            self.ledger,
            self.bank,
            domains=CountingNeighbour("domains", self.world),  # type: ignore[arg-type]  # same port
            websites=CountingNeighbour("websites", self.world),  # type: ignore[arg-type]  # as well
            esign=CountingNeighbour("esign", self.world),  # type: ignore[arg-type]  # as well
            policy=SitePolicy(("127.0.0.1",)),
        )
        self.finishing = Finishing(self.office)

    def run(self, id: str = ID, **given: Any) -> MemoryRun:
        """A walk; give `recorded`, `seal_key` and another `life` to replay one."""
        patience = Patience(first_seconds=0.1, unavailable_seconds=1)
        return MemoryRun(
            self.database, operation=f"operations/{id}", **{"patience": patience, **given}
        )

    async def go_online(self, **changes: Any) -> Journey:
        """A fresh walk to its end."""
        return await self.office.go_online(self.run(), a_command(**changes))

    async def journey(self) -> Journey:
        """As the ledger has it."""
        return await self.ledger.journey("t1", ID)

    def asked(self, verb: str) -> dict[str, Any]:
        """The request that a neighbour's *verb* was given."""
        (step,) = [step for step in self.world.asked if step.verb == verb]
        found: dict[str, Any] = json.loads(step.request_json)
        return found
