"""What a business has, and what of it needs somebody: facts in, needs out. Pure.

What costs already comes before what will, chores come last; in each the oldest first. The
first need that the visitor can do something about is the one lit step of the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import VIETNAM
from haidang.portal.dues import DueItem, DueKind
from haidang.portal.starts import Start
from haidang.portal.web.rooms.names import EXPIRING_DAYS, Name, name_of

TIERS = (
    ("unpaid", "renewal_unpaid", "lost", "suspended", "stopped"),
    ("enquiries", "expiring", "papers"),
    ("changes", "start", "start_unnamed", "undeclared"),
)
"""Kinds that cost a visitor, money or a name today; that will if they wait; and chores."""
ONLY_TO_KNOW = frozenset({"lost"})
"""Kinds that nobody can put right on a page of ours."""
HOLDING = frozenset({"JOURNEY_STOPPED_HOLDING", "FINISH_STOPPED"})
UNPAID = frozenset({"JOURNEY_STOPPED_UNPAID", "NAME_NOT_PAID"})
Journeys = Sequence[journeys_pb2.Journey]
State = journeys_pb2.Journey


@dataclass(frozen=True)
class Need:
    """One thing that waits for somebody: its words are "home.need_<kind>", its step
    "home.do_<kind>". `grant` is what the step takes; no `href`: nobody here can do it."""

    kind: str
    since: datetime
    href: str
    grant: str
    facts: dict[str, object] = field(default_factory=dict)

    @property
    def tier(self) -> int:
        """0 costs already, 1 will cost, 2 is a chore."""
        return next(tier for tier, kinds in enumerate(TIERS) if self.kind in kinds)


@dataclass(frozen=True)
class Site:
    """A website and what is known of it; None where nobody could say."""

    website: websites_pb2.Website
    live: websites_pb2.Deployment | None = None
    enquiries: Sequence[websites_pb2.Enquiry] | None = None

    @property
    def id(self) -> str:
        """As in paths."""
        return self.website.name.removeprefix("websites/")

    @property
    def title(self) -> str:
        """What lists call it."""
        return self.website.draft.business.name or self.website.domain

    @property
    def has_changes(self) -> bool:
        """Whether the draft moved on since what is live was made of it."""
        return self.live is not None and self.live.revision < self.website.revision


@dataclass(frozen=True)
class Found:
    """What the services answered in time; None for what did not."""

    names: Sequence[domains_pb2.Registration] | None = None
    sites: Sequence[Site] | None = None
    documents: Sequence[esign_pb2.Document] | None = None
    journeys: Journeys | None = None
    starts: Sequence[Start] | None = None
    dues: Sequence[DueItem] | None = None

    @property
    def is_fresh(self) -> bool:
        """Whether everybody answered and there is nothing at all yet."""
        parts = (self.names, self.sites, self.documents, self.journeys, self.starts)
        return all(part is not None and not len(part) for part in parts)

    @property
    def away(self) -> list[str]:
        """The parts that nobody could tell about."""
        known = {
            "names": self.names,
            "sites": self.sites,
            "documents": self.documents,
            "journeys": self.journeys,
        }
        return [part for part, answer in known.items() if answer is None]


def needs_of(found: Found, now: datetime) -> list[Need]:
    """Everything that waits, by tier, the oldest first."""
    journeys, starts = found.journeys or (), found.starts or ()
    names = [name_of(held, now) for held in found.names or ()]
    needs = [
        *_names(names),
        *_unpaid(found.dues or (), names),
        *_stopped(journeys, starts),
        *_sites(found.sites or ()),
        *_starts(journeys, starts),
        *_undeclared(names, found.journeys),
    ]
    return sorted(needs, key=lambda need: (need.tier, need.since, need.kind))


def lit(needs: Iterable[Need], may: Callable[[str], bool]) -> Need | None:
    """The one next step: the first need that this visitor can do something about."""
    steps = (need for need in needs if need.href and need.kind not in ONLY_TO_KNOW)
    return next((need for need in steps if may(need.grant)), None)


def running(journeys: Journeys | None) -> list[journeys_pb2.Journey]:
    """Journeys under way."""
    return [one for one in journeys or () if one.state == State.STATE_RUNNING]


def _names(names: Iterable[Name]) -> Iterable[Need]:
    for name in names:
        facts: dict[str, object] = {"name": name.shown, "n": max(name.days_left, 0)}
        facts |= {"day": name.expires_on, "through": name.renewable_through}
        at, path = _midnight(name), f"/ten-mien/{name.domain}"
        if name.state == "expiring":
            asks_from = at - timedelta(days=EXPIRING_DAYS)
            href = f"{path}/gia-han" if name.is_renewable else ""
            yield Need("expiring", asks_from, href, "domains.write", facts)
        elif name.state == "suspended":
            yield Need("suspended", at, f"{path}/gia-han", "domains.write", facts)
        elif name.state == "lost":
            yield Need("lost", at, path, "domains.read", facts)
        elif name.state == "papers":
            yield Need("papers", at, "/giay-to", "esign.read", facts)


def _unpaid(dues: Iterable[DueItem], names: Iterable[Name]) -> Iterable[Need]:
    """Renewals that are owed for; a registration is said with its journey."""
    shown = {name.domain: name.shown for name in names}
    for item in dues:
        if item.kind is DueKind.RENEWAL:
            name = shown.get(item.domain, item.domain)
            facts: dict[str, object] = {"name": name, "amount": item.amount_dong}
            at, path = item.created_at, _paying(item.domain)
            yield Need("renewal_unpaid", at, path, "journeys.write", facts)


def _stopped(journeys: Journeys, starts: Sequence[Start]) -> Iterable[Need]:
    """Refused journeys that left something: a name, a debt, or a start to put right."""
    online = {_domain(one) for one in journeys if one.state == State.STATE_ONLINE}
    seen: set[str] = set()
    for journey in journeys:  # newest first
        domain = _domain(journey)
        if journey.state != State.STATE_REFUSED or domain in online or domain in seen:
            seen.add(domain)
            continue
        seen.add(domain)
        id = journey.name.removeprefix("journeys/")
        facts: dict[str, object] = {"name": journey.registration.unicode_domain or journey.domain}
        at, path = journey.create_time.ToDatetime(UTC), f"/hanh-trinh/{id}"
        if journey.reason in UNPAID:
            yield Need("unpaid", at, _paying(domain), "journeys.write", facts)
        elif journey.reason in HOLDING or _start_of(id, starts) is not None:
            yield Need("stopped", at, path, "journeys.write", facts)


def _sites(sites: Iterable[Site]) -> Iterable[Need]:
    for site in sites:
        path, facts = f"/trang-web/{site.id}", {"name": site.title}
        new = [
            one.create_time.ToDatetime(UTC)
            for one in site.enquiries or ()
            if one.state == websites_pb2.Enquiry.STATE_NEW
        ]
        if new:
            told = {**facts, "n": len(new)}
            yield Need("enquiries", min(new), f"/loi-nhan?trang={site.id}", "websites.read", told)
        if site.has_changes and site.live is not None:
            at = site.live.create_time.ToDatetime(UTC)
            yield Need("changes", at, f"{path}/dang", "websites.write", dict(facts))


def _starts(journeys: Journeys, starts: Iterable[Start]) -> Iterable[Need]:
    told = {f"operations/{one.name.removeprefix('journeys/')}" for one in journeys}
    for start in starts:
        if start.attempt is not None and start.attempt.operation in told:
            continue  # said with its journey
        facts: dict[str, object] = {"name": start.title}
        kind = "start" if start.title else "start_unnamed"
        yield Need(kind, start.touched_at, f"/bat-dau/{start.id}", "journeys.write", facts)


def _undeclared(names: Iterable[Name], journeys: Journeys | None) -> Iterable[Need]:
    """Names without a signed declaration, when it is known who has one."""
    if journeys is None:
        return
    told = {_domain(one) for one in journeys}
    for name in names:
        if name.domain not in told and name.state in {"active", "expiring"}:
            at = datetime.combine(name.created_on, time(), VIETNAM)
            facts: dict[str, object] = {"name": name.shown}
            yield Need("undeclared", at, "/giay-to", "esign.write", facts)


def _paying(domain: str) -> str:
    return f"/ten-mien/{domain}/tra-tien"


def _domain(journey: journeys_pb2.Journey) -> str:
    return journey.registration.domain or journey.domain


def _start_of(journey: str, starts: Iterable[Start]) -> Start | None:
    wanted = f"operations/{journey}"
    return next((one for one in starts if one.attempt and one.attempt.operation == wanted), None)


def _midnight(name: Name) -> datetime:
    return datetime.combine(name.expires_on, time(), VIETNAM)
