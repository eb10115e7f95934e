"""Messages to values and back, for journeys and tokens. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from google.longrunning import operations_pb2
from google.protobuf import json_format
from google.protobuf.message import Message
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2, journeys_pb2_grpc
from haidang.api.tokens.v1 import tokens_pb2, tokens_pb2_grpc
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import instant_of
from haidang.core.errors import Absent, Malformed, Refused, sentence
from haidang.core.operations import Desk, Operation
from haidang.core.operations.definition import definition_of
from haidang.core.operations.desk import operation_name
from haidang.core.operations.rows import OperationState
from haidang.core.operations.served import Answers, to_message
from haidang.core.server import (
    PUBLIC,
    Context,
    current_actor,
    decode_page_token,
    encode_page_token,
)
from haidang.portal.admission import Admission
from haidang.portal.dues import DuePayment, Dues
from haidang.portal.dues.messages import due_message, pay_command, payment_message
from haidang.portal.dues.rules import since_paid
from haidang.portal.finishing import Finishing
from haidang.portal.journeys import Journeys
from haidang.portal.renewals import Renewal, Renewals
from haidang.portal.renewals.messages import renew_command, renewal_message
from haidang.portal.tokens import TokenOffice
from haidang.portal.values import FinishOnline, GoOnline, Journey, JourneyState

DEFAULT_PAGE, LONGEST_PAGE = 50, 100
KINDS = frozenset(
    definition_of(method).kind for method in (Journeys.go_online, Finishing.finish_online)
)

METHODS = {
    "/haidang.api.journeys.v1.JourneysService/GoOnline": "journeys.write",
    "/haidang.api.journeys.v1.JourneysService/FinishOnline": "journeys.write",
    "/haidang.api.journeys.v1.JourneysService/GetJourney": "journeys.read",
    "/haidang.api.journeys.v1.JourneysService/ListJourneys": "journeys.read",
    "/haidang.api.journeys.v1.JourneysService/RenewName": "journeys.write",
    "/haidang.api.journeys.v1.JourneysService/GetDue": "journeys.read",
    "/haidang.api.journeys.v1.JourneysService/PayDue": "journeys.write",
    "/haidang.api.tokens.v1.TokensService/ExchangeKey": PUBLIC,
}


def _json(message: Message, field: str) -> str:
    """*message* as JSON. Raises: Malformed NUMBER_NOT_FINITE, of the request's *field*."""
    try:
        return json_format.MessageToJson(
            message, preserving_proto_field_name=True, indent=None, sort_keys=True
        )
    except (json_format.SerializeToJsonError, ValueError) as error:  # JSON has no such number
        raise Malformed("NUMBER_NOT_FINITE", field=field) from error


def command_of(request: journeys_pb2.GoOnlineRequest) -> GoOnline:
    """The command in *request*."""
    return GoOnline(
        domain=request.domain.strip(),
        years=request.years,
        accepted_total_dong=request.accepted_total_dong,
        registrant_json=_json(request.registrant, "registrant"),
        draft_json=_json(request.draft, "draft"),
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


ANSWERS: Answers = {
    Journey: journey_message,
    Renewal: renewal_message,
    DuePayment: payment_message,
}


class JourneysServicer(journeys_pb2_grpc.JourneysServiceServicer):
    """journeys.v1."""

    def __init__(
        self,
        desk: Desk,
        office: Journeys,
        finishing: Finishing,
        admission: Admission,
        renewals: Renewals,
        dues: Dues,
    ) -> None:
        self._desk = desk
        self._office = office
        self._finishing = finishing
        self._ledger = office.ledger
        self._admission = admission
        self._renewals = renewals
        self._dues = dues

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

    async def FinishOnline(
        self, request: journeys_pb2.FinishOnlineRequest, context: Context
    ) -> operations_pb2.Operation:
        actor = current_actor()
        command = FinishOnline(request.domain.strip(), _json(request.draft, "draft"))
        if not await self._was_started(actor.tenant, request.request_id):
            domain = await self._admission.admit_finish(actor.tenant, command)
            if await self._ledger.is_unpaid(actor.tenant, domain):
                raise Refused("NAME_NOT_PAID", field="domain", domain=command.domain)
        operation = await self._desk.start(
            self._finishing.finish_online, command, request_id=request.request_id, actor=actor
        )
        return to_message(operation, ANSWERS)

    async def GetJourney(
        self, request: journeys_pb2.GetJourneyRequest, context: Context
    ) -> journeys_pb2.Journey:
        tenant = current_actor().tenant
        identifier = request.name.removeprefix("journeys/")
        operation = await self._desk.get(f"operations/{identifier}", tenant=tenant)
        if operation.kind not in KINDS:
            raise Absent("JOURNEY_ABSENT")
        try:
            message = journey_message(await self._ledger.journey(tenant, identifier))
        except Absent:
            message = journeys_pb2.Journey(name=request.name)
        return _with_outcome(message, operation)

    async def ListJourneys(
        self, request: journeys_pb2.ListJourneysRequest, context: Context
    ) -> journeys_pb2.ListJourneysResponse:
        tenant = current_actor().tenant
        size = max(1, min(request.page_size or DEFAULT_PAGE, LONGEST_PAGE))
        before = _before(decode_page_token(request.page_token, tenant))
        found = await self._ledger.journeys(tenant, before=before, limit=size + 1)
        shown = [await self._as_of_now(tenant, journey) for journey in found[:size]]
        token = ""
        if len(found) > size:
            last = found[size - 1]
            token = encode_page_token({"at": last.created_at.isoformat(), "id": last.id}, tenant)
        return journeys_pb2.ListJourneysResponse(journeys=shown, next_page_token=token)

    async def RenewName(
        self, request: journeys_pb2.RenewNameRequest, context: Context
    ) -> operations_pb2.Operation:
        actor, command = current_actor(), renew_command(request)
        if not await self._was_started(actor.tenant, request.request_id):
            await self._renewals.admit(actor.tenant, command)
        operation = await self._desk.start(
            self._renewals.renew, command, request_id=request.request_id, actor=actor
        )
        return to_message(operation, ANSWERS)

    async def GetDue(
        self, request: journeys_pb2.GetDueRequest, context: Context
    ) -> journeys_pb2.Due:
        tenant = current_actor().tenant
        name = await self._dues.held(tenant, request.domain.strip())
        return due_message(name.domain, await self._dues.ledger.owed(tenant, name.domain))

    async def PayDue(
        self, request: journeys_pb2.PayDueRequest, context: Context
    ) -> operations_pb2.Operation:
        actor, command = current_actor(), pay_command(request)
        if not await self._was_started(actor.tenant, request.request_id):
            await self._dues.admit(actor.tenant, command)
        operation = await self._desk.start(
            self._dues.pay, command, request_id=request.request_id, actor=actor
        )
        return to_message(operation, ANSWERS)

    async def _as_of_now(self, tenant: str, journey: Journey) -> journeys_pb2.Journey:
        message = journey_message(journey)
        if journey.state is JourneyState.ONLINE:
            return message
        operation = await self._desk.get(f"operations/{journey.id}", tenant=tenant)
        return _with_outcome(message, operation)

    async def _was_started(self, tenant: str, request_id: str) -> bool:
        try:
            await self._desk.get(operation_name(tenant, request_id), tenant=tenant)
        except Absent:
            return False
        return True


def _before(token: Mapping[str, str | int]) -> tuple[datetime, str] | None:
    """Where the page before ended. Raises: Malformed PAGE_TOKEN_INVALID."""
    if not token:
        return None
    try:
        return instant_of(str(token["at"])), str(token["id"])
    except (KeyError, ValueError) as error:
        raise Malformed("PAGE_TOKEN_INVALID", field="page_token") from error


def _with_outcome(message: journeys_pb2.Journey, operation: Operation) -> journeys_pb2.Journey:
    if operation.state is OperationState.FAILED and operation.error is not None:
        message.state = journeys_pb2.Journey.STATE_REFUSED
        error = since_paid(operation.error, message.payment.captured_dong)
        message.reason = error.reason
        message.outcome_vi = sentence(error.reason, error.facts)
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
        issued = await self._office.admit(request.api_key, request.audience)
        response = tokens_pb2.ExchangeKeyResponse(token=issued.text)
        response.expire_time.FromDatetime(issued.expires_at)
        return response
