"""`/hanh-trinh/{id}`: a journey while it goes on, how it ended, and what it brought.

The page may be closed and opened again at any time: it shows what the operation says.
While it runs, events tell what moves; without scripts the page asks anew by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

import segno
from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.clock import Clock
from haidang.core.errors import Absent, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.dues.rules import since_paid
from haidang.portal.starts import Start, Starts
from haidang.portal.starts.facts import place_of
from haidang.portal.web.doors import Door
from haidang.portal.web.events import Event, stream
from haidang.portal.web.pages import written_clock
from haidang.portal.web.rooms.journey_watch import Watches, counter_of, metadata_of
from haidang.portal.web.rooms.start_bench import HOLDING, UNPAID, note_refusal
from haidang.portal.web.visit import Visit
from starlette.responses import Response

NEEDS = "journeys.read"
ID = re.compile(r"[0-9a-f]{32}")
DOWNLOAD_SECONDS = 30.0
QR_BORDER = 2
State = journeys_pb2.Journey
Step = metadata_pb2.Step

SHOWN_STATES = {
    Step.STATE_WAITING: "waiting",
    Step.STATE_INTENDED: "doing",
    Step.STATE_UNSETTLED: "doing",
    Step.STATE_NEEDS_OPERATOR: "doing",
    Step.STATE_SETTLED: "done",
    Step.STATE_REFUSED: "refused",
}


@dataclass(frozen=True)
class Row:
    """A step as it is shown."""

    state: str
    words: str
    note: str


class Journey:
    """Following, the end, and the papers of it."""

    def __init__(self, starts: Starts, clock: Clock) -> None:
        self._starts = starts
        self._clock = clock
        self.watches = Watches()

    def doors(self) -> tuple[Door, ...]:
        """The page, its events, the signed paper and the code to scan."""
        door = partial(Door, needs=NEEDS, names=("journey",))
        base = "/hanh-trinh/{journey}"
        return (
            door("GET", base, self.show),
            door("GET", f"{base}/su-kien", self.events),
            door("GET", f"{base}/ban-khai.pdf", self.declaration),
            door("GET", f"{base}/ma-qr.svg", self.code),
        )

    async def show(self, visit: Visit) -> Response:
        """The page of the state it is in."""
        name = journey_name(visit)
        journey = await visit.journeys.GetJourney(journeys_pb2.GetJourneyRequest(name=name))
        operation = await operation_of(visit)
        tenant = visit.session.tenant
        start = await self._starts.of_journey(tenant, operation.name)
        # Read a moment apart, the two may disagree: the page follows until both have ended.
        if not operation.done or journey.state == State.STATE_RUNNING:
            return self._running(visit, journey, operation, start)
        if journey.state == State.STATE_ONLINE:
            await self._starts.arrived(tenant, operation.name)
            return self._online(visit, journey)
        return await self._refused(visit, journey, operation, start)

    def _running(
        self, visit: Visit, journey: journeys_pb2.Journey, operation: operations_pb2.Operation,
        start: Start | None,
    ) -> Response:  # fmt: skip
        return visit.page(
            "journey_running.html",
            200,
            id=visit["journey"],
            domain=journey.registration.unicode_domain or journey.domain or _named(start),
            **progress(visit, operation, self._clock.now()),
        )

    async def _refused(
        self, visit: Visit, journey: journeys_pb2.Journey, operation: operations_pb2.Operation,
        start: Start | None,
    ) -> Response:  # fmt: skip
        error = since_paid(error_of_status(operation.error), journey.payment.captured_dong)
        if start is not None:
            start = await note_refusal(self._starts, visit, start, journey)
        at = place_of(str(error.facts.get("field", "")), start.facts if start else {})
        return visit.page(
            "journey_refused.html",
            domain=journey.registration.unicode_domain or journey.domain or _named(start),
            outcome=sentence(error.reason, error.facts, visit.locale),
            start=start,
            screen=at[0],
            field=at[1],
            is_holding=error.reason in HOLDING,
            is_unpaid=error.reason in UNPAID,
            owing=journey.registration.domain or error.facts.get("domain", ""),
            money=journey.payment,
            registration=journey.registration,
            expires=journey.registration.expire_time.ToDatetime(UTC),
            rows=rows_of(visit, operation),
        )

    def _online(self, visit: Visit, journey: journeys_pb2.Journey) -> Response:
        held, paper = journey.registration, journey.declaration
        state = domains_pb2.Registration.State.Name(held.state).removeprefix("STATE_")
        passed = paper.report.indication == esign_pb2.INDICATION_TOTAL_PASSED
        failed = paper.report.indication == esign_pb2.INDICATION_TOTAL_FAILED
        return visit.page(
            "journey_online.html",
            id=visit["journey"],
            journey=journey,
            domain=held.unicode_domain or journey.domain,
            state=state,
            expires=held.expire_time.ToDatetime(UTC),
            verdict="good" if passed else "bad" if failed else "wait",
            level=esign_pb2.Level.Name(paper.level).removeprefix("LEVEL_").replace("_", "-"),
            signatures=signatures_of(paper.report),
            website=journey.deployment.website,
            document=paper.name,
        )

    async def events(self, visit: Visit) -> Response:
        """What moves, from the state that the browser saw last."""
        operation = await operation_of(visit)  # another tenant's is not found before anything
        sent = visit.request.headers.get("last-event-id", "")
        seen = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 8 else None
        return stream(self._told(visit, operation.name, seen))

    async def _told(self, visit: Visit, name: str, seen: int | None) -> AsyncGenerator[Event, None]:
        async def read() -> operations_pb2.Operation:
            found: operations_pb2.Operation = await visit.operations("journeys").GetOperation(
                _get(name)
            )
            return found

        listening = self.watches.listen(visit.session.tenant, name, read, seen=seen)
        async with contextlib.aclosing(listening):
            async for operation in listening:
                html = visit.part(
                    "parts/journey_steps.html", **progress(visit, operation, self._clock.now())
                )
                kind = "end" if operation.done else "message"
                yield Event(str(counter_of(operation)), html, kind)

    async def declaration(self, visit: Visit) -> Response:
        """The signed declaration."""
        journey = await self._arrived(visit)
        request = esign_pb2.DownloadDocumentRequest(name=journey.declaration.name)
        parts = [
            part.chunk
            async for part in visit.esign.stream(
                "DownloadDocument", request, timeout=DOWNLOAD_SECONDS
            )
        ]
        file = f"ban-khai-{journey.registration.domain}.pdf"
        headers = {
            "Content-Disposition": f'attachment; filename="{file}"',
            "Cache-Control": "no-store",
        }
        return Response(b"".join(parts), headers=headers, media_type="application/pdf")

    async def code(self, visit: Visit) -> Response:
        """The address of the website as a QR code. Source: ISO/IEC 18004, level M."""
        journey = await self._arrived(visit)
        drawn = await asyncio.to_thread(_code_of, journey.deployment.uri)
        headers = {"Cache-Control": "private, max-age=3600"}
        return Response(drawn, headers=headers, media_type="image/svg+xml")

    async def _arrived(self, visit: Visit) -> journeys_pb2.Journey:
        """Raises: Absent JOURNEY_ABSENT unless the journey is online."""
        name = journey_name(visit)
        journey: journeys_pb2.Journey = await visit.journeys.GetJourney(
            journeys_pb2.GetJourneyRequest(name=name)
        )
        if journey.state != State.STATE_ONLINE:
            raise Absent("JOURNEY_ABSENT")
        return journey


def _code_of(address: str) -> bytes:
    """The QR code of *address* as SVG: pure Python, some milliseconds."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", border=QR_BORDER, dark="#0d2740", light="#ffffff", omitsize=True
    )
    return drawn.getvalue()


def signatures_of(report: esign_pb2.ValidationReport) -> Sequence[Mapping[str, object]]:
    """Who signed, when, by whose certificate: the verdict in short."""
    return [
        {
            "signer": one.signer,
            "issuer": one.issuer,
            "signed_at": one.signed_time.ToDatetime(UTC),
            "covers_whole": one.covers_whole_document,
        }
        for one in report.signatures
    ]


def journey_name(visit: Visit) -> str:
    """The journey in the path, "journeys/{id}". Raises: Absent JOURNEY_ABSENT."""
    if not ID.fullmatch(visit["journey"]):
        raise Absent("JOURNEY_ABSENT")
    return f"journeys/{visit['journey']}"


async def operation_of(visit: Visit) -> operations_pb2.Operation:
    """The operation of the journey in the path. Raises: Absent, also for another tenant's."""
    name = journey_name(visit).replace("journeys/", "operations/")
    found: operations_pb2.Operation = await visit.operations("journeys").GetOperation(_get(name))
    return found


def _get(name: str) -> operations_pb2.GetOperationRequest:
    return operations_pb2.GetOperationRequest(name=name)


def progress(visit: Visit, operation: operations_pb2.Operation, now: datetime) -> dict[str, object]:
    """What the list of steps shows."""
    metadata = metadata_of(operation)
    began = metadata.create_time.ToDatetime(UTC)
    seconds = max(0, int((now - began).total_seconds()))
    state = metadata_pb2.OperationMetadata
    waits = metadata.state in {state.STATE_UNSETTLED, state.STATE_NEEDS_OPERATOR}
    return {
        "rows": rows_of(visit, operation),
        "began": began,
        "minutes": seconds // 60,
        "seconds": seconds,
        "waits": waits,
        "needs_operator": metadata.state == state.STATE_NEEDS_OPERATOR,
        "counter": counter_of(operation),
    }


def rows_of(visit: Visit, operation: operations_pb2.Operation) -> Sequence[Row]:
    """The steps in plain words, in their order; what comes later waits."""
    found = []
    for step in metadata_of(operation).steps:
        key = f"journey.step.{step.name}"
        note = ""
        if step.state in {Step.STATE_SETTLED, Step.STATE_REFUSED} and step.HasField("end_time"):
            note = written_clock(step.end_time.ToDatetime(UTC))
        elif step.state == Step.STATE_UNSETTLED:
            note = visit.words.plain("journey.asking_again")
        elif step.state == Step.STATE_NEEDS_OPERATOR:
            note = visit.words.plain("journey.needs_operator")
        words = visit.words.plain(key) if key in visit.words else step.name
        found.append(Row(SHOWN_STATES.get(step.state, "waiting"), words, note))
    return found


def _named(start: Start | None) -> str:
    return start["domain"] if start else ""
