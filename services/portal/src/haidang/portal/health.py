"""What runs: processes as the supervisor notes them, services by their own health, plugins."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
from haidang.core.client import channel
from haidang.core.plugins import PluginState, load_plugins
from haidang.core.settings import Platform
from haidang.core.supervisor import status
from haidang.portal.web.calls import SERVICES

CHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ProcessState:
    """One process. `is_serving` is what its own health says; None where it has none."""

    name: str
    role: str
    address: str
    pid: int | None
    is_serving: bool | None


class Health(Protocol):
    """What the operator's rooms ask."""

    async def processes(self) -> tuple[ProcessState, ...]:
        """Every process of the platform."""
        ...

    async def plugins(self) -> tuple[PluginState, ...]:
        """Every plugin found at start-up."""
        ...


class PlatformHealth:
    """The health of the platform over one state folder."""

    def __init__(self, state: Path, channels: dict[str, grpc.aio.Channel]) -> None:
        self._state = state
        self._stubs = {name: health_pb2_grpc.HealthStub(one) for name, one in channels.items()}
        self._plugins: tuple[PluginState, ...] | None = None

    @classmethod
    def of(cls, place: Platform) -> PlatformHealth:
        """Of the platform at *place*."""
        return cls(place.state, {name: channel(place.address(name)) for name in SERVICES})

    async def processes(self) -> tuple[ProcessState, ...]:
        """As the supervisor notes them, each service asked for its own health as well."""
        noted = await asyncio.to_thread(status, self._state)
        rows = noted["processes"]
        assert isinstance(rows, list)
        serving = dict(
            zip(self._stubs, await asyncio.gather(*map(self._check, self._stubs)), strict=True)
        )
        # The portal's own contract is served by the process that serves the site.
        by_process = {"portal": serving.get("journeys"), **serving}
        return tuple(
            ProcessState(
                row["name"], row["role"], row["address"], row["pid"], by_process.get(row["name"])
            )
            for row in rows
        )

    async def plugins(self) -> tuple[PluginState, ...]:
        """As they were found when first asked."""
        if self._plugins is None:
            self._plugins = (await asyncio.to_thread(load_plugins)).states
        return self._plugins

    async def _check(self, name: str) -> bool:
        try:
            answer = await self._stubs[name].Check(
                health_pb2.HealthCheckRequest(), timeout=CHECK_SECONDS
            )
        except grpc.aio.AioRpcError:
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)
