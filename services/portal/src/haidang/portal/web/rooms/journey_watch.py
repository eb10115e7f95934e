"""Watching journeys: one poll for all who listen to the same one.

A listener costs a queue of one place, not a call: five hundred of them wait on a handful
of polls. A watcher begins with its first listener and ends with its last, or with the
journey.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress

from google.longrunning import operations_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core import telemetry
from haidang.core.errors import HaidangError

FIRST_POLL_SECONDS = 0.25
SLOWEST_POLL_SECONDS = 2.0
SLOWER = 1.3
"""A journey in which nothing moves is asked less and less often."""

PERIOD_SECONDS = 300.0
"""A listener is let go this often; the browser comes back by itself, and is let in anew."""

Step = metadata_pb2.Step
RANK = {
    Step.STATE_WAITING: 0,
    Step.STATE_INTENDED: 1,
    Step.STATE_UNSETTLED: 2,
    Step.STATE_NEEDS_OPERATOR: 3,
    Step.STATE_SETTLED: 4,
    Step.STATE_REFUSED: 5,
}
STEPS_AT_MOST = 10_000
Read = Callable[[], Awaitable[operations_pb2.Operation]]


def metadata_of(operation: operations_pb2.Operation) -> metadata_pb2.OperationMetadata:
    """The progress of *operation*."""
    found = metadata_pb2.OperationMetadata()
    operation.metadata.Unpack(found)
    return found


def counter_of(operation: operations_pb2.Operation) -> int:
    """Grows with every step that moves; the same state has the same number in every process."""
    moved = sum(RANK.get(step.state, 0) for step in metadata_of(operation).steps)
    return moved + (STEPS_AT_MOST if operation.done else 0)


class Watch:
    """One journey, watched for its listeners."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._latest: operations_pb2.Operation | None = None
        self._moved = asyncio.Condition()
        self._is_over = False
        self._task = asyncio.create_task(self._poll())
        self.listeners = 0

    async def _poll(self) -> None:
        pause = FIRST_POLL_SECONDS
        try:
            while True:
                with suppress(HaidangError):  # a service that is away is asked again
                    found = await self._read()
                    if self._latest is None or counter_of(found) != counter_of(self._latest):
                        pause = FIRST_POLL_SECONDS
                        await self._tell(found)
                    if found.done:
                        return
                await asyncio.sleep(pause)
                pause = min(pause * SLOWER, SLOWEST_POLL_SECONDS)
        except Exception:
            telemetry.logger(__name__).exception("journey_watch_defect")
        finally:
            self._is_over = True
            async with self._moved:
                self._moved.notify_all()

    async def _tell(self, found: operations_pb2.Operation) -> None:
        async with self._moved:
            self._latest = found
            self._moved.notify_all()

    async def changes(
        self, seen: int | None, seconds: float
    ) -> AsyncGenerator[operations_pb2.Operation, None]:
        """The journey each time it moved on from the state counted *seen*, for *seconds*."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            latest = await self._news(seen, max(0.0, until - loop.time()))
            if latest is None or counter_of(latest) == seen:
                return
            seen = counter_of(latest)
            yield latest
            if latest.done:
                return

    async def _news(self, seen: int | None, seconds: float) -> operations_pb2.Operation | None:
        """The journey once it moved on or ended, or as it is when the time is over."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds), self._moved:
                await self._moved.wait_for(lambda: self._is_over or self._is_news(seen))
        return self._latest

    def _is_news(self, seen: int | None) -> bool:
        return self._latest is not None and counter_of(self._latest) != seen

    def stop(self) -> None:
        """Ask no more."""
        self._task.cancel()


class Watches:
    """Every journey that somebody listens to, by tenant and operation."""

    def __init__(self) -> None:
        self._watches: dict[tuple[str, str], Watch] = {}

    def __len__(self) -> int:
        return len(self._watches)

    async def listen(
        self,
        tenant: str,
        operation: str,
        read: Read,
        *,
        seen: int | None,
        seconds: float = PERIOD_SECONDS,
    ) -> AsyncGenerator[operations_pb2.Operation, None]:
        """What happens to *operation* after the state counted *seen*.

        Ends with it, or after *seconds*. The first listener's *read* asks for all of them:
        they are of one tenant.
        """
        key = (tenant, operation)
        watch = self._watches.get(key)
        if watch is None:
            watch = self._watches[key] = Watch(read)
        watch.listeners += 1
        try:
            async with aclosing(watch.changes(seen, seconds)) as changes:
                async for found in changes:
                    yield found
        finally:
            watch.listeners -= 1
            if not watch.listeners:
                watch.stop()
                if self._watches.get(key) is watch:
                    del self._watches[key]
