"""The registry's offer and the sandbox registry's process, as the plugin loader sees them."""

from __future__ import annotations

from pathlib import Path

import pytest
from haidang.core.clock import SystemClock
from haidang.core.errors import Absent
from haidang.core.offers import BuildContext
from haidang.core.ports.registry import Registry
from haidang.domains import providers
from haidang.domains.providers.epp_registry import EppRegistry, build
from haidang.domains.providers.epp_settings import EppSettings


def test_the_epp_registry_is_offered_and_built_without_touching_the_network(tmp_path: Path) -> None:
    (offer,) = (one for one in providers.register_registries() if one.id == "epp")
    settings = offer.settings.model_validate({"address": "registry.example:700", "ca_file": "c"})

    registry = offer.build(settings, BuildContext(tmp_path, SystemClock()))

    assert isinstance(registry, Registry)
    assert offer.capabilities == {"idn", "poll", "delegation"}


def test_empty_settings_mean_the_sandbox_registry_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAIDANG_STATE", str(tmp_path))
    monkeypatch.setenv("HAIDANG_ADDRESSES__EPP", "127.0.0.1:7001")

    registry = build(EppSettings(), SystemClock())

    assert isinstance(registry, EppRegistry)
    assert registry._session._endpoint.port == 7001
    assert registry._session._endpoint.server_name == "localhost"


def test_outside_the_sandbox_an_address_is_required(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAIDANG_STATE", str(tmp_path))
    monkeypatch.setenv("HAIDANG_SANDBOX", "0")

    with pytest.raises((ValueError, Absent), match="address"):
        build(EppSettings(), SystemClock())


def test_the_sandbox_registry_is_a_foreign_party_of_the_sandbox() -> None:
    (process,) = (one for one in providers.register_processes() if one.name == "registry")

    assert (process.module, process.role) == ("haidang.domains.sandbox_registry", "foreign")
    assert process.ports == ("epp",)
    assert process.sandbox
