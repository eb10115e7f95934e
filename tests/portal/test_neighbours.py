"""A neighbour's operation as an effect, over real gRPC: done, refused, running, lost, not sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from google.longrunning import operations_pb2, operations_pb2_grpc
from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.client import channel
from haidang.core.errors import Conflict, HaidangError, OutcomeUnknown, Refused, Unavailable
from haidang.core.operations.desk import operation_name
from haidang.core.statuses import status_of
from haidang.portal import neighbours
from haidang.portal.neighbours import Neighbour, domains_neighbour, request_id_of
from haidang.portal.values import Step

from tests.esign.house import free_port

EFFECT = "operations/0123456789abcdef0123456789abcdef/register"
REGISTER = Step("t1", "0123", "register", json.dumps({"domain": "banhmi.vn", "years": 1}))
QUOTE = Step("t1", "0123", "quote", json.dumps({"domain": "banhmi.vn", "years": 1}))
HELD = domains_pb2.Registration(domain="banhmi.vn", unicode_domain="bánhmì.vn")
TAKEN = Conflict("NAME_TAKEN", field="domain", name="banhmi.vn")


class Standin(domains_pb2_grpc.DomainsServiceServicer, operations_pb2_grpc.OperationsServicer):
    """Registers nothing: says what a test has it say, and remembers what it was asked."""

    def __init__(self) -> None:
        self.operations: dict[str, operations_pb2.Operation] = {}
        self.requests: list[domains_pb2.RegisterDomainRequest] = []
        self.bearers: list[str] = []
        self.refusing: HaidangError | None = None
        self.waits = 0
        self.on_wait: Callable[[operations_pb2.Operation], None] = lambda operation: None
        self.fails_with: grpc.StatusCode | None = None

    async def QuoteDomain(self, request: Any, context: Any) -> domains_pb2.Quote:
        self._note(context)
        await self._refuse(context)
        return domains_pb2.Quote(name="quotes/1", domain=request.domain, total_dong=525_000)

    async def RegisterDomain(self, request: Any, context: Any) -> operations_pb2.Operation:
        self._note(context)
        await self._refuse(context)
        self.requests.append(request)
        name = operation_name("t1", request.request_id)
        return self.operations.setdefault(name, operations_pb2.Operation(name=name))

    async def WaitOperation(self, request: Any, context: Any) -> operations_pb2.Operation:
        self._note(context)
        self.waits += 1
        if self.fails_with is not None:
            await context.abort(self.fails_with, "hỏng")
        if request.name not in self.operations:
            await context.abort(grpc.StatusCode.NOT_FOUND, "không có")
        operation = self.operations[request.name]
        self.on_wait(operation)
        return operation

    def _note(self, context: Any) -> None:
        self.bearers.append(dict(context.invocation_metadata()).get("authorization", ""))

    async def _refuse(self, context: Any) -> None:
        if self.refusing is not None:
            status = status_of(self.refusing)
            context.set_trailing_metadata(
                (("grpc-status-details-bin", status.SerializeToString()),)
            )
            code = next(code for code in grpc.StatusCode if code.value[0] == status.code)
            await context.abort(code, status.message)


@dataclass
class Served:
    """A neighbour and the service behind it."""

    service: Standin
    neighbour: Neighbour
    server: grpc.aio.Server


def ends_well(operation: operations_pb2.Operation) -> None:
    operation.done = True
    operation.response.Pack(HELD)


def ends_badly(operation: operations_pb2.Operation) -> None:
    operation.done = True
    operation.error.CopyFrom(status_of(TAKEN))


def as_tenant(tenant: str) -> tuple[tuple[str, str], ...]:
    return (("authorization", f"Bearer {tenant}"),)


@pytest.fixture
async def served() -> AsyncIterator[Served]:
    service, server = Standin(), grpc.aio.server()
    domains_pb2_grpc.add_DomainsServiceServicer_to_server(service, server)
    operations_pb2_grpc.add_OperationsServicer_to_server(service, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    opened = channel(f"127.0.0.1:{port}")
    yield Served(service, domains_neighbour(opened, as_tenant), server)
    await opened.close()
    await server.stop(0)


async def test_a_quick_step_answers_in_the_contracts_json(served: Served) -> None:
    receipt = await served.neighbour.do(QUOTE, EFFECT)

    answer = json.loads(receipt.response_json)
    assert (answer["name"], answer["total_dong"]) == ("quotes/1", "525000")
    assert served.service.bearers == ["Bearer t1"]


async def test_a_long_step_is_waited_for_to_its_end(served: Served) -> None:
    def ends_at_the_second(operation: operations_pb2.Operation) -> None:
        if served.service.waits > 1:
            ends_well(operation)

    served.service.on_wait = ends_at_the_second

    receipt = await served.neighbour.do(REGISTER, EFFECT)

    assert json.loads(receipt.response_json)["unicode_domain"] == "bánhmì.vn"
    assert set(served.service.bearers) == {"Bearer t1"}


async def test_the_same_effect_asks_with_the_same_request_id(served: Served) -> None:
    served.service.on_wait = ends_well

    first = await served.neighbour.do(REGISTER, EFFECT)
    second = await served.neighbour.do(REGISTER, EFFECT)
    await served.neighbour.do(REGISTER, EFFECT + "-khac")

    assert first == second
    ids = [request.request_id for request in served.service.requests]
    assert ids[0] == ids[1] == request_id_of(EFFECT) != ids[2]


async def test_what_was_done_is_found_by_its_effect(served: Served) -> None:
    served.service.on_wait = ends_well
    assert await served.neighbour.find_done(REGISTER, EFFECT) is None

    receipt = await served.neighbour.do(REGISTER, EFFECT)

    assert await served.neighbour.find_done(REGISTER, EFFECT) == receipt
    assert await served.neighbour.find_done(REGISTER, EFFECT + "-khac") is None


async def test_a_quick_step_is_never_found_because_doing_is_asking(served: Served) -> None:
    await served.neighbour.do(QUOTE, EFFECT)

    assert await served.neighbour.find_done(QUOTE, EFFECT) is None
    assert served.service.waits == 0


@pytest.mark.parametrize("step", [QUOTE, REGISTER], ids=["quick", "long"])
async def test_a_refusal_at_once_is_the_neighbours_own(served: Served, step: Step) -> None:
    served.service.refusing = TAKEN

    with pytest.raises(Conflict) as refusal:
        await served.neighbour.do(step, EFFECT)

    assert (refusal.value.reason, refusal.value.field) == ("NAME_TAKEN", "domain")


async def test_a_refusal_at_the_end_is_said_by_the_act_and_is_nothing_to_find(
    served: Served,
) -> None:
    served.service.on_wait = ends_badly

    with pytest.raises(Conflict):
        await served.neighbour.do(REGISTER, EFFECT)

    assert await served.neighbour.find_done(REGISTER, EFFECT) is None


async def test_a_refusal_whose_reason_we_do_not_know_keeps_its_sentence(served: Served) -> None:
    served.service.refusing = Refused("PAYMENT_DECLINED", field="payer")

    with pytest.raises(Refused) as refusal:
        await served.neighbour.do(QUOTE, EFFECT)

    assert refusal.value.field == "payer"


async def test_a_step_still_running_is_neither_done_nor_refused(served: Served) -> None:
    with pytest.raises(OutcomeUnknown) as unknown:
        await served.neighbour.do(REGISTER, EFFECT)

    assert unknown.value.reason == "STEP_STILL_RUNNING"
    assert served.service.waits == neighbours.MOST_WAITS
    with pytest.raises(OutcomeUnknown):
        await served.neighbour.find_done(REGISTER, EFFECT)


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.NOT_FOUND,
    ],
)
async def test_a_wait_that_is_lost_leaves_the_step_open(
    served: Served, code: grpc.StatusCode
) -> None:
    served.service.fails_with = code

    with pytest.raises(OutcomeUnknown):
        await served.neighbour.do(REGISTER, EFFECT)


async def test_a_question_that_is_lost_is_no_absence(served: Served) -> None:
    served.service.on_wait = ends_well
    await served.neighbour.do(REGISTER, EFFECT)
    served.service.fails_with = grpc.StatusCode.INTERNAL

    with pytest.raises(Unavailable):
        await served.neighbour.find_done(REGISTER, EFFECT)


async def test_a_start_that_is_lost_leaves_the_step_open(served: Served) -> None:
    async def hangs_up(request: Any, context: Any) -> Any:
        served.service.requests.append(request)
        await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")

    served.service.RegisterDomain = hangs_up  # type: ignore[method-assign]  # the stand-in's own

    with pytest.raises(OutcomeUnknown):
        await served.neighbour.do(REGISTER, EFFECT)


async def test_a_neighbour_that_is_not_there_was_sent_nothing() -> None:
    async with channel(f"127.0.0.1:{free_port()}") as opened:
        neighbour = domains_neighbour(opened, as_tenant)

        with pytest.raises(Unavailable):
            await asyncio.wait_for(neighbour.do(REGISTER, EFFECT), 15)
        with pytest.raises(Unavailable):
            await asyncio.wait_for(neighbour.find_done(REGISTER, EFFECT), 15)


async def test_a_question_is_asked_as_the_tenant_and_touches_nothing(served: Served) -> None:
    answer = await served.neighbour.ask("t1", "quote", {"domain": "banhmi.vn", "years": 1})

    assert answer["name"] == "quotes/1"
    assert served.service.bearers == ["Bearer t1"]
    assert served.service.requests == []


async def test_a_question_that_is_refused_is_refused_at_once(served: Served) -> None:
    served.service.refusing = TAKEN

    with pytest.raises(Conflict) as refusal:
        await served.neighbour.ask("t1", "quote", {"domain": "banhmi.vn"})

    assert refusal.value.reason == "NAME_TAKEN"
    assert len(served.service.bearers) == 1


async def test_a_neighbour_that_is_away_for_a_moment_is_asked_again(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def back_again(seconds: float) -> None:
        served.service.refusing = None

    monkeypatch.setattr(neighbours.asyncio, "sleep", back_again)
    served.service.refusing = Unavailable("NOT_READY")

    answer = await served.neighbour.ask("t1", "quote", {"domain": "banhmi.vn"})

    assert answer["domain"] == "banhmi.vn"
    assert len(served.service.bearers) == 2


async def test_a_neighbour_that_stays_away_is_not_asked_for_ever(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def at_once(seconds: float) -> None:
        return

    monkeypatch.setattr(neighbours.asyncio, "sleep", at_once)
    served.service.refusing = Unavailable("NOT_READY")

    with pytest.raises(Unavailable):
        await served.neighbour.ask("t1", "quote", {"domain": "banhmi.vn"})

    assert len(served.service.bearers) == neighbours.MOST_TRIES
