"""`haidang up`: starts every process of the platform, watches, restarts, stops them.

Which processes there are, plugins say by hook; nothing here knows a service. What runs
is kept in `run/supervisor.json`, where `status` reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from haidang.core import process
from haidang.core.addresses import FILE as ADDRESSES
from haidang.core.addresses import allocate
from haidang.core.errors import Refused, Unavailable, register
from haidang.core.offers import ProcessRef
from pydantic import BaseModel, Field

SECTION = "supervisor"
FIRST_PAUSE_SECONDS = 0.2
SETTLED_SECONDS = 30.0
"""Alive this long, a process that dies is started again at once."""
READY_SECONDS = 60.0
DEATHS_BEFORE_READY = 4
"""A process that dies this often without ever being ready will not become so."""
POLL_SECONDS = 0.03
STOP_SECONDS = 10.0
MOST_LOG_BYTES = 5_000_000
LOG_TAIL_LINES = 8
SUPERVISOR = "run/supervisor.json"

register(
    Unavailable,
    {
        "PROCESS_NOT_READY": (
            "{name} did not become ready; its log is {log}",
            "Phần {name} chưa khởi động được; xem nhật ký: {log}",
        ),
    },
)
register(
    Refused,
    {
        "PROCESSES_IN_CIRCLE": (
            "These processes wait for each other: {names}.",
            "Các phần này chờ lẫn nhau nên không khởi động được: {names}.",
        ),
    },
)


class Patience(BaseModel, frozen=True):
    """How long a process that keeps dying waits at most before it is started again."""

    longest_pause_seconds: float = Field(default=5.0, ge=FIRST_PAUSE_SECONDS)


ORDINARY = Patience()


@dataclass
class Child:
    """One supervised process and its present life."""

    ref: ProcessRef
    running: asyncio.subprocess.Process | None = None
    is_ready: bool = False
    deaths: int = 0
    first_ready: asyncio.Event = field(default_factory=asyncio.Event)
    hopeless: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        alive = self.running is not None and self.running.returncode is None
        return self.running.pid if self.running is not None and alive else None


class Supervisor:
    """All processes over one state folder. *say* shows a line to the person who watches."""

    def __init__(
        self,
        state: Path,
        refs: Iterable[ProcessRef],
        say: Callable[[str], None] = print,
        patience: Patience = ORDINARY,
    ) -> None:
        self._state = state.resolve()
        self._longest_pause = patience.longest_pause_seconds
        self._children = {ref.name: Child(ref) for ref in refs}
        self._say = say
        self._watchers: list[asyncio.Task[None]] = []
        self._addresses: dict[str, str] = {}
        self._began = time.monotonic()
        self._holds_state = False
        try:
            TopologicalSorter({n: c.ref.after for n, c in self._children.items()}).prepare()
        except CycleError as error:
            raise Refused("PROCESSES_IN_CIRCLE", names=list(error.args[1])) from error

    async def start(self, prepare: Callable[[Path], None] | None = None) -> dict[str, str]:
        """Start everything; the addresses once all are ready. *prepare* runs under the lock.

        Raises:
            Conflict: STATE_IN_USE, another `up` holds the folder.
            Unavailable: PROCESS_NOT_READY.
        """
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        process.hold(self._state)
        self._holds_state = True
        for folder in ("run", "logs"):
            (self._state / folder).mkdir(exist_ok=True)
        if prepare is not None:
            prepare(self._state)
        for left_over in (self._state / "run").glob("*.ready"):
            left_over.unlink()
        ports = [port for child in self._children.values() for port in child.ref.ports]
        self._addresses = allocate(self._state, ports)
        self._note()
        self._watchers = [asyncio.create_task(self._watch(c)) for c in self._children.values()]
        await asyncio.gather(*(self._until_ready(c) for c in self._children.values()))
        return self._addresses

    async def stop(self) -> None:
        """Stop everything, those that others rest on last; what lingers is killed."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        ended = {name: asyncio.Event() for name in self._children}
        ends = [asyncio.create_task(self._end(child, ended)) for child in self._children.values()]
        if ends:
            await asyncio.wait(ends, timeout=STOP_SECONDS)
        for child in self._children.values():
            if child.running is not None and child.pid is not None:
                self._say(f"  {child.ref.name} did not end by itself and is killed")
                child.running.kill()
        await asyncio.gather(*ends)
        if self._holds_state:
            (self._state / SUPERVISOR).unlink(missing_ok=True)

    async def _end(self, child: Child, ended: dict[str, asyncio.Event]) -> None:
        """End *child* once all that were started after it have ended."""
        for other in self._children.values():
            if child.ref.name in other.ref.after:
                await ended[other.ref.name].wait()
        if child.running is not None and child.pid is not None:
            with contextlib.suppress(ProcessLookupError):
                child.running.terminate()
            await child.running.wait()
        ended[child.ref.name].set()

    async def _watch(self, child: Child) -> None:
        """Keep *child* alive: start, wait for its end, pause, start again."""
        for name in child.ref.after:
            if name in self._children:
                await self._children[name].first_ready.wait()
        pause = FIRST_PAUSE_SECONDS
        while True:
            began = time.monotonic()
            child.running = await self._spawn(child)
            announcing = asyncio.create_task(self._announce(child, child.running.pid))
            try:
                code = await child.running.wait()
            finally:
                announcing.cancel()
            child.is_ready = False
            child.deaths += 1
            self._note()
            self._say(f"  {child.ref.name} ended with {code}; it is started again")
            if not child.first_ready.is_set() and child.deaths >= DEATHS_BEFORE_READY:
                child.hopeless.set()
                return
            if time.monotonic() - began > SETTLED_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._longest_pause)

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        self._ready_file(child).unlink(missing_ok=True)
        path = self._log_file(child)
        if path.exists() and path.stat().st_size > MOST_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        environment = {
            **os.environ,
            "HAIDANG_STATE": str(self._state),
            "HAIDANG_PROCESS": child.ref.name,
            "PYTHONUNBUFFERED": "1",
        }
        with path.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                child.ref.module,
                env=environment,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=process.die_with_parent,
                start_new_session=True,  # Ctrl+C is ours to hand on, in order
            )

    async def _announce(self, child: Child, pid: int) -> None:
        """Wait for the child's own word, then show it."""
        path = self._ready_file(child)
        while not path.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(POLL_SECONDS)
        child.is_ready = True
        self._note()
        address = self._address(child)
        mark = "SANDBOX" if child.ref.sandbox else ""
        seconds = time.monotonic() - self._began
        self._say(
            f"  {child.ref.name:<14} {child.ref.role:<10} {address:<16} "
            f"pid {pid:<8} {seconds:5.1f} s  {mark}".rstrip()
        )
        child.first_ready.set()

    async def _until_ready(self, child: Child) -> None:
        waits = [asyncio.create_task(event.wait()) for event in (child.first_ready, child.hopeless)]
        await asyncio.wait(waits, timeout=READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for wait in waits:
            wait.cancel()
        if child.first_ready.is_set():
            return
        path = self._log_file(child)
        tail = path.read_text(errors="replace").splitlines() if path.is_file() else []
        for line in dict.fromkeys(tail[-LOG_TAIL_LINES:]):  # each life says the same
            self._say(f"  {child.ref.name} | {line}")
        raise Unavailable("PROCESS_NOT_READY", name=child.ref.name, log=str(path))

    def _ready_file(self, child: Child) -> Path:
        return self._state / "run" / f"{child.ref.name}.ready"

    def _log_file(self, child: Child) -> Path:
        return self._state / "logs" / f"{child.ref.name}.log"

    def _address(self, child: Child) -> str:
        return self._addresses.get(child.ref.ports[0], "") if child.ref.ports else ""

    def _note(self) -> None:
        """Write down what runs, all at once."""
        rows = [
            {
                "name": child.ref.name,
                "pid": child.pid,
                "role": child.ref.role,
                "address": self._address(child),
                "ready": child.is_ready,
            }
            for child in self._children.values()
        ]
        noted = {"pid": os.getpid(), "born": born(os.getpid()), "processes": rows}
        path = self._state / SUPERVISOR
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(noted, indent=1))
        fresh.rename(path)


def born(pid: int) -> str:
    """When the process *pid* started, in the kernel's ticks since boot; empty when it is gone.

    With the pid it names a process for good: pids are used again. Source: proc(5), stat
    field 22.
    """
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    state, ticks = after_name[0], after_name[19]
    return "" if state == "Z" else ticks


def status(state: Path) -> dict[str, object]:
    """What runs over *state*: {"ready", "processes", "addresses"}; the promised JSON."""
    noted = _read(state / SUPERVISOR)
    is_up = bool(noted) and born(noted["pid"]) == noted["born"]
    rows = noted.get("processes", [])
    processes = []
    is_ready = is_up and bool(rows)
    for row in rows:
        alive = is_up and row["pid"] is not None and born(row["pid"]) != ""
        is_ready = is_ready and alive and row["ready"]
        processes.append(
            {
                "name": row["name"],
                "pid": row["pid"] if alive else None,
                "role": row["role"],
                "address": row["address"],
            }
        )
    return {"ready": is_ready, "processes": processes, "addresses": _read(state / ADDRESSES)}


# Any: JSON as this module and `addresses` wrote it.
def _read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return found


async def up(
    state: Path,
    refs: Iterable[ProcessRef],
    *,
    patience: Patience = ORDINARY,
    prepare: Callable[[Path], None] | None = None,
    then: Callable[[dict[str, str]], Awaitable[None]] | None = None,
) -> None:
    """Run the platform until SIGTERM or SIGINT. *then* is awaited once all is ready.

    Raises: see `Supervisor.start`.
    """
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    supervisor = Supervisor(
        state, refs, say=lambda line: print(line, flush=True), patience=patience
    )

    async def life() -> None:
        addresses = await supervisor.start(prepare)
        if then is not None:
            await then(addresses)
        await stopped.wait()

    living, stopping = asyncio.create_task(life()), asyncio.create_task(stopped.wait())
    try:
        await asyncio.wait({living, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if living.done():
            living.result()
    finally:
        living.cancel()
        stopping.cancel()
        await asyncio.wait({living, stopping})
        await supervisor.stop()
