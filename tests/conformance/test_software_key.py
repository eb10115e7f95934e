"""The signer's suite on the software key, certified by the running sandbox trust service."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import OutcomeUnknown
from haidang.core.testing.conformance import SignerSuite, journal_count
from haidang.esign.providers.software_key import SoftwareKey

from tests.esign.house import Trust, a_trust
from tests.esign.house import trust as trust  # a fixture


class TestSoftwareKey(SignerSuite):
    """P-256 keys. The trust service counts enrolments, the effect log counts signatures."""

    changed: dict[str, object] = {}
    capabilities = frozenset({"soft", "enrolment"})

    @pytest.fixture
    def provider(self, trust: Trust, tmp_path: Path) -> SoftwareKey:
        self.trust, self.folder = trust, tmp_path
        return trust.signer(tmp_path, **self.changed)

    async def count_effects(self, provider: Any, act: str) -> int | None:
        if act == "enrol":
            return journal_count(self.trust.state / "trust" / "store.sqlite")
        if act == "discard":  # leaves no entry: a key is there or it is not
            return None
        return journal_count(self.folder / "effects-software-key.sqlite")

    async def reborn(self, provider: Any) -> Any:
        return self.trust.signer(self.folder, **self.changed)

    def losing_answer(self, provider: Any, act: str) -> AbstractAsyncContextManager[Any] | None:
        return _losing(provider) if act == "enrol" else None

    async def test_enrolment_without_the_trust_service_is_unavailable(
        self, provider: Any, tmp_path: Path
    ) -> None:
        """Signing needs nobody, so the suite's own test does not fit."""
        from haidang.core.errors import Unavailable
        from haidang.core.testing.conformance.suite import an_effect_id

        gone = a_trust(self.trust.state).signer(tmp_path, **self.changed)
        intent = await self.intent_to_enrol(gone)

        with pytest.raises(Unavailable) as refusal:
            await gone.enrol(intent, an_effect_id("enrol"))

        assert refusal.value.reason == "TRUST_SERVICE_UNREACHABLE"
        assert await gone.find_enrolment(intent, an_effect_id("enrol")) is None


class TestSoftwareKeyWithRsa(TestSoftwareKey):
    """RSA-2048 keys."""

    changed = {"key_kind": "rsa-2048"}


@asynccontextmanager
async def _losing(provider: Any) -> AsyncIterator[None]:
    """The certificate is issued, and its way back is cut."""
    carried_out = provider._trust.enrol

    async def lost(request_der: bytes, key: str) -> Any:
        await carried_out(request_der, key)
        raise OutcomeUnknown("ENROLMENT_NOT_ANSWERED")

    provider._trust.enrol = lost
    yield
    del provider._trust.enrol
