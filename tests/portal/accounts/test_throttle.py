"""The throttle when several people of one network come at the same moment."""

from __future__ import annotations

import asyncio
from datetime import datetime

from haidang.core.database import Database
from haidang.portal.accounts.throttle.ledger import ThrottleLedger
from haidang.portal.accounts.throttle.office import Count, Throttle

from tests.portal.accounts.office import POLICY, Office

NETWORK = Count("network:192.0.2.0/24", is_shared=True)


class HoldingLedger(ThrottleLedger):
    """Answers the first question only when it is let go."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.asked, self.let_go = asyncio.Event(), asyncio.Event()

    async def failures(self, key: str) -> tuple[int, datetime] | None:
        """As the ledger says."""
        if not self.asked.is_set():
            self.asked.set()
            await self.let_go.wait()
        return await super().failures(key)


async def test_a_try_that_another_overtakes_is_not_delayed_by_it(office: Office) -> None:
    ledger = HoldingLedger(office.database)
    throttle = Throttle(ledger, POLICY, office.clock)
    overtaken = asyncio.create_task(throttle.enter([NETWORK]))
    await ledger.asked.wait()
    office.clock.advance(0.2)

    await throttle.enter([NETWORK])
    ledger.let_go.set()

    await overtaken  # a Refused would be raised here
