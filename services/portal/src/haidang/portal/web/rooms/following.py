"""An operation begun under a name and followed: `/ten-mien/{name}/<place>/{id}`, its events.

The page may be closed and opened again; while the operation runs, events tell what moves.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from google.longrunning import operations_pb2
from haidang.core.errors import Absent, HaidangError, OutcomeUnknown, Unavailable
from haidang.portal.web.events import Event, stream
from haidang.portal.web.forms import Faults
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.pages import written_clock
from haidang.portal.web.rooms.journey import SHOWN_STATES
from haidang.portal.web.rooms.journey_watch import Watches, counter_of, metadata_of
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

STEPS = "parts/following_steps.html"
ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Following:
    """Operations of one *kind*; the path's *parameter* names one of them."""

    kind: str
    place: str
    parameter: str
    watches: Watches = field(default_factory=Watches)

    async def begun(
        self,
        visit: Visit,
        domain: str,
        start: Awaitable[operations_pb2.Operation],
        faults: Faults,
        fields: Mapping[str, str],
    ) -> Response | None:
        """The way to what *start* began; None when it was refused, *faults* say why and where.

        Raises: Unavailable, OutcomeUnknown: the same button, pressed again, joins it.
        """
        try:
            sent = await start
        except (Unavailable, OutcomeUnknown):
            raise
        except HaidangError as error:
            faults.add_error(error, visit.locale, fields)
            return None
        id = sent.name.removeprefix("operations/")
        return visit.go(f"/ten-mien/{domain}/{self.place}/{id}")

    async def operation(self, visit: Visit) -> operations_pb2.Operation:
        """The operation that the path names. Raises: Absent OPERATION_ABSENT."""
        if not ID.fullmatch(visit[self.parameter]):
            raise Absent("OPERATION_ABSENT")
        request = operations_pb2.GetOperationRequest(name=f"operations/{visit[self.parameter]}")
        found: operations_pb2.Operation = await visit.operations("journeys").GetOperation(request)
        if metadata_of(found).kind != self.kind:
            raise Absent("OPERATION_ABSENT")
        return found

    # Any: what a template takes.
    def progress(self, visit: Visit, operation: operations_pb2.Operation) -> dict[str, Any]:
        """What the steps show: rows for parts/show.html, and where to follow them."""
        metadata = metadata_of(operation)
        rows = [
            {
                "state": SHOWN_STATES[step.state],
                "words": visit.words(f"domains.step.{step.name}"),
                "note": written_clock(step.end_time.ToDatetime(UTC))
                if step.HasField("end_time")
                else "",
            }
            for step in metadata.steps
        ]
        return {
            "rows": rows,
            "needs_us": any(step.state == step.STATE_NEEDS_OPERATOR for step in metadata.steps),
            "here": f"/ten-mien/{visit['name']}/{self.place}/{visit[self.parameter]}",
            "began": metadata.create_time.ToDatetime(UTC),
        }

    async def events(self, visit: Visit) -> StreamingResponse:
        """What moves, as it moves; ends with the operation."""
        first = await self.operation(visit)
        seen = whole_number(visit.request.headers.get("last-event-id", ""))
        return stream(self._told(visit, first, seen))

    async def _told(
        self, visit: Visit, first: operations_pb2.Operation, seen: int | None
    ) -> AsyncIterator[Event]:
        """Pieces of the page for every state after the one counted *seen*."""
        listening = self.watches.listen(
            visit.session.tenant, first.name, lambda: self.operation(visit), seen=seen
        )
        async for operation in listening:
            piece = visit.part(STEPS, **self.progress(visit, operation))
            kind = "end" if operation.done else "message"
            yield Event(str(counter_of(operation)), piece, kind)
