"""Every hook of the platform, one empty documented function each.

Hooks take no arguments, are synchronous and cheap, and are called once at start-up.
They yield typed offers or data; configuration chooses; afterwards a request meets
ordinary awaited methods.
"""

from __future__ import annotations

from collections.abc import Iterable

import pluggy
from haidang.core.offers import CommandRef, Offer, PackRef, ProcessRef
from haidang.core.ports.dnshost import DnsHost
from haidang.core.ports.payment import PaymentProvider
from haidang.core.ports.publishing import PublishTarget
from haidang.core.ports.registry import Registry
from haidang.core.ports.signing import Signer
from haidang.core.ports.timestamps import TimestampAuthority

hookspec = pluggy.HookspecMarker("haidang")
hookimpl = pluggy.HookimplMarker("haidang")


@hookspec
def register_registries() -> Iterable[Offer[Registry]]:
    """Offer connections to registries or registrars. Configuration chooses one."""


@hookspec
def register_dns_hosts() -> Iterable[Offer[DnsHost]]:
    """Offer hosts that publish zones."""


@hookspec
def register_publish_targets() -> Iterable[Offer[PublishTarget]]:
    """Offer places that websites are served from."""


@hookspec
def register_signers() -> Iterable[Offer[Signer]]:
    """Offer holders of signing keys."""


@hookspec
def register_timestamp_authorities() -> Iterable[Offer[TimestampAuthority]]:
    """Offer RFC 3161 time-stamp authorities."""


@hookspec
def register_payment_providers() -> Iterable[Offer[PaymentProvider]]:
    """Offer banks or payment gateways."""


@hookspec
def register_template_packs() -> Iterable[PackRef]:
    """Hand in template packs: data, never code."""


@hookspec
def register_commands() -> Iterable[CommandRef]:
    """Add subcommands to `haidang`."""


@hookspec
def register_processes() -> Iterable[ProcessRef]:
    """Add processes to `haidang up`."""
