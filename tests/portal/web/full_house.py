"""A house with much behind it: real websites and names, a start and papers, all kinds of people."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from haidang.core.errors import Absent
from haidang.core.tenancy import Actor
from haidang.core.testing.memory import memory_database
from haidang.domains.ledger import MIGRATIONS
from haidang.domains.servicer import DomainsServicer

from tests.domains.office import ASCII, NAME, Office
from tests.portal.web.browser import Browser
from tests.portal.web.house import Asked, FakeService, House
from tests.portal.web.papers_house import OPERATION, PAPER
from tests.portal.web.papers_house import Desk as Papers
from tests.portal.web.start_house import Portal, a_start
from tests.portal.web.websites_house import a_house_with_websites, a_site_of, acting_as
from tests.website_builder import sites
from tests.website_builder.house import TENANT


class NoDesk:
    """A desk that starts nothing: what the site asks of one is answered by the test."""


class _Names(FakeService):
    """domains.v1 answered by the real servicer, except where the test answers."""

    def __init__(self, calls: Any, actor: Actor, servicer: DomainsServicer) -> None:
        super().__init__(calls, "domains", actor)
        self._servicer = servicer

    def __getattr__(self, method: str) -> Any:
        if f"domains.{method}" in self._calls.answers:
            return super().__getattr__(method)

        async def answered(request: Any, *, timeout: float = 10.0) -> Any:
            self._calls.did.append(Asked(f"domains.{method}", self._actor, request))
            with acting_as(self._actor):
                return await getattr(self._servicer, method)(request, None)

        return answered

    async def stream(
        self, method: str, request: Any, *, timeout: float = 10.0
    ) -> AsyncIterator[Any]:
        with acting_as(self._actor):
            async for one in getattr(self._servicer, method)(request, None):
                yield one


@dataclass
class FullHouse:
    """A house, its people, and what each part of a path may truly be."""

    house: House
    people: dict[str, Browser]
    things: dict[str, list[str]]


@asynccontextmanager
async def a_full_house(tmp_path: Path) -> AsyncIterator[FullHouse]:
    """The site with a website, a name, a start and papers of one owner."""
    (tmp_path / "names").mkdir()
    database = await memory_database(tmp_path / "names", MIGRATIONS)
    office = Office(database)
    servicer = DomainsServicer(NoDesk(), office.registrar, office.zonekeeper)  # type: ignore[arg-type]
    async with a_house_with_websites(tmp_path) as house:
        calls = house.calls
        services = calls.service
        calls.service = lambda name, actor: (  # type: ignore[method-assign]  # one more real service
            _Names(calls, actor, servicer) if name == "domains" else services(name, actor)
        )
        owner = await house.owner()
        await office.registered(owner.session.tenant)
        Portal(house)
        Papers(house)
        real = ("QuoteDomain", "CheckAvailability", "SuggestNames", "ListRegistrations")
        for name in [*(f"domains.{one}" for one in real), *list(calls.answers)]:
            if name.startswith(("websites.", "domains.")) and name != "domains.RegisterDomain":
                calls.answers.pop(name, None)
        calls.answers["operations.websites.GetOperation"] = Absent("OPERATION_ABSENT")
        site = await a_site_of(house, owner)
        start = await a_start(house, owner)
        people = {
            "stranger": house.browser(),
            "owner": owner,
            "editor": await house.editor(owner),
            "viewer": await house.viewer(owner),
            "other": await house.owner("Người Khác"),
            "operator": await house.operator(),
        }
        yield FullHouse(house, people, _things(site.id, start, owner.session.tenant))
    await database.close()


def _things(site: str, start: str, tenant: str) -> dict[str, list[str]]:
    """What each part of a path may truly be, by its name."""
    return {
        "website": [site],
        "start": [start],
        "name": [ASCII, NAME],
        "paper": [PAPER],
        "operation": [OPERATION],
        "place": ["site", "site/phone", "pages/0", "pages/0/sections/0", "site/bank_account",
            "lien-he"],
        "page": ["", "0", "lien-he/"],
        "pack": [sites.BIEN],
        "other": [sites.BIEN],
        "revision": ["1"],
        "tenant": [tenant, TENANT],
        "service": ["domains", "websites", "esign", "portal"],
        "fact": ["phone", "tax_code", "domain", "email", "name", "identifier"],
        "part": ["tai-khoan", "ten-mien", "trang-web", "giay-to", "hanh-trinh"],
    }  # fmt: skip
