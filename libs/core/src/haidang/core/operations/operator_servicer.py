"""operations.v1 OperatorService: messages to values and back. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from haidang.api.operations.v1 import operations_pb2, operations_pb2_grpc
from haidang.core.clock import instant_of
from haidang.core.errors import Malformed, from_facts, sentence
from haidang.core.operations.desk import OPEN
from haidang.core.operations.oversight import Oversight, Overview, Seen, Standing, TimelineOf, Word
from haidang.core.operations.oversight_rows import ResolutionRow
from haidang.core.operations.rows import EffectRow
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.core.tenancy import OPERATE

DEFAULT_PAGE, LONGEST_PAGE = 50, 200
SERVICE = "/haidang.api.operations.v1.OperatorService/"
METHODS: Mapping[str, str] = {
    f"{SERVICE}{name}": OPERATE
    for name in ("GetOverview", "ListAllOperations", "GetTimeline", "ResolveEffect")
}
Metadata = operations_pb2.OperationMetadata


class OperatorServicer(operations_pb2_grpc.OperatorServiceServicer):
    """For whoever runs the platform, over the operations that this service issued."""

    def __init__(self, oversight: Oversight) -> None:
        self._oversight = oversight

    async def GetOverview(
        self, request: operations_pb2.GetOverviewRequest, context: Context
    ) -> operations_pb2.Overview:
        return _overview_message(await self._oversight.overview())

    async def ListAllOperations(
        self, request: operations_pb2.ListAllOperationsRequest, context: Context
    ) -> operations_pb2.ListAllOperationsResponse:
        reader = current_actor().tenant
        size = max(1, min(request.page_size or DEFAULT_PAGE, LONGEST_PAGE))
        found = await self._oversight.page(
            standing=_standing_of(request.state),
            tenant=request.tenant,
            after=_after(decode_page_token(request.page_token, reader)),
            limit=size + 1,
        )
        token = ""
        if len(found) > size:
            last = found[size - 1].row
            at = {"at": last.created_at.isoformat(), "name": last.name}
            token = encode_page_token(at, reader)
        return operations_pb2.ListAllOperationsResponse(
            operations=[summary_message(one) for one in found[:size]], next_page_token=token
        )

    async def GetTimeline(
        self, request: operations_pb2.GetTimelineRequest, context: Context
    ) -> operations_pb2.Timeline:
        return _timeline_message(await self._oversight.timeline(request.name))

    async def ResolveEffect(
        self, request: operations_pb2.ResolveEffectRequest, context: Context
    ) -> operations_pb2.Timeline:
        word = Word(
            name=request.name,
            effect=request.effect,
            happened=request.happened,
            receipt_json=request.receipt_json,
            request_id=request.request_id,
        )
        await self._oversight.resolve(word, actor=current_actor().id)
        return _timeline_message(await self._oversight.timeline(request.name))


def _standing_of(state: Metadata.State.ValueType) -> Standing | None:
    if state == Metadata.STATE_UNSPECIFIED:
        return None
    try:
        return Standing(Metadata.State.Name(state).removeprefix("STATE_"))
    except ValueError as error:  # a newer caller's state
        raise Malformed("FIELD_INVALID", field="state", detail="?") from error


# The token's values are texts, as encode_page_token kept them.
def _after(token: Mapping[str, str]) -> tuple[datetime, str] | None:
    if not token:
        return None
    try:
        return instant_of(token["at"]), str(token["name"])
    except (KeyError, ValueError, TypeError) as error:
        raise Malformed("PAGE_TOKEN_INVALID", field="page_token") from error


def _overview_message(overview: Overview) -> operations_pb2.Overview:
    message = operations_pb2.Overview()
    message.time.FromDatetime(overview.at)
    for standing, counted in overview.counted.items():
        state = message.states.add(state=_state(standing), count=counted.count)
        state.oldest_create_time.FromDatetime(counted.oldest_at)
    for hour in overview.hours:
        one = message.hours.add(
            started=hour.started,
            succeeded=hour.succeeded,
            failed=hour.failed,
            longest_seconds=hour.longest_seconds,
        )
        one.start_time.FromDatetime(hour.start_at)
    return message


def _state(standing: Standing) -> Metadata.State.ValueType:
    return Metadata.State.Value(f"STATE_{standing}")


def summary_message(seen: Seen) -> operations_pb2.OperationSummary:
    """One operation in a list."""
    failure, at = seen.failure, seen.at_effect
    message = operations_pb2.OperationSummary(
        name=seen.row.name,
        tenant=seen.row.tenant,
        kind=seen.row.kind,
        state=_state(seen.standing),
        reason=from_facts(failure).reason if failure else "",
        at_effect=at.name if at else "",
    )
    message.create_time.FromDatetime(seen.row.created_at)
    message.update_time.FromDatetime(seen.row.updated_at)
    return message


def _timeline_message(timeline: TimelineOf) -> operations_pb2.Timeline:
    seen = timeline.seen
    message = operations_pb2.Timeline(
        operation=summary_message(seen),
        waiting=timeline.waiting,
        effects=[_effect_message(one, timeline) for one in seen.effects],
        resolutions=[_resolution_message(one) for one in timeline.resolutions],
    )
    if seen.row.failure:
        message.message_vi, message.message_en = _said(seen.row.failure)
    return message


def _effect_message(effect: EffectRow, timeline: TimelineOf) -> operations_pb2.TimelineEffect:
    is_open = timeline.seen.at_effect is not None and effect.state in OPEN
    message = operations_pb2.TimelineEffect(
        name=effect.name,
        state=operations_pb2.Step.State.Value(f"STATE_{effect.state}"),
        is_open=is_open,
        is_recording=is_open and effect.has_receipt,
        receipt_schema_json=timeline.shapes.get(effect.name, "") if is_open else "",
        tries=effect.tries,
    )
    message.start_time.FromDatetime(effect.started_at)
    if effect.ended_at is not None:
        message.end_time.FromDatetime(effect.ended_at)
    if effect.failure:
        message.reason = from_facts(effect.failure).reason
        message.message_vi, message.message_en = _said(effect.failure)
    return message


def _resolution_message(row: ResolutionRow) -> operations_pb2.Resolution:
    message = operations_pb2.Resolution(effect=row.effect, happened=row.happened, actor=row.actor)
    message.create_time.FromDatetime(row.created_at)
    return message


def _said(failure: Mapping[str, object]) -> tuple[str, str]:
    error = from_facts(failure)
    return sentence(error.reason, error.facts, "vi"), sentence(error.reason, error.facts, "en")


__all__ = ["METHODS", "OperatorServicer", "summary_message"]
