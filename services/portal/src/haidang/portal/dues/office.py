"""The walk of a payment of what is owed.

    claimed -> money set aside -> money taken

The claim comes before any money moves: whoever has it is the only payment of its name, and
has it until no money can be taken any more. Refused, all that was set aside is given back
and the debt stands.
"""

from __future__ import annotations

from dataclasses import dataclass

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
from haidang.portal.dues.ledger import DueLedger, DueSettles
from haidang.portal.dues.rules import require_due
from haidang.portal.dues.values import Claim, Claimed, DuePayment, HeldName, PayDue
from haidang.portal.journeys import cause_facts, given_back, journey_id
from haidang.portal.neighbours import Neighbour

STEPS = ("claim", "authorize", "capture")


@dataclass
class Walk:
    """One payment under way: what it holds so far decides what a refusal means."""

    run: Run
    name: HeldName
    claimed: Claimed
    settles: DueSettles
    authorization: AuthorizationReceipt | None = None


class Dues:
    """The office that has debts paid."""

    def __init__(self, ledger: DueLedger, payment: PaymentProvider, *, domains: Neighbour) -> None:
        self.ledger = ledger
        self.payment = payment
        self.domains = domains

    async def held(self, tenant: str, domain: str) -> HeldName:
        """The name that the tenant holds. Raises: Malformed; Absent REGISTRATION_ABSENT."""
        if not domain:
            raise Malformed("FIELD_REQUIRED", field="domain")
        name = {"name": f"registrations/{domain}"}
        answer = await self.domains.ask(tenant, "registration", dict(name))
        return HeldName(answer["domain"], answer["unicode_domain"])

    async def admit(self, tenant: str, command: PayDue) -> None:
        """Judge *command* before anything is started.

        Raises: Malformed; Absent REGISTRATION_ABSENT; Refused NOTHING_DUE, DUE_DIFFERS; each
            at its field.
        """
        if command.accepted_total_dong <= 0:
            raise Malformed("PRICE_NOT_STATED", field="accepted_total_dong")
        if not command.payer:
            raise Malformed("PAYER_MISSING", field="payer")
        name = await self.held(tenant, command.domain)
        items = await self.ledger.owed(tenant, name.domain)
        require_due(items, name.shown, command.accepted_total_dong)

    @operation("journeys.pay-due/1", steps=STEPS)
    async def pay(self, run: Run, command: PayDue) -> DuePayment:
        """Carry the payment out.

        Raises: Conflict DUE_BEING_PAID; Refused NOTHING_DUE, DUE_DIFFERS, DUE_REFUSED,
            DUE_RELEASED, DUE_NOT_RELEASED; the fact `cause` is the bank's reason.
        """
        name = await run.read(self.held, run.tenant, command.domain)
        id = journey_id(run.id)
        claimed = await run.effect(
            "claim",
            Claim(run.tenant, name, id, command.accepted_total_dong),
            ask=self.ledger.find_claim,
            act=self.ledger.claim,
            settle=self.ledger.claimed,
        )
        walk = Walk(run, name, claimed, self.ledger.of(run.tenant, claimed.items))
        try:
            captured = await self._taken(walk, command)
        except HaidangError as refusal:
            raise await self._ended_by(walk, refusal) from refusal
        return DuePayment(id, name.domain, claimed.items, captured, run.now, run.now)

    async def _taken(self, walk: Walk, command: PayDue) -> int:
        """Set the money aside and take it: what was taken."""
        total = walk.claimed.total_dong
        walk.authorization = await walk.run.effect(
            "authorize",
            Authorization(command.payer, total, walk.name.domain),
            ask=self.payment.find_authorization,
            act=self.payment.authorize,
            settle=walk.settles.authorized,
        )
        return await walk.run.effect(
            "capture",
            Capture(walk.authorization.authorization_id, total),
            ask=self.payment.find_capture,
            act=self.payment.capture,
            settle=walk.settles.captured,
        )

    async def _ended_by(self, walk: Walk, cause: HaidangError) -> HaidangError:
        """Give back what is set aside, and say what is still owed."""
        facts = {
            **cause_facts(cause),
            "domain": walk.name.shown,
            "amount": written(walk.claimed.total_dong),
        }
        if walk.authorization is None:
            return Refused("DUE_REFUSED", **facts)
        try:
            await given_back(walk.run, self.payment, walk.authorization, walk.settles.released)
        except HaidangError:
            expires = vietnamese_date(walk.authorization.expires_at)
            return Refused("DUE_NOT_RELEASED", **facts, expires=expires)
        return Refused("DUE_RELEASED", **facts)
