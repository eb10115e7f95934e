"""Run the domains service: settings, then plugins, then offices, then the server."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import grpc
from haidang.api.domains.v1 import domains_pb2_grpc
from haidang.core import process
from haidang.core.clock import VIETNAM, SystemClock
from haidang.core.database import Database, sqlite_url
from haidang.core.house import METHODS as HOUSE
from haidang.core.house import add_house
from haidang.core.offers import BuildContext
from haidang.core.operations.desk import MIGRATIONS, Desk, DeskSettings
from haidang.core.operations.faults import faults_from
from haidang.core.plugins import load_plugins
from haidang.core.ports.dnshost import DnsHost
from haidang.core.ports.registry import Registry
from haidang.core.privacy import Parts
from haidang.core.server import run_service
from haidang.core.settings import Platform, load, platform
from haidang.domains.fees import ServicePrice
from haidang.domains.law import law_on
from haidang.domains.ledger import MIGRATIONS as LEDGER
from haidang.domains.ledger import DomainLedger
from haidang.domains.messages import ANSWERS
from haidang.domains.personal import NamesPart, QuotesPart
from haidang.domains.registrar import Registrar, RegistrarPolicy
from haidang.domains.servicer import METHODS, DomainsServicer
from haidang.domains.zonekeeper import ZoneKeeper
from pydantic import BaseModel


# Any: an offer's settings are whatever its own model says.
class DomainsSettings(BaseModel, extra="forbid", frozen=True):
    """Settings of the domains service, section [domains].

    `database_url`: the ledger; empty means SQLite in the state folder. `registry_provider`
    and `registry`, `dns_host_provider` and `dns_host`: the chosen offers and their settings,
    which each offer's own model judges.
    `lifecycle`: the dated profile in use. `quote_minutes`: how long a price is kept.
    `service_yearly_dong`, `vat_percent`: what the operator adds to the state's fees.
    """

    database_url: str = ""
    registry_provider: str = "epp"
    registry: dict[str, Any] = {}
    dns_host_provider: str = "zonefiles"
    dns_host: dict[str, Any] = {}
    lifecycle: str = "vn-2022"
    quote_minutes: int = 30
    service_yearly_dong: int = 0
    vat_percent: int = 0


def registrar_policy(settings: DomainsSettings) -> RegistrarPolicy:
    """How this platform registers."""
    return RegistrarPolicy(
        settings.registry_provider,
        settings.lifecycle,
        settings.quote_minutes,
        ServicePrice(settings.service_yearly_dong, settings.vat_percent),
    )


# Any: as the offer's model says.
def dns_host_settings(settings: DomainsSettings, place: Platform) -> dict[str, Any]:
    """The chosen DNS host's settings; by default this machine's name server's folder."""
    if settings.dns_host_provider != "zonefiles":
        return settings.dns_host
    return {"folder": str(place.folder("nameserver", "zones")), **settings.dns_host}


async def main() -> None:
    """Serve until stopped."""
    place = platform()
    settings = load(DomainsSettings, "domains")
    folder = place.folder("domains")
    process.hold(folder)
    database = await Database.open(
        settings.database_url or sqlite_url(folder / "ledger.sqlite"),
        migrations={"operations": MIGRATIONS, "ledger": LEDGER},
    )
    registrar, zonekeeper = offices(settings, place, database)
    desk = await Desk.open(
        DeskSettings("domains", folder),
        database,
        [registrar, zonekeeper],
        faults=faults_from(place.kill_at, sandbox=place.sandbox, state=place.state),
    )

    data = personal_data(settings, database)

    def add(server: grpc.aio.Server) -> None:
        domains_pb2_grpc.add_DomainsServiceServicer_to_server(
            DomainsServicer(desk, registrar, zonekeeper), server
        )
        add_house(server, desk, ANSWERS, data, service="domains")

    await run_service("domains", methods={**METHODS, **HOUSE}, add=add)
    await desk.close()
    await database.close()


def personal_data(settings: DomainsSettings, database: Database) -> Parts:
    """What this service holds of a tenant; a name is over when the registry may have deleted it."""
    clock = SystemClock()
    profile = law_on(clock.now().astimezone(VIETNAM).date()).lifecycles[settings.lifecycle]
    over_after = timedelta(days=profile.renewable_through_day + profile.deletion_within_days)
    return Parts((NamesPart(database, clock, over_after), QuotesPart(database)))


def offices(
    settings: DomainsSettings, place: Platform, database: Database
) -> tuple[Registrar, ZoneKeeper]:
    """The two offices over the chosen registry and DNS host."""
    clock, plugins = SystemClock(), load_plugins()
    context = BuildContext(place.folder("domains"), clock)
    registry = plugins.choose(
        "register_registries", Registry, settings.registry_provider, settings.registry, context
    )
    dns_host = plugins.choose(
        "register_dns_hosts",
        DnsHost,
        settings.dns_host_provider,
        dns_host_settings(settings, place),
        context,
    )
    ledger = DomainLedger(database)
    registrar = Registrar(ledger, registry, dns_host, clock, registrar_policy(settings))
    return registrar, ZoneKeeper(ledger, dns_host)


if __name__ == "__main__":
    process.run(main)
