"""The payment suite on vouchers: a plugin's own tests are these few lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from haidang.core.ports.payment import Authorization
from haidang.core.testing.conformance import PaymentProviderSuite, journal_count
from haidang_vouchers.codes import new_code
from haidang_vouchers.provider import Vouchers

from tests.plugins.vouchers.programme import Programme


class TestVouchers(PaymentProviderSuite):
    """Effects are counted in the book's journal; every payer is a voucher of its own."""

    @pytest.fixture
    def provider(self, tmp_path: Path) -> Vouchers:
        self.programme = Programme(tmp_path)
        return self.programme.provider()

    def an_authorization(self, payer: str | None = None) -> Authorization:
        return super().an_authorization(payer or self.programme.issued())

    async def count_effects(self, provider: Any, act: str) -> int | None:
        return journal_count(self.programme.file)

    async def reborn(self, provider: Any) -> Any:
        return self.programme.provider()

    async def unreachable(self) -> Any:
        return self.programme.stranded()

    def a_declined_payer(self) -> str | None:
        return new_code()  # well formed, and nobody's
