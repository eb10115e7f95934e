"""The plugin is admitted like any stranger's, and is used only where it is chosen."""

from __future__ import annotations

from pathlib import Path

import pytest
from haidang.core.clock import SystemClock
from haidang.core.offers import BuildContext
from haidang.core.plugins import load_plugins
from haidang.core.ports.payment import PaymentProvider
from haidang.core.settings import Platform
from haidang.portal.__main__ import payment_settings
from haidang.portal.settings import PortalSettings
from haidang_vouchers.settings import VoucherSettings
from pydantic import ValidationError


def test_it_is_loaded_and_may_be_chosen(tmp_path: Path) -> None:
    settings = PortalSettings(payment_provider="vouchers", payment={"hold_days": 3})
    place = Platform(tmp_path)

    provider = load_plugins().choose(
        "register_payment_providers",
        PaymentProvider,
        settings.payment_provider,
        payment_settings(settings, place),
        BuildContext(tmp_path, SystemClock()),
    )

    assert isinstance(provider, PaymentProvider)
    assert (tmp_path / "effects-vouchers.sqlite").is_file()


def test_nobody_gets_it_without_asking() -> None:
    assert PortalSettings().payment_provider == "bank"


@pytest.mark.parametrize(
    "wrong", [{"hold_days": 0}, {"hold_days": 31}, {"programme": "x"}, {"programmes": 3}]
)
def test_settings_that_are_none_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        VoucherSettings.model_validate(wrong)
