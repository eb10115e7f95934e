"""The registrar: quotes, availability, registrations and renewals.

A registration is two effects at the registry: the registrant's contact, made for this
very order, and the name that carries it. Finding that contact on the name proves that a
registration whose answer was lost is ours.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from haidang.core.clock import VIETNAM, Clock, vietnamese_time
from haidang.core.errors import Absent, Conflict, HaidangError, Malformed, Refused, Unavailable
from haidang.core.money import written
from haidang.core.operations import Run, operation
from haidang.core.ports.dnshost import DnsHost
from haidang.core.ports.registry import (
    Availability,
    ContactCreation,
    Creation,
    NameCheck,
    Party,
    Registry,
)
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.eligibility import (
    normalized_party,
    require_born,
    require_eligible,
    require_renewable,
)
from haidang.domains.fees import ServicePrice, price_lines
from haidang.domains.law import Law, LifecycleProfile, law_on
from haidang.domains.ledger import DomainLedger
from haidang.domains.lifecycle import Term, decide_renewal, outlook, state_on
from haidang.domains.names import DomainName, domain_name, held_name, lookup_form
from haidang.domains.suggestions import Idea, Wanted, suggested_names
from haidang.domains.values import (
    Action,
    Quote,
    RegisterName,
    Registration,
    RenewName,
    Suggestion,
)

CONTACT_PREFIX = "HD"
CONTACT_HASH_CHARACTERS = 14
MOST_NAMES = 100
CHUNK_NAMES = 20
SUGGESTED_CHUNK = 6
"""Names asked about at once while somebody watches them arrive."""
QUOTE_ID_BYTES = 12


@dataclass(frozen=True)
class RegistrarPolicy:
    """How this platform registers: its lifecycle profile, prices, and quotes' life."""

    registry: str
    lifecycle: str = "vn-2022"
    quote_minutes: int = 30
    service: ServicePrice = ServicePrice()  # noqa: RUF009 - frozen


class Registrar:
    """The office for names."""

    def __init__(
        self,
        ledger: DomainLedger,
        registry: Registry,
        dns_host: DnsHost,
        clock: Clock,
        policy: RegistrarPolicy,
    ) -> None:
        self.ledger = ledger
        self.registry = registry
        self.dns_host = dns_host
        self.clock = clock
        self.policy = policy

    async def quote(self, tenant: str, domain: str, action: Action, years: int) -> Quote:
        """Price an action and keep the price for a while.

        What could not be done by the calendar is not priced.
        Raises: Malformed, Refused at the field; Absent REGISTRATION_ABSENT for a renewal
            of a name the tenant does not hold.
        """
        now = self.clock.now()
        law = _law(now)
        profile = self._profile(law)
        _require_years(years, profile)
        term_expires_at = None
        if action is Action.RENEW:
            held = await self.ledger.registration(tenant, lookup_form(domain))
            name, term_expires_at = _renewable(held, law), held.expires_at
            term = Term(held.name, held.expires_at, frozenset())
            decide_renewal(term, years, now, profile=profile)
        else:
            name = domain_name(domain, law)
        lines = price_lines(
            name, years, law, is_new=action is Action.REGISTER, service=self.policy.service
        )
        quote = Quote(
            id=secrets.token_hex(QUOTE_ID_BYTES),
            name=name.ascii,
            action=action,
            years=years,
            lines=lines,
            expires_at=now + timedelta(minutes=self.policy.quote_minutes),
            term_expires_at=term_expires_at,
        )
        await self.ledger.keep_quote(tenant, quote)
        return quote

    async def check(
        self, domains: Sequence[str]
    ) -> AsyncIterator[tuple[str, DomainName | None, NameCheck | HaidangError]]:
        """Each of *domains* with what the registry or the rules say of it, as answers come.

        Raises: Malformed TOO_MANY_NAMES. An unreachable registry answers UNKNOWN.
        """
        if not 1 <= len(domains) <= MOST_NAMES:
            raise Malformed("TOO_MANY_NAMES", field="domains", most=MOST_NAMES)
        law = _law(self.clock.now())
        asked: list[tuple[str, DomainName]] = []
        for domain in domains:
            try:
                asked.append((domain, domain_name(domain, law)))
            except HaidangError as refusal:
                yield domain, None, refusal
        for start in range(0, len(asked), CHUNK_NAMES):
            chunk = asked[start : start + CHUNK_NAMES]
            answers = await self._checked([name.ascii for _, name in chunk])
            for (domain, name), answer in zip(chunk, answers, strict=True):
                yield domain, name, answer

    async def suggest(self, wanted: Wanted, years: int) -> AsyncIterator[Suggestion]:
        """Names for a business with availability and price, its own wish first.

        No quote is kept. A registry that does not answer leaves the rest UNKNOWN, unasked.
        Raises: Malformed YEARS_OUT_OF_RANGE; as `suggested_names`.
        """
        law = _law(self.clock.now())
        _require_years(years, self._profile(law))
        ideas = suggested_names(wanted, law)
        for idea in ideas:
            if idea.refusal is not None:
                yield Suggestion(idea, idea.refusal, years)
        asked = [(idea, idea.name) for idea in ideas if idea.name is not None]
        silence = ""
        for start in range(0, len(asked), SUGGESTED_CHUNK):
            chunk = asked[start : start + SUGGESTED_CHUNK]
            names = [name.ascii for _, name in chunk]
            answers = self._unheard(names, silence) if silence else await self._checked(names)
            for (idea, name), answer in zip(chunk, answers, strict=True):
                yield self._suggestion(idea, name, answer, years, law)
            if all(one.availability is Availability.UNKNOWN for one in answers):
                silence = answers[0].reason or "AVAILABILITY_UNKNOWN"

    def _suggestion(
        self, idea: Idea, name: DomainName, answer: NameCheck, years: int, law: Law
    ) -> Suggestion:
        lines = price_lines(name, years, law, is_new=True, service=self.policy.service)
        return Suggestion(idea, answer, years, lines, law.meanings[name.suffix])

    async def admit(self, command: RegisterName) -> DomainName:
        """Judge a registration by rules and registry before anything is started.

        Raises: Malformed, Refused, Conflict NAME_HELD; each at its field.
        """
        name, _ = self._judged(command, self.clock.now())
        (answer,) = await self._checked([name.ascii])
        if answer.availability is Availability.TAKEN:
            raise Conflict("NAME_HELD", field="domain", name=name.unicode)
        return name

    def judge_registration(self, command: RegisterName) -> None:
        """Judge by the rules alone, so that what cannot be is refused and not started.

        Raises: Malformed, Refused, each at its field.
        """
        self._judged(command, self.clock.now())

    async def judge_renewal(self, tenant: str, command: RenewName) -> None:
        """As `judge_registration`. What a renewal itself changes is not asked: a request
        sent again must find its operation.

        Raises: Malformed YEARS_OUT_OF_RANGE; Absent REGISTRATION_ABSENT; Refused
            HOLDER_NOT_ELIGIBLE.
        """
        law = _law(self.clock.now())
        _require_years(command.years, self._profile(law))
        _renewable(await self.ledger.registration(tenant, lookup_form(command.domain)), law)

    @operation("domains.register/1", steps=("contact", "create"))
    async def register(self, run: Run, command: RegisterName) -> Registration:
        """Register a name at an acknowledged price.

        Raises: Malformed, Refused QUOTE_EXPIRED, QUOTE_MISMATCH, PRICE_CHANGED; Conflict
            NAME_HELD at "domain"; Refused of the registry.
        """
        name, party = self._judged(command, run.now)
        quote = await run.read(self.ledger.quote, run.tenant, command.quote)
        _require_quote(
            quote, name, Action.REGISTER, command.years, command.acknowledged_total_dong, run.now
        )
        nameservers = await run.read(self.dns_host.nameservers)
        holding = self.ledger.holding(
            run.tenant, run.id, self.policy.registry, party=party, unicode_name=name.unicode
        )
        contact = await run.effect(
            "contact",
            ContactCreation(contact_id(run.id), party),
            ask=self.registry.find_contact,
            act=self.registry.create_contact,
            settle=holding.contact_created,
        )
        try:
            return await run.effect(
                "create",
                Creation(name.ascii, command.years, contact.contact_id, nameservers, run.now),
                ask=self.registry.find_creation,
                act=self.registry.create,
                settle=holding.registered,
            )
        except Conflict as taken:
            raise Conflict("NAME_HELD", field="domain", name=name.unicode) from taken

    @operation("domains.renew/1", steps=("renew",))
    async def renew(self, run: Run, command: RenewName) -> Registration:
        """Renew a held name; always with the expiry stored in the intent.

        Raises: Absent REGISTRATION_ABSENT, QUOTE_ABSENT; Refused HOLDER_NOT_ELIGIBLE,
            STATUS_BARS_RENEWAL, RENEWAL_CLOSED, TERM_TOO_LONG, QUOTE_MISMATCH,
            QUOTE_EXPIRED, QUOTE_OF_EARLIER_TERM, PRICE_CHANGED.
        """
        law = _law(run.now)
        held = await run.read(self.ledger.registration, run.tenant, lookup_form(command.domain))
        quote = await run.read(self.ledger.quote, run.tenant, command.quote)
        name = _renewable(held, law)
        _require_quote(
            quote, name, Action.RENEW, command.years, command.acknowledged_total_dong, run.now
        )
        if quote.term_expires_at != held.expires_at:
            raise Refused("QUOTE_OF_EARLIER_TERM", field="quote")
        term = Term(held.name, held.expires_at, await self._statuses(run, held.name))
        renewal = decide_renewal(term, command.years, run.now, profile=self._profile(law))
        return await run.effect(
            "renew",
            renewal,
            ask=self.registry.find_renewal,
            act=self.registry.renew,
            settle=self.ledger.tenure(run.tenant).renewed,
        )

    async def _statuses(self, run: Run, name: str) -> frozenset[str]:
        """What the registry says bars *name*; unheard, it will judge the act itself."""
        try:
            record = await run.read(self.registry.info, name)
        except Unavailable:
            return frozenset()
        return record.statuses if record else frozenset()

    async def registration(self, tenant: str, name: str) -> Registration:
        """A held name as it stands today. Raises: Absent REGISTRATION_ABSENT."""
        return self._as_of_now(await self.ledger.registration(tenant, lookup_form(name)))

    async def registrations(self, tenant: str, *, after: str, limit: int) -> list[Registration]:
        """Held names by name, as they stand today."""
        found = await self.ledger.registrations(tenant, after=after, limit=limit)
        return [self._as_of_now(one) for one in found]

    def _as_of_now(self, held: Registration) -> Registration:
        now = self.clock.now()
        profile = self._profile(_law(now))
        state = state_on(held.expires_at, now, profile)
        return replace(held, state=state, outlook=outlook(held.expires_at, now, profile))

    def _judged(self, command: RegisterName, now: datetime) -> tuple[DomainName, Party]:
        law = _law(now)
        name = domain_name(command.domain, law)
        _require_years(command.years, self._profile(law))
        party = normalized_party(command.party)
        require_born(party, law.on)
        require_eligible(party, name, law)
        return name, party

    async def _checked(self, names: list[str]) -> list[NameCheck]:
        try:
            return await self.registry.check(names)
        except Unavailable as down:
            return self._unheard(names, down.reason)

    def _unheard(self, names: list[str], reason: str) -> list[NameCheck]:
        now, unknown = self.clock.now(), Availability.UNKNOWN
        return [NameCheck(one, unknown, self.policy.registry, now, reason) for one in names]

    def _profile(self, law: Law) -> LifecycleProfile:
        found = law.lifecycles.get(self.policy.lifecycle)
        if found is None:
            raise Absent("LIFECYCLE_PROFILE_ABSENT", profile=self.policy.lifecycle)
        return found


def contact_id(operation_name: str) -> str:
    """The contact made for one order: 16 characters, derived, so that a repeat is the same."""
    digest = hashlib.sha256(operation_name.encode()).digest()
    return CONTACT_PREFIX + base64.b32encode(digest).decode()[:CONTACT_HASH_CHARACTERS]


def _law(now: datetime) -> Law:
    return law_on(now.astimezone(VIETNAM).date())


def _renewable(held: Registration, law: Law) -> DomainName:
    """The name of *held*, unless its kind of holder may not renew it."""
    name = held_name(held.name, law)
    require_renewable(held.party, name, law)
    return name


def _require_years(years: int, profile: LifecycleProfile) -> None:
    if not 1 <= years <= profile.most_years:
        raise Malformed("YEARS_OUT_OF_RANGE", field="years", most=profile.most_years)


def _require_quote(
    quote: Quote, name: DomainName, action: Action, years: int, acknowledged: int, now: datetime
) -> None:
    if (quote.name, quote.action, quote.years) != (name.ascii, action, years):
        raise Refused("QUOTE_MISMATCH", field="quote")
    if now >= quote.expires_at:
        raise Refused("QUOTE_EXPIRED", field="quote", expired=vietnamese_time(quote.expires_at))
    if quote.total_dong != acknowledged:
        raise Refused(
            "PRICE_CHANGED",
            field="acknowledged_total_dong",
            total=written(quote.total_dong),
            acknowledged=written(acknowledged),
        )
