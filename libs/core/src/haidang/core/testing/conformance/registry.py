"""The suite of registries and registrars."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from haidang.core.errors import Conflict, HaidangError, OutcomeUnknown, Unavailable, Unsupported
from haidang.core.ports.registry import (
    Availability,
    ContactCreation,
    Creation,
    Delegation,
    Party,
    PartyKind,
    PostalAddress,
    Registry,
    Renewal,
)
from haidang.core.testing.conformance.suite import EffectSuite, an_effect_id

CONTACT_ID_DIGITS = 10
IDN = "xn--bnhm-3na6742b.vn"
"""bánhmì in the A-label of IDNA 2008, under .vn."""


# Any: the provider under test.
class RegistrySuite(EffectSuite):
    """What a registry or registrar must keep."""

    port: ClassVar[type[Any]] = Registry
    read_arguments: ClassVar[dict[str, tuple[Any, ...]]] = {
        "check": (["khong-ai-giu-ten-nay.vn"],),
        "info": ("khong-ai-giu-ten-nay.vn",),
        "poll": (),
    }
    suffix = "vn"
    nameservers = ("ns1.haidang.example", "ns2.haidang.example")

    async def waiting_message(self, provider: Any) -> str | None:
        """Have the registry queue a message; its id. None when it cannot be made to."""
        return None

    def a_name(self) -> str:
        """A name nobody holds."""
        return f"kiem-thu-{uuid.uuid4().hex[:12]}.{self.suffix}"

    def a_party(self) -> Party:
        """A household that may hold a name."""
        return Party(
            PartyKind.HOUSEHOLD,
            "Homestay Gió Biển",
            "lienhe@gio-bien.example",
            "+84901234567",
            PostalAddress("12 Trần Phú", "Phường Vũng Tàu", "Thành phố Hồ Chí Minh"),
            representative_name="Nguyễn Thị Lan",
        )

    async def intent_to_create_contact(self, provider: Any) -> ContactCreation:
        """A contact under a fresh id."""
        contact_id = f"HD{uuid.uuid4().hex[:CONTACT_ID_DIGITS].upper()}"
        return ContactCreation(contact_id, self.a_party())

    async def intent_to_create(self, provider: Any) -> Creation:
        """A fresh name for a fresh contact, for one year."""
        _, _, contact = await self.done("create_contact", provider)
        return Creation(self.a_name(), 1, contact.contact_id, self.nameservers, datetime.now(UTC))

    async def intent_to_renew(self, provider: Any) -> Renewal:
        """One more year for a fresh registration."""
        _, _, created = await self.done("create", provider)
        expires_at = created.expires_at
        later = expires_at.replace(year=expires_at.year + 1)
        return Renewal(created.name, 1, expires_at, later)

    async def intent_to_delegate(self, provider: Any) -> Delegation:
        """Other name servers for a fresh registration."""
        _, _, created = await self.done("create", provider)
        return Delegation(created.name, ("ns3.haidang.example", "ns4.haidang.example"))

    async def intent_to_acknowledge(self, provider: Any) -> str:
        """A waiting message."""
        message_id = await self.waiting_message(provider)
        if message_id is None:
            pytest.skip("this suite cannot make the registry queue a message")
        return message_id

    async def test_check_answers_each_name_in_order(self, provider: Any) -> None:
        creation, _, _ = await self.done("create", provider)
        free = self.a_name()

        answers = await provider.check([free, creation.name])

        assert [answer.name for answer in answers] == [free, creation.name]
        assert answers[0].availability is not Availability.TAKEN
        assert answers[1].availability is Availability.TAKEN
        assert all(answer.checked_at.tzinfo is not None for answer in answers)

    async def test_info_shows_what_was_registered(self, provider: Any) -> None:
        creation, _, created = await self.done("create", provider)

        record = await provider.info(creation.name)

        assert record is not None
        assert record.name == creation.name
        assert record.contact_id == creation.contact_id
        assert record.nameservers == creation.nameservers
        assert (record.created_at, record.expires_at) == (created.created_at, created.expires_at)

    async def test_a_name_nobody_holds_has_no_info(self, provider: Any) -> None:
        assert await provider.info(self.a_name()) is None

    async def test_a_name_registered_by_another_order_is_taken(self, provider: Any) -> None:
        creation, _, _ = await self.done("create", provider)
        rival = await self.intent_to_create(provider)
        rival = Creation(
            creation.name, rival.years, rival.contact_id, rival.nameservers, rival.intended_at
        )

        with pytest.raises(Conflict) as refusal:
            await provider.create(rival, an_effect_id("create"))

        assert refusal.value.reason == "NAME_TAKEN"
        assert await provider.find_creation(rival, an_effect_id("create")) is None

    async def test_a_renewal_moves_the_expiry_to_where_it_was_meant(self, provider: Any) -> None:
        renewal, _, receipt = await self.done("renew", provider)

        record = await provider.info(renewal.name)

        assert record is not None
        assert record.expires_at == receipt.expires_at
        assert receipt.expires_at.date() == renewal.new_expires_at.date()

    async def test_a_name_that_does_not_exist_is_not_renewed(self, provider: Any) -> None:
        renewal = await self.intent_to_renew(provider)
        nobodys = Renewal(self.a_name(), 1, renewal.current_expires_at, renewal.new_expires_at)

        with pytest.raises(HaidangError) as refusal:
            await provider.renew(nobodys, an_effect_id("renew"))

        assert not isinstance(refusal.value, Unavailable | OutcomeUnknown)

    async def test_names_in_vietnamese_letters_are_answered_or_refused(self, provider: Any) -> None:
        if "idn" in self.capabilities:
            assert (await provider.check([IDN]))[0].name == IDN
        else:
            with pytest.raises(Unsupported):
                await provider.check([IDN])
