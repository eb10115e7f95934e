"""Journeys of a tenant as personal data: what they held is erased, what was paid is kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import sqlalchemy as sa
from haidang.core.clock import VIETNAM, Clock
from haidang.core.database import Database
from haidang.core.privacy import JSON, Holding, retention
from haidang.portal.ledger import journeys

LAW = Path(__file__).parent / "retention.toml"
JOURNEYS, PAYMENTS = "portal.journeys", "portal.payments"
TEXTS = ("registration_json", "deployment_json", "declaration_json", "website")


class JourneysPart:
    """Journeys. A row that money moved in keeps the name, the amounts and the dates."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """Journeys with their papers, and payments that the law keeps."""
        rows = await self._rows(tenant)
        texts = sum(1 for row in rows if any(row[name] for name in TEXTS) or not _paid(row))
        paid = [row for row in rows if _paid(row)]
        found = [
            Holding(
                JOURNEYS,
                texts,
                "Các lần đưa cơ sở lên mạng, với thông tin đã khai",
                "Times you went online, with the details you gave",
            )
        ]
        if paid:
            last = max(row["created_at"] for row in paid).astimezone(VIETNAM).date()
            today = self._clock.now().astimezone(VIETNAM).date()
            found.append(
                Holding(
                    PAYMENTS,
                    len(paid),
                    "Các khoản đã thu hoặc đã trả lại: tên miền, số tiền, ngày",
                    "Money taken or given back: name, amount, date",
                    retention(LAW, "payment", today).keeping(last),
                )
            )
        return found

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Every journey, and every payment."""
        rows = await self._rows(tenant)
        return {
            JOURNEYS: [_journey(row) for row in rows],
            PAYMENTS: [_payment(row) for row in rows if _paid(row)],
        }

    async def erase(self, tenant: str) -> None:
        """Erase journeys that took no money; of the others what they held."""
        ours, today = journeys.c.tenant == tenant, self._clock.now().astimezone(VIETNAM).date()
        years = retention(LAW, "payment", today).years or 0
        over = self._clock.now().replace(year=today.year - years, day=1)
        free = sa.and_(*(journeys.c[name] == 0 for name in AMOUNTS))
        async with self._database.writing() as tx:
            await tx.execute(
                sa.delete(journeys).where(ours, sa.or_(free, journeys.c.created_at < over))
            )
            emptied = dict.fromkeys(TEXTS, "")
            await tx.execute(sa.update(journeys).where(ours).values(emptied))

    async def _rows(self, tenant: str) -> Sequence[sa.RowMapping]:
        query = sa.select(journeys).where(journeys.c.tenant == tenant)
        async with self._database.reading() as session:
            return (await session.execute(query.order_by(journeys.c.created_at))).mappings().all()


AMOUNTS = ("authorized_dong", "captured_dong", "released_dong")


def _paid(row: sa.RowMapping) -> bool:
    return any(row[name] for name in AMOUNTS)


def _journey(row: sa.RowMapping) -> JSON:
    return {
        "id": row["id"],
        "domain": row["domain"],
        "state": row["state"],
        "created_at": row["created_at"].isoformat(),
        "ended_at": row["ended_at"].isoformat() if row["ended_at"] else None,
        "registration": json.loads(row["registration_json"] or "null"),
        "deployment": json.loads(row["deployment_json"] or "null"),
        "declaration": json.loads(row["declaration_json"] or "null"),
    }


def _payment(row: sa.RowMapping) -> JSON:
    return {
        "domain": row["domain"],
        **{name: row[name] for name in AMOUNTS},
        "created_at": row["created_at"].isoformat(),
    }
