"""A process for tests of the supervisor: says when it starts and ends, and ends when asked.

TINY_STUBBORN names processes that ignore SIGTERM; TINY_BROKEN those that fail at once.
"""

from __future__ import annotations

import asyncio
import os
import signal

from haidang.core import process
from haidang.core.errors import Absent
from haidang.core.settings import platform


def note(event: str) -> None:
    place = platform()
    with (place.state / "events").open("a") as events:
        events.write(f"{place.process} {event}\n")


async def main() -> None:
    name = platform().process
    if name in os.environ.get("TINY_BROKEN", "").split():
        raise Absent("ADDRESS_UNKNOWN", name="registry", known=[])
    note("starts")
    process.announce_ready()
    if name in os.environ.get("TINY_STUBBORN", "").split():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        note("is stubborn")
        await asyncio.Event().wait()
    await process.until_stopped()
    note("ends")


if __name__ == "__main__":
    process.run(main)
