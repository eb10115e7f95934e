"""Faults on request: how a test makes the sandbox registry lose, garble or delay answers.

`server` asks before each command. Orders come from the settings or from `faults.json`
in the state folder, read again whenever it changes: a list of {"verb", "when", "times"}.
Only a sandbox may have such a room.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, Field, TypeAdapter, ValidationError


class When(StrEnum):
    """Where a command meets its fault."""

    BEFORE_COMMIT = "before-commit"
    """Nothing is executed; the connection drops."""
    AFTER_COMMIT = "after-commit"
    """Executed and kept; the connection drops before the answer."""
    MID_FRAME = "mid-frame"
    """Executed and kept; half of the answer is sent, then the connection drops."""
    CODE_2400 = "code-2400"
    """Nothing is executed; the answer is 2400."""
    CODE_2306 = "code-2306"
    """Nothing is executed; the answer is 2306: the registry's policy refuses for good."""
    CODE_2400_COMMITTED = "code-2400-committed"
    """Executed and kept; the answer is 2400 all the same, as real registries have done."""
    CODE_2500 = "code-2500"
    """Nothing is executed; the answer is 2500 and the connection ends."""
    CODE_2500_COMMITTED = "code-2500-committed"
    """Executed and kept; the answer is 2500 and the connection ends."""
    LATE = "late"
    """Executed and kept at once; the answer comes after `seconds`."""
    LATE_COMMIT = "late-commit"
    """Executed only after `seconds`, whether or not anybody still listens."""


EXECUTES = frozenset(
    {
        When.AFTER_COMMIT,
        When.MID_FRAME,
        When.CODE_2400_COMMITTED,
        When.CODE_2500_COMMITTED,
        When.LATE,
        When.LATE_COMMIT,
    }
)


class Fault(BaseModel, extra="forbid", frozen=True):
    """One order. `verb` is as in "domain.create", or "*"; it is obeyed `times` times."""

    verb: str
    when: When
    times: int = Field(1, ge=1)
    seconds: float = Field(1.0, ge=0)


_ORDERS: TypeAdapter[list[Fault]] = TypeAdapter(list[Fault])


class FaultInjector:
    """Hands out the ordered faults, each as often as it was ordered."""

    def __init__(self, standing: tuple[Fault, ...], control: Path) -> None:
        self._control = control
        self._read = b""
        self._left: list[tuple[Fault, int]] = [(fault, fault.times) for fault in standing]

    def next_for(self, verb: str) -> Fault | None:
        """The fault this command meets, if any; taking it counts."""
        self._reread()
        for at, (fault, times) in enumerate(self._left):
            if fault.verb in {verb, "*"}:
                self._left[at : at + 1] = [(fault, times - 1)] if times > 1 else []
                return fault
        return None

    def _reread(self) -> None:
        try:
            found = self._control.read_bytes()
        except OSError:
            return
        if found == self._read:
            return
        try:
            orders = _ORDERS.validate_json(found)
        except ValidationError:
            return  # half-written: the next command reads it whole
        self._read = found
        self._left = [(fault, fault.times) for fault in orders]
