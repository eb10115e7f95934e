"""The payment provider: authorise, capture and release on the book, each effect once."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

from haidang.core.clock import Clock
from haidang.core.ports.marks import EffectId
from haidang.core.ports.payment import (
    Authorization,
    AuthorizationReceipt,
    Capture,
    CaptureReceipt,
    Release,
    ReleaseReceipt,
)

from haidang_vouchers.book import Book, Effect, Page
from haidang_vouchers.codes import fingerprint, read_code
from haidang_vouchers.rules import decide_capture, decide_hold, decide_release
from haidang_vouchers.settings import VoucherSettings

ID_BYTES = 9
AUTHORIZE, CAPTURE, RELEASE = "payment.authorize", "payment.capture", "payment.release"


class Vouchers:
    """Takes voucher codes as payers. SQLite waits for others, so it works in a thread."""

    def __init__(self, book: Book, settings: VoucherSettings, clock: Clock) -> None:
        self._book = book
        self._settings = settings
        self._clock = clock

    async def authorize(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt:
        """Set money of a voucher aside.

        Raises: Malformed VOUCHER_MISTYPED; Refused VOUCHER_UNKNOWN; see `rules.decide_hold`.
        """
        effect = self._effect(AUTHORIZE, authorization, effect_id)

        def carry_out(page: Page) -> tuple[AuthorizationReceipt, str]:
            voucher = page.voucher(fingerprint(read_code(authorization.payer)))
            hold = decide_hold(
                voucher,
                authorization,
                effect.at,
                id=f"hold-{secrets.token_hex(ID_BYTES)}",
                settings=self._settings,
            )
            page.keep(hold)
            return AuthorizationReceipt(hold.id, hold.amount_dong, hold.expires_at), hold.reference

        return await asyncio.to_thread(self._book.once, effect, AuthorizationReceipt, carry_out)

    async def find_authorization(
        self, authorization: Authorization, effect_id: EffectId
    ) -> AuthorizationReceipt | None:
        """The authorisation made under *effect_id*, if any."""
        effect = self._effect(AUTHORIZE, authorization, effect_id)
        return await asyncio.to_thread(self._book.found, effect, AuthorizationReceipt)

    async def capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt:
        """Take money set aside. Raises: Absent VOUCHER_HOLD_ABSENT; see `rules.decide_capture`."""
        effect = self._effect(CAPTURE, capture, effect_id)

        def carry_out(page: Page) -> tuple[CaptureReceipt, str]:
            hold = page.hold(capture.authorization_id)
            page.keep(decide_capture(hold, capture.amount_dong, effect.at))
            return CaptureReceipt(hold.id, capture.amount_dong, effect.at), hold.reference

        return await asyncio.to_thread(self._book.once, effect, CaptureReceipt, carry_out)

    async def find_capture(self, capture: Capture, effect_id: EffectId) -> CaptureReceipt | None:
        """The capture made under *effect_id*, if any."""
        effect = self._effect(CAPTURE, capture, effect_id)
        return await asyncio.to_thread(self._book.found, effect, CaptureReceipt)

    async def release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt:
        """Give back what is not captured. Raises: Absent VOUCHER_HOLD_ABSENT; Refused."""
        effect = self._effect(RELEASE, release, effect_id)

        def carry_out(page: Page) -> tuple[ReleaseReceipt, str]:
            hold = page.hold(release.authorization_id)
            page.keep(decide_release(hold))
            left = hold.amount_dong - hold.captured_dong
            return ReleaseReceipt(hold.id, left, effect.at), hold.reference

        return await asyncio.to_thread(self._book.once, effect, ReleaseReceipt, carry_out)

    async def find_release(self, release: Release, effect_id: EffectId) -> ReleaseReceipt | None:
        """The release made under *effect_id*, if any."""
        effect = self._effect(RELEASE, release, effect_id)
        return await asyncio.to_thread(self._book.found, effect, ReleaseReceipt)

    # Any: one of the port's three intents.
    def _effect(self, name: str, intent: Any, effect_id: EffectId) -> Effect:
        return Effect(effect_id, name, intent, self._clock.now())
