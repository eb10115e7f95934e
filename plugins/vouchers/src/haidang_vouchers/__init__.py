"""Vouchers: a province's support programme pays for a small business's first name and website.

The payer is a voucher's code. This module is the plugin's door: its hooks, and no more.
`rules` decides what a voucher pays for (pure), `book` keeps vouchers and what happened to
them, `provider` is the payment provider on the book, `codes` makes and reads codes, and
`commands` is `haidang vouchers`. Nothing here imports a service or another plugin.
"""

from __future__ import annotations

from collections.abc import Iterable

from haidang.core.hookspecs import hookimpl
from haidang.core.offers import BuildContext, CommandRef, Offer
from haidang.core.ports.payment import PaymentProvider
from pydantic import BaseModel

from haidang_vouchers.settings import VoucherSettings


def _build(settings: BaseModel, context: BuildContext) -> PaymentProvider:
    from haidang_vouchers.book import Book, book_file
    from haidang_vouchers.provider import Vouchers

    assert isinstance(settings, VoucherSettings)
    return Vouchers(Book(book_file(context.state)), settings, context.clock)


@hookimpl
def register_payment_providers() -> Iterable[Offer[PaymentProvider]]:
    """Vouchers, chosen by `payment_provider = "vouchers"`."""
    yield Offer("vouchers", VoucherSettings, _build)


@hookimpl
def register_commands() -> Iterable[CommandRef]:
    """`haidang vouchers`: a programme officer issues and lists."""
    from haidang_vouchers.commands import VOUCHERS

    yield VOUCHERS
