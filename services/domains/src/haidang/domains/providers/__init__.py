"""Built-in providers, offered through the same door as strangers.

The plugin loader comes here once, at start-up. Nothing heavy is imported before an
offer is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, Offer, ProcessRef
from haidang.core.ports.dnshost import DnsHost
from haidang.core.ports.registry import Registry
from pydantic import BaseModel


def _epp_registry(settings: BaseModel, context: BuildContext) -> Registry:
    from haidang.domains.providers.epp_registry import build
    from haidang.domains.providers.epp_settings import EppSettings

    assert isinstance(settings, EppSettings)
    return build(settings, context.clock)


@hookimpl
def register_registries() -> Iterable[Offer[Registry]]:
    """The registry by EPP: the sandbox on this machine, or an accreditation elsewhere."""
    from haidang.domains.providers.epp_settings import CAPABILITIES, EppSettings

    yield Offer("epp", EppSettings, _epp_registry, capabilities=CAPABILITIES)


@hookimpl
def register_processes() -> Iterable[ProcessRef]:
    """The sandbox registry (a foreign party), the name server, and the service itself."""
    yield ProcessRef(
        "registry",
        "haidang.domains.sandbox_registry",
        role="foreign",
        ports=("epp",),
        sandbox=True,
        sections=("registry",),
    )
    yield ProcessRef(
        "nameserver",
        "haidang.domains.providers.zonefiles.server",
        role="nameserver",
        ports=("nameserver",),
    )
    yield ProcessRef(
        "domains",
        "haidang.domains",
        role="service",
        ports=("domains",),
        after=("registry",),
        sections=("domains",),
    )


def _zone_files(settings: BaseModel, context: BuildContext) -> DnsHost:
    from haidang.domains.providers.zonefiles.host import ZoneFileHost
    from haidang.domains.providers.zonefiles.settings import ZoneFileSettings

    assert isinstance(settings, ZoneFileSettings)
    return ZoneFileHost(settings, context.state, context.clock)


@hookimpl
def register_dns_hosts() -> Iterable[Offer[DnsHost]]:
    """Zone files on this machine, answered by its own name server."""
    from haidang.domains.providers.zonefiles.settings import ZoneFileSettings

    yield Offer("zonefiles", ZoneFileSettings, _zone_files)
