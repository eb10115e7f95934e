"""Puts together what the portal holds of a business and how a business leaves it."""

from __future__ import annotations

from haidang.core.client import channel
from haidang.core.clock import SystemClock
from haidang.core.database import Database
from haidang.core.operations import Desk
from haidang.core.privacy import Parts
from haidang.core.settings import Platform
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.building import accounts_office
from haidang.portal.dues import DueLedger
from haidang.portal.erasures import BusinessErasure, FarewellLedger, Farewells
from haidang.portal.erasures.forgetting import Services
from haidang.portal.erasures.office import SERVICES, Leavers
from haidang.portal.looks import LookLedger
from haidang.portal.personal import JourneysPart, PeoplePart
from haidang.portal.settings import PortalSettings, site_origin
from haidang.portal.starts import Starts
from haidang.portal.starts.ledger import StartLedger
from haidang.portal.tokens import CallCredentials, TokenOffice
from haidang.portal.web.site import site_secret


def own_accounts(place: Platform, database: Database, settings: PortalSettings) -> Accounts:
    """The one office of accounts of this process."""
    return accounts_office(
        database,
        secret=site_secret(place.folder("portal")),
        origin=site_origin(settings, place.address("portal")),
        clock=SystemClock(),
    )


def personal_data(database: Database, accounts: Accounts) -> Parts:
    """What the portal holds of a business; its people last, for they are who asks."""
    clock = SystemClock()
    return Parts(
        (
            Starts(StartLedger(database), clock),
            JourneysPart(database, clock),
            DueLedger(database, clock),
            LookLedger(database),
            PeoplePart(accounts),
        )
    )


class Leaving:
    """The office of erasures, and its desk once there is one to start operations at."""

    def __init__(
        self, place: Platform, database: Database, accounts: Accounts, tokens: TokenOffice
    ) -> None:
        clock = SystemClock()
        services = Services(
            {name: channel(place.address(name)) for name in SERVICES},
            {name: CallCredentials(tokens, name, clock) for name in SERVICES},
        )
        self._ledger = FarewellLedger(database)
        self._secret = site_secret(place.folder("portal"))
        self.office = BusinessErasure(self._ledger, services, Leavers(accounts))

    def farewells(self, desk: Desk) -> Farewells:
        """Starts erasures at *desk*."""
        return Farewells(desk, self.office, self._ledger, secret=self._secret, clock=SystemClock())
