"""What runs, as the operator's rooms are told: the supervisor's notes, and each one's own word."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from haidang.core.plugins import State
from haidang.core.supervisor import SUPERVISOR, born
from haidang.portal.health import PlatformHealth

SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING
NOBODY = "127.0.0.1:1"


def noted(state: Path, *names: str) -> None:
    """The supervisor's notes: everything runs, as this very process."""
    me = os.getpid()
    rows = [
        {"name": name, "pid": me, "role": "service", "address": "127.0.0.1:7", "ready": True}
        for name in names
    ]
    path = state / SUPERVISOR
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"pid": me, "born": born(me), "processes": rows}))


@asynccontextmanager
async def a_service(
    status: health_pb2.HealthCheckResponse.ServingStatus.ValueType,
) -> AsyncIterator[str]:
    """A service that says *status* of itself; its address."""
    server, checks = grpc.aio.server(), health.aio.HealthServicer()
    health_pb2_grpc.add_HealthServicer_to_server(checks, server)
    await checks.set("", status)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield f"127.0.0.1:{port}"
    await server.stop(None)


async def test_a_service_is_what_it_says_of_itself(tmp_path: Path) -> None:
    noted(tmp_path, "domains", "websites", "esign", "portal", "bank")
    async with AsyncExitStack() as stack:
        addresses = {
            "domains": await stack.enter_async_context(a_service(SERVING)),
            "websites": await stack.enter_async_context(a_service(NOT_SERVING)),
            "esign": NOBODY,
            "journeys": await stack.enter_async_context(a_service(SERVING)),
        }
        channels = {
            name: await stack.enter_async_context(grpc.aio.insecure_channel(address))
            for name, address in addresses.items()
        }

        found = await PlatformHealth(tmp_path, channels).processes()

    assert {one.name: one.is_serving for one in found} == {
        "domains": True,
        "websites": False,
        "esign": False,
        "portal": True,  # it serves the journeys
        "bank": None,  # a foreign party says nothing of itself
    }
    assert {one.pid for one in found} == {os.getpid()}


async def test_where_nothing_was_started_nothing_runs(tmp_path: Path) -> None:
    assert await PlatformHealth(tmp_path, {}).processes() == ()


async def test_every_plugin_is_named_with_its_state(tmp_path: Path) -> None:
    found = {one.name: one.state for one in await PlatformHealth(tmp_path, {}).plugins()}

    ours = ("domains", "website_builder", "esign", "portal")
    assert {found[name] for name in ours} == {State.LOADED}
