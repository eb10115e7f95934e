"""The console over a real desk: journeys behind a real Door, the other services answered for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from haidang.api.domains.v1 import domains_pb2
from haidang.api.operations.v1 import operations_pb2, operations_pb2_grpc
from haidang.api.websites.v1 import websites_pb2
from haidang.core.client import channel
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.faults import FaultsOnDemand
from haidang.core.operations.operator_servicer import METHODS, OperatorServicer
from haidang.core.operations.oversight import Oversight, Standing
from haidang.core.plugins import PluginState, State
from haidang.core.server import Door
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, memory_database
from haidang.portal.health import ProcessState
from haidang.portal.ledger import MIGRATIONS
from haidang.portal.tokens import KEY_ID, TokenOffice
from haidang.portal.web.calls import SERVICES, Calls

from tests.core.doors import PRIVATE, PUBLIC_KEY
from tests.portal.neighbourhood import JourneyHouse, a_command
from tests.portal.web.house import FakeCalls, House, a_house

OWNER = Actor("lan", "t1", frozenset({"*"}))
FAULT = "journeys.go-online/1/authorize:act-raises"
PLUGINS = (
    PluginState("haidang-portal", "haidang-portal", "0.1.0", State.LOADED),
    PluginState("bank-of-nowhere", "nowhere", "0.3", State.BROKEN, "ImportError: no module"),
)
PROCESSES = (
    ProcessState("portal", "service", "127.0.0.1:1", 4711, True),
    ProcessState("esign", "service", "127.0.0.1:2", 4712, False),
    ProcessState("media-worker", "worker", "", None, None),
)


class FixedHealth:
    """A platform on which one process is down and one plugin broken."""

    async def processes(self) -> tuple[ProcessState, ...]:
        return PROCESSES

    async def plugins(self) -> tuple[PluginState, ...]:
        return PLUGINS


class ConsoleCalls(FakeCalls):
    """The operator's view of journeys is real; the other services' is empty unless said."""

    def __init__(self, real: Calls | None) -> None:
        super().__init__()
        self.real = real
        for name in SERVICES:
            self.answers[f"operator.{name}.GetOverview"] = operations_pb2.Overview()
            self.answers[f"operator.{name}.ListAllOperations"] = (
                operations_pb2.ListAllOperationsResponse()
            )
        self.answers["domains.ListRegistrations"] = domains_pb2.ListRegistrationsResponse()
        self.answers["websites.ListWebsites"] = websites_pb2.ListWebsitesResponse()

    def operator(self, name: str, actor: Actor) -> Any:
        if name == "journeys" and self.real is not None:
            return self.real.operator(name, actor)
        return super().operator(name, actor)


@dataclass
class Console:
    """An open site, and the journeys its operators look at."""

    site: House
    calls: ConsoleCalls
    journeys: JourneyHouse
    desk: Desk
    faults: Path

    async def begins(self, *, tenant: str = "t1", n: int = 0) -> str:
        """A journey of *tenant*; its operation's name."""
        started = await self.desk.start(
            self.journeys.office.go_online,
            a_command(),
            request_id=str(uuid.UUID(int=n)),
            actor=Actor("lan", tenant, OWNER.grants),
        )
        return started.name

    async def troubled(self, *, tenant: str = "t1") -> str:
        """A journey whose bank was asked for money and whose answer was lost on our side."""
        self.faults.mkdir(exist_ok=True)
        (self.faults / "at").write_text(f"{FAULT}\n")
        name = await self.begins(tenant=tenant)
        oversight = Oversight(self.desk, self.site.clock)
        async with asyncio.timeout(10):
            while (await oversight.timeline(name)).seen.standing is not Standing.NEEDS_OPERATOR:
                await asyncio.sleep(0.02)
        return name


@asynccontextmanager
async def a_console(tmp_path: Path) -> AsyncIterator[Console]:
    """A console over journeys that lose patience at once."""
    clock = FakeClock(NOON)
    database = await memory_database(tmp_path, MIGRATIONS)
    journeys, faults = JourneyHouse(database), tmp_path / "faults"
    patience = Patience(first_seconds=0.05, longest_seconds=60, unknown_seconds=0)
    desk = await Desk.open(
        DeskSettings("portal", tmp_path, patience=patience),
        database,
        [journeys.office],
        clock=clock,
        faults=FaultsOnDemand(frozenset(), faults),
    )
    door = Door(METHODS, TokenVerifier(PUBLIC_KEY, "journeys"), clock=clock)
    server = grpc.aio.server(interceptors=[door])
    operations_pb2_grpc.add_OperatorServiceServicer_to_server(
        OperatorServicer(Oversight(desk, clock)), server
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    to_journeys = channel(f"127.0.0.1:{port}")
    tokens = TokenOffice(TokenSigner(PRIVATE, KEY_ID), tmp_path / "keys.json", clock)
    real = Calls(dict.fromkeys(SERVICES, to_journeys), tokens, clock)
    calls = ConsoleCalls(real)
    folder = tmp_path / "site"
    folder.mkdir()
    async with a_house(folder, calls=calls, health=FixedHealth()) as site:
        yield Console(site, calls, journeys, desk, faults)
    await to_journeys.close()
    await server.stop(0)
    await desk.close()
    await database.close()
