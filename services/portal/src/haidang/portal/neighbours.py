"""The other services, spoken to by their contracts: effects of a journey.

A neighbour's operation is an effect like any other: its request id is derived from the
effect, so it can be asked for by name. Absent: it did not happen. Running: unknown.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.api.esign.v1 import esign_pb2, esign_pb2_grpc
from haidang.api.websites.v1 import websites_pb2, websites_pb2_grpc
from haidang.core.client import error_from
from haidang.core.errors import OutcomeUnknown, Unavailable
from haidang.core.operations.desk import operation_name
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.statuses import error_of_status
from haidang.portal import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.values import Step, StepReceipt

REQUESTS = uuid.UUID("5d0d3a4e-54b5-4c53-9d3a-7c5f0e7f9b11")
"""Namespace of request ids derived from effects."""

START_SECONDS = 10.0
WAIT_SECONDS = 20.0
MOST_WAITS = 3
MOST_TRIES = 3

Metadata = tuple[tuple[str, str], ...]
# Any: a stub's multicallable, generic in messages that the table below pairs.
Method = Callable[..., Awaitable[Any]]


@dataclass(frozen=True)
class Verb:
    """One method of a neighbour: its call, its messages, and whether it is long-running."""

    call: Method
    request: type[Message]
    response: type[Message]
    is_long: bool


def request_id_of(effect_id: EffectId) -> str:
    """The request id a neighbour is given for this effect: the same on every try."""
    return str(uuid.uuid5(REQUESTS, effect_id))


class Neighbour:
    """One service. `authorize` answers the call credentials of a tenant."""

    def __init__(
        self,
        name: str,
        verbs: Mapping[str, Verb],
        operations: operations_pb2_grpc.OperationsStub,
        authorize: Callable[[str], Metadata],
    ) -> None:
        self._name = name
        self._verbs = verbs
        self._operations = operations
        self._authorize = authorize

    @acts(find="find_done")
    async def do(self, step: Step, effect_id: EffectId) -> StepReceipt:
        """Carry *step* out and wait for its end.

        Raises: the neighbour's own refusal; Unavailable before it was sent; OutcomeUnknown.
        """
        verb = self._verbs[step.verb]
        request = json_format.Parse(step.request_json, verb.request())
        if "request_id" in request.DESCRIPTOR.fields_by_name:
            request.request_id = request_id_of(effect_id)  # type: ignore[attr-defined]
        answer = await self._call(verb.call(request, timeout=START_SECONDS, **self._as(step)))
        if verb.is_long:
            answer = await self._end_of(answer, step)
            return StepReceipt(_unpacked(answer, verb.response))
        return StepReceipt(_json(answer))

    @reads
    async def find_done(self, step: Step, effect_id: EffectId) -> StepReceipt | None:
        """The answer of this very step if it was carried out; None when it was not, or refused."""
        verb = self._verbs[step.verb]
        if not verb.is_long:
            return None  # unary methods are idempotent by their request id: doing is asking
        name = operation_name(step.tenant, request_id_of(effect_id))
        request = operations_pb2.WaitOperationRequest(name=name)
        request.timeout.FromSeconds(int(WAIT_SECONDS))
        try:
            found = await self._operations.WaitOperation(
                request, timeout=WAIT_SECONDS + START_SECONDS, **self._as(step)
            )
        except grpc.aio.AioRpcError as error:
            if error.code() is grpc.StatusCode.NOT_FOUND:
                return None
            raise Unavailable("SERVICE_UNREACHABLE", service=self._name) from error
        if not found.done:
            raise OutcomeUnknown("STEP_STILL_RUNNING", service=self._name)
        if found.HasField("error"):
            return None  # refused; the repeated act answers with the refusal itself
        return StepReceipt(_unpacked(found, verb.response))

    # Any: JSON values of the method's own messages.
    async def ask(self, tenant: str, verb: str, request: dict[str, object]) -> dict[str, Any]:
        """What a reading method answers *tenant*, as proto3 JSON; touches nothing.

        Raises: the neighbour's refusal; Unavailable, OutcomeUnknown after three tries.
        """
        method = self._verbs[verb]
        message = json_format.ParseDict(request, method.request())
        tried = 1
        while True:
            call = method.call(message, timeout=START_SECONDS, metadata=self._authorize(tenant))
            try:
                answer: dict[str, Any] = json.loads(_json(await self._call(call)))
            except (Unavailable, OutcomeUnknown):
                if tried == MOST_TRIES:
                    raise
                await asyncio.sleep(tried)
                tried += 1
            else:
                return answer

    async def _end_of(
        self, operation: operations_pb2.Operation, step: Step
    ) -> operations_pb2.Operation:
        request = operations_pb2.WaitOperationRequest(name=operation.name)
        request.timeout.FromSeconds(int(WAIT_SECONDS))
        for _ in range(MOST_WAITS):
            if operation.done:
                break
            try:
                operation = await self._operations.WaitOperation(
                    request, timeout=WAIT_SECONDS + START_SECONDS, **self._as(step)
                )
            except grpc.aio.AioRpcError as error:
                raise OutcomeUnknown("STEP_STILL_RUNNING", service=self._name) from error
        if not operation.done:
            raise OutcomeUnknown("STEP_STILL_RUNNING", service=self._name)
        if operation.HasField("error"):
            raise error_of_status(operation.error)
        return operation

    def _as(self, step: Step) -> dict[str, Metadata]:
        return {"metadata": self._authorize(step.tenant)}

    async def _call(self, call: Awaitable[Any]) -> Any:  # Any: the verb's own response message
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            raise error_from(error) from error


def _json(message: Message) -> str:
    return json_format.MessageToJson(message, preserving_proto_field_name=True, indent=None)


def _unpacked(operation: operations_pb2.Operation, kind: type[Message]) -> str:
    message = kind()
    operation.response.Unpack(message)
    return _json(message)


def domains_neighbour(channel: grpc.aio.Channel, authorize: Callable[[str], Metadata]) -> Neighbour:
    """The domains service."""
    stub = domains_pb2_grpc.DomainsServiceStub(channel)
    verbs = {
        "quote": Verb(stub.QuoteDomain, domains_pb2.QuoteDomainRequest, domains_pb2.Quote, False),
        "register": Verb(
            stub.RegisterDomain, domains_pb2.RegisterDomainRequest, domains_pb2.Registration, True
        ),
        "renew": Verb(
            stub.RenewDomain, domains_pb2.RenewDomainRequest, domains_pb2.Registration, True
        ),
        "zone": Verb(stub.ApplyZone, domains_pb2.ApplyZoneRequest, domains_pb2.Zone, True),
        "registration": Verb(
            stub.GetRegistration,
            domains_pb2.GetRegistrationRequest,
            domains_pb2.Registration,
            False,
        ),
        "held-zone": Verb(stub.GetZone, domains_pb2.GetZoneRequest, domains_pb2.Zone, False),
    }
    return Neighbour("domains", verbs, operations_pb2_grpc.OperationsStub(channel), authorize)


def websites_neighbour(
    channel: grpc.aio.Channel, authorize: Callable[[str], Metadata]
) -> Neighbour:
    """The website builder."""
    stub = websites_pb2_grpc.WebsitesServiceStub(channel)
    verbs = {
        "website": Verb(
            stub.CreateWebsite, websites_pb2.CreateWebsiteRequest, websites_pb2.Website, False
        ),
        "websites": Verb(
            stub.ListWebsites,
            websites_pb2.ListWebsitesRequest,
            websites_pb2.ListWebsitesResponse,
            False,
        ),
        "publish": Verb(
            stub.PublishWebsite, websites_pb2.PublishWebsiteRequest, websites_pb2.Deployment, True
        ),
    }
    return Neighbour("websites", verbs, operations_pb2_grpc.OperationsStub(channel), authorize)


def esign_neighbour(channel: grpc.aio.Channel, authorize: Callable[[str], Metadata]) -> Neighbour:
    """The e-sign service."""
    stub = esign_pb2_grpc.EsignServiceStub(channel)
    verbs = {
        "declare": Verb(
            stub.DeclareRegistration, esign_pb2.DeclareRegistrationRequest, esign_pb2.Document, True
        )
    }
    return Neighbour("esign", verbs, operations_pb2_grpc.OperationsStub(channel), authorize)
