"""The guard: wraps a chosen provider once, so that every call keeps a port's promises.

A read past its deadline is Unavailable; an act past its deadline, or failed in a way no
one foresaw, is OutcomeUnknown; a full bulkhead or an open breaker refuses before
anything is sent. A find passes the breaker, being the only way to settle.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from haidang.core import telemetry
from haidang.core.errors import HaidangError, OutcomeUnknown, Refused, Unavailable, register
from haidang.core.ports.marks import MARK, mark_of

P = TypeVar("P")

register(
    Refused,
    {
        "PORT_UNMARKED": (
            "Method {method} of port {port} bears no mark.",
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
    """Seconds and counts a guarded provider is held to."""

    read_seconds: float = 10.0
    act_seconds: float = 90.0
    concurrent_calls: int = 64
    failures_to_open: int = 5
    pause_seconds: float = 5.0


class _Breaker:
    """Counts failures in a row; refuses for a pause once there are too many."""

    def __init__(self, limits: GuardLimits) -> None:
        self._limits = limits
        self._failures = 0
        self._open_until = 0.0

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def note(self, *, failed: bool) -> None:
        self._failures = self._failures + 1 if failed else 0
        if self._failures >= self._limits.failures_to_open:
            self._open_until = time.monotonic() + self._limits.pause_seconds
            self._failures = 0


# Any: a guard passes arguments and answers of every port through unchanged.
class _Guarded:
    """What every generated guard shares: the provider, its limits, its breaker."""

    def __init__(
        self, provider: Any, name: str, limits: GuardLimits, capabilities: frozenset[str]
    ) -> None:
        self.provider = provider
        self.name = name
        self.capabilities = capabilities
        self._limits = limits
        self._breaker = _Breaker(limits)
        self._slots = asyncio.Semaphore(limits.concurrent_calls)
        self._log = telemetry.logger(__name__)

    @asynccontextmanager
    async def _slot(self, *, passes_breaker: bool) -> AsyncIterator[None]:
        if self._breaker.is_open() and not passes_breaker:
            raise Unavailable("BREAKER_OPEN", port=self.name)
        if self._slots.locked():
            raise Unavailable("BULKHEAD_FULL", port=self.name)
        async with self._slots:
            yield

    async def read(self, method: str, is_find: bool, *args: Any, **kwargs: Any) -> Any:
        async with self._slot(passes_breaker=is_find):
            try:
                return await self._call(method, self._limits.read_seconds, *args, **kwargs)
            except TimeoutError as error:
                self._breaker.note(failed=True)
                raise Unavailable("DEADLINE_BEFORE_ANSWER", port=self.name) from error
            except HaidangError:
                raise
            except Exception as error:  # a read harms nothing: it is asked again
                self._breaker.note(failed=True)
                self._log.exception("read_unforeseen", port=self.name, method=method)
                raise Unavailable("READ_UNFORESEEN", port=self.name) from error

    async def act(self, method: str, *args: Any, **kwargs: Any) -> Any:
        async with self._slot(passes_breaker=False):
            try:
                return await self._call(method, self._limits.act_seconds, *args, **kwargs)
            except TimeoutError as error:
                self._breaker.note(failed=True)
                raise OutcomeUnknown("ACT_CUT_OFF", port=self.name) from error
            except HaidangError:
                raise
            except Exception as error:  # it may have acted before it failed
                self._breaker.note(failed=True)
                self._log.exception("act_unforeseen", port=self.name, method=method)
                raise OutcomeUnknown("ACT_UNFORESEEN", port=self.name) from error

    async def _call(self, method: str, seconds: float, *args: Any, **kwargs: Any) -> Any:
        bound = getattr(self.provider, method)
        if inspect.iscoroutinefunction(bound):
            answer = bound(*args, **kwargs)
        else:
            answer = asyncio.to_thread(bound, *args, **kwargs)
        try:
            result = await asyncio.wait_for(answer, seconds)
        except Unavailable:
            self._breaker.note(failed=True)
            raise
        self._breaker.note(failed=False)
        return result


def guard(
    port: type[P],
    provider: object,
    *,
    name: str,
    limits: GuardLimits | None = None,
    capabilities: frozenset[str] = frozenset(),
) -> P:
    """*provider* wrapped as *port*. Its methods keep the port's marks and annotations.

    Raises: Refused PORT_UNMARKED, PROVIDER_INCOMPLETE.
    """
    methods = port_methods(port)
    finds = {mark[1] for mark in map(mark_of, methods.values()) if mark and mark[1]}
    body = {
        method: _wrapper(method, function, is_find=method in finds)
        for method, function in methods.items()
    }
    for method in methods:
        if not callable(getattr(provider, method, None)):
            raise Refused("PROVIDER_INCOMPLETE", provider=name, method=method)
    kind = type(f"Guarded{port.__name__}", (_Guarded,), body)
    guarded: P = kind(provider, name, limits or GuardLimits(), capabilities)
    return guarded


# Any: a Protocol's functions.
def port_methods(port: type) -> dict[str, Callable[..., Any]]:
    """The public methods of a port, by name. Raises: Refused PORT_UNMARKED."""
    methods: dict[str, Callable[..., Any]] = {
        name: function
        for name, function in vars(port).items()
        if inspect.isfunction(function) and not name.startswith("_")
    }
    for name, function in methods.items():
        mark = mark_of(function)
        if mark is None or (mark[1] is not None and mark[1] not in methods):
            raise Refused("PORT_UNMARKED", port=port.__name__, method=name)
    return methods


# Any: as above.
def _wrapper(method: str, function: Callable[..., Any], *, is_find: bool) -> Callable[..., Any]:
    mark = mark_of(function)
    is_act = mark is not None and mark[0] == "acts"

    @functools.wraps(function)
    async def call(self: _Guarded, *args: Any, **kwargs: Any) -> Any:
        if is_act:
            return await self.act(method, *args, **kwargs)
        return await self.read(method, is_find, *args, **kwargs)

    setattr(call, MARK, mark)
    return call
