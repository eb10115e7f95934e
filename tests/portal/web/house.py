"""The whole site over SQLite, with real accounts and services that a test answers for.

`a_house(tmp_path)` opens it; `house.owner()`, `editor()`, `viewer()`, `operator()` are
browsers that are signed in, `house.browser()` is a stranger's. What a room asks of a
service is answered by `house.calls.answers["domains.QuoteDomain"]`: a message, an error of
the vocabulary, or a function of the request; `house.calls.did` is what was asked.
"""

from __future__ import annotations

import inspect
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from haidang.core.database import Database, sqlite_url
from haidang.core.errors import Unavailable
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS
from haidang.core.tenancy import Actor
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.accounts import Role
from haidang.portal.accounts.policy import policy_on
from haidang.portal.accounts.values import Origin
from haidang.portal.erasures.desk import FarewellDesk
from haidang.portal.health import Health
from haidang.portal.ledger import MIGRATIONS as LEDGER
from haidang.portal.site import MIGRATIONS as SITE
from haidang.portal.site import Extras, site
from haidang.portal.web.visit import DEVICE, SESSION
from starlette.applications import Starlette

from tests.portal.web.browser import Browser

ORIGIN = "http://localhost:20080"
SECRET = b"a secret of the tests, 32 bytes."
PASSWORD = "noi chao thot dua 9"
FONTS = Path(tempfile.gettempdir()) / f"haidang-test-fonts-{os.getuid()}"


class FakeService:
    """A service, or the operations of one, as a room sees it."""

    def __init__(self, calls: FakeCalls, name: str, actor: Actor) -> None:
        self._calls, self._name, self._actor = calls, name, actor

    def __getattr__(self, method: str) -> Any:
        async def answered(request: Any, *, timeout: float = 10.0) -> Any:
            return await self._calls.answer(f"{self._name}.{method}", self._actor, request)

        return answered

    async def stream(
        self, method: str, request: Any, *, timeout: float = 10.0
    ) -> AsyncIterator[Any]:
        for one in await self._calls.answer(f"{self._name}.{method}", self._actor, request):
            yield one


@dataclass(frozen=True)
class Asked:
    """One call: "domains.QuoteDomain", by whom, with what."""

    method: str
    actor: Actor
    request: Any


class FakeCalls:
    """Answers for the four services. Operations of one are "operations.domains.GetOperation"."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.did: list[Asked] = []

    def service(self, name: str, actor: Actor) -> FakeService:
        return FakeService(self, name, actor)

    def operations(self, name: str, actor: Actor) -> FakeService:
        return FakeService(self, f"operations.{name}", actor)

    def operator(self, name: str, actor: Actor) -> FakeService:
        return FakeService(self, f"operator.{name}", actor)

    def privacy(self, name: str, actor: Actor) -> FakeService:
        return FakeService(self, f"privacy.{name}", actor)

    def asked(self, method: str) -> list[Any]:
        """Every request of one method so far."""
        return [one.request for one in self.did if one.method == method]

    async def answer(self, method: str, actor: Actor, request: Any) -> Any:
        self.did.append(Asked(method, actor, request))
        answer = self.answers.get(method, Unavailable("NOT_READY"))
        if callable(answer):
            answer = answer(request)
        if inspect.isawaitable(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        return answer


class House:
    """An open site and what stands behind it."""

    def __init__(
        self, app: Starlette, database: Database, calls: FakeCalls, clock: FakeClock, origin: str
    ) -> None:
        self.app = app
        self.origin = origin
        self.database = database
        self.calls = calls
        self.clock = clock
        self.offices = app.state.offices
        self.accounts = self.offices.accounts
        self._users = 0

    def browser(self, **options: Any) -> Browser:
        """A stranger's browser. *options*: `address`, `agent`."""
        return Browser(self.app, self.origin, **options)

    async def user(self, name: str = "Nguyễn Thị Lan") -> tuple[str, Browser]:
        """A fresh user with a business of their own: (identifier, signed-in browser)."""
        self._users += 1
        identifier = f"+8490{self._users:07}"
        admission, _ = await self.accounts.sign_up(
            identifier, name, PASSWORD, Origin("192.0.2.0/24"), request_id=str(self._users)
        )
        browser = self.browser()
        browser.cookies |= {SESSION: admission.token, DEVICE: admission.device}
        browser.session = await self.accounts.session(admission.token)
        return identifier, browser

    async def owner(self, name: str = "Nguyễn Thị Lan") -> Browser:
        """Signed in as the owner of a business of their own."""
        return (await self.user(name))[1]

    async def member(self, owner: Browser, role: Role, name: str = "Trần Văn Bình") -> Browser:
        """Signed in with *role* at the business of *owner*."""
        _, browser = await self.user(name)
        user = browser.session
        async with self.database.writing() as tx:
            teams = self.accounts.teams.ledger
            await teams.add_member(tx, owner.session.tenant, user.user_id, role, self.clock.now())
            ledger = self.accounts.ledger
            await ledger.change_session(tx, user.id, tenant=owner.session.tenant)
        browser.session = await self.accounts.session(browser.cookies[SESSION])
        return browser

    async def editor(self, owner: Browser | None = None) -> Browser:
        """Signed in as an editor, of a business of its own unless *owner* is given."""
        return await self.member(owner or await self.owner(), Role.EDITOR)

    async def viewer(self, owner: Browser | None = None) -> Browser:
        """Signed in as a viewer."""
        return await self.member(owner or await self.owner(), Role.VIEWER)

    async def operator(self) -> Browser:
        """Signed in as an operator of the platform."""
        browser = await self.owner("Người Vận Hành")
        async with self.database.writing() as tx:
            await self.accounts.ledger.change_user(tx, browser.session.user_id, is_operator=True)
        browser.session = await self.accounts.session(browser.cookies[SESSION])
        return browser


@asynccontextmanager
async def a_house(
    tmp_path: Path,
    *,
    calls: FakeCalls | None = None,
    origin: str = ORIGIN,
    health: Health | None = None,
    farewells: FarewellDesk | None = None,
) -> AsyncIterator[House]:
    """Open the site over an empty SQLite database in *tmp_path*."""
    file = tmp_path / "portal.sqlite"
    shutil.copy(await an_empty_database(), file)
    database = await Database.open(sqlite_url(file), migrations={})
    clock, answering = FakeClock(NOON), calls or FakeCalls()
    quick = replace(
        policy_on((NOON + timedelta(days=30)).date()), argon2_memory_kib=8, argon2_passes=1
    )
    app = site(
        database, answering, secret=SECRET, origin=origin, sandbox=True, cache=FONTS,
        clock=clock, policy=quick, extras=Extras(health=health, farewells=farewells),
    )  # fmt: skip
    try:
        yield House(app, database, answering, clock, origin)
    finally:
        app.state.offices.accounts.close()
        await database.close()


@cache
def _template() -> list[Path]:
    return []


async def an_empty_database() -> Path:
    """An SQLite file at the head of every migration, made once in a process."""
    if not _template():
        file = Path(tempfile.mkdtemp(prefix="haidang-site-")) / "empty.sqlite"
        database = await Database.open(
            sqlite_url(file), migrations={"operations": OPERATIONS, "ledger": LEDGER, **SITE}
        )
        async with database.writer.connect() as connection:
            await connection.exec_driver_sql("SELECT 1")
        await database.close()
        _template().append(file)
    return _template()[0]


def without(fields: Mapping[str, str], *names: str) -> dict[str, str]:
    """*fields* less *names*."""
    return {name: value for name, value in fields.items() if name not in names}


def merged(fields: Iterable[tuple[str, str]], **changed: str) -> list[tuple[str, str]]:
    """*fields* with some changed."""
    return [*((name, value) for name, value in fields if name not in changed), *changed.items()]
