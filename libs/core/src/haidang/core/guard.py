"""The guard: wraps a chosen provider once, so that every call keeps a port's promises.

A read past its deadline is Unavailable; an act past its deadline, or failed in a way no
one foresaw, is OutcomeUnknown; a full bulkhead or an open breaker refuses before
anything is sent. A find passes the breaker, being the only way to settle. What a guard
cannot contain: a crash of the interpreter, or a sync provider that never returns its thread.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from haidang.core import telemetry
from haidang.core.errors import (
    HaidangError,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.ports.marks import mark_of, need_of

P = TypeVar("P")

FAREWELL_SECONDS = 1.0
"""How long a call cut off may take to clean up before it is left to itself."""

register(
    Refused,
    {
        "PORT_UNMARKED": (
            "Method {method} of port {port} bears no mark, or names no find of that port.",
            "Cấu hình nội bộ chưa đúng: {port}.{method}.",
        ),
        "PROVIDER_INCOMPLETE": (
            "Provider {provider} lacks method {method}.",
            "Nhà cung cấp {provider} thiếu chức năng {method}.",
        ),
    },
)
register(
    Unavailable,
    {
        "READ_UNFORESEEN": (
            "{port} failed in an unforeseen way while being asked.",
            "Chưa hỏi được {port}; chúng tôi sẽ hỏi lại.",
        ),
    },
)


@dataclass(frozen=True, slots=True)
class GuardLimits:
    """Seconds and counts a guarded provider is held to.

    `act_seconds` exceeds what the slowest built-in needs in a row: connecting, the
    registry's answer, and asking what came of it.
    """

    read_seconds: float = 10.0
    act_seconds: float = 90.0
    concurrent_calls: int = 64
    failures_to_open: int = 5
    pause_seconds: float = 5.0


class _Breaker:
    """Counts failures in a row; refuses for a pause once there are too many.

    After the pause one more failure opens it again, one answer closes it for good.
    """

    def __init__(self, limits: GuardLimits, monotonic: Callable[[], float]) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._failures = 0
        self._open_until = 0.0

    def is_open(self) -> bool:
        return self._monotonic() < self._open_until

    def note_answer(self) -> None:
        self._failures = 0
        self._open_until = 0.0

    def note_failure(self) -> None:
        self._failures += 1
        if self._failures >= self._limits.failures_to_open:
            self._open_until = self._monotonic() + self._limits.pause_seconds


# Any: a guard passes arguments and answers of every port through unchanged.
class _Gate:
    """Every call to one provider passes here."""

    def __init__(
        self,
        provider: Any,
        name: str,
        limits: GuardLimits,
        capabilities: frozenset[str],
        monotonic: Callable[[], float],
    ) -> None:
        self.provider = provider
        self.name = name
        self.capabilities = capabilities
        self._limits = limits
        self._breaker = _Breaker(limits, monotonic)
        self._slots = asyncio.Semaphore(limits.concurrent_calls)
        self._log = telemetry.logger(__name__)

    async def read(self, call: Callable[[], Any], need: str | None, *, is_find: bool) -> Any:
        self._admit(need, passes_breaker=is_find)
        try:
            return await self._watched(call, self._limits.read_seconds)
        except TimeoutError as error:
            raise Unavailable("DEADLINE_BEFORE_ANSWER", port=self.name) from error
        except HaidangError:
            raise
        except Exception as error:  # a read harms nothing: it is asked again
            self._note_unforeseen("read_unforeseen", error)
            raise Unavailable("READ_UNFORESEEN", port=self.name) from error

    async def act(self, call: Callable[[], Any], need: str | None) -> Any:
        self._admit(need, passes_breaker=False)
        try:
            return await self._watched(call, self._limits.act_seconds)
        except (TimeoutError, _OwnCancellation) as error:
            raise OutcomeUnknown("ACT_CUT_OFF", port=self.name) from error
        except HaidangError:
            raise
        except Exception as error:  # it may have acted before it failed
            self._note_unforeseen("act_unforeseen", error)
            raise OutcomeUnknown("ACT_UNFORESEEN", port=self.name) from error

    def _admit(self, need: str | None, *, passes_breaker: bool) -> None:
        """Refuse before anything is sent. Raises: Unsupported, Unavailable."""
        if need is not None and need not in self.capabilities:
            raise Unsupported("CAPABILITY_ABSENT", port=self.name, capability=need)
        if self._breaker.is_open() and not passes_breaker:
            raise Unavailable("BREAKER_OPEN", port=self.name)
        if self._slots.locked():
            raise Unavailable("BULKHEAD_FULL", port=self.name)

    async def _watched(self, call: Callable[[], Any], seconds: float) -> Any:
        """Answer of *call* within *seconds*, in a free slot, its health noted."""
        async with self._slots:
            try:
                answer = await _within(call, seconds)
            except (Unavailable, OutcomeUnknown):
                self._breaker.note_failure()
                raise
            except HaidangError:
                self._breaker.note_answer()
                raise
            except Exception:  # what it means depends on read or act: said there
                self._breaker.note_failure()
                raise
            self._breaker.note_answer()
            return answer

    def _note_unforeseen(self, event: str, error: Exception) -> None:
        """Log where it failed; never the message, which may carry secrets."""
        frames = traceback.extract_tb(error.__traceback__)
        where = [f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in frames]
        self._log.error(event, port=self.name, kind=type(error).__name__, where=where)


class _OwnCancellation(Exception):
    """The provider cancelled itself; nobody asked it to."""


async def _within(call: Callable[[], Any], seconds: float) -> Any:
    """Answer of *call*; past *seconds*, or when the caller is cancelled, it is cut off.

    The deadline holds whatever the provider does with its cancellation.
    Raises: TimeoutError; _OwnCancellation.
    """
    task = asyncio.ensure_future(_called(call))
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    except asyncio.CancelledError:
        await _cut_off(task)
        raise
    if not done:
        await _cut_off(task)
        raise TimeoutError
    if task.cancelled():
        raise _OwnCancellation
    return task.result()


async def _called(call: Callable[[], Any]) -> Any:
    """Run *call*: in a thread when it is no coroutine function."""
    function = call.func if isinstance(call, functools.partial) else call
    answer = call() if inspect.iscoroutinefunction(function) else await asyncio.to_thread(call)
    return await answer if inspect.isawaitable(answer) else answer


async def _cut_off(task: asyncio.Future[Any]) -> None:
    task.cancel()
    task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
    await asyncio.wait({task}, timeout=FAREWELL_SECONDS)


class Guarded:
    """What every generated guard shares. A port's methods stand beside `capabilities`."""

    def __init__(self, gate: _Gate) -> None:
        self._haidang_gate = gate

    @property
    def capabilities(self) -> frozenset[str]:
        """What the chosen offer declares."""
        return self._haidang_gate.capabilities


def guard(
    port: type[P],
    provider: object,
    *,
    name: str,
    limits: GuardLimits | None = None,
    capabilities: frozenset[str] = frozenset(),
    monotonic: Callable[[], float] = time.monotonic,
) -> P:
    """*provider* wrapped as *port*. Its methods keep the port's marks and annotations.

    Raises: Refused PORT_UNMARKED, PROVIDER_INCOMPLETE.
    """
    methods = port_methods(port)
    for method in methods:
        if not callable(getattr(provider, method, None)):
            raise Refused("PROVIDER_INCOMPLETE", provider=name, method=method)
    gate = _Gate(provider, name, limits or GuardLimits(), capabilities, monotonic)
    guarded: P = _guarded_kind(port)(gate)
    return guarded


# Any: the generated class stands for the port at run time only.
def _guarded_kind(port: type) -> Any:
    """The class whose methods pass the gate on their way to a provider of *port*."""
    methods = port_methods(port)
    finds = {mark[1] for mark in map(mark_of, methods.values()) if mark and mark[1]}
    body = {
        method: _wrapper(method, function, is_find=method in finds)
        for method, function in methods.items()
    }
    return type(f"Guarded{port.__name__}", (Guarded,), body)


# Any: a Protocol's functions.
def port_methods(port: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a port, by name. Raises: Refused PORT_UNMARKED."""
    methods: dict[str, Callable[..., Any]] = {
        name: function
        for kind in reversed(port.__mro__)
        for name, function in vars(kind).items()
        if inspect.isfunction(function) and not name.startswith("_")
    }
    for name, function in methods.items():
        mark = mark_of(function)
        if mark is None or (mark[1] is not None and mark[1] not in methods):
            raise Refused("PORT_UNMARKED", port=port.__name__, method=name)
    return methods


# Any: as above.
def _wrapper(
    method: str, function: Callable[..., Any], *, is_find: bool
) -> Callable[..., Awaitable[Any]]:
    """*function* of the port, marks and annotations and all, that calls the provider's."""
    mark = mark_of(function)
    is_act = mark is not None and mark[0] == "acts"
    need = need_of(function)

    @functools.wraps(function)
    async def through(self: Guarded, *args: Any, **kwargs: Any) -> Any:
        gate = self._haidang_gate
        call = functools.partial(getattr(gate.provider, method), *args, **kwargs)
        if is_act:
            return await gate.act(call, need)
        return await gate.read(call, need, is_find=is_find)

    return through
