"""`haidang up`: starts every process of the platform, watches, restarts, stops them.

Which processes there are, plugins say by hook; nothing here knows a service. Addresses
are loopback ports chosen once and kept, so that a restart changes no link.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from haidang.core import process
from haidang.core.errors import Unavailable, register
from haidang.core.offers import ProcessRef

LOOPBACK = "127.0.0.1"
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
SETTLED_SECONDS = 30.0
READY_SECONDS = 60.0
POLL_SECONDS = 0.03
STOP_SECONDS = 10.0
MOST_LOG_BYTES = 5_000_000
ADDRESSES = "run/addresses.json"
SUPERVISOR = "run/supervisor.json"

register(
    Unavailable,
    {
        "PROCESS_NOT_READY": (
            "{name} did not become ready; see its log.",
            "Phần {name} chưa khởi động được; xem nhật ký của nó.",
        ),
    },
)


@dataclass
class Child:
    """One supervised process."""

    ref: ProcessRef
    running: asyncio.subprocess.Process | None = None
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    restarts: int = 0


class Supervisor:
    """All processes over one state folder."""

    def __init__(
        self, state: Path, refs: Iterable[ProcessRef], say: Callable[[str], None] = print
    ) -> None:
        self._state = state.resolve()
        self._children = {ref.name: Child(ref) for ref in refs}
        self._say = say
        self._stopping = False
        self._watchers: list[asyncio.Task[None]] = []

    async def start(self) -> dict[str, str]:
        """Start everything; the addresses once all are ready.

        Raises: Conflict STATE_IN_USE when another `up` holds the folder; Unavailable
            PROCESS_NOT_READY.
        """
        self._state.mkdir(parents=True, exist_ok=True, mode=0o700)
        process.hold(self._state)
        for folder in ("run", "logs"):
            (self._state / folder).mkdir(exist_ok=True)
        for left_over in (self._state / "run").glob("*.ready"):
            left_over.unlink()
        addresses = allocate(self._state / ADDRESSES, self._ports())
        _write(self._state / SUPERVISOR, {"pid": os.getpid(), "processes": self._listed(addresses)})
        self._watchers = [asyncio.create_task(self._watch(c)) for c in self._children.values()]
        await asyncio.gather(*(self._until_ready(c) for c in self._children.values()))
        return addresses

    async def stop(self) -> None:
        """Stop everything, those that others rest on last."""
        self._stopping = True
        for name in reversed(self._in_order()):
            await _end(self._children[name].running)
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        (self._state / SUPERVISOR).unlink(missing_ok=True)

    def _ports(self) -> list[str]:
        return [port for child in self._children.values() for port in child.ref.ports]

    def _listed(self, addresses: Mapping[str, str]) -> list[dict[str, str]]:
        return [
            {
                "name": child.ref.name,
                "role": child.ref.role,
                "address": addresses.get(child.ref.ports[0], "") if child.ref.ports else "",
            }
            for child in self._children.values()
        ]

    def _in_order(self) -> list[str]:
        ordered: list[str] = []

        def visit(name: str) -> None:
            if name in ordered or name not in self._children:
                return
            for before in self._children[name].ref.after:
                visit(before)
            ordered.append(name)

        for name in self._children:
            visit(name)
        return ordered

    async def _watch(self, child: Child) -> None:
        """Keep *child* alive: start, wait for its end, pause, start again."""
        for name in child.ref.after:
            if name in self._children:
                await self._children[name].ready.wait()
        pause = FIRST_PAUSE_SECONDS
        while not self._stopping:
            began = time.monotonic()
            child.running = await self._spawn(child)
            announcing = asyncio.create_task(self._announce(child, child.running.pid))
            code = await child.running.wait()
            announcing.cancel()
            if self._stopping:
                return
            child.restarts += 1
            self._say(f"  {child.ref.name} ended with {code}; starting it again")
            if time.monotonic() - began > SETTLED_SECONDS:
                pause = FIRST_PAUSE_SECONDS
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    async def _spawn(self, child: Child) -> asyncio.subprocess.Process:
        name = child.ref.name
        (self._state / "run" / f"{name}.ready").unlink(missing_ok=True)
        path = self._state / "logs" / f"{name}.log"
        if path.exists() and path.stat().st_size > MOST_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        environment = {
            **os.environ,
            "HAIDANG_STATE": str(self._state),
            "HAIDANG_PROCESS": name,
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
                start_new_session=True,
            )

    async def _announce(self, child: Child, pid: int) -> None:
        path = self._state / "run" / f"{child.ref.name}.ready"
        while not path.exists():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(POLL_SECONDS)
        if not child.ready.is_set():
            mark = "  SANDBOX" if child.ref.sandbox else ""
            self._say(f"  {child.ref.name:<14} {child.ref.role:<10} pid {pid}{mark}")
        child.ready.set()

    async def _until_ready(self, child: Child) -> None:
        try:
            await asyncio.wait_for(child.ready.wait(), READY_SECONDS)
        except TimeoutError as error:
            raise Unavailable("PROCESS_NOT_READY", name=child.ref.name) from error


async def _end(running: asyncio.subprocess.Process | None) -> None:
    if running is None or running.returncode is not None:
        return
    running.terminate()
    try:
        await asyncio.wait_for(running.wait(), STOP_SECONDS)
    except TimeoutError:
        running.kill()


def allocate(path: Path, names: Iterable[str]) -> dict[str, str]:
    """Loopback addresses for *names*: those kept in *path* where still free, else fresh ones."""
    kept: dict[str, str] = json.loads(path.read_text()) if path.is_file() else {}
    addresses: dict[str, str] = {}
    sockets: list[socket.socket] = []
    for name in names:
        port = int(kept.get(name, ":0").rpartition(":")[2])
        bound = _bind(port) or _bind(0)
        assert bound is not None
        sockets += bound
        addresses[name] = f"{LOOPBACK}:{bound[0].getsockname()[1]}"
    for each in sockets:
        each.close()
    _write(path, addresses)
    return addresses


def _bind(port: int) -> list[socket.socket] | None:
    """TCP and UDP sockets on one number, or None when it is taken."""
    tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        tcp.bind((LOOPBACK, port))
        udp.bind((LOOPBACK, tcp.getsockname()[1]))
    except OSError:
        tcp.close()
        udp.close()
        return None
    return [tcp, udp]


def _write(path: Path, value: object) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(value, indent=1))
    fresh.rename(path)


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def status(state: Path) -> dict[str, object]:
    """What runs over *state*: {"ready", "processes", "addresses"}; the promised JSON."""
    file = state / SUPERVISOR
    listed = json.loads(file.read_text())["processes"] if file.is_file() else []
    path = state / ADDRESSES
    addresses = json.loads(path.read_text()) if path.is_file() else {}
    processes = []
    for entry in listed:
        ready = state / "run" / f"{entry['name']}.ready"
        pid = json.loads(ready.read_text())["pid"] if ready.is_file() else 0
        processes.append({**entry, "pid": pid if pid and is_alive(pid) else None})
    is_ready = bool(processes) and all(one["pid"] for one in processes)
    return {"ready": is_ready, "processes": processes, "addresses": addresses}


async def up(
    state: Path, refs: Iterable[ProcessRef], *, then: Callable[[dict[str, str]], None] | None = None
) -> None:
    """Run the platform until SIGTERM or SIGINT. *then* is called once all is ready."""
    supervisor = Supervisor(state, refs)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stopped.wait())
    await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    try:
        if starting.done():
            addresses = starting.result()
            if then is not None:
                await asyncio.to_thread(then, addresses)
            await stopped.wait()
    finally:
        starting.cancel()
        await supervisor.stop()
