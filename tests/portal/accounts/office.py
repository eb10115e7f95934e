"""The office of accounts over one database, with a clock that stands still."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from haidang.core.database import Database
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.accounts import Accounts, Session
from haidang.portal.accounts.building import accounts_office
from haidang.portal.accounts.ledger import MIGRATIONS
from haidang.portal.accounts.policy import policy_on
from haidang.portal.accounts.values import Admission, Origin

SECRET = b"a secret of the tests, 32 bytes."
SITE = "http://localhost:20080"
PASSWORD = "noi chao thot dua 9"
HOME = Origin("192.0.2.0/24", agent="Chrome/150 Android")
ELSEWHERE = Origin("203.0.113.0/24")
POLICY = replace(policy_on(NOON.date()), argon2_memory_kib=8, argon2_passes=1)


@dataclass
class Office:
    """Accounts and what they stand on."""

    accounts: Accounts
    database: Database
    clock: FakeClock

    def after_a_restart(self) -> Office:
        """The same database, a fresh process."""
        again = accounts_office(
            self.database, secret=SECRET, origin=SITE, clock=self.clock, policy=POLICY
        )
        return Office(again, self.database, self.clock)

    async def signed_up(
        self, identifier: str = "0901234567", name: str = "Nguyễn Thị Lan"
    ) -> tuple[Admission, tuple[str, ...]]:
        return await self.accounts.sign_up(
            identifier, name, PASSWORD, HOME, request_id=f"r-{identifier}"
        )

    async def user(self, identifier: str = "0901234567", name: str = "Nguyễn Thị Lan") -> Session:
        admission, _ = await self.signed_up(identifier, name)
        return await self.session(admission.token)

    async def session(self, token: str) -> Session:
        found = await self.accounts.session(token)
        assert found is not None
        return found

    async def sign_in(
        self, identifier: str = "0901234567", password: str = PASSWORD, origin: Origin = ELSEWHERE
    ) -> Admission:
        return await self.accounts.sign_in(identifier, password, origin)


async def an_office(url: str) -> Office:
    """Open one. Close it with `office.database.close()`."""
    database = await Database.open(url, migrations={"accounts": MIGRATIONS})
    clock = FakeClock(NOON)
    accounts = accounts_office(database, secret=SECRET, origin=SITE, clock=clock, policy=POLICY)
    return Office(accounts, database, clock)


def sqlite(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'accounts.sqlite'}"
