"""The guard: what a caller may hear of a provider, whatever the provider does."""

from __future__ import annotations

import asyncio
import threading
import typing
from dataclasses import dataclass
from typing import Any, Protocol, get_args, get_origin, get_type_hints

import pytest
from haidang.core import hookspecs
from haidang.core.errors import (
    HaidangError,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
    register,
)
from haidang.core.guard import GuardLimits, guard, port_methods
from haidang.core.operations.run import Tx
from haidang.core.plugins import hook_names
from haidang.core.ports.dnshost import DnsHost
from haidang.core.ports.marks import acts, mark_of, needs, reads
from haidang.core.ports.payment import Authorization, AuthorizationReceipt, PaymentProvider
from haidang.core.testing.memory import NOON, MemoryRun, memory_database

from tests.conformance.banks import MemoryBank, Vault

register(Refused, {"NO_BREAD_LEFT": ("No bread is left.", "Hết bánh mì rồi.")})
register(Unavailable, {"SHOP_CLOSED": ("The shop is closed.", "Tiệm đã đóng cửa.")})


@dataclass(frozen=True)
class Order:
    loaves: int


@dataclass(frozen=True)
class Receipt:
    number: str


class Bakery(Protocol):
    """A port of our own, named like the guard's insides where it can be."""

    @reads
    async def read(self, loaf: str) -> int: ...

    @acts(find="find_order")
    async def act(self, order: Order, effect_id: str) -> Receipt: ...

    @reads
    async def find_order(self, order: Order, effect_id: str) -> Receipt | None: ...

    @needs("delivery")
    @reads
    async def delivers(self) -> bool: ...


class FakeBakery:
    """Does in every method whatever the test says."""

    def __init__(self, does: Any = None) -> None:
        self.does = does
        self.calls: list[str] = []

    async def _do(self, method: str, answer: Any) -> Any:
        self.calls.append(method)
        if isinstance(self.does, BaseException):
            raise self.does
        return await self.does() if self.does is not None else answer

    async def read(self, loaf: str) -> int:
        return await self._do("read", 3)

    async def act(self, order: Order, effect_id: str) -> Receipt:
        return await self._do("act", Receipt(effect_id))

    async def find_order(self, order: Order, effect_id: str) -> Receipt | None:
        return await self._do("find_order", None)

    async def delivers(self) -> bool:
        return await self._do("delivers", True)


class FakeMonotonic:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


ORDER = Order(2)
IMPATIENT = GuardLimits(read_seconds=0.01, act_seconds=0.01)


async def forever() -> None:
    await asyncio.Event().wait()


async def asked(bakery: Bakery) -> object:
    return await bakery.read("sourdough")


async def ordered(bakery: Bakery) -> object:
    return await bakery.act(ORDER, "operations/1/order")


async def found(bakery: Bakery) -> object:
    return await bakery.find_order(ORDER, "operations/1/order")


async def refusal_of(call: Any) -> HaidangError:
    with pytest.raises(HaidangError) as refusal:
        await call
    return refusal.value


async def test_answers_pass_through_unchanged() -> None:
    bakery = guard(Bakery, FakeBakery(), name="bakery")

    assert await asked(bakery) == 3
    assert await ordered(bakery) == Receipt("operations/1/order")
    assert await found(bakery) is None


async def test_a_definite_no_passes_through_unchanged() -> None:
    no = Refused("NO_BREAD_LEFT")
    bakery = guard(Bakery, FakeBakery(no), name="bakery")

    assert await refusal_of(ordered(bakery)) is no
    assert await refusal_of(asked(bakery)) is no


@pytest.mark.parametrize("call", [asked, found])
async def test_a_read_past_its_deadline_is_unavailable(call: Any) -> None:
    bakery = guard(Bakery, FakeBakery(forever), name="bakery", limits=IMPATIENT)

    refusal = await refusal_of(call(bakery))

    assert isinstance(refusal, Unavailable)
    assert refusal.reason == "DEADLINE_BEFORE_ANSWER"


async def test_an_act_past_its_deadline_is_unknown() -> None:
    bakery = guard(Bakery, FakeBakery(forever), name="bakery", limits=IMPATIENT)

    refusal = await refusal_of(ordered(bakery))

    assert isinstance(refusal, OutcomeUnknown)
    assert refusal.reason == "ACT_CUT_OFF"


async def test_a_deadline_holds_though_the_provider_ignores_its_cancellation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("haidang.core.guard.FAREWELL_SECONDS", 0.01)
    let_go = asyncio.Event()

    async def stubborn() -> None:
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue

    bakery = guard(Bakery, FakeBakery(stubborn), name="bakery", limits=IMPATIENT)

    assert isinstance(await refusal_of(ordered(bakery)), OutcomeUnknown)
    let_go.set()


async def test_a_provider_cut_off_may_clean_up_before_the_caller_goes_on() -> None:
    tidied = []

    async def tidy() -> None:
        try:
            await forever()
        finally:
            await asyncio.sleep(0)
            tidied.append("connection closed")

    bakery = guard(Bakery, FakeBakery(tidy), name="bakery", limits=IMPATIENT)

    await refusal_of(ordered(bakery))

    assert tidied == ["connection closed"]


@pytest.mark.parametrize("fault", [ValueError("password 1234"), TimeoutError(), OSError("torn")])
async def test_an_unforeseen_fault_of_an_act_is_unknown_and_keeps_its_cause(
    fault: Exception,
) -> None:
    bakery = guard(Bakery, FakeBakery(fault), name="bakery")

    refusal = await refusal_of(ordered(bakery))

    assert isinstance(refusal, OutcomeUnknown)
    assert refusal.__cause__ is fault


async def test_an_unforeseen_fault_of_a_read_is_unavailable() -> None:
    bakery = guard(Bakery, FakeBakery(ValueError("password 1234")), name="bakery")

    refusal = await refusal_of(asked(bakery))

    assert isinstance(refusal, Unavailable)
    assert refusal.reason == "READ_UNFORESEEN"


async def test_an_unforeseen_fault_is_logged_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bakery = guard(Bakery, FakeBakery(ValueError("hunter2")), name="bakery")

    refusal = await refusal_of(ordered(bakery))

    logged = "".join(capsys.readouterr())
    assert "ValueError" in logged
    assert "test_guard.py" in logged
    assert "hunter2" not in logged + str(refusal)


async def test_a_provider_that_cancels_itself_leaves_an_act_unknown() -> None:
    async def cancelled_inside() -> None:
        raise asyncio.CancelledError

    bakery = guard(Bakery, FakeBakery(cancelled_inside), name="bakery")

    assert isinstance(await refusal_of(ordered(bakery)), OutcomeUnknown)
    assert isinstance(await refusal_of(asked(bakery)), Unavailable)


@pytest.mark.parametrize("call", [asked, ordered])
async def test_a_caller_who_is_cancelled_stays_cancelled_and_ends_the_call(call: Any) -> None:
    entered, ended = asyncio.Event(), asyncio.Event()

    async def waits() -> None:
        entered.set()
        try:
            await forever()
        finally:
            ended.set()

    bakery = guard(Bakery, FakeBakery(waits), name="bakery")
    task = asyncio.create_task(call(bakery))
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_a_full_bulkhead_refuses_before_anything_is_sent() -> None:
    fake = FakeBakery(forever)
    bakery = guard(Bakery, fake, name="bakery", limits=GuardLimits(concurrent_calls=1))
    first = asyncio.create_task(ordered(bakery))
    while not fake.calls:
        await asyncio.sleep(0)

    refusal = await refusal_of(ordered(bakery))

    assert (type(refusal), refusal.reason) == (Unavailable, "BULKHEAD_FULL")
    assert fake.calls == ["act"]
    first.cancel()


async def test_a_slot_is_free_again_after_a_failed_call() -> None:
    fake = FakeBakery(OSError())
    bakery = guard(Bakery, fake, name="bakery", limits=GuardLimits(concurrent_calls=1))
    await refusal_of(ordered(bakery))
    fake.does = None

    assert await asked(bakery) == 3


async def broken(fake: FakeBakery, monotonic: FakeMonotonic) -> Bakery:
    """A guarded bakery whose breaker is open."""
    bakery = guard(Bakery, fake, name="bakery", monotonic=monotonic)
    fake.does = Unavailable("SHOP_CLOSED")
    for _ in range(GuardLimits().failures_to_open):
        await refusal_of(ordered(bakery))
    fake.calls.clear()
    return bakery


@pytest.mark.parametrize("call", [asked, ordered])
async def test_an_open_breaker_refuses_before_anything_is_sent(call: Any) -> None:
    fake = FakeBakery()
    bakery = await broken(fake, FakeMonotonic())

    refusal = await refusal_of(call(bakery))

    assert (type(refusal), refusal.reason) == (Unavailable, "BREAKER_OPEN")
    assert fake.calls == []


async def test_a_find_passes_an_open_breaker_being_the_only_way_to_settle() -> None:
    fake = FakeBakery()
    bakery = await broken(fake, FakeMonotonic())
    fake.does = None

    assert await found(bakery) is None
    assert await asked(bakery) == 3, "an answer heard closes the breaker"


async def test_after_its_pause_one_failure_opens_the_breaker_again() -> None:
    fake, monotonic = FakeBakery(), FakeMonotonic()
    bakery = await broken(fake, monotonic)
    monotonic.now += GuardLimits().pause_seconds

    assert (await refusal_of(asked(bakery))).reason == "SHOP_CLOSED"
    assert (await refusal_of(asked(bakery))).reason == "BREAKER_OPEN"


async def test_a_definite_no_is_an_answer_and_never_opens_the_breaker() -> None:
    fake = FakeBakery(Refused("NO_BREAD_LEFT"))
    bakery = guard(Bakery, fake, name="bakery")

    reasons = [(await refusal_of(ordered(bakery))).reason for _ in range(20)]

    assert set(reasons) == {"NO_BREAD_LEFT"}


async def test_failures_count_only_in_a_row() -> None:
    fake = FakeBakery()
    bakery = guard(Bakery, fake, name="bakery")
    for _ in range(3):
        fake.does = OSError()
        for _ in range(GuardLimits().failures_to_open - 1):
            await refusal_of(ordered(bakery))
        fake.does = None
        await asked(bakery)

    assert await ordered(bakery) == Receipt("operations/1/order")


async def test_a_method_of_a_capability_not_declared_refuses_unsent() -> None:
    fake = FakeBakery()

    refusal = await refusal_of(guard(Bakery, fake, name="bakery").delivers())

    assert (type(refusal), refusal.reason) == (Unsupported, "CAPABILITY_ABSENT")
    assert refusal.grpc_code == "UNIMPLEMENTED"
    assert fake.calls == []


async def test_a_method_of_a_declared_capability_answers() -> None:
    bakery = guard(Bakery, FakeBakery(), name="bakery", capabilities=frozenset({"delivery"}))

    assert await bakery.delivers()


class PlainBakery(FakeBakery):
    """A provider whose read is a plain function that blocks."""

    def read(self, loaf: str) -> int:  # type: ignore[override]  # plain on purpose
        self.thread = threading.current_thread()
        return 5


async def test_a_plain_function_runs_in_a_thread_of_its_own() -> None:
    plain = PlainBakery()

    assert await asked(guard(Bakery, plain, name="bakery")) == 5
    assert plain.thread is not threading.main_thread()


def test_a_guarded_method_keeps_the_ports_mark_and_annotations() -> None:
    bank = guard(PaymentProvider, MemoryBank(Vault()), name="bank")

    for name, function in port_methods(PaymentProvider).items():
        method = getattr(bank, name)
        assert method.__self__ is bank
        assert mark_of(method) == mark_of(function)
        assert get_type_hints(method) == get_type_hints(function)
        assert method.__name__ == name


class Ledger:
    async def authorized(
        self, tx: Tx, authorization: Authorization, receipt: AuthorizationReceipt
    ) -> str:
        return receipt.authorization_id


async def test_run_effect_takes_guarded_methods_as_they_are(tmp_path: Any) -> None:
    bank = guard(PaymentProvider, MemoryBank(Vault()), name="bank")
    database = await memory_database(tmp_path)
    run = MemoryRun(database, now=NOON)

    settled = await run.effect(
        "authorize",
        Authorization("lan", 450_000, "HD 1"),
        ask=bank.find_authorization,
        act=bank.authorize,
        settle=Ledger().authorized,
    )

    assert settled == "auth-0"
    await database.close()


class UnmarkedPort(Protocol):
    async def forgotten(self) -> None: ...


class FindlessPort(Protocol):
    @acts(find="find_nothing")
    async def act(self, order: Order, effect_id: str) -> Receipt: ...


@pytest.mark.parametrize("port", [UnmarkedPort, FindlessPort])
def test_a_port_with_an_unmarked_method_or_a_find_it_lacks_refuses_to_start(port: type) -> None:
    with pytest.raises(Refused) as refusal:
        guard(port, FakeBakery(), name="bakery")

    assert refusal.value.reason == "PORT_UNMARKED"


def test_a_provider_that_lacks_a_method_refuses_to_start() -> None:
    with pytest.raises(Refused) as refusal:
        guard(Bakery, object(), name="bakery")

    assert refusal.value.reason == "PROVIDER_INCOMPLETE"


class WiderBakery(Bakery, Protocol):
    """A port that grew out of another."""

    @reads
    async def smells(self) -> bool: ...


def test_a_ports_methods_include_those_it_inherits() -> None:
    assert set(port_methods(WiderBakery)) == {*port_methods(Bakery), "smells"}


def offered_ports() -> list[type]:
    """The Protocol of every hook that yields offers."""
    items = [
        get_args(get_type_hints(getattr(hookspecs, hook))["return"])[0] for hook in hook_names()
    ]
    return [get_args(item)[0] for item in items if get_origin(item) is not None]


@pytest.mark.parametrize("port", offered_ports(), ids=lambda port: port.__name__)
def test_every_port_of_the_book_is_marked_and_pairs_acts_with_finds(port: type) -> None:
    methods = port_methods(port)

    for name, function in methods.items():
        hints = typing.get_type_hints(function)
        mark = mark_of(function)
        assert mark is not None
        if mark[1] is not None:
            finds = typing.get_type_hints(methods[mark[1]])
            answer = hints.pop("return")
            found = finds.pop("return")
            assert hints == finds, f"{name} and {mark[1]} take the same"
            assert set(get_args(found)) == {answer, type(None)}


async def test_a_port_whose_method_is_called_read_is_guarded_like_any_other() -> None:
    class Host:
        async def read(self, name: str) -> None:
            return None

        async def nameservers(self) -> tuple[str, ...]:
            return ("ns1.haidang.example",)

        async def publish(self, publication: Any, effect_id: str) -> None: ...

        async def find_publication(self, publication: Any, effect_id: str) -> None: ...

    host = guard(DnsHost, Host(), name="host")

    assert await host.read("banhmi-lan.vn") is None
    assert await host.find_publication(None, "operations/1/zone") is None  # type: ignore[arg-type]  # unused
