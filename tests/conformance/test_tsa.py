"""The suite of time-stamp authorities on ours over HTTP, against the running sandbox."""

from __future__ import annotations

from typing import Any

import pytest
from haidang.core.testing.conformance import TimestampAuthoritySuite
from haidang.esign.providers.settings import TimestampSettings
from haidang.esign.providers.tsa import HttpTimestampAuthority

from tests.esign.house import Trust, free_port
from tests.esign.house import trust as trust  # a fixture


class TestHttpAuthority(TimestampAuthoritySuite):
    """RFC 3161 over HTTP."""

    @pytest.fixture
    def provider(self, trust: Trust) -> HttpTimestampAuthority:
        return trust.authority()

    async def unreachable(self) -> Any:
        url = f"http://127.0.0.1:{free_port()}/"
        return HttpTimestampAuthority(TimestampSettings(url=url))
