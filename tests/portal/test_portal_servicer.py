"""The portal's contracts over the wire: a real Door and desk, the neighbourhood in memory."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.journeys.v1 import journeys_pb2, journeys_pb2_grpc
from haidang.api.tokens.v1 import tokens_pb2, tokens_pb2_grpc
from haidang.core.client import channel, error_from
from haidang.core.database import Database, sqlite_url
from haidang.core.errors import Conflict, HaidangError, OutcomeUnknown, Refused, Unavailable
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS_LEDGER
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.operations.served import METHODS as OPERATIONS
from haidang.core.operations.served import OperationsServicer
from haidang.core.server import Door
from haidang.core.statuses import error_of_status
from haidang.core.tenancy import Actor, TokenSigner, TokenVerifier, new_api_key
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.dues import MIGRATIONS as DUES
from haidang.portal.dues import DueLedger, Dues
from haidang.portal.journeys import admit
from haidang.portal.ledger import MIGRATIONS
from haidang.portal.renewals import RenewalLedger, Renewals
from haidang.portal.renewals.ledger import MIGRATIONS as RENEWALS
from haidang.portal.servicer import ANSWERS, METHODS, JourneysServicer, TokensServicer
from haidang.portal.tokens import KEY_ID, TokenOffice
from haidang.portal.values import FinishOnline, GoOnline

from tests.core.doors import PRIVATE, PUBLIC_KEY, a_token, bearing
from tests.portal.neighbourhood import A_LABEL, IN_ORDER, TOTAL_DONG, JourneyHouse
from tests.portal.neighbourhood import ANSWERS as SAID

REGISTERED = SAID["register"]
Stub = journeys_pb2_grpc.JourneysServiceStub
State = journeys_pb2.Journey


class CountingAdmission:
    """Admits what is well formed, unless a test has it refuse. Counts how often it was asked."""

    def __init__(self) -> None:
        self.refusing: HaidangError | None = None
        self.asked: list[str] = []

    async def admit(self, tenant: str, command: GoOnline) -> None:
        self.asked.append(tenant)
        admit(command)
        if self.refusing is not None:
            raise self.refusing

    async def admit_finish(self, tenant: str, command: FinishOnline) -> str:
        self.asked.append(tenant)
        if self.refusing is not None:
            raise self.refusing
        return A_LABEL


@dataclass
class Served:
    """A running portal; callers of two tenants, one who only reads, one without a token."""

    house: JourneyHouse
    admission: CountingAdmission
    owner: Stub
    other: Stub
    reader: Stub
    stranger: Stub
    operations: operations_pb2_grpc.OperationsStub
    tokens: tokens_pb2_grpc.TokensServiceStub
    keys: Path
    clock: FakeClock

    def request(self, **changes: object) -> journeys_pb2.GoOnlineRequest:
        facts: dict[str, object] = {
            "request_id": str(uuid.uuid4()),
            "domain": " bánhmì.vn ",
            "years": 1,
            "accepted_total_dong": TOTAL_DONG,
            "payer": "sandbox-account",
        }
        return journeys_pb2.GoOnlineRequest(**{**facts, **changes})  # type: ignore[arg-type]

    async def ended(self, operation: operations_pb2.Operation) -> operations_pb2.Operation:
        wait = operations_pb2.WaitOperationRequest(name=operation.name)
        wait.timeout.FromSeconds(20)
        answer: operations_pb2.Operation = await self.operations.WaitOperation(wait, timeout=30)
        assert answer.done
        return answer

    async def journey(
        self, operation: operations_pb2.Operation, *, by: Stub | None = None
    ) -> journeys_pb2.Journey:
        name = operation.name.replace("operations/", "journeys/")
        answer: journeys_pb2.Journey = await (by or self.owner).GetJourney(
            journeys_pb2.GetJourneyRequest(name=name)
        )
        return answer


def caller(port: int, tenant: str, *grants: str) -> grpc.aio.Channel:
    actor = Actor("lan", tenant, frozenset(grants))
    source = bearing(a_token(actor, "journeys")) if tenant else None
    return channel(f"127.0.0.1:{port}", source)


async def a_database(folder: Path) -> Database:
    folders = {
        "operations": OPERATIONS_LEDGER,
        "ledger": MIGRATIONS,
        "renewals": RENEWALS,
        "dues": DUES,
    }
    return await Database.open(sqlite_url(folder / "ledger.sqlite"), migrations=folders)


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    database, clock = await a_database(tmp_path), FakeClock(NOON)
    house, admission, keys = JourneyHouse(database), CountingAdmission(), tmp_path / "keys.json"
    patience = Patience(first_seconds=0.05, unavailable_seconds=0.3)
    settings = DeskSettings("portal", tmp_path, patience=patience)
    domains = house.office.domains
    dues = Dues(DueLedger(database, clock), house.bank, domains=domains)
    renewals = Renewals(RenewalLedger(database), house.bank, domains=domains, debts=dues.ledger)
    offices = [house.office, house.finishing, renewals, dues]
    desk = await Desk.open(settings, database, offices, clock=clock)
    door = Door({**METHODS, **OPERATIONS}, TokenVerifier(PUBLIC_KEY, "journeys"), clock=clock)
    server = grpc.aio.server(interceptors=[door])
    journeys = JourneysServicer(
        desk,
        house.office,
        house.finishing,
        admission,
        renewals,
        dues,  # type: ignore[arg-type]  # same port
    )
    journeys_pb2_grpc.add_JourneysServiceServicer_to_server(journeys, server)
    office = TokenOffice(TokenSigner(PRIVATE, KEY_ID), keys, clock)
    tokens_pb2_grpc.add_TokensServiceServicer_to_server(TokensServicer(office), server)
    operations_pb2_grpc.add_OperationsServicer_to_server(OperationsServicer(desk, ANSWERS), server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    channels = [
        caller(port, "t1", "journeys.write", "operations.read"),
        caller(port, "t2", "journeys.write", "operations.read"),
        caller(port, "t1", "journeys.read"),
        caller(port, ""),
    ]
    yield Served(
        house,
        admission,
        *(Stub(one) for one in channels),
        operations_pb2_grpc.OperationsStub(channels[0]),
        tokens_pb2_grpc.TokensServiceStub(channels[3]),
        keys,
        clock,
    )
    for one in channels:
        await one.close()
    await server.stop(0)
    await desk.close()
    await database.close()


async def refused(call: object) -> HaidangError:
    with pytest.raises(grpc.aio.AioRpcError) as failure:
        await call  # type: ignore[misc]  # a gRPC call is awaitable
    return error_from(failure.value)


async def test_a_journey_is_started_followed_and_read(served: Served) -> None:
    started = await served.owner.GoOnline(served.request())
    ended = await served.ended(started)

    answered, read = State(), await served.journey(started)
    assert ended.response.Unpack(answered)
    assert answered == read
    assert read.state == State.STATE_ONLINE
    assert read.domain == "bánhmì.vn"
    assert (read.registration.domain, read.deployment.uri) == (A_LABEL, "https://bánhmì.vn/")
    assert read.declaration.name == "documents/p1"
    assert (read.payment.authorized_dong, read.payment.captured_dong) == (TOTAL_DONG, TOTAL_DONG)
    assert read.create_time.seconds
    assert read.end_time.seconds
    assert served.house.world.did == IN_ORDER


async def test_the_same_request_twice_and_at_once_is_one_journey(served: Served) -> None:
    request = served.request()

    started = await asyncio.gather(*(served.owner.GoOnline(request) for _ in range(4)))
    await served.ended(started[0])
    again = await served.owner.GoOnline(request)

    assert {one.name for one in started} == {again.name}
    assert again.done
    assert served.house.world.did == IN_ORDER


async def test_a_journey_joined_again_is_not_asked_whether_it_may_start(served: Served) -> None:
    request = served.request()
    await served.ended(await served.owner.GoOnline(request))
    served.admission.refusing = Conflict("NAME_TAKEN", field="domain")  # by this very journey

    again = await served.owner.GoOnline(request)

    assert again.done
    assert served.admission.asked == ["t1"]


async def test_the_same_id_for_another_business_is_refused(served: Served) -> None:
    request = served.request()
    await served.ended(await served.owner.GoOnline(request))

    request.domain = "quan-khac.vn"
    error = await refused(served.owner.GoOnline(request))

    assert error.reason == "IDEMPOTENCY_MISMATCH"
    assert served.house.world.did == IN_ORDER


MALFORMED = [
    ({"domain": "  "}, "FIELD_REQUIRED", "domain"),
    ({"years": 0}, "YEARS_INVALID", "years"),
    ({"accepted_total_dong": 0}, "PRICE_NOT_STATED", "accepted_total_dong"),
    ({"payer": " "}, "PAYER_MISSING", "payer"),
    ({"request_id": "mot-hai-ba"}, "REQUEST_ID_INVALID", None),
]


async def test_a_malformed_request_begins_nothing(served: Served) -> None:
    for changes, reason, field in MALFORMED:
        error = await refused(served.owner.GoOnline(served.request(**changes)))

        assert (error.reason, error.grpc_code) == (reason, "INVALID_ARGUMENT")
        assert field is None or error.field == field
    assert served.house.world.did == []


async def test_what_admission_refuses_is_not_begun(served: Served) -> None:
    served.admission.refusing = Conflict("NAME_TAKEN", field="domain", name="bánhmì.vn")
    request = served.request()

    error = await refused(served.owner.GoOnline(request))

    assert (error.reason, error.field) == ("NAME_TAKEN", "domain")
    assert served.house.world.did == []
    served.admission.refusing = None
    assert not (await served.ended(await served.owner.GoOnline(request))).HasField("error")


async def test_a_refused_journey_says_how_it_ended_in_a_whole_sentence(served: Served) -> None:
    served.house.world.refusing["websites.publish"] = Refused("PAYMENT_REFUSED", detail="thử")

    started = await served.owner.GoOnline(served.request())
    error = error_of_status((await served.ended(started)).error)
    journey = await served.journey(started)

    assert error.reason == journey.reason == "JOURNEY_STOPPED_HOLDING"
    assert journey.state == State.STATE_REFUSED
    assert "Tên miền bánhmì.vn đã thuộc về anh/chị" in journey.outcome_vi
    assert journey.registration.domain == A_LABEL
    assert journey.payment.captured_dong == TOTAL_DONG
    assert journey.end_time.seconds


async def test_a_journey_refused_before_its_first_effect_can_still_be_read(served: Served) -> None:
    served.house.world.refusing["domains.quote"] = Refused("PAYMENT_REFUSED", detail="thử")

    started = await served.owner.GoOnline(served.request())
    await served.ended(started)
    journey = await served.journey(started)

    assert (journey.state, journey.reason) == (State.STATE_REFUSED, "JOURNEY_REFUSED")
    assert journey.outcome_vi


async def test_a_journey_under_way_is_running(served: Served) -> None:
    gate = served.house.world.gates["domains.quote"] = asyncio.Event()
    started = await served.owner.GoOnline(served.request())

    journey = await served.journey(started)
    gate.set()

    assert journey.state == State.STATE_RUNNING
    assert not journey.end_time.seconds
    assert not (await served.ended(started)).HasField("error")


async def test_another_tenants_journey_is_not_found(served: Served) -> None:
    started = await served.owner.GoOnline(served.request())
    await served.ended(started)

    with pytest.raises(grpc.aio.AioRpcError) as refusal:
        await served.journey(started, by=served.other)

    assert refusal.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_journey_that_does_not_exist_is_not_found(served: Served) -> None:
    for name in ("", "journeys/", "journeys/khong-co", "operations/x", "../x"):
        error = await refused(served.owner.GetJourney(journeys_pb2.GetJourneyRequest(name=name)))

        assert error.grpc_code == "NOT_FOUND"


async def test_two_tenants_may_use_the_same_request_id(served: Served) -> None:
    request = served.request()

    mine, others = await served.owner.GoOnline(request), await served.other.GoOnline(request)

    assert mine.name != others.name
    await served.ended(mine)


async def test_a_caller_without_a_token_or_a_grant_is_refused(served: Served) -> None:
    request = served.request()

    assert (await refused(served.stranger.GoOnline(request))).grpc_code == "UNAUTHENTICATED"
    assert (await refused(served.reader.GoOnline(request))).grpc_code == "PERMISSION_DENIED"
    assert served.admission.asked == []


async def test_an_api_key_is_exchanged_without_a_token(served: Served) -> None:
    _, text, kept = new_api_key()
    entry = {"hash": kept, "actor": "lan", "tenant": "t1", "grants": ["domains.read"]}
    served.keys.write_text(json.dumps([entry]))

    answer = await served.tokens.ExchangeKey(
        tokens_pb2.ExchangeKeyRequest(api_key=text, audience="domains")
    )

    actor = TokenVerifier(PUBLIC_KEY, "domains").verify(answer.token, NOON)
    assert actor == Actor("lan", "t1", frozenset({"domains.read"}))


async def test_a_wrong_key_or_an_unreadable_list_is_said_without_the_key(served: Served) -> None:
    request = tokens_pb2.ExchangeKeyRequest(api_key="hd_live_bi-mat", audience="domains")

    wrong = await refused(served.tokens.ExchangeKey(request))
    served.keys.write_text("[{")
    unreadable = await refused(served.tokens.ExchangeKey(request))

    assert (wrong.reason, unreadable.reason) == ("API_KEY_INVALID", "KEYS_UNREADABLE")
    assert isinstance(unreadable, Unavailable)
    assert not isinstance(unreadable, OutcomeUnknown)
    assert "bi-mat" not in str(wrong.facts) + str(unreadable.facts)


def listing(**changes: object) -> journeys_pb2.ListJourneysRequest:
    return journeys_pb2.ListJourneysRequest(**changes)  # type: ignore[arg-type]


async def test_journeys_are_listed_newest_first_a_page_at_a_time(served: Served) -> None:
    begun = []
    for domain in ("mot.vn", "hai.vn", "ba.vn"):
        started = await served.owner.GoOnline(served.request(domain=domain))
        await served.ended(started)
        begun.append(started.name.replace("operations/", "journeys/"))
        served.clock.advance(60)

    first = await served.reader.ListJourneys(listing(page_size=2))
    rest = await served.reader.ListJourneys(listing(page_token=first.next_page_token))

    assert [one.domain for one in first.journeys] == ["ba.vn", "hai.vn"]
    assert [one.name for one in (*first.journeys, *rest.journeys)] == begun[::-1]
    assert {one.state for one in rest.journeys} == {State.STATE_ONLINE}
    assert rest.next_page_token == ""
    assert not (await served.other.ListJourneys(listing())).journeys


async def test_a_listed_journey_that_was_refused_says_so(served: Served) -> None:
    served.house.world.refusing["websites.publish"] = Refused("PAYMENT_REFUSED", detail="thử")
    await served.ended(await served.owner.GoOnline(served.request()))

    (journey,) = (await served.owner.ListJourneys(listing())).journeys

    assert (journey.state, journey.reason) == (State.STATE_REFUSED, "JOURNEY_STOPPED_HOLDING")
    assert journey.outcome_vi


async def test_a_page_token_of_another_tenant_is_not_taken(served: Served) -> None:
    for domain in ("mot.vn", "hai.vn"):
        await served.ended(await served.owner.GoOnline(served.request(domain=domain)))
    token = (await served.owner.ListJourneys(listing(page_size=1))).next_page_token

    error = await refused(served.other.ListJourneys(listing(page_token=token)))

    assert error.reason == "PAGE_TOKEN_INVALID"


async def test_a_stopped_journey_is_finished_without_paying_again(served: Served) -> None:
    world = served.house.world
    world.refusing["esign.declare"] = Refused("PAYMENT_REFUSED", detail="thử")
    await served.ended(await served.owner.GoOnline(served.request()))
    del world.refusing["esign.declare"]
    world.held = {
        "registration": REGISTERED,
        "held-zone": {"serial": 1},
        "websites": {"websites": [{"name": "websites/w1", "domain": A_LABEL}]},
    }
    done = len(world.did)
    request = journeys_pb2.FinishOnlineRequest(request_id=str(uuid.uuid4()), domain="bánhmì.vn")

    started = await served.owner.FinishOnline(request)
    await served.ended(started)
    again = await served.owner.FinishOnline(request)

    assert again.name == started.name
    assert (await served.journey(started)).state == State.STATE_ONLINE
    assert world.did[done:] == ["domains.zone", "websites.publish", "esign.declare"]


async def test_a_name_never_paid_for_is_not_finished(served: Served) -> None:
    served.house.world.refusing["payment.capture"] = Refused("PAYMENT_REFUSED", detail="thử")
    await served.ended(await served.owner.GoOnline(served.request()))

    request = journeys_pb2.FinishOnlineRequest(request_id=str(uuid.uuid4()), domain="bánhmì.vn")
    error = await refused(served.owner.FinishOnline(request))

    assert (error.reason, error.field) == ("NAME_NOT_PAID", "domain")


def a_payment(**changes: object) -> journeys_pb2.PayDueRequest:
    facts: dict[str, object] = {
        "request_id": str(uuid.uuid4()),
        "domain": " bánhmì.vn ",
        "accepted_total_dong": TOTAL_DONG,
        "payer": "sandbox-account",
    }
    return journeys_pb2.PayDueRequest(**{**facts, **changes})  # type: ignore[arg-type]


async def test_what_is_owed_is_read_paid_once_and_the_rest_goes_on(served: Served) -> None:
    world = served.house.world
    world.refusing["payment.capture"] = Refused("PAYMENT_REFUSED", detail="thử")
    started = await served.owner.GoOnline(served.request())
    await served.ended(started)
    del world.refusing["payment.capture"]
    world.held = {
        "registration": REGISTERED,
        "held-zone": {"serial": 1},
        "websites": {"websites": [{"name": "websites/w1", "domain": A_LABEL}]},
    }
    world.did.clear()
    asked, request = journeys_pb2.GetDueRequest(domain="bánhmì.vn"), a_payment()

    due = await served.reader.GetDue(asked)
    payments = await asyncio.gather(*(served.owner.PayDue(request) for _ in range(3)))
    ended = await served.ended(payments[0])
    again = await served.owner.PayDue(request)

    assert (due.domain, due.total_dong) == (A_LABEL, TOTAL_DONG)
    (item,) = due.items
    assert (item.kind, item.name) == (
        journeys_pb2.DueItem.KIND_REGISTRATION,
        started.name.replace("operations/", "journeys/"),
    )
    paid = journeys_pb2.DuePayment()
    assert ended.response.Unpack(paid), ended.error
    assert again.name == ended.name
    assert (paid.captured_dong, list(paid.items)) == (TOTAL_DONG, [item])
    assert world.did == ["payment.authorize", "payment.capture"]
    assert not (await served.reader.GetDue(asked)).items
    journey = await served.journey(started)
    assert (journey.reason, journey.payment.captured_dong) == (
        "JOURNEY_STOPPED_HOLDING",
        TOTAL_DONG,
    )
    assert "nay anh/chị đã trả" in journey.outcome_vi
    finish = journeys_pb2.FinishOnlineRequest(request_id=str(uuid.uuid4()), domain="bánhmì.vn")
    assert not (await served.ended(await served.owner.FinishOnline(finish))).HasField("error")


async def test_a_debt_is_nobody_elses_and_no_readers_to_pay(served: Served) -> None:
    served.house.world.held = {"registration": REGISTERED}
    asked = journeys_pb2.GetDueRequest(domain="bánhmì.vn")

    assert (await refused(served.other.GetDue(asked))).reason == "REGISTRATION_ABSENT"
    assert (await refused(served.other.PayDue(a_payment()))).reason == "REGISTRATION_ABSENT"
    assert (await refused(served.reader.PayDue(a_payment()))).reason == "NOT_PERMITTED"
    assert (await refused(served.owner.PayDue(a_payment()))).reason == "NOTHING_DUE"


async def test_a_reader_finishes_nothing(served: Served) -> None:
    request = journeys_pb2.FinishOnlineRequest(request_id=str(uuid.uuid4()), domain="bánhmì.vn")

    assert (await refused(served.reader.FinishOnline(request))).reason == "NOT_PERMITTED"


async def test_a_name_is_renewed_over_the_wire_once_however_often_it_is_sent(
    served: Served,
) -> None:
    world = served.house.world
    world.held = {"quote": SAID["quote"]}
    world.answers["renew"] = REGISTERED
    request = journeys_pb2.RenewNameRequest(
        request_id=str(uuid.uuid4()),
        domain=" bánhmì.vn ",
        years=1,
        accepted_total_dong=TOTAL_DONG,
        payer="sandbox-account",
    )

    ended = await served.ended(await served.owner.RenewName(request))
    world.held.clear()  # after the renewal nothing is priced again
    again = await served.ended(await served.owner.RenewName(request))

    renewal = journeys_pb2.Renewal()
    assert ended.response.Unpack(renewal), ended.error
    assert again == ended
    assert renewal.payment.captured_dong == TOTAL_DONG
    assert renewal.registration.unicode_domain == "bánhmì.vn"
    assert world.did == ["domains.quote", "payment.authorize", "domains.renew", "payment.capture"]
    assert (await refused(served.other.RenewName(request))).reason == "REGISTRATION_ABSENT"
    assert (await refused(served.reader.RenewName(request))).reason == "NOT_PERMITTED"
