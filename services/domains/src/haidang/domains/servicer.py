"""Messages to values and back, for names and zones. Nothing is decided here."""

from __future__ import annotations

from collections.abc import AsyncIterator

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.errors import Malformed
from haidang.core.operations import Desk
from haidang.core.operations.served import to_message
from haidang.core.server import Context, current_actor, decode_page_token, encode_page_token
from haidang.domains import messages
from haidang.domains.registrar import Registrar
from haidang.domains.values import ApplyZone, RenewName
from haidang.domains.zonekeeper import ZoneKeeper
from haidang.domains.zones import plan_lines

DEFAULT_PAGE, LONGEST_PAGE = 50, 100
SERVICE = "/haidang.api.domains.v1.DomainsService/"
METHODS = {
    f"{SERVICE}QuoteDomain": "domains.read",
    f"{SERVICE}CheckAvailability": "domains.read",
    f"{SERVICE}SuggestNames": "domains.read",
    f"{SERVICE}RegisterDomain": "domains.write",
    f"{SERVICE}RenewDomain": "domains.write",
    f"{SERVICE}GetRegistration": "domains.read",
    f"{SERVICE}ListRegistrations": "domains.read",
    f"{SERVICE}PlanZone": "domains.read",
    f"{SERVICE}ApplyZone": "domains.write",
    f"{SERVICE}GetZone": "domains.read",
}


class DomainsServicer(domains_pb2_grpc.DomainsServiceServicer):
    """domains.v1."""

    def __init__(self, desk: Desk, registrar: Registrar, zonekeeper: ZoneKeeper) -> None:
        self._desk = desk
        self._registrar = registrar
        self._zonekeeper = zonekeeper

    async def QuoteDomain(
        self, request: domains_pb2.QuoteDomainRequest, context: Context
    ) -> domains_pb2.Quote:
        tenant = current_actor().tenant
        action = messages.action_of(request.action)
        quote = await self._registrar.quote(tenant, request.domain, action, request.years)
        return messages.quote_message(quote)

    async def CheckAvailability(
        self, request: domains_pb2.CheckAvailabilityRequest, context: Context
    ) -> AsyncIterator[domains_pb2.CheckAvailabilityResponse]:
        async for domain, name, answer in self._registrar.check(request.domains):
            yield messages.availability_message(domain, name, answer)

    async def SuggestNames(
        self, request: domains_pb2.SuggestNamesRequest, context: Context
    ) -> AsyncIterator[domains_pb2.NameSuggestion]:
        wanted, years = messages.wanted_of(request), request.years or 1
        async for suggestion in self._registrar.suggest(wanted, years):
            yield messages.suggestion_message(suggestion)

    async def RegisterDomain(
        self, request: domains_pb2.RegisterDomainRequest, context: Context
    ) -> operations_pb2.Operation:
        command = messages.register_command(request)
        if request.validate_only:
            return messages.validated(await self._registrar.admit(command))
        _require_quote(request.quote)
        self._registrar.judge_registration(command)
        operation = await self._desk.start(
            self._registrar.register, command, request_id=request.request_id, actor=current_actor()
        )
        return to_message(operation, messages.ANSWERS)

    async def RenewDomain(
        self, request: domains_pb2.RenewDomainRequest, context: Context
    ) -> operations_pb2.Operation:
        _require_quote(request.quote)
        command = RenewName(
            request.domain,
            request.years,
            request.quote.removeprefix("quotes/"),
            request.acknowledged_total_dong,
        )
        await self._registrar.judge_renewal(current_actor().tenant, command)
        operation = await self._desk.start(
            self._registrar.renew, command, request_id=request.request_id, actor=current_actor()
        )
        return to_message(operation, messages.ANSWERS)

    async def GetRegistration(
        self, request: domains_pb2.GetRegistrationRequest, context: Context
    ) -> domains_pb2.Registration:
        name = request.name.removeprefix("registrations/")
        found = await self._registrar.registration(current_actor().tenant, name)
        return messages.registration_message(found)

    async def ListRegistrations(
        self, request: domains_pb2.ListRegistrationsRequest, context: Context
    ) -> domains_pb2.ListRegistrationsResponse:
        tenant = current_actor().tenant
        size = max(1, min(request.page_size or DEFAULT_PAGE, LONGEST_PAGE))
        after = str(decode_page_token(request.page_token, tenant).get("after", ""))
        found = await self._registrar.registrations(tenant, after=after, limit=size + 1)
        is_more = len(found) > size
        return domains_pb2.ListRegistrationsResponse(
            registrations=[messages.registration_message(one) for one in found[:size]],
            next_page_token=encode_page_token({"after": found[size - 1].name}, tenant)
            if is_more
            else "",
        )

    async def PlanZone(
        self, request: domains_pb2.PlanZoneRequest, context: Context
    ) -> domains_pb2.ZonePlan:
        planned = await self._zonekeeper.plan(
            current_actor().tenant,
            request.name.removeprefix("zones/"),
            messages.record_sets_of(request.wanted),
        )
        return domains_pb2.ZonePlan(
            name=f"zones/{planned.name}",
            base_serial=planned.base_serial,
            created=messages.record_set_messages(planned.plan.created),
            updated=messages.record_set_messages(planned.plan.updated),
            deleted=messages.record_set_messages(planned.plan.deleted),
            lines=plan_lines(planned.plan),
        )

    async def ApplyZone(
        self, request: domains_pb2.ApplyZoneRequest, context: Context
    ) -> operations_pb2.Operation:
        command = ApplyZone(
            request.name.removeprefix("zones/"),
            messages.record_sets_of(request.wanted),
            request.base_serial,
        )
        await self._zonekeeper.judge(current_actor().tenant, command)
        operation = await self._desk.start(
            self._zonekeeper.apply, command, request_id=request.request_id, actor=current_actor()
        )
        return to_message(operation, messages.ANSWERS)

    async def GetZone(
        self, request: domains_pb2.GetZoneRequest, context: Context
    ) -> domains_pb2.Zone:
        name = request.name.removeprefix("zones/")
        return messages.zone_message(await self._zonekeeper.zone(current_actor().tenant, name))


def _require_quote(quote: str) -> None:
    if not quote:
        raise Malformed("FIELD_REQUIRED", field="quote")
