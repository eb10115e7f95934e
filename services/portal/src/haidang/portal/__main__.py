"""Run the portal: settings, then plugins, then offices, then the server."""

from __future__ import annotations

from typing import Any

import grpc
from haidang.api.journeys.v1 import journeys_pb2_grpc
from haidang.api.tokens.v1 import tokens_pb2_grpc
from haidang.core import process
from haidang.core.client import channel
from haidang.core.clock import SystemClock
from haidang.core.database import Database, sqlite_url
from haidang.core.house import METHODS as HOUSE
from haidang.core.house import add_house
from haidang.core.offers import BuildContext
from haidang.core.operations.desk import MIGRATIONS, Desk, DeskSettings
from haidang.core.operations.faults import faults_from
from haidang.core.plugins import load_plugins
from haidang.core.ports.payment import PaymentProvider
from haidang.core.server import run_service
from haidang.core.settings import Platform, load, platform
from haidang.core.tenancy import TokenSigner
from haidang.portal.admission import Admission
from haidang.portal.dues import DueLedger, Dues
from haidang.portal.finishing import Finishing
from haidang.portal.health import PlatformHealth
from haidang.portal.journeys import Journeys, SitePolicy
from haidang.portal.leaving import Leaving, own_accounts, personal_data
from haidang.portal.ledger import MIGRATIONS as LEDGER
from haidang.portal.ledger import JourneyLedger
from haidang.portal.neighbours import domains_neighbour, esign_neighbour, websites_neighbour
from haidang.portal.renewals import RenewalLedger, Renewals
from haidang.portal.servicer import ANSWERS, METHODS, JourneysServicer, TokensServicer
from haidang.portal.settings import PortalSettings
from haidang.portal.site import MIGRATIONS as SITE
from haidang.portal.site import Extras, serving_site
from haidang.portal.tokens import KEY_ID, CallCredentials, TokenOffice, signing_key


# Any: as the offer's model says.
def payment_settings(settings: PortalSettings, place: Platform) -> dict[str, Any]:
    """The chosen provider's settings; by default the sandbox bank of this platform."""
    if settings.payment or settings.payment_provider != "bank":
        return dict(settings.payment)
    return {
        "url": f"http://{place.address('bank')}",
        "credentials": str(place.state / "bank" / "credentials.json"),
    }


def token_office(place: Platform) -> TokenOffice:
    """The office that signs tokens, with its key in the portal's own folder."""
    folder = place.folder("portal")
    pem = signing_key(folder, place.folder("public") / "token.pem")
    return TokenOffice(TokenSigner(pem, KEY_ID), folder / "api-keys.json", SystemClock())


class Neighbours:
    """Channels and credentials to the other services."""

    def __init__(self, place: Platform, office: TokenOffice) -> None:
        names = ("domains", "websites", "esign")
        self.channels = {name: channel(place.address(name), None) for name in names}
        self.calls = {name: CallCredentials(office, name, SystemClock()) for name in names}

    def admission(self) -> Admission:
        """The office that asks before anything is started."""
        return Admission(
            self.channels["domains"],
            self.channels["websites"],
            domains_credentials=self.calls["domains"],
            websites_credentials=self.calls["websites"],
        )

    def journeys(
        self, ledger: JourneyLedger, payment: PaymentProvider, policy: SitePolicy
    ) -> Journeys:
        """The office that takes a business online."""
        return Journeys(
            ledger,
            payment,
            domains=domains_neighbour(self.channels["domains"], self.calls["domains"]),
            websites=websites_neighbour(self.channels["websites"], self.calls["websites"]),
            esign=esign_neighbour(self.channels["esign"], self.calls["esign"]),
            policy=policy,
        )


def chosen_payment(settings: PortalSettings, place: Platform) -> PaymentProvider:
    """The payment provider that the configuration names."""
    return load_plugins().choose(
        "register_payment_providers",
        PaymentProvider,
        settings.payment_provider,
        payment_settings(settings, place),
        BuildContext(place.folder("portal"), SystemClock()),
    )


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    settings = load(PortalSettings, "portal")
    folder = place.folder("portal")
    process.hold(folder)
    office = token_office(place)
    database = await Database.open(
        settings.database_url or sqlite_url(folder / "ledger.sqlite"),
        migrations={"operations": MIGRATIONS, "ledger": LEDGER, **SITE},
    )
    neighbours, ledger = Neighbours(place, office), JourneyLedger(database)
    policy = SitePolicy(settings.site_addresses_v4, settings.site_addresses_v6)
    journeys = neighbours.journeys(ledger, chosen_payment(settings, place), policy)
    dues = Dues(DueLedger(database, SystemClock()), journeys.payment, domains=journeys.domains)
    renewals = Renewals(
        RenewalLedger(database), journeys.payment, domains=journeys.domains, debts=dues.ledger
    )
    accounts = own_accounts(place, database, settings)
    leaving = Leaving(place, database, accounts, office)
    desk = await Desk.open(
        DeskSettings("portal", folder),
        database,
        [journeys, finishing := Finishing(journeys), renewals, dues, leaving.office],
        faults=faults_from(place.kill_at, sandbox=place.sandbox, state=place.state),
    )

    def add(server: grpc.aio.Server) -> None:
        journeys_pb2_grpc.add_JourneysServiceServicer_to_server(
            JourneysServicer(desk, journeys, finishing, neighbours.admission(), renewals, dues),
            server,
        )
        tokens_pb2_grpc.add_TokensServiceServicer_to_server(TokensServicer(office), server)
        add_house(server, desk, ANSWERS, personal_data(database, accounts), service="portal")

    extras = Extras(accounts, leaving.farewells(desk), PlatformHealth.of(place))
    async with serving_site(place, database, office, settings, extras):
        await run_service("journeys", methods={**METHODS, **HOUSE}, add=add)
    accounts.close()
    await desk.close()
    await database.close()


if __name__ == "__main__":
    process.run(main)
