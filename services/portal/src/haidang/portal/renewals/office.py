"""The walk of a renewal.

    quote -> money set aside -> name renewed -> money taken

Refused before the name is renewed, all that was set aside is given back. The quote is for
the term that ends next, so that no renewal is ever made twice.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from haidang.core.clock import vietnamese_date
from haidang.core.errors import HaidangError, Malformed, Refused
from haidang.core.money import written
from haidang.core.operations import Run, operation
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    PaymentProvider,
)
from haidang.portal import reasons as _journeys  # noqa: F401 - registers the sentences
from haidang.portal.journeys import cause_facts, given_back, journey_id
from haidang.portal.neighbours import Neighbour
from haidang.portal.renewals import reasons as _reasons  # noqa: F401 - as above
from haidang.portal.renewals.ledger import RenewalLedger, RenewalSettles
from haidang.portal.renewals.values import Renewal, RenewName
from haidang.portal.values import Step

STEPS = ("quote", "authorize", "renew", "capture")
MOST_YEARS = 10


@dataclass
class Walk:
    """One renewal under way: what it holds so far decides what a refusal means."""

    run: Run
    settles: RenewalSettles
    authorization: AuthorizationReceipt | None = None
    registration_json: str = ""


class Debts(Protocol):
    """Knows what is still owed."""

    async def owed(self, tenant: str, domain: str) -> Sequence[object]:
        """What the tenant owes for *domain* (A-label)."""
        ...


class Renewals:
    """The office that renews names and has them paid."""

    def __init__(
        self,
        ledger: RenewalLedger,
        payment: PaymentProvider,
        *,
        domains: Neighbour,
        debts: Debts,
    ) -> None:
        self.ledger = ledger
        self.payment = payment
        self.domains = domains
        self.debts = debts

    async def admit(self, tenant: str, command: RenewName) -> None:
        """Judge *command* before anything is started: by its form, the rules and the price.

        Raises: Malformed; Absent REGISTRATION_ABSENT; Refused RENEWAL_CLOSED, TERM_TOO_LONG,
            NAME_NOT_PAID, PRICE_ABOVE_ACCEPTED; each at its field.
        """
        if not command.domain:
            raise Malformed("FIELD_REQUIRED", field="domain")
        if not 1 <= command.years <= MOST_YEARS:
            raise Malformed("YEARS_INVALID", field="years", most=MOST_YEARS)
        if command.accepted_total_dong <= 0:
            raise Malformed("PRICE_NOT_STATED", field="accepted_total_dong")
        if not command.payer:
            raise Malformed("PAYER_MISSING", field="payer")
        quote = await self.domains.ask(tenant, "quote", quote_request(command))
        if await self.debts.owed(tenant, quote["domain"]):
            raise Refused("NAME_NOT_PAID", field="domain", domain=command.domain)
        require_accepted(int(quote["total_dong"]), command)

    @operation("journeys.renew/1", steps=STEPS)
    async def renew(self, run: Run, command: RenewName) -> Renewal:
        """Carry the renewal out.

        Raises: Refused PRICE_ABOVE_ACCEPTED, RENEWAL_REFUSED, RENEWAL_RELEASED,
            RENEWAL_NOT_RELEASED, RENEWAL_UNPAID; the fact `cause` is the reason of the step
            that stopped.
        """
        id = journey_id(run.id)
        settles = self.ledger.of(run.tenant, id, years=command.years, now=run.now)
        walk = Walk(run, settles)
        try:
            domain, captured = await self._renewed(walk, command)
        except HaidangError as refusal:
            raise await self._ended_by(walk, refusal) from refusal
        return Renewal(
            id,
            domain,
            command.years,
            created_at=settles.now,
            renewed_at=run.now,
            ended_at=run.now,
            authorized_dong=captured,
            captured_dong=captured,
            registration_json=walk.registration_json,
        )

    async def _renewed(self, walk: Walk, command: RenewName) -> tuple[str, int]:
        """Price, set money aside, renew, take the money: the A-label and what was taken."""
        run = walk.run
        quote = json.loads(await self._step(walk, "quote", quote_request(command)))
        total = int(quote["total_dong"])
        require_accepted(total, command)
        walk.authorization = await run.effect(
            "authorize",
            Authorization(command.payer, total, quote["domain"]),
            ask=self.payment.find_authorization,
            act=self.payment.authorize,
            settle=walk.settles.authorized,
        )
        request = renew_request(command, str(quote["name"]), total)
        walk.registration_json = await self._step(walk, "renew", request)
        captured = await run.effect(
            "capture",
            Capture(walk.authorization.authorization_id, total),
            ask=self.payment.find_capture,
            act=self.payment.capture,
            settle=walk.settles.captured,
        )
        return quote["domain"], captured

    async def _step(self, walk: Walk, verb: str, request: dict[str, object]) -> str:
        """One effect that the domains service carries out: its answer as JSON."""
        text = json.dumps(request, ensure_ascii=False)
        return await walk.run.effect(
            verb,
            Step(walk.run.tenant, walk.run.id, verb, text),
            ask=self.domains.find_done,
            act=self.domains.do,
            settle=walk.settles.quoted if verb == "quote" else walk.settles.renewed,
        )

    async def _ended_by(self, walk: Walk, cause: HaidangError) -> HaidangError:
        """Give back what can be given back, and say what happened and what is still held."""
        if cause.reason == "PRICE_ABOVE_ACCEPTED":
            return cause
        facts = cause_facts(cause)
        if walk.authorization is None:
            return Refused("RENEWAL_REFUSED", **facts)
        if walk.registration_json:
            with contextlib.suppress(HaidangError):  # the bank lets go of it by itself later
                await given_back(walk.run, self.payment, walk.authorization, walk.settles.released)
            return _unpaid(json.loads(walk.registration_json), walk.authorization, facts)
        return await self._released(walk, walk.authorization, facts)

    async def _released(
        self, walk: Walk, authorization: AuthorizationReceipt, facts: dict[str, str]
    ) -> HaidangError:
        try:
            released = await given_back(
                walk.run, self.payment, authorization, walk.settles.released
            )
        except HaidangError:
            return Refused(
                "RENEWAL_NOT_RELEASED",
                **facts,
                amount=written(authorization.amount_dong),
                expires=vietnamese_date(authorization.expires_at),
            )
        return Refused("RENEWAL_RELEASED", **facts, amount=written(released))


def _unpaid(
    registration: dict[str, str], authorization: AuthorizationReceipt, facts: dict[str, str]
) -> Refused:
    return Refused(
        "RENEWAL_UNPAID",
        **facts,
        domain=registration["unicode_domain"],
        expires=vietnamese_date(datetime.fromisoformat(registration["expire_time"])),
        amount=written(authorization.amount_dong),
    )


def require_accepted(total_dong: int, command: RenewName) -> None:
    """Raises: Refused PRICE_ABOVE_ACCEPTED when the price is more than was agreed to."""
    if total_dong > command.accepted_total_dong:
        raise Refused(
            "PRICE_ABOVE_ACCEPTED",
            field="accepted_total_dong",
            total=written(total_dong),
            accepted=written(command.accepted_total_dong),
        )


def quote_request(command: RenewName) -> dict[str, object]:
    """The price asked for."""
    return {"domain": command.domain, "action": "ACTION_RENEW", "years": command.years}


def renew_request(command: RenewName, quote: str, total_dong: int) -> dict[str, object]:
    """The renewal at the quoted price."""
    return {
        "domain": command.domain,
        "years": command.years,
        "quote": quote,
        "acknowledged_total_dong": str(total_dong),
    }
