"""What the suites of all ports share: marks, capabilities, errors, and one effect per effect id.

A port's own suite adds intents and the promises only its methods make. Nothing here
knows a provider; the other side is looked at through `count_effects` alone.
"""

from __future__ import annotations

import asyncio
import sqlite3
import uuid
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from haidang.core.errors import HaidangError, OutcomeUnknown, Unavailable, Unsupported
from haidang.core.guard import GuardLimits, guard, port_methods
from haidang.core.operations.codec import decode, encode
from haidang.core.operations.definition import hints_of
from haidang.core.ports.marks import mark_of, need_of

TRIES = 12
SHORT_SECONDS = 0.3
CANCELLED_AFTER = (1, 4, 16)
"""Turns of the event loop after which a call in flight is cancelled."""


def an_effect_id(effect: str) -> str:
    """A fresh effect id, of the very form the desk makes."""
    return f"operations/{uuid.uuid4().hex}/{effect}"


def journal_count(path: Path) -> int:
    """Rows of the `journal` table in the store at *path*; 0 while there is no store."""
    if not path.is_file():
        return 0
    store = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        found: int = store.execute("SELECT count(*) FROM journal").fetchone()[0]
    finally:
        store.close()
    return found


# Any: providers, intents and receipts are those of the port under test.
class PortSuite:
    """The promises of every port. A subclass gives `port` and the fixture `provider`."""

    port: ClassVar[type[Any]]
    capabilities: ClassVar[frozenset[str]] = frozenset()
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {}
    """Arguments for each read that is not the find of an act."""

    async def unreachable(self) -> Any:
        """A provider of this kind whose other side is gone; None where there is no other side."""
        return None

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """One test per act, read or undeclared method of the port."""
        methods = port_methods(self.port)
        offered = [name for name in methods if self.is_offered(name)]
        cases = {
            "act": [name for name in offered if mark_of(methods[name]) != ("reads", None)],
            "read": [name for name in offered if name in self.read_arguments],
            "undeclared": [name for name in methods if name not in offered],
        }
        for case, names in cases.items():
            if case in metafunc.fixturenames:
                metafunc.parametrize(case, names)

    def is_offered(self, method: str) -> bool:
        """Whether the declared capabilities include *method*."""
        need = need_of(port_methods(self.port)[method])
        return need is None or need in self.capabilities

    def guarded(self, provider: Any, limits: GuardLimits | None = None) -> Any:
        """*provider* as configuration would hand it out."""
        return guard(
            self.port, provider, name="suite", limits=limits, capabilities=self.capabilities
        )

    async def test_the_provider_has_every_method_of_the_port(self, provider: Any) -> None:
        assert isinstance(self.guarded(provider), self.port)

    async def test_a_capability_not_declared_refuses(self, provider: Any, undeclared: str) -> None:
        with pytest.raises(Unsupported) as refusal:
            await getattr(self.guarded(provider), undeclared)()

        assert refusal.value.reason == "CAPABILITY_ABSENT"

    async def test_a_read_without_the_other_side_is_unavailable(
        self, provider: Any, read: str
    ) -> None:
        stranded = await self.unreachable()
        if stranded is None:
            pytest.skip("this suite gives no `unreachable` provider")
        try:
            await getattr(stranded, read)(*self.read_arguments[read])
        except Unavailable:
            return  # the right word; a read that needs nobody may also just answer

    async def test_a_cancelled_read_leaves_the_provider_usable(
        self, provider: Any, read: str
    ) -> None:
        guarded = self.guarded(provider)
        for turns in CANCELLED_AFTER:
            await cancelled_after(turns, getattr(guarded, read)(*self.read_arguments[read]))

        await getattr(guarded, read)(*self.read_arguments[read])


async def cancelled_after(turns: int, call: Any) -> None:
    """Start *call* and cancel it after some turns of the loop; it may also just end."""
    task = asyncio.ensure_future(call)
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except (asyncio.CancelledError, HaidangError):
        return


# Any: as above.
class EffectSuite(PortSuite):
    """The promises of every act: one effect per effect id, whatever befalls the answer."""

    async def count_effects(self, provider: Any, act: str) -> int | None:
        """How many effects the other side has executed, by its own record.

        None when *act* leaves no entry there, being the same however often it is done.
        """
        pytest.fail("a suite's subclass says how effects are counted")

    async def reborn(self, provider: Any) -> Any:
        """A fresh provider over the same other side, as after the process was killed."""
        return provider

    def losing_answer(self, provider: Any, act: str) -> AbstractAsyncContextManager[Any] | None:
        """Inside it the other side carries *act* out and its answer is lost. None: cannot."""
        return None

    async def intent_to(self, act: str, provider: Any) -> Any:
        """A fresh, valid intent for *act*, all that must precede it done."""
        return await getattr(self, f"intent_to_{act}")(provider)

    async def done(self, act: str, provider: Any) -> tuple[Any, str, Any]:
        """Carry out a fresh *act*: (intent, effect id, receipt)."""
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        return intent, effect_id, await getattr(provider, act)(intent, effect_id)

    def find(self, provider: Any, act: str) -> Any:
        """The read that says whether *act* happened."""
        mark = mark_of(port_methods(self.port)[act])
        assert mark is not None
        assert mark[1] is not None
        return getattr(provider, mark[1])

    async def settled(self, provider: Any, act: str, intent: Any, effect_id: str) -> Any:
        """What `run.effect` does: ask, act only if nothing happened, ask after any doubt."""
        for _ in range(TRIES):
            try:
                found = await self.find(provider, act)(intent, effect_id)
                return (
                    found if found is not None else await getattr(provider, act)(intent, effect_id)
                )
            except (OutcomeUnknown, Unavailable):
                continue
        pytest.fail(f"{act} never settled")

    async def assert_one_more(self, provider: Any, act: str, before: int | None) -> None:
        """The other side executed exactly one effect since *before*."""
        if before is not None:
            assert await self.count_effects(provider, act) == before + 1

    async def test_nothing_is_found_before_an_act(self, provider: Any, act: str) -> None:
        intent = await self.intent_to(act, provider)

        assert await self.find(provider, act)(intent, an_effect_id(act)) is None

    async def test_an_act_is_found_afterwards(self, provider: Any, act: str) -> None:
        intent, effect_id, receipt = await self.done(act, provider)

        assert await self.find(provider, act)(intent, effect_id) == receipt

    async def test_a_receipt_survives_the_journal(self, provider: Any, act: str) -> None:
        _, _, receipt = await self.done(act, provider)

        kind = hints_of(getattr(self.guarded(provider), act))["return"]
        assert decode(encode(receipt, kind), kind) == receipt

    async def test_an_act_is_not_mistaken_for_another(self, provider: Any, act: str) -> None:
        await self.done(act, provider)
        another = await self.intent_to(act, provider)

        assert await self.find(provider, act)(another, an_effect_id(act)) is None

    async def test_the_same_effect_id_twice_is_one_effect(self, provider: Any, act: str) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)

        first = await getattr(provider, act)(intent, effect_id)
        second = await getattr(provider, act)(intent, effect_id)

        assert first == second
        await self.assert_one_more(provider, act, before)

    async def test_the_same_effect_id_at_once_is_one_effect(self, provider: Any, act: str) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)

        answers = await asyncio.gather(
            *(self.settled(provider, act, intent, effect_id) for _ in range(2))
        )

        assert answers[0] == answers[1]
        await self.assert_one_more(provider, act, before)

    async def test_killed_between_effect_and_answer_it_is_one_effect(
        self, provider: Any, act: str
    ) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)
        with pytest.raises(OutcomeUnknown):
            await getattr(self.guarded(_Torn(provider, act)), act)(intent, effect_id)

        heir = await self.reborn(provider)
        receipt = await self.settled(heir, act, intent, effect_id)

        assert await self.find(heir, act)(intent, effect_id) == receipt
        await self.assert_one_more(heir, act, before)

    async def test_past_its_deadline_an_act_is_unknown_and_settles(
        self, provider: Any, act: str
    ) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)
        impatient = self.guarded(
            _Torn(provider, act, hangs=True), GuardLimits(act_seconds=SHORT_SECONDS)
        )
        with pytest.raises(OutcomeUnknown):
            await getattr(impatient, act)(intent, effect_id)

        await self.settled(provider, act, intent, effect_id)

        await self.assert_one_more(provider, act, before)

    @pytest.mark.parametrize("turns", CANCELLED_AFTER)
    async def test_cancelled_in_flight_it_is_one_effect(
        self, provider: Any, act: str, turns: int
    ) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)
        guarded = self.guarded(provider)
        await cancelled_after(turns, getattr(guarded, act)(intent, effect_id))

        await self.settled(guarded, act, intent, effect_id)

        await self.assert_one_more(provider, act, before)

    async def test_an_act_without_the_other_side_is_said_in_the_vocabulary(
        self, provider: Any, act: str
    ) -> None:
        stranded = await self.unreachable()
        if stranded is None:
            pytest.skip("this suite gives no `unreachable` provider")
        intent = await self.intent_to(act, provider)

        with pytest.raises((Unavailable, OutcomeUnknown)):
            await getattr(stranded, act)(intent, an_effect_id(act))
        with pytest.raises(Unavailable):
            await self.find(stranded, act)(intent, an_effect_id(act))

    async def test_an_answer_lost_on_the_way_is_unknown_and_found(
        self, provider: Any, act: str
    ) -> None:
        intent, effect_id = await self.intent_to(act, provider), an_effect_id(act)
        before = await self.count_effects(provider, act)
        losing = self.losing_answer(provider, act)
        if losing is None:
            pytest.skip("this suite cannot lose an answer on purpose")
        async with losing:
            with pytest.raises(OutcomeUnknown):
                await getattr(provider, act)(intent, effect_id)

        assert await self.settled(provider, act, intent, effect_id) is not None
        await self.assert_one_more(provider, act, before)


# Any: stands before any provider.
class _Torn:
    """A provider whose answer to *act* never arrives, the effect being done."""

    def __init__(self, provider: Any, act: str, *, hangs: bool = False) -> None:
        self._provider = provider
        self._act = act
        self._hangs = hangs

    def __getattr__(self, name: str) -> Any:
        if name != self._act:
            return getattr(self._provider, name)
        return self._torn

    async def _torn(self, intent: Any, effect_id: str) -> Any:
        await getattr(self._provider, self._act)(intent, effect_id)
        if self._hangs:
            await asyncio.Event().wait()
        raise ConnectionResetError
