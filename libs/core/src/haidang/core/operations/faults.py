"""Faults on demand: kills and failures at named points, honoured only with sandbox parts.

`HAIDANG_KILL_AT=<operation>/<effect>:<point>` kills the owning process there, once;
a marker file in the state folder remembers that it was done, because a supervised
restart inherits the variable. Points: before-intent, before-act, after-act,
after-settle; `settle-fails` and `act-raises` fail once instead of killing.
"""

from __future__ import annotations

import hashlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

KILLS = ("before-intent", "before-act", "after-act", "after-settle")
FAILURES = ("settle-fails", "act-raises")


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
class FaultOnce:
    """One fault at one point, carried out once per state folder."""

    at: str
    markers: Path

    def pass_point(self, kind: str, effect: str, point: str) -> None:
        """Carry the fault out when this is the point and the marker is not there yet."""
        if f"{kind}/{effect}:{point}" != self.at or not self._first_time():
            return
        if point in FAILURES:
            raise RuntimeError(f"fault on demand at {self.at}")
        os.kill(os.getpid(), signal.SIGKILL)

    def _first_time(self) -> bool:
        name = hashlib.sha256(self.at.encode()).hexdigest()[:16]
        self.markers.mkdir(parents=True, exist_ok=True)
        try:
            descriptor = os.open(self.markers / f"fault-{name}", os.O_CREAT | os.O_EXCL)
        except FileExistsError:
            return False
        os.fsync(descriptor)
        os.close(descriptor)
        return True


def faults_from(kill_at: str, *, sandbox: bool, state: Path) -> Faults:
    """The faults that *kill_at* asks for; none without it or outside a sandbox."""
    return FaultOnce(kill_at, state / "faults") if kill_at and sandbox else NoFaults()
