"""The suite of payment providers."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import pytest
from haidang.core.errors import HaidangError, OutcomeUnknown, Refused, Unavailable, registered
from haidang.core.ports.payment import Authorization, Capture, PaymentProvider, Release
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id

AMOUNT_DONG = 450_000


# Any: the provider under test.
class PaymentProviderSuite(EffectSuite):
    """What a bank or gateway must keep."""

    port: ClassVar[type[Any]] = PaymentProvider
    payer = "homestay-gio-bien"

    def a_declined_payer(self) -> str | None:
        """A payer whom the other side declines; None when none is known."""
        return None

    def an_authorization(self, payer: str | None = None) -> Authorization:
        """Money to set aside, under a fresh reference."""
        return Authorization(payer or self.payer, AMOUNT_DONG, f"HD {uuid.uuid4().hex[:8]}")

    async def intent_to_authorize(self, provider: Any) -> Authorization:
        """Set money aside."""
        return self.an_authorization()

    async def intent_to_capture(self, provider: Any) -> Capture:
        """Take all of a fresh authorisation."""
        _, _, authorized = await self.done("authorize", provider)
        return Capture(authorized.authorization_id, authorized.amount_dong)

    async def intent_to_release(self, provider: Any) -> Release:
        """Give a fresh authorisation back."""
        _, _, authorized = await self.done("authorize", provider)
        return Release(authorized.authorization_id)

    async def test_the_money_named_is_the_money_moved(self, provider: Any) -> None:
        _, _, authorized = await self.done("authorize", provider)
        capture = Capture(authorized.authorization_id, AMOUNT_DONG)

        captured = await provider.capture(capture, an_effect_id("capture"))

        assert authorized.amount_dong == AMOUNT_DONG
        assert captured.amount_dong == AMOUNT_DONG
        assert captured.authorization_id == authorized.authorization_id

    async def test_a_release_gives_back_all_that_was_authorized(self, provider: Any) -> None:
        _, _, authorized = await self.done("authorize", provider)

        released = await provider.release(
            Release(authorized.authorization_id), an_effect_id("release")
        )

        assert released.amount_dong == AMOUNT_DONG

    async def test_more_than_was_authorized_is_never_taken(self, provider: Any) -> None:
        _, _, authorized = await self.done("authorize", provider)
        capture, effect_id = (
            Capture(authorized.authorization_id, AMOUNT_DONG + 1),
            an_effect_id("capture"),
        )

        with pytest.raises(HaidangError) as refusal:
            await provider.capture(capture, effect_id)

        assert not isinstance(refusal.value, Unavailable | OutcomeUnknown)
        assert await provider.find_capture(capture, effect_id) is None

    async def test_released_money_is_never_taken(self, provider: Any) -> None:
        release, _, _ = await self.done("release", provider)

        with pytest.raises(HaidangError) as refusal:
            await provider.capture(
                Capture(release.authorization_id, AMOUNT_DONG), an_effect_id("capture")
            )

        assert not isinstance(refusal.value, Unavailable | OutcomeUnknown)

    async def test_a_declined_payment_is_a_definite_no(self, provider: Any) -> None:
        payer = self.a_declined_payer()
        if payer is None:
            pytest.skip("this suite knows no payer who is declined")
        authorization, effect_id = self.an_authorization(payer), an_effect_id("authorize")

        with pytest.raises(Refused) as refusal:
            await provider.authorize(authorization, effect_id)

        assert refusal.value.field == "payer"
        assert refusal.value.reason in registered(), "a payer reads why in a sentence"
        assert await provider.find_authorization(authorization, effect_id) is None
