"""Looks: an operator says why, once for a tenant and hour, and every look is written down."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from haidang.core.clock import Clock
from haidang.core.errors import Malformed, register
from haidang.core.vietnamese import normal
from haidang.portal.accounts.values import Session
from haidang.portal.looks.ledger import LookLedger
from haidang.portal.looks.values import Look

REASON_HOLDS = timedelta(hours=1)
SHORTEST_REASON, LONGEST_REASON = 8, 400
SHOWN_TO_OWNERS = 200

register(
    Malformed,
    {
        "LOOK_REASON_SHORT": (
            "Say why in a few words; the business will read it.",
            "Hãy ghi lý do bằng vài chữ; cơ sở sẽ đọc được lý do này.",
        ),
        "LOOK_REASON_LONG": (
            "A reason has at most {most} characters.",
            "Lý do dài nhất là {most} ký tự.",
        ),
    },
)


class Looks:
    """The office. Only operators' sessions come in."""

    def __init__(self, ledger: LookLedger, clock: Clock) -> None:
        self.ledger = ledger
        self._clock = clock

    async def give_reason(self, session: Session, tenant: str, why: str) -> None:
        """Say why *tenant* is looked at; it holds for an hour.

        Raises: Malformed LOOK_REASON_SHORT, LOOK_REASON_LONG at "why".
        """
        text = normal(why)
        if len(text) < SHORTEST_REASON:
            raise Malformed("LOOK_REASON_SHORT", field="why")
        if len(text) > LONGEST_REASON:
            raise Malformed("LOOK_REASON_LONG", field="why", most=LONGEST_REASON)
        await self._add(session, tenant, "reason", text)

    async def look(self, session: Session, tenant: str, what: str) -> bool:
        """Write a look down, under the reason given; False, and nothing, without one.

        Whoever shows what was looked at does so only after this.
        """
        since = self._clock.now() - REASON_HOLDS
        why = await self.ledger.reason(session.user_id, tenant, since)
        if not why:
            return False
        await self._add(session, tenant, what, why)
        return True

    async def of_tenant(self, tenant: str, since: datetime | None) -> list[Look]:
        """What the business is shown of looks at it."""
        return await self.ledger.of_tenant(tenant, since, SHOWN_TO_OWNERS)

    async def _add(self, session: Session, tenant: str, what: str, why: str) -> None:
        now = self._clock.now()
        look = Look(uuid.uuid4().hex, session.user_id, session.user_name, tenant, what, why, now)
        await self.ledger.add(look)
