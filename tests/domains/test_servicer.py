"""The contract over the wire: a real server with its Door, a real desk, a registry that counts."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
import sqlalchemy as sa
from google.longrunning import operations_pb2, operations_pb2_grpc
from google.rpc import error_details_pb2, status_pb2
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.errors import Absent, HaidangError, sentence
from haidang.core.operations.desk import Desk, DeskSettings, operation_name
from haidang.core.operations.effects import Patience
from haidang.core.operations.served import METHODS as OPERATIONS
from haidang.core.operations.served import OperationsServicer
from haidang.core.server import Door
from haidang.core.tenancy import Actor, TokenVerifier
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import memory_database
from haidang.domains.ledger import MIGRATIONS
from haidang.domains.messages import ANSWERS
from haidang.domains.servicer import METHODS, DomainsServicer

from tests.builders import NOON
from tests.core.doors import PUBLIC_KEY, a_token, bearing
from tests.domains.office import ASCII, NAME, Office

Stub = domains_pb2_grpc.DomainsServiceStub
WRONG_TAX_CODE = "0100112438"
A_RECORD = domains_pb2.RecordSet(owner="@", type="A", ttl_seconds=300, values=["127.0.0.1"])


def a_registrant(**changes: object) -> domains_pb2.Registrant:
    facts: dict[str, object] = {
        "kind": domains_pb2.Registrant.KIND_HOUSEHOLD,
        "name": "Hộ kinh doanh Lan",
        "tax_code": "0300588569",
        "email": "lan@example.vn",
        "phone": "0901234567",
        "address": domains_pb2.Address(street="1 Lê Lợi", commune="Phường 1", province="Huế"),
        "representative_name": "Nguyễn Thị Lan",
    }
    return domains_pb2.Registrant(**{**facts, **changes})  # type: ignore[arg-type]  # one change


@dataclass
class Served:
    """A running service: callers of two tenants, one who only reads, one without a token."""

    office: Office
    desk: Desk
    owner: Stub
    other: Stub
    reader: Stub
    stranger: Stub
    operations: operations_pb2_grpc.OperationsStub

    async def quote(
        self, domain: str = NAME, *, action: str = "ACTION_REGISTER"
    ) -> domains_pb2.Quote:
        wanted = domains_pb2.QuoteDomainRequest.Action.Value(action)
        request = domains_pb2.QuoteDomainRequest(domain=domain, action=wanted, years=1)
        answer: domains_pb2.Quote = await self.owner.QuoteDomain(request)
        return answer

    async def request(
        self, domain: str = NAME, **changes: object
    ) -> domains_pb2.RegisterDomainRequest:
        quote = await self.quote(domain)
        facts: dict[str, object] = {
            "request_id": str(uuid.uuid4()),
            "domain": domain,
            "years": 1,
            "registrant": a_registrant(),
            "quote": quote.name,
            "acknowledged_total_dong": quote.total_dong,
        }
        return domains_pb2.RegisterDomainRequest(**{**facts, **changes})  # type: ignore[arg-type]

    async def ended(self, operation: operations_pb2.Operation) -> operations_pb2.Operation:
        wait = operations_pb2.WaitOperationRequest(name=operation.name)
        wait.timeout.FromSeconds(20)
        answer: operations_pb2.Operation = await self.operations.WaitOperation(wait, timeout=30)
        assert answer.done
        return answer

    async def is_not_begun(self, request_id: str) -> bool:
        for tenant in ("t1", "t2"):
            name = operation_name(tenant, request_id)
            with pytest.raises(Absent):
                await self.desk.get(name, tenant=tenant)
        return True

    async def registered(self, domain: str = NAME) -> domains_pb2.Registration:
        request = await self.request(domain)
        ended = await self.ended(await self.owner.RegisterDomain(request))
        found = domains_pb2.Registration()
        assert ended.response.Unpack(found), ended.error
        return found


def caller(port: int, tenant: str, *grants: str) -> grpc.aio.Channel:
    actor = Actor("lan", tenant, frozenset(grants))
    source = bearing(a_token(actor, "domains")) if tenant else None
    return channel(f"127.0.0.1:{port}", source)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    database = await memory_database(tmp_path, MIGRATIONS)
    office, clock = Office(database), FakeClock(NOON)
    patience = Patience(first_seconds=0.05, unavailable_seconds=0.3)
    settings = DeskSettings("domains", tmp_path, patience=patience)
    desk = await Desk.open(settings, database, [office.registrar, office.zonekeeper], clock=clock)
    door = Door({**METHODS, **OPERATIONS}, TokenVerifier(PUBLIC_KEY, "domains"), clock=clock)
    server = grpc.aio.server(interceptors=[door])
    servicer = DomainsServicer(desk, office.registrar, office.zonekeeper)
    domains_pb2_grpc.add_DomainsServiceServicer_to_server(servicer, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(desk, ANSWERS), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channels = [
        caller(port, "t1", "domains.write", "domains.read", "operations.read"),
        caller(port, "t2", "domains.write", "domains.read", "operations.read"),
        caller(port, "t1", "domains.read"),
        caller(port, ""),
    ]
    stubs = [Stub(one) for one in channels]
    yield Served(office, desk, *stubs, operations_pb2_grpc.OperationsStub(channels[0]))
    for one in channels:
        await one.close()
    await server.stop(0)
    await desk.close()
    await database.close()


async def refused(call: object) -> HaidangError:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call  # type: ignore[misc]  # a gRPC call is awaitable
    return error_from(failure.value)


def said(status: status_pb2.Status) -> tuple[str, str]:
    """(field, Vietnamese sentence) of *status*."""
    field, words = "", ""
    for detail in status.details:
        bad, local = error_details_pb2.BadRequest(), error_details_pb2.LocalizedMessage()
        if detail.Unpack(bad):
            field = bad.field_violations[0].field
        if detail.Unpack(local):
            assert local.locale == "vi"
            words = local.message
    return field, words


async def test_a_name_is_quoted_registered_and_read(served: Served) -> None:
    quote = await served.quote()
    held = await served.registered()

    assert quote.domain == ASCII
    assert quote.total_dong == sum(line.amount_dong for line in quote.lines) == 30_000
    assert (held.name, held.unicode_domain) == (f"registrations/{ASCII}", NAME)
    assert held.state == domains_pb2.Registration.STATE_ACTIVE
    assert held.registrant.phone == "+84901234567"
    for name in (held.name, f"registrations/{NAME}"):
        request = domains_pb2.GetRegistrationRequest(name=name)
        read = await served.owner.GetRegistration(request)
        assert (read.outlook.renewable_through, read.outlook.most_years) == ("2027-12-18", 9)
        assert read.outlook.citation
        read.ClearField("outlook")
        assert read == held


async def test_a_caller_without_a_token_or_a_grant_is_refused(served: Served) -> None:
    listing = domains_pb2.ListRegistrationsRequest()
    request = await served.request()

    assert (await refused(served.stranger.ListRegistrations(listing))).grpc_code == (
        "UNAUTHENTICATED"
    )
    assert (await refused(served.reader.RegisterDomain(request))).grpc_code == "PERMISSION_DENIED"
    assert (await served.reader.ListRegistrations(listing)).registrations == []
    assert served.office.registry.names == {}


async def test_another_tenants_registration_and_zone_are_not_found(served: Served) -> None:
    held = await served.registered()
    zone = f"zones/{held.domain}"

    for call in (
        served.other.GetRegistration(domains_pb2.GetRegistrationRequest(name=held.name)),
        served.other.GetZone(domains_pb2.GetZoneRequest(name=zone)),
        served.other.PlanZone(domains_pb2.PlanZoneRequest(name=zone, wanted=[A_RECORD])),
    ):
        error = await refused(call)
        assert (error.reason, error.grpc_code) == ("REGISTRATION_ABSENT", "NOT_FOUND")


async def test_a_wrong_tax_code_is_said_in_vietnamese_at_its_field(served: Served) -> None:
    request = await served.request(registrant=a_registrant(tax_code=WRONG_TAX_CODE))

    for request.validate_only in (False, True):
        error = await refused(served.owner.RegisterDomain(request))

        assert (error.grpc_code, error.field) == ("INVALID_ARGUMENT", "registrant.tax_code")
        assert sentence(error.reason, error.facts).startswith("Mã số thuế")
        assert WRONG_TAX_CODE not in str(error.facts)
    assert await served.is_not_begun(request.request_id)
    assert served.office.registry.contacts == set()


@pytest.mark.parametrize(
    ("changes", "reason", "field"),
    [
        ({"domain": "a&b.vn"}, "NAME_CHARACTER", "domain"),
        ({"domain": "truong.edu.vn"}, "HOLDER_NOT_ELIGIBLE", "domain"),
        ({"years": 11}, "YEARS_OUT_OF_RANGE", "years"),
        ({"registrant": a_registrant(phone="1")}, "PHONE_INVALID", "registrant.phone"),
    ],
)
async def test_what_cannot_be_is_refused_and_not_begun(
    served: Served, changes: dict[str, object], reason: str, field: str
) -> None:
    request = await served.request()
    request.MergeFrom(domains_pb2.RegisterDomainRequest(**changes))  # type: ignore[arg-type]

    error = await refused(served.owner.RegisterDomain(request))

    assert (error.reason, error.field) == (reason, field)
    assert await served.is_not_begun(request.request_id)


async def test_a_renewal_or_zone_that_cannot_be_is_refused_and_not_begun(served: Served) -> None:
    held = await served.registered()
    id = str(uuid.uuid4())
    renewal = domains_pb2.RenewDomainRequest(request_id=id, domain=NAME, years=11, quote="x")
    bad = domains_pb2.RecordSet(owner="@", type="A", ttl_seconds=300, values=["x"])
    zone = domains_pb2.ApplyZoneRequest(request_id=id, name=f"zones/{held.domain}", wanted=[bad])

    assert (await refused(served.owner.RenewDomain(renewal))).field == "years"
    assert (await refused(served.owner.ApplyZone(zone))).field == "wanted.0.values.0"
    renewal.years = 1
    for call in (served.other.RenewDomain(renewal), served.other.ApplyZone(zone)):
        assert (await refused(call)).reason == "REGISTRATION_ABSENT"
    assert await served.is_not_begun(id)


async def test_the_same_request_twice_and_at_once_is_one_registration(served: Served) -> None:
    request = await served.request()

    started = await asyncio.gather(*(served.owner.RegisterDomain(request) for _ in range(5)))
    again = await served.owner.RegisterDomain(request)

    ended = [await served.ended(one) for one in (*started, again)]
    assert len({one.name for one in ended}) == 1
    assert all(one.HasField("response") for one in ended)
    assert served.office.registry.creations == 1
    assert len(served.office.registry.contacts) == 1


async def test_the_same_request_id_with_another_body_is_refused(served: Served) -> None:
    request = await served.request()
    await served.ended(await served.owner.RegisterDomain(request))
    request.years = 2

    assert (await refused(served.owner.RegisterDomain(request))).reason == "IDEMPOTENCY_MISMATCH"


async def test_validation_only_starts_nothing(served: Served) -> None:
    request = await served.request(validate_only=True, quote="", request_id="")

    operation = await served.owner.RegisterDomain(request)

    found = domains_pb2.Registration()
    assert operation.done
    assert operation.response.Unpack(found)
    assert (operation.name, found.domain, found.unicode_domain) == ("", ASCII, NAME)
    assert served.office.registry.contacts == set()


async def test_a_taken_name_is_already_held(served: Served) -> None:
    await served.registered()
    ended = await served.ended(await served.owner.RegisterDomain(await served.request()))

    assert ended.error.code == grpc.StatusCode.ALREADY_EXISTS.value[0]
    assert said(ended.error) == ("domain", f"Tên {NAME} đã có người đăng ký. Hãy chọn tên khác.")


@pytest.mark.parametrize("method", ["RegisterDomain", "RenewDomain"])
async def test_without_a_quote_nothing_begins(served: Served, method: str) -> None:
    kinds = {
        "RegisterDomain": domains_pb2.RegisterDomainRequest(registrant=a_registrant()),
        "RenewDomain": domains_pb2.RenewDomainRequest(),
    }
    request = kinds[method]
    request.request_id, request.domain, request.years = str(uuid.uuid4()), NAME, 1

    error = await refused(getattr(served.owner, method)(request))

    assert (error.reason, error.field) == ("FIELD_REQUIRED", "quote")


async def test_a_renewal_needs_its_own_quote_and_happens_once(served: Served) -> None:
    held = await served.registered()
    quote = await served.quote(action="ACTION_RENEW")
    request = domains_pb2.RenewDomainRequest(
        request_id=str(uuid.uuid4()),
        domain=NAME,
        years=1,
        quote=quote.name,
        acknowledged_total_dong=quote.total_dong,
    )

    for _ in range(2):
        ended = await served.ended(await served.owner.RenewDomain(request))
    request.request_id = str(uuid.uuid4())
    late = await served.ended(await served.owner.RenewDomain(request))

    found = domains_pb2.Registration()
    assert ended.response.Unpack(found)
    assert found.expire_time.ToDatetime().year == held.expire_time.ToDatetime().year + 1
    assert said(late.error)[0] == "quote"
    assert served.office.registry.renewals == 1


async def test_registrations_come_page_by_page_and_a_token_is_its_tenants(served: Served) -> None:
    for domain in ("banh-c.vn", "banh-a.vn", "banh-b.vn"):
        await served.registered(domain)
    request = domains_pb2.ListRegistrationsRequest(page_size=2)

    first = await served.owner.ListRegistrations(request)
    request.page_token = first.next_page_token
    second = await served.owner.ListRegistrations(request)

    names = [one.domain for one in (*first.registrations, *second.registrations)]
    assert names == ["banh-a.vn", "banh-b.vn", "banh-c.vn"]
    assert second.next_page_token == ""
    assert (await refused(served.other.ListRegistrations(request))).grpc_code == "INVALID_ARGUMENT"


async def test_availability_streams_every_answer_with_its_sentence(served: Served) -> None:
    await served.registered()
    names = [NAME, "banhmi.vn", "a&b.vn"]
    request = domains_pb2.CheckAvailabilityRequest(domains=names)

    heard = {one.domain: one async for one in served.owner.CheckAvailability(request)}
    served.office.registry.is_down = True
    unheard = [one async for one in served.owner.CheckAvailability(request)]

    kinds = domains_pb2.CheckAvailabilityResponse
    assert [heard[name].availability for name in names] == [
        kinds.AVAILABILITY_TAKEN,
        kinds.AVAILABILITY_AVAILABLE,
        kinds.AVAILABILITY_REFUSED,
    ]
    assert heard[NAME].ascii_domain == ASCII
    assert NAME in heard[NAME].message_vi
    assert [one.availability for one in unheard].count(kinds.AVAILABILITY_UNKNOWN) == 2
    assert all(one.reason and one.message_vi for one in unheard)
    assert "…" not in "".join(one.message_vi for one in unheard)


def a_search(**changes: object) -> domains_pb2.SuggestNamesRequest:
    facts: dict[str, object] = {
        "business_name": "Quán Phở Lan",
        "place": "Phường Vũng Tàu",
        "kind": domains_pb2.Registrant.KIND_HOUSEHOLD,
        "years": 2,
    }
    return domains_pb2.SuggestNamesRequest(**{**facts, **changes})  # type: ignore[arg-type]


async def test_names_are_suggested_with_who_has_them_what_they_cost_and_for_whom(
    served: Served,
) -> None:
    await served.registered()
    request = a_search(wish=NAME)
    found = [one async for one in served.owner.SuggestNames(request)]
    by_name = {one.domain: one for one in found}
    taken, free = by_name[NAME], by_name["pholan.com.vn"]

    assert found[0] == taken
    assert taken.availability == domains_pb2.CheckAvailabilityResponse.AVAILABILITY_TAKEN
    assert (taken.reason, taken.is_wish, taken.ascii_domain) == ("NAME_HELD", True, ASCII)
    assert NAME in taken.message_vi
    assert NAME in taken.message_en
    assert free.availability == domains_pb2.CheckAvailabilityResponse.AVAILABILITY_AVAILABLE
    assert (free.years, free.total_dong) == (2, 600_000)
    assert sum(line.amount_dong for line in free.lines) == free.total_dong
    assert (free.reason, free.message_vi, free.message_en) == ("", "", "")
    assert free.holders_vi
    assert free.holders_en
    assert free.citation
    assert free.confidence
    async with served.office.database.reading() as session:
        assert len((await session.execute(sa.text("SELECT * FROM quote"))).all()) == 1


async def test_a_price_suggested_is_the_price_quoted(served: Served) -> None:
    request = a_search(years=1)
    for one in [one async for one in served.owner.SuggestNames(request)][:6]:
        quote = await served.quote(one.domain)
        assert (quote.total_dong, list(quote.lines)) == (one.total_dong, list(one.lines))


async def test_an_unheard_registry_leaves_suggestions_unknown_and_is_asked_once(
    served: Served,
) -> None:
    registry = served.office.registry
    registry.is_down = True

    found = [one async for one in served.owner.SuggestNames(a_search(wish="ab"))]

    refused_wish, *others = found
    assert refused_wish.reason == "NAME_BY_AUCTION"
    assert refused_wish.total_dong == 0
    assert "427" in refused_wish.message_en
    assert {one.availability for one in others} == {
        domains_pb2.CheckAvailabilityResponse.AVAILABILITY_UNKNOWN
    }
    assert all(one.total_dong and one.message_vi and one.message_en for one in others)
    assert registry.checks == 1


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"kind": 0}, "REGISTRANT_KIND_MISSING", "kind"),
        ({"business_name": "!"}, "BUSINESS_NAME_WITHOUT_LETTERS", "business_name"),
        ({"years": 11}, "YEARS_OUT_OF_RANGE", "years"),
        ({"years": -1}, "YEARS_OUT_OF_RANGE", "years"),
    ],
)
async def test_a_search_that_names_nothing_is_refused_at_its_field(
    served: Served, change: dict[str, object], reason: str, field: str
) -> None:
    error = await refused(anext(aiter(served.owner.SuggestNames(a_search(**change)))))

    assert (error.reason, error.field) == (reason, field)


async def test_a_zone_is_planned_applied_and_read(served: Served) -> None:
    held = await served.registered()
    zone = f"zones/{held.domain}"
    plan = await served.owner.PlanZone(domains_pb2.PlanZoneRequest(name=zone, wanted=[A_RECORD]))
    request = domains_pb2.ApplyZoneRequest(
        request_id=str(uuid.uuid4()), name=zone, wanted=[A_RECORD], base_serial=plan.base_serial
    )

    ended = await served.ended(await served.owner.ApplyZone(request))
    found = domains_pb2.Zone()
    assert ended.response.Unpack(found)
    assert found == await served.owner.GetZone(domains_pb2.GetZoneRequest(name=zone))
    assert found.serial == 1
    assert plan.lines[0] == "Thêm @ A → 127.0.0.1"

    request.request_id, request.wanted[0].ttl_seconds = str(uuid.uuid4()), 600
    stale = await served.ended(await served.owner.ApplyZone(request))
    assert stale.error.code == grpc.StatusCode.ABORTED.value[0]
    assert said(stale.error)[0] == "base_serial"
