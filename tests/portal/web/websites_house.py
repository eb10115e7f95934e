"""The website service in one process behind the site: real offices over a real ledger.

`websites_calls(tmp_path)` answers `visit.websites` with the service's own servicer, as the
visitor's tenant; publishing, which needs the desk, is answered as `house.calls.answers` say.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from haidang.core import server
from haidang.core.tenancy import Actor, require
from haidang.website_builder.revisions.ledger import RevisionLedger
from haidang.website_builder.servicer import METHODS, SERVICE, WebsitesServicer
from haidang.website_builder.values import StoredWebsite
from haidang.website_builder.website import Draft

from tests.portal.web.browser import Browser
from tests.portal.web.house import Asked, FakeCalls, FakeService, House, a_house
from tests.website_builder.house import House as Builder
from tests.website_builder.house import open_house

BY_THE_DESK = {"PublishWebsite", "RollBackWebsite"}


class Served(FakeService):
    """websites.v1 as one actor, answered by the real servicer."""

    def __init__(self, calls: WebsitesCalls, actor: Actor) -> None:
        super().__init__(calls, "websites", actor)
        self._servicer = calls.servicer

    def __getattr__(self, method: str) -> Any:
        if method in BY_THE_DESK or f"websites.{method}" in self._calls.answers:
            return super().__getattr__(method)

        async def answered(request: Any, *, timeout: float = 10.0) -> Any:
            self._calls.did.append(Asked(f"websites.{method}", self._actor, request))
            with self._acting(method):
                return await getattr(self._servicer, method)(request, None)

        return answered

    async def stream(
        self, method: str, request: Any, *, timeout: float = 10.0
    ) -> AsyncIterator[Any]:
        if f"websites.{method}" in self._calls.answers:
            async for one in super().stream(method, request):
                yield one
            return
        with self._acting(method):
            async for one in getattr(self._servicer, method)(request, None):
                yield one

    def _acting(self, method: str) -> Any:
        require(self._actor, METHODS[f"{SERVICE}{method}"])
        return acting_as(self._actor)


class WebsitesCalls(FakeCalls):
    """Calls whose websites are real."""

    def __init__(self, builder: Builder) -> None:
        super().__init__()
        self.builder = builder
        self.servicer = _Servicer(builder)
        self.made = 0

    def service(self, name: str, actor: Actor) -> FakeService:
        return Served(self, actor) if name == "websites" else super().service(name, actor)


class _Servicer(WebsitesServicer):
    """The servicer without a desk: what it would start is answered by the test."""

    def __init__(self, builder: Builder) -> None:
        self._editor = builder.editor
        self._publisher = builder.publisher
        self._media = builder.media
        self._revisions = RevisionLedger(builder.database)
        self._reception = builder.reception


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """As the Door does it before a handler runs."""
    entered = server._actor.set(actor)
    try:
        yield
    finally:
        server._actor.reset(entered)


@asynccontextmanager
async def a_house_with_websites(tmp_path: Path) -> AsyncIterator[House]:
    """The site, and behind it the real website service over a ledger of its own."""
    (tmp_path / "websites").mkdir()
    builder = await open_house(tmp_path / "websites")
    async with a_house(tmp_path, calls=WebsitesCalls(builder)) as house:
        yield house
    await builder.database.close()


async def a_site_of(house: House, browser: Browser, draft: Draft | None = None) -> StoredWebsite:
    """A website of the business that *browser* is signed in for."""
    calls = house.calls
    assert isinstance(calls, WebsitesCalls)
    calls.made += 1
    return await calls.builder.a_website(
        draft, tenant=browser.session.tenant, host=f"nha-{calls.made}.vn", n=calls.made
    )
