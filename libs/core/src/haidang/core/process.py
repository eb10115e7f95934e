"""One process of the platform: announcing readiness, stopping, not outliving its parent.

Every `__main__` comes in by `run`. Small processes rest on this too: nothing heavy is
imported here.
"""

from __future__ import annotations

import asyncio
import ctypes
import fcntl
import json
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

from haidang.core import telemetry
from haidang.core.errors import Conflict, HaidangError, register
from haidang.core.settings import platform

PR_SET_PDEATHSIG = 1
LONGEST_PID = 32
_held: list[int] = []

register(
    Conflict,
    {
        "STATE_IN_USE": (
            "{folder} is in use by process {pid}.",
            "Thư mục {folder} đang được tiến trình {pid} sử dụng; hãy dừng tiến trình đó trước.",
        ),
    },
)


def announce_ready(extra: Mapping[str, object] | None = None) -> None:
    """Write `<state>/run/<process>.ready` with our pid, all at once."""
    place = platform()
    path = place.folder("run") / f"{place.process or os.getpid()}.ready"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": os.getpid(), **(extra or {})}))
    fresh.rename(path)


def hold(folder: Path) -> None:
    """Lock *folder* for this process's life. Raises: Conflict STATE_IN_USE.

    The kernel lets go of it however the process ends; children do not inherit it.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(descriptor, LONGEST_PID).decode() or "?"
        os.close(descriptor)
        raise Conflict("STATE_IN_USE", folder=folder.name, pid=holder) from error
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    _held.append(descriptor)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_asked() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; from here on neither ends the process by itself.

    Taken before `announce_ready`, no request to stop can come too early.
    """
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, asked.set)
    return asked


async def until_stopped() -> None:
    """Wait for SIGTERM or SIGINT."""
    await stop_asked().wait()


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Run *main* as this process: logs set up, dying with the parent.

    An error of the vocabulary that ends it is said on stderr, exit code 1.
    """
    die_with_parent()
    telemetry.setup(platform().process)

    async def body() -> None:
        await main()

    try:
        asyncio.run(body())
    except HaidangError as error:  # a sentence tells the operator more than where it was raised
        sys.exit(f"refuses to go on: {error}")
