"""Server-sent events: a page that is told, instead of asking again and again.

An event's data is a piece of our own HTML that replaces what the page shows; its id lets
a browser that was cut off go on where it stopped. Source: HTML Living Standard 9.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from haidang.core.errors import HaidangError
from starlette.responses import StreamingResponse

BEAT_SECONDS = 15.0
"""A comment this often keeps proxies and phones from dropping a silent connection."""
RETRY_MS = 2000


@dataclass(frozen=True, slots=True)
class Event:
    """One message: `id` as sent back in Last-Event-ID; `kind` "end" closes the source."""

    id: str
    data: str
    kind: str = "message"

    def wire(self) -> str:
        """The message as the protocol writes it."""
        lines = "".join(f"data: {line}\n" for line in self.data.split("\n"))
        return f"id: {self.id}\nevent: {self.kind}\n{lines}\n"


def stream(events: AsyncIterator[Event]) -> StreamingResponse:
    """*events* as a response; a beat keeps it alive between them.

    An error of the vocabulary ends it: the browser comes again, and reads what is so then.
    """
    return StreamingResponse(
        _wired(events),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _wired(events: AsyncIterator[Event]) -> AsyncIterator[str]:
    yield f"retry: {RETRY_MS}\n\n"
    following = asyncio.ensure_future(anext(events, None))
    try:
        while True:
            done, _ = await asyncio.wait({following}, timeout=BEAT_SECONDS)
            if not done:
                yield ": còn đó\n\n"
                continue
            try:
                event = following.result()
            except HaidangError:
                return
            if event is None:
                return
            yield event.wire()
            following = asyncio.ensure_future(anext(events, None))
    finally:
        following.cancel()
