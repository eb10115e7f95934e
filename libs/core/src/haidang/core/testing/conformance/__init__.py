"""Conformance: what every provider of a port must keep, whoever wrote it.

    class TestMyBank(PaymentProviderSuite):
        @pytest_asyncio.fixture
        async def provider(self, tmp_path: Path) -> AsyncIterator[MyBank]:
            self.journal = tmp_path / "store.sqlite"       # keep on self what the hooks need
            yield MyBank(...)                              # bare: the suite guards it

        async def count_effects(self, provider, act) -> int | None:
            return journal_count(self.journal)             # by the other side's own record

`provider` and `count_effects` are all a suite demands. `capabilities` says what the offer
declares. The intents a suite makes up are fresh and valid; where the other side wants
others, override `intent_to_<act>`. Three more hooks prove more where they are given:
`reborn`, `losing_answer` and `unreachable` (see `suite.py`). For readable failures call
`pytest.register_assert_rewrite("haidang.core.testing.conformance")` in conftest.py.
"""

from __future__ import annotations

from haidang.core.testing.conformance.dnshost import DnsHostSuite
from haidang.core.testing.conformance.payment import PaymentProviderSuite
from haidang.core.testing.conformance.publishing import MemoryBlobs, PublishTargetSuite
from haidang.core.testing.conformance.registry import RegistrySuite
from haidang.core.testing.conformance.signing import SignerSuite
from haidang.core.testing.conformance.suite import EffectSuite, PortSuite, journal_count
from haidang.core.testing.conformance.timestamps import TimestampAuthoritySuite

__all__ = [
    "DnsHostSuite",
    "EffectSuite",
    "MemoryBlobs",
    "PaymentProviderSuite",
    "PortSuite",
    "PublishTargetSuite",
    "RegistrySuite",
    "SignerSuite",
    "TimestampAuthoritySuite",
    "journal_count",
]
