"""Modules run as processes of their own, over a state folder, as the supervisor runs them.

    async with ModuleProcess("haidang.portal.sandbox_bank", state, "bank") as bank:
        await bank.wait_ready()
        await bank.kill()           # kill -9
        await bank.start()          # and again, over the same state

The addresses a process listens on are allocated beforehand: see `core.addresses`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

POLL_SECONDS = 0.02
PATIENCE_SECONDS = 60.0
STOP_SECONDS = 10.0


async def eventually(
    holds: Callable[[], object], *, what: str, seconds: float = PATIENCE_SECONDS
) -> None:
    """Wait until *holds* answers true. Raises: TimeoutError naming *what*."""
    try:
        async with asyncio.timeout(seconds):
            while not holds():  # noqa: ASYNC110 - another process makes it true
                await asyncio.sleep(POLL_SECONDS)
    except TimeoutError as error:
        raise TimeoutError(what) from error


class ModuleProcess:
    """One module as a process. `text` is all it ever wrote."""

    def __init__(
        self,
        module: str,
        state: Path,
        name: str,
        *arguments: str,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.state = state
        self.name = name
        self._command = ("-m", module, *arguments)
        self._environment = dict(environment or {})
        self._running: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> ModuleProcess:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.end()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._running is not None
        return self._running.pid

    @property
    def text(self) -> str:
        """What it wrote on stdout and stderr, in all its lives."""
        return self._log.read_text(errors="replace") if self._log.is_file() else ""

    @property
    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return None if self._running is None else self._running.returncode

    async def start(self) -> None:
        """Start it, its earlier word of being ready forgotten."""
        self._ready.unlink(missing_ok=True)
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._running = await asyncio.create_subprocess_exec(
                sys.executable,
                *self._command,
                env={
                    **os.environ,
                    "HAIDANG_STATE": str(self.state),
                    "HAIDANG_PROCESS": self.name,
                    "PYTHONUNBUFFERED": "1",
                    **self._environment,
                },
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # No preexec_fn: it needs a fork, and grpc's fork handlers now and then end
                # the child before it becomes the module (grpc issue 22624). A module that
                # comes in by `core.process.run` dies with its parent by itself.
            )

    async def wait_ready(self) -> dict[str, object]:
        """What it announced; the word of this very life. Raises: TimeoutError, RuntimeError."""
        await eventually(lambda: self._ready.exists() or self.code is not None, what=self.name)
        if self.code is not None:
            raise RuntimeError(f"{self.name} ended with {self.code}:\n{self.text}")
        announced: dict[str, object] = json.loads(self._ready.read_text())
        return announced

    async def kill(self) -> None:
        """End it as a power cut would: SIGKILL."""
        if self._running is not None and self._running.returncode is None:
            self._running.kill()
            await self._running.wait()

    async def end(self) -> int:
        """Ask it to end, SIGTERM; its exit code. One that lingers is killed."""
        assert self._running is not None
        if self._running.returncode is None:
            self._running.terminate()
        try:
            return await asyncio.wait_for(self._running.wait(), STOP_SECONDS)
        except TimeoutError:
            await self.kill()
            return await self._running.wait()

    async def wait(self) -> int:
        """Wait for its end; the exit code."""
        assert self._running is not None
        return await self._running.wait()

    @property
    def _ready(self) -> Path:
        return self.state / "run" / f"{self.name}.ready"

    @property
    def _log(self) -> Path:
        return self.state / "logs" / f"{self.name}.test.log"
