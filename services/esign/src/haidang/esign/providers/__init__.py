"""Built-in providers, offered through the same door as strangers."""

from __future__ import annotations

from collections.abc import Iterable

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, CommandRef, Offer, ProcessRef
from haidang.core.ports.signing import Signer
from haidang.core.ports.timestamps import TimestampAuthority
from pydantic import BaseModel


def _software_key(settings: BaseModel, context: BuildContext) -> Signer:
    from haidang.esign.providers.settings import SoftwareKeySettings
    from haidang.esign.providers.software_key import SoftwareKey

    assert isinstance(settings, SoftwareKeySettings)
    return SoftwareKey(settings, context.state, context.clock)


def _http_authority(settings: BaseModel, context: BuildContext) -> TimestampAuthority:
    from haidang.esign.providers.settings import TimestampSettings
    from haidang.esign.providers.tsa import HttpTimestampAuthority

    assert isinstance(settings, TimestampSettings)
    return HttpTimestampAuthority(settings)


@hookimpl
def register_signers() -> Iterable[Offer[Signer]]:
    """Keys held in this process, certified by a service that speaks EST."""
    from haidang.esign.providers.settings import SoftwareKeySettings

    capabilities = frozenset({"soft", "enrolment"})
    yield Offer("software-key", SoftwareKeySettings, _software_key, capabilities=capabilities)


@hookimpl
def register_timestamp_authorities() -> Iterable[Offer[TimestampAuthority]]:
    """Any RFC 3161 authority over HTTP."""
    from haidang.esign.providers.settings import TimestampSettings

    yield Offer("rfc3161", TimestampSettings, _http_authority)


@hookimpl
def register_commands() -> Iterable[CommandRef]:
    """`haidang verify-signature`."""
    from haidang.esign.commands import verification_commands

    return list(verification_commands())


@hookimpl
def register_processes() -> Iterable[ProcessRef]:
    """The sandbox trust service, the bounded inspector of hostile files, and the service."""
    yield ProcessRef(
        "trust",
        "haidang.esign.sandbox_trust",
        "foreign",
        ports=("trust", "tsa"),
        sandbox=True,
    )
    yield ProcessRef("verify-worker", "haidang.esign.verify_worker", "worker")
    yield ProcessRef(
        "esign",
        "haidang.esign",
        "service",
        ports=("esign",),
        after=("trust", "verify-worker"),
        sections=("esign", "esign_verification"),
    )
