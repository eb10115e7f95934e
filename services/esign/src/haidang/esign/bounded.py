"""Run hostile work in a child process with hard limits.

Who comes in: the verify worker. The child may exhaust memory, processor or time, or crash:
the caller learns which, and nothing else happens. Never here: what the work is.
"""

from __future__ import annotations

import os
import resource
import select
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Failure(StrEnum):
    """Why a child gave no answer."""

    TIMEOUT = "TIMEOUT"
    MEMORY = "MEMORY"
    CRASH = "CRASH"


@dataclass(frozen=True)
class Limits:
    """What one file may cost. The address space includes what the worker has loaded."""

    memory_bytes: int = 1024 * 1024 * 1024
    processor_seconds: int = 20
    wall_seconds: float = 30.0


_OPEN_FILES = 64
_READ_BYTES = 1 << 16
_DONE, _OUT_OF_MEMORY, _CRASHED = 0, 3, 4


def run_bounded(work: Callable[[], bytes], limits: Limits) -> bytes | Failure:
    """The bytes *work* answers from a forked child, or why there are none.

    The caller must be single-threaded. *work*'s exceptions never reach the caller.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os._exit(_work_within(work, writing, limits))
    os.close(writing)
    try:
        answer = _read_all(reading, time.monotonic() + limits.wall_seconds)
    finally:
        os.close(reading)
    if answer is None:
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return Failure.TIMEOUT if answer is None else _judge_end(answer, status)


def _judge_end(answer: bytes, status: int) -> bytes | Failure:
    if os.WIFSIGNALED(status):
        over = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGKILL)
        return Failure.TIMEOUT if over else Failure.CRASH
    code = os.WEXITSTATUS(status)
    if code == _OUT_OF_MEMORY:
        return Failure.MEMORY
    return answer if code == _DONE else Failure.CRASH


def _read_all(descriptor: int, deadline: float) -> bytes | None:
    """Everything the child writes until it closes; None when the deadline comes first."""
    parts: list[bytes] = []
    while (left := deadline - time.monotonic()) > 0:
        if not select.select([descriptor], [], [], left)[0]:
            return None
        part = os.read(descriptor, _READ_BYTES)
        if not part:
            return b"".join(parts)
        parts.append(part)
    return None


def _work_within(work: Callable[[], bytes], writing: int, limits: Limits) -> int:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _limit(limits)
    try:
        answer = work()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
    except MemoryError:
        return _OUT_OF_MEMORY
    except Exception:  # reason: whatever a hostile file does to the child is told by its exit code
        return _CRASHED
    return _DONE


def _limit(limits: Limits) -> None:
    seconds = limits.processor_seconds
    resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
