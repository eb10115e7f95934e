"""Messages to values and back, for journeys and tokens. Nothing is decided here."""

from __future__ import annotations

from google.longrunning import operations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2, journeys_pb2_grpc
from haidang.api.tokens.v1 import tokens_pb2, tokens_pb2_grpc
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, sentence
from haidang.core.operations import Desk, Operation
from haidang.core.operations.desk import operation_name
from haidang.core.operations.rows import OperationState
from haidang.core.operations.served import Answers, to_message
from haidang.core.server import PUBLIC, Context, current_actor
from haidang.portal.admission import Admission
from haidang.portal.journeys import Journeys
from haidang.portal.ledger import JourneyLedger
from haidang.portal.tokens import TokenOffice
from haidang.portal.values import GoOnline, Journey

METHODS = {
    "/haidang.api.journeys.v1.JourneysService/GoOnline": "journeys.write",
    "/haidang.api.journeys.v1.JourneysService/GetJourney": "journeys.read",
    "/haidang.api.tokens.v1.TokensService/ExchangeKey": PUBLIC,
}


def _json(message: Message) -> str:
    return json_format.MessageToJson(
        message, preserving_proto_field_name=True, indent=None, sort_keys=True
    )


def command_of(request: journeys_pb2.GoOnlineRequest) -> GoOnline:
    """The command in *request*."""
    return GoOnline(
        domain=request.domain.strip(),
        years=request.years,
        accepted_total_dong=request.accepted_total_dong,
        registrant_json=_json(request.registrant),
        draft_json=_json(request.draft),
        payer=request.payer.strip(),
    )


def journey_message(journey: Journey) -> journeys_pb2.Journey:
    """*journey* as the contract's message."""
    message = journeys_pb2.Journey(
        name=f"journeys/{journey.id}",
        domain=journey.domain,
        state=journeys_pb2.Journey.State.Value(f"STATE_{journey.state}"),
        payment=journeys_pb2.Payment(
            authorized_dong=journey.authorized_dong,
            captured_dong=journey.captured_dong,
            released_dong=journey.released_dong,
        ),
    )
    message.create_time.FromDatetime(journey.created_at)
    if journey.ended_at is not None:
        message.end_time.FromDatetime(journey.ended_at)
    if journey.registration_json:
        _parse(journey.registration_json, message.registration, domains_pb2.Registration)
    if journey.deployment_json:
        _parse(journey.deployment_json, message.deployment, websites_pb2.Deployment)
    if journey.declaration_json:
        _parse(journey.declaration_json, message.declaration, esign_pb2.Document)
    return message


def _parse(text: str, into: Message, kind: type[Message]) -> None:
    into.CopyFrom(json_format.Parse(text, kind(), ignore_unknown_fields=True))


ANSWERS: Answers = {Journey: journey_message}


class JourneysServicer(journeys_pb2_grpc.JourneysServiceServicer):
    """journeys.v1."""

    def __init__(
        self, desk: Desk, office: Journeys, ledger: JourneyLedger, admission: Admission
    ) -> None:
        self._desk = desk
        self._office = office
        self._ledger = ledger
        self._admission = admission

    async def GoOnline(
        self, request: journeys_pb2.GoOnlineRequest, context: Context
    ) -> operations_pb2.Operation:
        actor = current_actor()
        command = command_of(request)
        if not await self._was_started(actor.tenant, request.request_id):
            await self._admission.admit(actor.tenant, command)
        operation = await self._desk.start(
            self._office.go_online, command, request_id=request.request_id, actor=actor
        )
        return to_message(operation, ANSWERS)

    async def GetJourney(
        self, request: journeys_pb2.GetJourneyRequest, context: Context
    ) -> journeys_pb2.Journey:
        tenant = current_actor().tenant
        identifier = request.name.removeprefix("journeys/")
        operation = await self._desk.get(f"operations/{identifier}", tenant=tenant)
        try:
            message = journey_message(await self._ledger.journey(tenant, identifier))
        except Absent:
            message = journeys_pb2.Journey(name=request.name)
        return _with_outcome(message, operation)

    async def _was_started(self, tenant: str, request_id: str) -> bool:
        try:
            await self._desk.get(operation_name(tenant, request_id), tenant=tenant)
        except Absent:
            return False
        return True


def _with_outcome(message: journeys_pb2.Journey, operation: Operation) -> journeys_pb2.Journey:
    if operation.state is OperationState.FAILED and operation.error is not None:
        message.state = journeys_pb2.Journey.STATE_REFUSED
        message.reason = operation.error.reason
        message.outcome_vi = sentence(operation.error.reason, operation.error.facts)
        message.end_time.FromDatetime(operation.updated_at)
    elif not operation.done:
        message.state = journeys_pb2.Journey.STATE_RUNNING
    return message


class TokensServicer(tokens_pb2_grpc.TokensServiceServicer):
    """tokens.v1: the one service that is called without a token."""

    def __init__(self, office: TokenOffice) -> None:
        self._office = office

    async def ExchangeKey(
        self, request: tokens_pb2.ExchangeKeyRequest, context: Context
    ) -> tokens_pb2.ExchangeKeyResponse:
        issued = self._office.exchange(request.api_key, request.audience)
        response = tokens_pb2.ExchangeKeyResponse(token=issued.text)
        response.expire_time.FromDatetime(issued.expires_at)
        return response
