"""Built-in providers, offered through the same door as strangers.

The plugin loader comes here once, at start-up. Nothing heavy is imported before an
offer is chosen.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, Offer, ProcessRef
from haidang.core.ports.registry import Registry


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
    """The sandbox registry, a foreign party in a process of its own."""
    yield ProcessRef(
        "registry",
        "haidang.domains.sandbox_registry",
        role="foreign",
        ports=("epp",),
        sandbox=True,
    )
