"""Operations as the outside sees them: google.longrunning, with progress read off the effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from google.rpc import error_details_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.errors import Unsupported, from_facts, register, sentence
from haidang.core.operations.desk import Desk, Operation
from haidang.core.operations.rows import EffectRow, EffectState, OperationState
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.core.statuses import status_of

DEFAULT_PAGE = 50
LONGEST_PAGE = 100
LONGEST_WAIT_SECONDS = 60.0
WAIT_MARGIN_SECONDS = 0.2
NANOS = 1e9

SERVICE = "google.longrunning.Operations"
METHODS: Mapping[str, str] = {
    f"/{SERVICE}/GetOperation": "operations.read",
    f"/{SERVICE}/WaitOperation": "operations.read",
    f"/{SERVICE}/ListOperations": "operations.read",
    f"/{SERVICE}/CancelOperation": "operations.read",
    f"/{SERVICE}/DeleteOperation": "operations.read",
}

register(
    Unsupported,
    {
        "OPERATION_NOT_CANCELLABLE": (
            "Operations cannot be cancelled or deleted; effects on the outside stand.",
            "Không thể hủy yêu cầu đã gửi; những việc đã làm vẫn có hiệu lực.",
        ),
    },
)

# Any: a packing function per result type; the desk hands it a value of just that type.
Answers = Mapping[type[Any], Callable[[Any], Message]]


def _metadata(operation: Operation) -> metadata_pb2.OperationMetadata:
    message = metadata_pb2.OperationMetadata(
        kind=operation.kind, state=_state(operation), steps=[_step(e) for e in operation.effects]
    )
    message.create_time.FromDatetime(operation.created_at)
    message.update_time.FromDatetime(operation.updated_at)
    begun = {effect.name for effect in operation.effects}
    if not operation.done:
        waiting = metadata_pb2.Step.STATE_WAITING
        message.steps.extend(
            metadata_pb2.Step(name=name, state=waiting)
            for name in operation.steps
            if name not in begun
        )
    return message


def _state(operation: Operation) -> metadata_pb2.OperationMetadata.State.ValueType:
    state = metadata_pb2.OperationMetadata
    if operation.state is OperationState.SUCCEEDED:
        return state.STATE_SUCCEEDED
    if operation.state is OperationState.FAILED:
        return state.STATE_FAILED
    effects = {effect.state for effect in operation.effects}
    if EffectState.NEEDS_OPERATOR in effects:
        return state.STATE_NEEDS_OPERATOR
    return state.STATE_UNSETTLED if EffectState.UNSETTLED in effects else state.STATE_RUNNING


def _step(effect: EffectRow) -> metadata_pb2.Step:
    step = metadata_pb2.Step(
        name=effect.name, state=metadata_pb2.Step.State.Value(f"STATE_{effect.state}")
    )
    step.start_time.FromDatetime(effect.started_at)
    if effect.ended_at is not None:
        step.end_time.FromDatetime(effect.ended_at)
    if effect.failure is not None:
        error = from_facts(effect.failure)
        step.reason = error.reason
        step.message.CopyFrom(
            error_details_pb2.LocalizedMessage(
                locale="vi", message=sentence(error.reason, error.facts)
            )
        )
    return step


def _nothing(_result: object) -> Message:
    """The answer of an operation of the house's own, which no contract speaks of."""
    return empty_pb2.Empty()


def to_message(operation: Operation, answers: Answers) -> operations_pb2.Operation:
    """*operation* as google.longrunning's message; its result packed by *answers*."""
    message = operations_pb2.Operation(name=operation.name, done=operation.done)
    message.metadata.Pack(_metadata(operation))
    if operation.error is not None:
        message.error.CopyFrom(status_of(operation.error))
    elif operation.done:
        pack = answers.get(type(operation.result), _nothing)
        message.response.Pack(pack(operation.result))
    return message


class OperationsServicer(operations_pb2_grpc.OperationsServicer):
    """Answers for the operations this service issued."""

    def __init__(self, desk: Desk, answers: Answers) -> None:
        self._desk = desk
        self._answers = answers

    async def GetOperation(
        self, request: operations_pb2.GetOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        operation = await self._desk.get(request.name, tenant=current_actor().tenant)
        return to_message(operation, self._answers)

    async def WaitOperation(
        self, request: operations_pb2.WaitOperationRequest, context: Context
    ) -> operations_pb2.Operation:
        # Not as a timedelta, which does not hold every number of seconds that a message can.
        timeout = request.timeout.seconds + request.timeout.nanos / NANOS
        asked = timeout or LONGEST_WAIT_SECONDS
        remaining = context.time_remaining() or LONGEST_WAIT_SECONDS
        seconds = max(0.0, min(asked, LONGEST_WAIT_SECONDS, remaining - WAIT_MARGIN_SECONDS))
        operation = await self._desk.wait(
            request.name, tenant=current_actor().tenant, timeout_seconds=seconds
        )
        return to_message(operation, self._answers)

    async def ListOperations(
        self, request: operations_pb2.ListOperationsRequest, context: Context
    ) -> operations_pb2.ListOperationsResponse:
        tenant = current_actor().tenant
        size = max(1, min(request.page_size or DEFAULT_PAGE, LONGEST_PAGE))
        after = str(decode_page_token(request.page_token, tenant).get("after", ""))
        found = await self._desk.page(tenant=tenant, after=after, limit=size + 1)
        is_more = len(found) > size
        return operations_pb2.ListOperationsResponse(
            operations=[to_message(operation, self._answers) for operation in found[:size]],
            next_page_token=encode_page_token({"after": found[size - 1].name}, tenant)
            if is_more
            else "",
        )

    async def CancelOperation(
        self, request: operations_pb2.CancelOperationRequest, context: Context
    ) -> empty_pb2.Empty:
        raise Unsupported("OPERATION_NOT_CANCELLABLE")

    async def DeleteOperation(
        self, request: operations_pb2.DeleteOperationRequest, context: Context
    ) -> empty_pb2.Empty:
        raise Unsupported("OPERATION_NOT_CANCELLABLE")


__all__ = ["METHODS", "Answers", "OperationsServicer", "to_message"]
