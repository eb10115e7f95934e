"""Builds the self-service site: offices, frame and rooms, from where the portal stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
from haidang.core.client import channel
from haidang.core.clock import Clock, SystemClock
from haidang.core.database import Database
from haidang.core.settings import Platform
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.building import accounts_office
from haidang.portal.accounts.ledger import MIGRATIONS as ACCOUNTS
from haidang.portal.accounts.policy import AccountPolicy
from haidang.portal.dues import MIGRATIONS as DUES
from haidang.portal.dues import DueLedger
from haidang.portal.erasures import MIGRATIONS as ERASURES
from haidang.portal.erasures.desk import FarewellDesk
from haidang.portal.health import Health
from haidang.portal.looks import MIGRATIONS as LOOKS
from haidang.portal.looks import LookLedger, Looks
from haidang.portal.personal.ledger import TenantLedger
from haidang.portal.renewals import RenewalLedger
from haidang.portal.renewals.ledger import MIGRATIONS as RENEWALS
from haidang.portal.settings import PortalSettings, site_origin
from haidang.portal.starts import Starts
from haidang.portal.starts.ledger import MIGRATIONS as STARTS
from haidang.portal.starts.ledger import StartLedger
from haidang.portal.tokens import TokenOffice
from haidang.portal.web.assets import Assets
from haidang.portal.web.calls import SERVICES, Calls
from haidang.portal.web.entrance import Entrance
from haidang.portal.web.pages import Frame
from haidang.portal.web.rooms import Offices, all_rooms
from haidang.portal.web.site import application, serving, site_secret
from starlette.applications import Starlette

MIGRATIONS: Mapping[str, Path] = {
    "accounts": ACCOUNTS,
    "renewals": RENEWALS,
    "dues": DUES,
    "starts": STARTS,
    "looks": LOOKS,
    "erasures": ERASURES,
}
"""Of every room's ledger, each by its name."""


@dataclass(frozen=True)
class Extras:
    """What the portal's process lends its site; a test lends only what it needs."""

    accounts: Accounts | None = None
    farewells: FarewellDesk | None = None
    health: Health | None = None


def site(
    database: Database,
    calls: Calls,
    *,
    secret: bytes,
    origin: str,
    sandbox: bool,
    cache: Path,
    clock: Clock,
    policy: AccountPolicy | None = None,
    extras: Extras | None = None,
) -> Starlette:
    """The site over *database*, spoken to at *origin*; *cache* keeps what is costly to make.

    `app.state.offices` are the portal's offices behind it.
    """
    assets = Assets(cache)
    lent = extras or Extras()
    accounts = lent.accounts or accounts_office(
        database, secret=secret, origin=origin, clock=clock, policy=policy
    )
    offices = Offices(
        accounts=accounts,
        assets=assets,
        origin=origin,
        clock=clock,
        renewals=RenewalLedger(database),
        dues=DueLedger(database, clock),
        starts=Starts(StartLedger(database), clock),
        looks=Looks(LookLedger(database), clock),
        tenants=TenantLedger(database),
        calls=calls,
        farewells=lent.farewells,
        health=lent.health,
    )
    frame = Frame(accounts, calls, assets, origin=origin, sandbox=sandbox)
    app = application(Entrance(frame, secret), all_rooms(offices))
    app.state.offices = offices
    return app


@asynccontextmanager
async def serving_site(
    place: Platform,
    database: Database,
    tokens: TokenOffice,
    settings: PortalSettings,
    extras: Extras | None = None,
) -> AsyncIterator[None]:
    """Keep the site open at the address "portal" for the length of the block."""
    folder, address = place.folder("portal"), place.address("portal")
    channels: dict[str, grpc.aio.Channel] = {
        name: channel(place.address(name), None) for name in SERVICES
    }
    app = site(
        database,
        Calls(channels, tokens, SystemClock()),
        secret=site_secret(folder),
        origin=site_origin(settings, address),
        sandbox=place.sandbox,
        cache=place.folder("portal", "cache"),
        clock=SystemClock(),
        extras=extras,
    )
    tokens.keyholder = app.state.offices.accounts.keys.actor
    async with serving(app, address, proxies=settings.trusted_proxies):
        yield
