"""The journey: from nothing to a name, a website on it and a signed declaration.

    quote -> money set aside -> name registered -> money taken -> zone -> website
          -> published -> declaration signed

Refused before the name is registered, all that was set aside is given back. Refused
afterwards, the owner keeps the name they paid for and reads what is still to be done.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from haidang.core.clock import vietnamese_date
from haidang.core.errors import HaidangError, Malformed, Refused, sentence
from haidang.core.money import written
from haidang.core.operations import Run, Tx, operation
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    PaymentProvider,
    Release,
    ReleaseReceipt,
)
from haidang.portal import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.ledger import JourneyLedger, JourneySettles
from haidang.portal.neighbours import Neighbour
from haidang.portal.values import GoOnline, Journey, Step

STEPS = (
    "quote",
    "authorize",
    "register",
    "capture",
    "zone",
    "website",
    "publish",
    "declare",
)
MOST_YEARS = 10
APEX_OURS = ("A", "AAAA", "CNAME", "NS")


@dataclass(frozen=True)
class SitePolicy:
    """Where published websites are reached: what a new zone says. TTL in seconds."""

    addresses_v4: tuple[str, ...]
    addresses_v6: tuple[str, ...] = ()
    ttl_seconds: int = 3600


@dataclass
class Walk:
    """One journey under way: what it holds so far decides what a refusal means."""

    run: Run
    settles: JourneySettles
    authorization: AuthorizationReceipt | None = None
    registration: dict[str, str] = field(default_factory=dict)
    captured_dong: int = 0

    def intent(self, verb: str, request: dict[str, object]) -> Step:
        """The intent of a neighbour's *verb*."""
        return Step(self.run.tenant, self.run.id, verb, json.dumps(request, ensure_ascii=False))


class Journeys:
    """The office that takes a business online."""

    def __init__(
        self,
        ledger: JourneyLedger,
        payment: PaymentProvider,
        *,
        domains: Neighbour,
        websites: Neighbour,
        esign: Neighbour,
        policy: SitePolicy,
    ) -> None:
        self.ledger = ledger
        self.payment = payment
        self.domains = domains
        self.websites = websites
        self.esign = esign
        self.policy = policy

    @operation("journeys.go-online/1", steps=STEPS)
    async def go_online(self, run: Run, command: GoOnline) -> Journey:
        """Carry the whole journey out.

        Raises: Refused PRICE_ABOVE_ACCEPTED, JOURNEY_REFUSED, JOURNEY_RELEASED,
            JOURNEY_NOT_RELEASED, JOURNEY_STOPPED_HOLDING, JOURNEY_STOPPED_UNPAID;
            the fact `cause` is the reason of the step that stopped.
        """
        settles = self.ledger.of(run.tenant, journey_id(run.id), command.domain, run.now)
        walk = Walk(run, settles)
        try:
            await self._hold_the_name(walk, command)
            await self._put_the_website_on_it(walk, command)
            await self.declare(walk, json.loads(command.registrant_json))
        except HaidangError as refusal:
            raise await self._ended_by(walk, refusal) from refusal
        return await run.read(self.ledger.journey, run.tenant, journey_id(run.id))

    async def _hold_the_name(self, walk: Walk, command: GoOnline) -> None:
        """Price, set money aside, register, take the money."""
        run, settles = walk.run, walk.settles
        quote = await self.step(self.domains, walk, "quote", quote_request(command))
        total = int(quote["total_dong"])
        if total > command.accepted_total_dong:
            raise Refused(
                "PRICE_ABOVE_ACCEPTED",
                field="accepted_total_dong",
                total=written(total),
                accepted=written(command.accepted_total_dong),
            )
        walk.authorization = await run.effect(
            "authorize",
            Authorization(command.payer, total, quote["domain"]),
            ask=self.payment.find_authorization,
            act=self.payment.authorize,
            settle=settles.authorized,
        )
        request = register_request(command, str(quote["name"]), total)
        walk.registration = await self.step(self.domains, walk, "register", request)
        walk.captured_dong = await run.effect(
            "capture",
            Capture(walk.authorization.authorization_id, total),
            ask=self.payment.find_capture,
            act=self.payment.capture,
            settle=settles.captured,
        )

    async def _put_the_website_on_it(self, walk: Walk, command: GoOnline) -> None:
        """Point the name at the edge, make the website, publish it."""
        domain = walk.registration["domain"]
        await self.step(self.domains, walk, "zone", zone_request(domain, self.policy))
        draft = json.loads(command.draft_json)
        website = await self.step(
            self.websites, walk, "website", {"domain": domain, "draft": draft}
        )
        await self.step(self.websites, walk, "publish", {"name": website["name"]})

    async def declare(self, walk: Walk, registrant: Mapping[str, Any]) -> None:
        """Have the registration declaration typeset, signed and kept."""
        await self.step(self.esign, walk, "declare", declare_request(registrant, walk.registration))

    async def step(
        self, neighbour: Neighbour, walk: Walk, verb: str, request: dict[str, object]
    ) -> dict[str, str]:
        """One effect that *neighbour* carries out: its answer."""
        settle = {
            "quote": walk.settles.quoted,
            "register": walk.settles.registered,
            "zone": walk.settles.zoned,
            "website": walk.settles.drafted,
            "publish": walk.settles.published,
            "declare": walk.settles.declared,
        }[verb]
        answer = await walk.run.effect(
            verb,
            walk.intent(verb, request),
            ask=neighbour.find_done,
            act=neighbour.do,
            settle=settle,
        )
        decoded: dict[str, str] = json.loads(answer)
        return decoded

    async def _ended_by(self, walk: Walk, cause: HaidangError) -> HaidangError:
        """Give back what can be given back, and say what happened and what is still held."""
        if cause.reason == "PRICE_ABOVE_ACCEPTED":
            return cause
        facts = cause_facts(cause)
        if walk.registration:
            return await self._stopped(walk, facts)
        if walk.authorization is None:
            return Refused("JOURNEY_REFUSED", **facts)
        return await self._released(walk, walk.authorization, facts)

    async def _stopped(self, walk: Walk, facts: dict[str, str]) -> HaidangError:
        """The name is held, and paid for unless taking the money is what failed.

        Then what was set aside is given back: the owner pays another time, and not while
        the same sum is blocked.
        """
        authorization = walk.authorization
        assert authorization is not None  # nothing is registered before money is set aside
        is_paid = walk.captured_dong > 0
        if not is_paid:
            with contextlib.suppress(HaidangError):  # the bank lets go of it by itself later
                await given_back(walk.run, self.payment, authorization, walk.settles.released)
        return Refused(
            "JOURNEY_STOPPED_HOLDING" if is_paid else "JOURNEY_STOPPED_UNPAID",
            **facts,
            domain=walk.registration["unicode_domain"],
            expires=vietnamese_date(datetime.fromisoformat(walk.registration["expire_time"])),
            amount=written(walk.captured_dong if is_paid else authorization.amount_dong),
        )

    async def _released(
        self, walk: Walk, authorization: AuthorizationReceipt, facts: dict[str, str]
    ) -> HaidangError:
        """Nothing is held: give the money back, or say when the bank will by itself."""
        try:
            released = await given_back(
                walk.run, self.payment, authorization, walk.settles.released
            )
        except HaidangError:
            return Refused(
                "JOURNEY_NOT_RELEASED",
                **facts,
                amount=written(authorization.amount_dong),
                expires=vietnamese_date(authorization.expires_at),
            )
        return Refused("JOURNEY_RELEASED", **facts, amount=written(released))


async def given_back(
    run: Run,
    payment: PaymentProvider,
    authorization: AuthorizationReceipt,
    settle: Callable[[Tx, Release, ReleaseReceipt], Awaitable[int]],
) -> int:
    """Give back what was set aside: đồng. Raises: what the bank refuses with."""
    return await run.effect(
        "release",
        Release(authorization.authorization_id),
        ask=payment.find_release,
        act=payment.release,
        settle=settle,
    )


def cause_facts(cause: HaidangError) -> dict[str, str]:
    """What a refused journey says of the step that stopped it."""
    return {
        "cause": cause.reason,
        "cause_vi": sentence(cause.reason, cause.facts, "vi"),
        "cause_en": sentence(cause.reason, cause.facts, "en"),
        **({"field": cause.field} if cause.field else {}),
    }


def journey_id(operation: str) -> str:
    """The journey's id: that of its operation."""
    return operation.removeprefix("operations/")


def admit(command: GoOnline) -> GoOnline:
    """*command*, if it is well formed. Raises: Malformed, each at its field."""
    if not command.domain:
        raise Malformed("FIELD_REQUIRED", field="domain")
    if not 1 <= command.years <= MOST_YEARS:
        raise Malformed("YEARS_INVALID", field="years", most=MOST_YEARS)
    if command.accepted_total_dong <= 0:
        raise Malformed("PRICE_NOT_STATED", field="accepted_total_dong")
    if not command.payer:
        raise Malformed("PAYER_MISSING", field="payer")
    return command


def quote_request(command: GoOnline) -> dict[str, object]:
    """The price asked for."""
    return {"domain": command.domain, "action": "ACTION_REGISTER", "years": command.years}


def register_request(command: GoOnline, quote: str, total_dong: int) -> dict[str, object]:
    """The registration at the quoted price."""
    return {
        "domain": command.domain,
        "years": command.years,
        "registrant": json.loads(command.registrant_json),
        "quote": quote,
        "acknowledged_total_dong": str(total_dong),
    }


# Any: JSON values of the zone as the name server holds it.
def zone_request(
    domain: str, policy: SitePolicy, held: Mapping[str, Any] | None = None
) -> dict[str, object]:
    """The apex at the edge, www as its alias; what else *held* says is kept as it is."""
    ttl = policy.ttl_seconds
    wanted: list[dict[str, object]] = [
        {"owner": "@", "type": "A", "ttl_seconds": ttl, "values": list(policy.addresses_v4)},
        {"owner": "www", "type": "CNAME", "ttl_seconds": ttl, "values": [f"{domain}."]},
    ]
    if policy.addresses_v6:
        values = list(policy.addresses_v6)
        wanted.append({"owner": "@", "type": "AAAA", "ttl_seconds": ttl, "values": values})
    zone = held or {}
    wanted += [one for one in zone.get("record_sets", ()) if not _is_ours(one)]
    return {"name": f"zones/{domain}", "wanted": wanted, "base_serial": int(zone.get("serial", 0))}


def _is_ours(record_set: Mapping[str, Any]) -> bool:
    """Whether a new zone's own records, or the platform's delegation, stand in this place."""
    owner, kind = record_set["owner"], record_set["type"]
    return owner == "www" or (owner == "@" and kind in APEX_OURS)


# Any: JSON values of the contract's registrant.
def declare_request(
    registrant: Mapping[str, Any], registration: Mapping[str, str]
) -> dict[str, object]:
    """The declaration of who holds the name."""
    address = registrant.get("address", {})
    parts = [address.get(part, "") for part in ("street", "commune", "province")]
    return {
        "domain": registration["domain"],
        "unicode_domain": registration["unicode_domain"],
        "party": {
            "name": registrant.get("name", ""),
            "identifier": registrant.get("tax_code") or registrant.get("personal_id", ""),
            "representative_name": registrant.get("representative_name", ""),
        },
        "address": ", ".join(part for part in parts if part),
        "email": registrant.get("email", ""),
        "phone": registrant.get("phone", ""),
        "representative_title": registrant.get("representative_title", ""),
        "registered_time": registration["create_time"],
        "expire_time": registration["expire_time"],
        "level": "LEVEL_B_LT",
    }
