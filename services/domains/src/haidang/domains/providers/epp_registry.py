"""The provider of the Registry port that speaks EPP over TLS.

Offices come here through the port. Each act sends one transform; each find asks the
registry what it holds and lets `epp.verdicts` judge. Never here: repeating an act,
re-reading an expiry to renew by it, or logging credentials.

Source: RFC 5730 to 5734; RFC 9154 section 4.2 (auth info stays empty but for transfers).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TypeVar

from haidang.core.clock import Clock
from haidang.core.errors import (
    HaidangError,
    OutcomeUnknown,
    Unavailable,
)
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.ports.registry import (
    Availability,
    ContactCreation,
    ContactReceipt,
    Creation,
    CreationReceipt,
    Delegation,
    DelegationReceipt,
    NameCheck,
    RegistryMessage,
    RegistryRecord,
    Renewal,
    RenewalReceipt,
)
from haidang.domains.epp import commands, values, verdicts
from haidang.domains.epp.objects import CheckData, ContactInfo, DomainInfo
from haidang.domains.epp.profile import PROFILES, Profile
from haidang.domains.epp.responses import Response
from haidang.domains.epp.session import READ_PREFIX, ConnectionLost, EppSession
from haidang.domains.providers.epp_connection import open_session
from haidang.domains.providers.epp_settings import EppSettings

D = TypeVar("D")


def build(settings: EppSettings, clock: Clock) -> EppRegistry:
    """The provider for *settings*; nothing is opened before the first command."""
    profile = PROFILES[settings.profile]
    session = open_session(settings, profile, clock)
    return EppRegistry(session, profile, clock, timedelta(seconds=settings.skew_seconds))


class EppRegistry:
    """Registry over one EPP session; see the port for what each method promises."""

    def __init__(
        self, session: EppSession, profile: Profile, clock: Clock, tolerance: timedelta
    ) -> None:
        self._session = session
        self._profile = profile
        self._clock = clock
        self._tolerance = tolerance

    async def close(self) -> None:
        """Log out and close the session."""
        await self._session.close()

    @reads
    async def check(self, names: Sequence[str]) -> list[NameCheck]:
        size = self._profile.names_per_check
        chunks = [tuple(names[at : at + size]) for at in range(0, len(names), size)]
        answers = await asyncio.gather(*(self._check_chunk(chunk) for chunk in chunks))
        return [checked for answer in answers for checked in answer]

    async def _check_chunk(self, names: tuple[str, ...]) -> list[NameCheck]:
        response = await self._ask(commands.CheckDomains(names))
        found = {item.id.lower(): item for item in _data(response, CheckData).items}
        source, now = f"epp:{self._session.server_id}", self._clock.now()
        answers = []
        for name in names:
            item = found.get(name.lower())
            if item is None:
                answers.append(NameCheck(name, Availability.UNKNOWN, source, now))
            else:
                known = Availability.AVAILABLE if item.is_available else Availability.TAKEN
                answers.append(NameCheck(name, known, source, now, item.reason))
        return answers

    @reads
    async def info(self, name: str) -> RegistryRecord | None:
        found = await self._domain(name)
        if found is None:
            return None
        if found.created_at is None or found.expires_at is None:
            raise Unavailable("REGISTRY_ANSWER_INCOMPLETE", missing="crDate, exDate", name=name)
        return RegistryRecord(
            name=found.name,
            roid=found.roid,
            sponsor=found.sponsor,
            contact_id=found.registrant,
            statuses=found.statuses,
            nameservers=found.nameservers,
            created_at=found.created_at,
            expires_at=found.expires_at,
        )

    @acts(find="find_contact")
    async def create_contact(
        self, creation: ContactCreation, effect_id: EffectId
    ) -> ContactReceipt:
        party = creation.party
        is_body = verdicts.contact_name(creation) != party.name
        postal = commands.Postal(
            name=verdicts.contact_name(creation),
            org=party.name if is_body else "",
            street=party.address.street,
            city=party.address.commune,
            province=party.address.province,
            country=party.address.country,
        )
        command = commands.CreateContact(creation.contact_id, postal, party.email, party.phone)
        response = await self._transform(command, effect_id)
        if response.code == verdicts.OBJECT_EXISTS or response.is_success:
            found = await self._after(command, self.find_contact(creation, effect_id))
            if found is not None:
                return found
        raise _refusal(response, command)

    @reads
    async def find_contact(
        self, creation: ContactCreation, effect_id: EffectId
    ) -> ContactReceipt | None:
        command = commands.InfoContact(creation.contact_id)
        response = await self._exchange(command)
        if response.code in {verdicts.OBJECT_ABSENT, verdicts.NOT_SPONSOR}:
            return None
        info = _data(_succeeded(response, command), ContactInfo)
        if not verdicts.is_our_contact(info, creation, sponsor=self._client_id()):
            return None
        return ContactReceipt(info.id, info.roid)

    @acts(find="find_creation")
    async def create(self, creation: Creation, effect_id: EffectId) -> CreationReceipt:
        command = commands.CreateDomain(
            creation.name,
            creation.years,
            creation.contact_id,
            creation.nameservers,
            host_model=self._profile.host_model,
        )
        response = await self._transform(command, effect_id)
        # Also after "exists": an earlier transmission may have been carried out only now.
        if response.code == verdicts.OBJECT_EXISTS or response.is_success:
            found = await self._after(command, self.find_creation(creation, effect_id))
            if found is not None:
                return found
        raise _refusal(response, command, creation.name)

    @reads
    async def find_creation(
        self, creation: Creation, effect_id: EffectId
    ) -> CreationReceipt | None:
        info = await self._domain(creation.name)
        if info is None or not verdicts.is_our_creation(
            info,
            creation,
            sponsor=self._client_id(),
            registry_ahead=self._session.registry_ahead,
            tolerance=self._tolerance,
        ):
            return None
        if info.created_at is None or info.expires_at is None:
            raise Unavailable("REGISTRY_ANSWER_INCOMPLETE", missing="crDate, exDate")
        return CreationReceipt(info.name, info.roid, info.created_at, info.expires_at)

    @acts(find="find_renewal")
    async def renew(self, renewal: Renewal, effect_id: EffectId) -> RenewalReceipt:
        command = commands.RenewDomain(renewal.name, renewal.current_expires_at, renewal.years)
        response = await self._transform(command, effect_id)
        # A refusal may only mean that an earlier transmission got there first: what the
        # registry holds decides, for codes differ between registries.
        found = await self._after(command, self.find_renewal(renewal, effect_id))
        if found is None:
            raise _refusal(response, command, renewal.name)
        return found

    @reads
    async def find_renewal(self, renewal: Renewal, effect_id: EffectId) -> RenewalReceipt | None:
        info = await self._domain(renewal.name)
        if info is None:
            return None
        expires_at = verdicts.renewed_expiry(info, renewal, sponsor=self._client_id())
        return None if expires_at is None else RenewalReceipt(info.name, expires_at)

    @acts(find="find_delegation")
    async def delegate(self, delegation: Delegation, effect_id: EffectId) -> DelegationReceipt:
        info = await self._domain(delegation.name)
        held = () if info is None else info.nameservers
        add, remove = verdicts.plan_delegation(held, delegation)
        if info is None or add or remove:
            command = commands.UpdateDomain(
                delegation.name, add, remove, host_model=self._profile.host_model
            )
            response = await self._transform(command, effect_id)
            # As with renewals: "already there" may be the echo of an earlier transmission.
            if not response.is_success and not await self._is_delegated(command, delegation):
                raise _refusal(response, command, delegation.name)
        return DelegationReceipt(delegation.name, delegation.nameservers)

    @reads
    async def find_delegation(
        self, delegation: Delegation, effect_id: EffectId
    ) -> DelegationReceipt | None:
        info = await self._domain(delegation.name)
        if info is None or verdicts.plan_delegation(info.nameservers, delegation) != ((), ()):
            return None
        return DelegationReceipt(info.name, delegation.nameservers)

    @reads
    async def poll(self) -> RegistryMessage | None:
        response = await self._ask(commands.RequestMessage())
        queue = response.queue
        if response.code == verdicts.NO_MESSAGES or queue is None:
            return None
        named = [datum.name for datum in response.data if hasattr(datum, "name")]
        return RegistryMessage(
            message_id=queue.message_id,
            count=queue.count,
            queued_at=queue.queued_at or self._clock.now(),
            text=queue.text,
            name=named[0] if named else "",
        )

    @acts(find="find_acknowledgement")
    async def acknowledge(self, message_id: str, effect_id: EffectId) -> str:
        command = commands.AcknowledgeMessage(message_id)
        response = await self._transform(command, effect_id)
        if response.is_success or response.code == verdicts.OBJECT_ABSENT:
            return message_id  # absent: taken off the queue by an earlier transmission
        raise _refusal(response, command)

    @reads
    async def find_acknowledgement(self, message_id: str, effect_id: EffectId) -> str | None:
        waiting = await self.poll()
        return None if waiting is not None and waiting.message_id == message_id else message_id

    def _client_id(self) -> str:
        return self._session.client_id

    async def _is_delegated(self, command: commands.Command, delegation: Delegation) -> bool:
        found = await self._after(command, self.find_delegation(delegation, ""))
        return found is not None

    async def _domain(self, name: str) -> DomainInfo | None:
        command = commands.InfoDomain(name)
        response = await self._exchange(command)
        if response.code == verdicts.OBJECT_ABSENT:
            return None
        return _data(_succeeded(response, command), DomainInfo)

    async def _ask(self, command: commands.Command) -> Response:
        return _succeeded(await self._exchange(command), command)

    async def _transform(self, command: commands.Command, effect_id: EffectId) -> Response:
        response = await self._exchange(command, values.transaction_prefix(effect_id))
        failure = None if response.is_success else _refusal(response, command)
        if isinstance(failure, OutcomeUnknown | Unavailable):
            raise failure
        return response

    async def _exchange(self, command: commands.Command, prefix: str = READ_PREFIX) -> Response:
        try:
            return await self._session.exchange(command, prefix)
        except ConnectionLost as lost:
            if not lost.sent:
                raise Unavailable(lost.reason) from lost
            if command.transforms:
                raise OutcomeUnknown("REGISTRY_DID_NOT_ANSWER", verb=command.verb) from lost
            raise Unavailable("REGISTRY_READ_LOST", verb=command.verb) from lost

    async def _after(self, command: commands.Command, finding: Awaitable[D | None]) -> D | None:
        """Await *finding* after a transform was sent: a lost answer now leaves its outcome open."""
        try:
            return await finding
        except Unavailable as lost:
            raise OutcomeUnknown("REGISTRY_DID_NOT_ANSWER", verb=command.verb) from lost


def _refusal(response: Response, command: commands.Command, name: str = "") -> HaidangError:
    if response.is_success:
        # Accepted, and yet the registry does not show it: 1001, or a registry still at work.
        return OutcomeUnknown("REGISTRY_ACTION_PENDING", verb=command.verb)
    return verdicts.error_for(response, verb=command.verb, transforms=command.transforms, name=name)


def _succeeded(response: Response, command: commands.Command) -> Response:
    if not response.is_success:
        raise _refusal(response, command)
    return response


def _data(response: Response, kind: type[D]) -> D:
    """The datum of *kind* in *response*. Raises: Unavailable REGISTRY_ANSWER_INCOMPLETE."""
    for datum in response.data:
        if isinstance(datum, kind):
            return datum
    raise Unavailable("REGISTRY_ANSWER_INCOMPLETE", missing=kind.__name__)
