"""Built-in offers, commands and processes of the portal, through the same door as strangers."""

from __future__ import annotations

from collections.abc import Iterable

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, CommandRef, Offer, ProcessRef
from haidang.core.ports.payment import PaymentProvider
from haidang.portal.providers.settings import BankSettings
from pydantic import BaseModel


def _build_bank(settings: BaseModel, context: BuildContext) -> PaymentProvider:
    from haidang.portal.providers.bank import Bank

    assert isinstance(settings, BankSettings)
    return Bank(settings)


@hookimpl
def register_payment_providers() -> Iterable[Offer[PaymentProvider]]:
    """The bank's HTTP protocol; with the sandbox bank it moves no money."""
    yield Offer("bank", BankSettings, _build_bank)


@hookimpl
def register_commands() -> Iterable[CommandRef]:
    """`haidang go-online` and `haidang operator-link`."""
    from haidang.portal.commands import GO_ONLINE
    from haidang.portal.operator_command import OPERATOR_LINK

    yield GO_ONLINE
    yield OPERATOR_LINK


@hookimpl
def register_processes() -> Iterable[ProcessRef]:
    """The sandbox bank, and the portal itself with its site."""
    yield ProcessRef(
        "bank", "haidang.portal.sandbox_bank", "foreign", ports=("bank",), sandbox=True
    )
    yield ProcessRef(
        "portal",
        "haidang.portal",
        "service",
        ports=("journeys", "portal"),
        sections=("portal",),
        page="portal",
    )
