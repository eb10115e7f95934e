"""Faults on demand: kills and failures at named points, honoured only with sandbox parts.

`HAIDANG_KILL_AT=<operation>/<effect>:<point>` kills the owning process there, once; so
does a line in `<state>/faults/at`, which a running platform reads at every point. A
marker file remembers that it was done, because a supervised restart meets the same
point again. Points: before-intent, before-act, after-act, after-settle; `settle-fails`
and `act-raises` fail once instead of killing. A line may end in `@<process>`: then that
process is killed at this point instead of the owner.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

KILLS = ("before-intent", "before-act", "after-act", "after-settle")
FAILURES = ("settle-fails", "act-raises")
WANTED = "at"
VICTIM = "@"


class Faults(Protocol):
    """Told of every point a run passes."""

    def pass_point(self, kind: str, effect: str, point: str) -> None:
        """Do nothing, or kill this process, or raise."""
        ...


class NoFaults:
    """The ordinary case."""

    def pass_point(self, kind: str, effect: str, point: str) -> None:
        """Pass."""


@dataclass(frozen=True)
class FaultsOnDemand:
    """Faults at wanted points, each carried out once per state folder."""

    wanted: frozenset[str]
    folder: Path

    def pass_point(self, kind: str, effect: str, point: str) -> None:
        """Carry the fault out when this point is wanted and has no marker yet."""
        at = f"{kind}/{effect}:{point}"
        for line in self._lines_at(at):
            if not self._first_time(line):
                continue
            if point in FAILURES:
                raise RuntimeError(f"fault on demand at {at}")
            self._kill(line.removeprefix(at).removeprefix(VICTIM))

    def _lines_at(self, at: str) -> list[str]:
        try:
            lines = (self.folder / WANTED).read_text().splitlines()
        except OSError:
            lines = []
        return [one for one in (*self.wanted, *lines) if one.partition(VICTIM)[0] == at]

    def _kill(self, victim: str) -> None:
        """Kill this process, or the one called *victim* as its ready file tells."""
        if not victim:
            os.kill(os.getpid(), signal.SIGKILL)
        ready = self.folder.parent / "run" / f"{victim}.ready"
        with contextlib.suppress(OSError, ProcessLookupError, ValueError):
            os.kill(int(json.loads(ready.read_text())["pid"]), signal.SIGKILL)

    def _first_time(self, at: str) -> bool:
        name = hashlib.sha256(at.encode()).hexdigest()[:16]
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(self.folder / f"done-{name}", os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return False
        os.fsync(descriptor)
        os.close(descriptor)
        return True


def faults_from(kill_at: str, *, sandbox: bool, state: Path) -> Faults:
    """The faults wanted by *kill_at* or by the state folder; none outside a sandbox."""
    if not sandbox:
        return NoFaults()
    return FaultsOnDemand(frozenset({kill_at} if kill_at else ()), state / "faults")
