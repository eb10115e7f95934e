"""Registries and registrars: where a domain name is really registered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

from haidang.core.ports.marks import EffectId, acts, needs, reads


class Availability(StrEnum):
    """What is known of a name; UNKNOWN is an answer, never rounded to AVAILABLE."""

    AVAILABLE = "AVAILABLE"
    TAKEN = "TAKEN"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class NameCheck:
    """One name's availability, who said so and when. Advisory: a create may still refuse."""

    name: str
    availability: Availability
    source: str
    checked_at: datetime
    reason: str = ""


class PartyKind(StrEnum):
    """Whom the law tells apart as holders of a name."""

    ORGANIZATION = "ORGANIZATION"
    HOUSEHOLD = "HOUSEHOLD"
    PERSON = "PERSON"


class Gender(StrEnum):
    """As registries demand it of persons."""

    FEMALE = "FEMALE"
    MALE = "MALE"


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address in the scheme in force since 2025-07-01: no district."""

    street: str
    commune: str
    province: str
    country: str = "VN"


@dataclass(frozen=True, slots=True)
class Party:
    """Who holds a name. Phone is E.164; dates are calendar dates as ISO text."""

    kind: PartyKind
    name: str
    email: str
    phone: str
    address: PostalAddress
    tax_code: str = ""
    personal_id: str = ""
    birth_on: str = ""
    gender: Gender | None = None
    representative_name: str = ""
    representative_title: str = ""


@dataclass(frozen=True, slots=True)
class ContactCreation:
    """Intent to create the registrant's contact object. `contact_id` is 3..16 characters, ours."""

    contact_id: str
    party: Party


@dataclass(frozen=True, slots=True)
class ContactReceipt:
    """The registry holds the contact."""

    contact_id: str
    roid: str


@dataclass(frozen=True, slots=True)
class Creation:
    """Intent to register a name (A-label) for whole years.

    `contact_id` is made for this very order, so that finding it on the name proves
    the registration is ours; `intended_at` bounds how old that may be.
    """

    name: str
    years: int
    contact_id: str
    nameservers: tuple[str, ...]
    intended_at: datetime


@dataclass(frozen=True, slots=True)
class CreationReceipt:
    """The registry's own dates for a new registration."""

    name: str
    roid: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Renewal:
    """Intent to renew; always repeated with the expiry stored here, never a fresh one."""

    name: str
    years: int
    current_expires_at: datetime
    new_expires_at: datetime


@dataclass(frozen=True, slots=True)
class RenewalReceipt:
    """The registry's new expiry."""

    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Delegation:
    """Intent to delegate a name to these name servers, all of them and no others."""

    name: str
    nameservers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DelegationReceipt:
    """The name servers the registry now holds."""

    name: str
    nameservers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """What the registry says of a name."""

    name: str
    roid: str
    sponsor: str
    contact_id: str
    statuses: frozenset[str]
    nameservers: tuple[str, ...]
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryMessage:
    """One message of the registry's queue; `count` messages are waiting, this one included."""

    message_id: str
    count: int
    queued_at: datetime
    text: str
    name: str = ""


@runtime_checkable
class Registry(Protocol):
    """A registry or registrar. Capabilities: idn, poll, delegation."""

    @reads
    async def check(self, names: Sequence[str]) -> list[NameCheck]:
        """Answer for each of *names* (A-labels), in order. Raises: Unavailable."""
        ...

    @reads
    async def info(self, name: str) -> RegistryRecord | None:
        """What the registry holds of *name*; None when it does not exist. Raises: Unavailable."""
        ...

    @acts(find="find_contact")
    async def create_contact(
        self, creation: ContactCreation, effect_id: EffectId
    ) -> ContactReceipt: ...

    @reads
    async def find_contact(
        self, creation: ContactCreation, effect_id: EffectId
    ) -> ContactReceipt | None: ...

    @acts(find="find_creation")
    async def create(self, creation: Creation, effect_id: EffectId) -> CreationReceipt:
        """Register the name. Raises: Conflict NAME_TAKEN; Refused; Unavailable; OutcomeUnknown."""
        ...

    @reads
    async def find_creation(
        self, creation: Creation, effect_id: EffectId
    ) -> CreationReceipt | None: ...

    @acts(find="find_renewal")
    async def renew(self, renewal: Renewal, effect_id: EffectId) -> RenewalReceipt: ...

    @reads
    async def find_renewal(self, renewal: Renewal, effect_id: EffectId) -> RenewalReceipt | None:
        """Say whether *renewal* already took effect; asked before anything is repeated."""
        ...

    @needs("delegation")
    @acts(find="find_delegation")
    async def delegate(self, delegation: Delegation, effect_id: EffectId) -> DelegationReceipt: ...

    @needs("delegation")
    @reads
    async def find_delegation(
        self, delegation: Delegation, effect_id: EffectId
    ) -> DelegationReceipt | None: ...

    @needs("poll")
    @reads
    async def poll(self) -> RegistryMessage | None:
        """The oldest waiting message, or None."""
        ...

    @needs("poll")
    @acts(find="find_acknowledgement")
    async def acknowledge(self, message_id: str, effect_id: EffectId) -> str:
        """Take the message off the queue; the answer is its id. Persist it first."""
        ...

    @needs("poll")
    @reads
    async def find_acknowledgement(self, message_id: str, effect_id: EffectId) -> str | None: ...
