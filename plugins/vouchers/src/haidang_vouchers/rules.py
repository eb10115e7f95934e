"""What a voucher pays for. Pure: values and `now` in; a decision or Refused out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from haidang.core.clock import VIETNAM, vietnamese_time
from haidang.core.errors import Malformed, Refused
from haidang.core.money import written
from haidang.core.ports.payment import Authorization

from haidang_vouchers import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang_vouchers.settings import VoucherSettings

MOST_DONG = 10**15
"""More money than any programme has; keeps sums within SQLite's integers."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Money of a voucher set aside for *reference*. Each part is captured at most once."""

    id: str
    serial: int
    reference: str
    amount_dong: int
    expires_at: datetime
    captured_dong: int = 0
    is_released: bool = False

    def set_aside_dong(self, now: datetime) -> int:
        """What is neither captured, nor released, nor lapsed."""
        is_over = self.is_released or now >= self.expires_at
        return 0 if is_over else self.amount_dong - self.captured_dong


@dataclass(frozen=True, slots=True)
class Voucher:
    """A voucher and every hold there ever was on it. Both days of its period count."""

    serial: int
    programme: str
    amount_dong: int
    valid_from: date
    valid_to: date
    holds: tuple[Hold, ...] = ()

    def left_dong(self, now: datetime) -> int:
        """What may still be set aside."""
        gone = (hold.captured_dong + hold.set_aside_dong(now) for hold in self.holds)
        return self.amount_dong - sum(gone)

    def business(self, now: datetime) -> str | None:
        """The reference it pays for, or is about to; None while it is anybody's."""
        for hold in self.holds:
            if hold.captured_dong or hold.set_aside_dong(now):
                return hold.reference
        return None


def decide_hold(
    voucher: Voucher,
    authorization: Authorization,
    now: datetime,
    *,
    id: str,
    settings: VoucherSettings,
) -> Hold:
    """Set the money of *authorization* aside on *voucher*, under the name *id*.

    Raises:
        Malformed: VOUCHER_AMOUNT_INVALID.
        Refused: VOUCHER_PROGRAMME_NOT_TAKEN, VOUCHER_NOT_YET_VALID, VOUCHER_EXPIRED,
            VOUCHER_OF_ANOTHER, VOUCHER_NOT_ENOUGH; each at the field payer.
    """
    amount = _money(authorization.amount_dong)
    today = now.astimezone(VIETNAM).date()
    if settings.programmes and voucher.programme not in settings.programmes:
        raise Refused("VOUCHER_PROGRAMME_NOT_TAKEN", field="payer", programme=voucher.programme)
    if today < voucher.valid_from:
        raise Refused("VOUCHER_NOT_YET_VALID", field="payer", valid_from=day(voucher.valid_from))
    if today > voucher.valid_to:
        raise Refused("VOUCHER_EXPIRED", field="payer", valid_to=day(voucher.valid_to))
    if voucher.business(now) not in {None, authorization.reference}:
        raise Refused("VOUCHER_OF_ANOTHER", field="payer")
    left = voucher.left_dong(now)
    if amount > left:
        raise Refused(
            "VOUCHER_NOT_ENOUGH", field="payer", left=written(left), amount=written(amount)
        )
    expires_at = now + timedelta(days=settings.hold_days)
    return Hold(id, voucher.serial, authorization.reference, amount, expires_at)


def decide_capture(hold: Hold, amount_dong: int, now: datetime) -> Hold:
    """*hold* once *amount_dong* of it is taken.

    Raises:
        Malformed: VOUCHER_AMOUNT_INVALID.
        Refused: VOUCHER_HOLD_RELEASED, VOUCHER_HOLD_LAPSED, VOUCHER_MORE_THAN_HELD.
    """
    amount = _money(amount_dong)
    if hold.is_released:
        raise Refused("VOUCHER_HOLD_RELEASED")
    if now >= hold.expires_at:
        raise Refused("VOUCHER_HOLD_LAPSED", expires=vietnamese_time(hold.expires_at))
    left = hold.set_aside_dong(now)
    if amount > left:
        raise Refused("VOUCHER_MORE_THAN_HELD", left=written(left), amount=written(amount))
    return replace(hold, captured_dong=hold.captured_dong + amount)


def decide_release(hold: Hold) -> Hold:
    """*hold* once what is not captured is given back; one that lapsed may still be.

    Raises: Refused VOUCHER_HOLD_RELEASED.
    """
    if hold.is_released:
        raise Refused("VOUCHER_HOLD_RELEASED")
    return replace(hold, is_released=True)


def day(on: date) -> str:
    """*on* as Vietnamese write it: 31/12/2027."""
    return on.strftime("%d/%m/%Y")


def _money(amount_dong: int) -> int:
    if not 0 < amount_dong <= MOST_DONG:
        raise Malformed("VOUCHER_AMOUNT_INVALID", field="amount_dong")
    return amount_dong
