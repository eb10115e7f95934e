"""What is owed and who pays it: SQL behind the office. Every query names its tenant.

A debt is read off the journey or renewal it comes from: the name is held, no money was
taken, and taking it was refused for good. While the bank is still asked whether it took
the money, nothing is owed. `due_claim` has one row for each name that was ever paid for
in this way: the payment that came last, and what it set out to pay.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from haidang.core.clock import Clock
from haidang.core.database import Database, Instant
from haidang.core.errors import Conflict
from haidang.core.operations import Tx, rows
from haidang.core.operations.codec import decode, encode
from haidang.core.ports.marks import EffectId, acts, reads
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)
from haidang.core.privacy import JSON, Holding
from haidang.portal.dues.rules import REFUSED, is_over, require_due
from haidang.portal.dues.values import Claim, Claimed, DueItem, DueKind
from haidang.portal.ledger import journeys
from haidang.portal.renewals.ledger import renewals

MIGRATIONS = Path(__file__).parent / "migrations"
KIND = "portal.dues"
OPERATIONS = "operations/"

metadata = sa.MetaData()

claims = sa.Table(
    "due_claim",
    metadata,
    sa.Column("tenant", sa.String(80), primary_key=True),
    sa.Column("domain", sa.String(255), primary_key=True),
    sa.Column("payment", sa.String(80), nullable=False),
    sa.Column("items_json", sa.Text, nullable=False),
    sa.Column("claimed_at", Instant, nullable=False),
)


class DueLedger:
    """Debts of every tenant, and the claims to pay them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def owed(self, tenant: str, domain: str = "") -> tuple[DueItem, ...]:
        """What the tenant owes for *domain* (A-label) or for every name, the oldest first."""
        async with self._database.reading() as session:
            return await _owed(session, tenant, domain)

    @acts(find="find_claim")
    async def claim(self, claim: Claim, effect_id: EffectId) -> Claimed:
        """Let *claim*'s payment be the only one of its name until it is over.

        Raises: Conflict DUE_BEING_PAID; Refused NOTHING_DUE, DUE_DIFFERS.
        """
        async with self._database.writing() as tx:
            await self._take(tx, claim)
            items = await _owed(tx, claim.tenant, claim.name.domain)
            require_due(items, claim.name.shown, claim.accepted_total_dong)
            claimed = Claimed(items)
            change = sa.update(claims).where(*_of(claim))
            text = encode(claimed, Claimed)
            await tx.execute(
                change.values(payment=claim.payment, items_json=text, claimed_at=self._clock.now())
            )
        return claimed

    @reads
    async def find_claim(self, claim: Claim, effect_id: EffectId) -> Claimed | None:
        """What *claim* was given, if it was."""
        mine = sa.select(claims.c.items_json).where(*_of(claim), claims.c.payment == claim.payment)
        async with self._database.reading() as session:
            text = await session.scalar(mine)
        found: Claimed | None = decode(text, Claimed) if text else None
        return found

    async def _take(self, tx: Tx, claim: Claim) -> None:
        """Hold the row of the name to the end of *tx*, if no payment under way has it."""
        first = {
            "tenant": claim.tenant,
            "domain": claim.name.domain,
            "payment": claim.payment,
            "items_json": "",
            "claimed_at": self._clock.now(),
        }
        await tx.execute(rows.insert_into(tx, claims).values(first).on_conflict_do_nothing())
        held = sa.select(claims.c.payment).where(*_of(claim)).with_for_update()
        holder = str(await tx.scalar(held))
        if holder != claim.payment and not await _is_over(tx, holder):
            raise Conflict("DUE_BEING_PAID", field="domain", domain=claim.name.shown)

    def of(self, tenant: str, items: tuple[DueItem, ...]) -> DueSettles:
        """The settles of a payment of *items*."""
        return DueSettles(tenant, items)

    async def claimed(self, tx: Tx, claim: Claim, receipt: Claimed) -> Claimed:
        """The claim stands since its act."""
        return receipt

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Payments begun for what was owed, the last of each name."""
        vi, en = "Lần trả khoản còn nợ gần nhất của mỗi tên miền", "Last payment owed for each name"
        return (Holding(KIND, len(await self._claims(tenant)), vi, en),)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """The last payment begun for each name."""
        return {KIND: [_exported(row) for row in await self._claims(tenant)]}

    async def erase(self, tenant: str) -> None:
        """Erase the claims. What was paid stays with the journey or renewal, as the law says."""
        async with self._database.writing() as tx:
            await tx.execute(sa.delete(claims).where(claims.c.tenant == tenant))

    async def _claims(self, tenant: str) -> Sequence[sa.RowMapping]:
        query = sa.select(claims).where(claims.c.tenant == tenant).order_by(claims.c.domain)
        async with self._database.reading() as session:
            return (await session.execute(query)).mappings().all()


@dataclass(frozen=True)
class DueSettles:
    """Settles of one payment, each repeatable."""

    tenant: str
    items: tuple[DueItem, ...]

    async def authorized(
        self, tx: Tx, authorization: Authorization, receipt: AuthorizationReceipt
    ) -> AuthorizationReceipt:
        """The money is set aside; the debt stands."""
        return receipt

    async def captured(self, tx: Tx, capture: Capture, receipt: CaptureReceipt) -> int:
        """The money was taken: every debt is paid. đồng."""
        for item in self.items:
            await self._paid(tx, item, receipt.captured_at)
        return receipt.amount_dong

    async def released(self, tx: Tx, release: Release, receipt: ReleaseReceipt) -> int:
        """The money was given back; the debt stands. đồng."""
        return receipt.amount_dong

    async def _paid(self, tx: Tx, item: DueItem, at: datetime) -> None:
        key = {"tenant": self.tenant, "id": item.id}
        if item.kind is DueKind.REGISTRATION:
            change = sa.update(journeys).values(captured_dong=item.amount_dong)
        else:
            change = sa.update(renewals).values(captured_dong=item.amount_dong, ended_at=at)
        await tx.execute(change.filter_by(**key))


def _of(claim: Claim) -> tuple[sa.ColumnElement[bool], ...]:
    return claims.c.tenant == claim.tenant, claims.c.domain == claim.name.domain


async def _is_over(tx: Tx, payment: str) -> bool:
    """Whether *payment* takes no money from now on."""
    name = f"{OPERATIONS}{payment}"
    effects = {one.name: str(one.state) for one in (await rows.effects_of(tx, [name]))[name]}
    operation = await rows.operation(tx, name)
    has_ended = operation is not None and operation.state is not rows.OperationState.RUNNING
    return is_over(effects, has_ended=has_ended)


async def _owed(session: Tx, tenant: str, domain: str) -> tuple[DueItem, ...]:
    registered = sa.select(journeys).where(
        journeys.c.tenant == tenant,
        journeys.c.authorized_dong > 0,
        journeys.c.captured_dong == 0,
        journeys.c.registration_json != "",
        _was_refused(journeys.c.id),
    )
    renewed = sa.select(renewals).where(
        renewals.c.tenant == tenant,
        renewals.c.renewed_at.is_not(None),
        renewals.c.captured_dong == 0,
        _was_refused(renewals.c.id),
    )
    items = [_registration(row) for row in (await session.execute(registered)).mappings()]
    items += [_renewal(row) for row in (await session.execute(renewed)).mappings()]
    ours = (item for item in items if domain in {"", item.domain})
    return tuple(sorted(ours, key=lambda item: (item.created_at, item.id)))


def _was_refused(id: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Whether taking the money of the journey or renewal *id* was refused for good."""
    return sa.exists().where(
        rows.effects.c.operation == sa.literal(OPERATIONS, sa.String).concat(id),
        rows.effects.c.name == "capture",
        rows.effects.c.state == REFUSED,
    )


def _registration(row: sa.RowMapping) -> DueItem:
    domain = str(json.loads(row["registration_json"])["domain"])
    return _item(DueKind.REGISTRATION, row, domain, 0)


def _renewal(row: sa.RowMapping) -> DueItem:
    return _item(DueKind.RENEWAL, row, row["domain"], row["years"])


def _item(kind: DueKind, row: sa.RowMapping, domain: str, years: int) -> DueItem:
    return DueItem(kind, row["id"], domain, years, row["authorized_dong"], row["created_at"])


def _exported(row: sa.RowMapping) -> JSON:
    items = decode(row["items_json"], Claimed).items
    return {
        "domain": row["domain"],
        "items": [
            {"kind": str(item.kind), "id": item.id, "amount_dong": item.amount_dong}
            for item in items
        ],
        "at": row["claimed_at"].isoformat(),
    }
