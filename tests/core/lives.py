"""One process whose life tests follow: `python -m tests.core.lives <what to do>`."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import grpc
from haidang.core import process, telemetry
from haidang.core.errors import Refused, register
from haidang.core.server import Context, run_service
from haidang.core.settings import platform

from tests.core.doors import RULES, Echo, handlers

register(Refused, {"TEST_NOT_TODAY": ("Not today, {name}.", "Hôm nay chưa được, {name}.")})


async def waits() -> None:
    """Announce, wait, say goodbye."""
    stopped = process.stop_asked()
    process.announce_ready({"colour": "blue"})
    await stopped.wait()
    telemetry.logger("lives").info("goodbye", phone="0901234567")


async def holds() -> None:
    """Keep a folder for itself."""
    process.hold(platform().folder("kept"))
    await waits()


async def refuses() -> None:
    """End with an error of the vocabulary."""
    raise Refused("TEST_NOT_TODAY", name="lan")


async def breaks() -> None:
    """End with a defect."""
    raise ZeroDivisionError


async def parents() -> None:
    """Have a child that lives by the same rules, and tell its pid."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.core.lives", "waits"],
        env={**os.environ, "HAIDANG_PROCESS": "child"},
    )
    ready = platform().folder("run") / "child.ready"
    while not ready.exists():
        await asyncio.sleep(0.02)
    process.announce_ready({"child": child.pid})
    await asyncio.Event().wait()


class Slow(Echo):
    """Answers once a file says so, whatever happens to the server meanwhile."""

    async def unary_unary(self, request: bytes, context: Context) -> bytes:
        place = platform()
        (place.state / "entered").touch()
        while not (place.state / "go").exists():
            await asyncio.sleep(0.02)
        return b"done"


async def serves() -> None:
    """Be a whole service, door and all."""

    def add(server: grpc.aio.Server) -> None:
        server.add_generic_rpc_handlers((handlers(Slow()),))

    await run_service("echo", methods=RULES, add=add)
    Path(platform().state / "drained").touch()


if __name__ == "__main__":
    process.run(globals()[sys.argv[1]])
