"""The suite itself: a provider that keeps every promise passes, each broken promise is caught."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from haidang.core.errors import OutcomeUnknown
from haidang.core.testing.conformance import PaymentProviderSuite

from tests.conformance.banks import (
    DECLINED,
    BlindBank,
    BlindForgetfulBank,
    CredulousBank,
    ForgetfulBank,
    HastyBank,
    MemoryBank,
    RawBank,
    Vault,
)


class TestMemoryBank(PaymentProviderSuite):
    """The provider that keeps every promise."""

    kind: type[MemoryBank] = MemoryBank

    @pytest.fixture
    def provider(self) -> MemoryBank:
        return self.kind(Vault())

    async def count_effects(self, provider: Any, act: str) -> int | None:
        return len(provider.vault.journal)

    async def reborn(self, provider: Any) -> Any:
        return self.kind(provider.vault)

    async def unreachable(self) -> Any:
        return self.kind(Vault(), is_reachable=False)

    def a_declined_payer(self) -> str | None:
        return DECLINED

    def losing_answer(self, provider: Any, act: str) -> AbstractAsyncContextManager[Any] | None:
        return _losing(provider, act)


@asynccontextmanager
async def _losing(provider: Any, act: str) -> AsyncIterator[None]:
    carried_out = getattr(provider, act)

    async def lost(intent: Any, effect_id: str) -> Any:
        await carried_out(intent, effect_id)
        raise OutcomeUnknown("BANK_DID_NOT_ANSWER")

    setattr(provider, act, lost)
    yield
    delattr(provider, act)


def suite_of(kind: type[MemoryBank]) -> TestMemoryBank:
    suite = TestMemoryBank()
    suite.kind = kind
    return suite


@pytest.mark.parametrize(
    ("kind", "promise", "act"),
    [
        (ForgetfulBank, "the_same_effect_id_twice_is_one_effect", "authorize"),
        (ForgetfulBank, "the_same_effect_id_twice_is_one_effect", "release"),
        (HastyBank, "the_same_effect_id_at_once_is_one_effect", "authorize"),
        (BlindBank, "an_act_is_found_afterwards", "capture"),
        (BlindForgetfulBank, "killed_between_effect_and_answer_it_is_one_effect", "authorize"),
        (BlindForgetfulBank, "past_its_deadline_an_act_is_unknown_and_settles", "authorize"),
        (CredulousBank, "an_act_is_not_mistaken_for_another", "authorize"),
        (CredulousBank, "nothing_is_found_before_an_act", "capture"),
    ],
)
async def test_a_broken_promise_is_caught(kind: type[MemoryBank], promise: str, act: str) -> None:
    suite = suite_of(kind)
    bank = kind(Vault())
    if promise == "nothing_is_found_before_an_act":
        await suite.done(act, bank)

    with pytest.raises(AssertionError):
        await getattr(suite, f"test_{promise}")(bank, act)


async def test_an_error_outside_the_vocabulary_is_caught() -> None:
    suite = suite_of(RawBank)

    with pytest.raises(ConnectionRefusedError):
        await suite.test_an_act_without_the_other_side_is_said_in_the_vocabulary(
            RawBank(Vault()), "authorize"
        )
