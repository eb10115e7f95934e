"""A support programme for tests: its book, its vouchers, and providers over them."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang_vouchers.book import Book, book_file
from haidang_vouchers.codes import fingerprint, new_code, read_code
from haidang_vouchers.provider import Vouchers
from haidang_vouchers.rules import Voucher
from haidang_vouchers.settings import VoucherSettings

NAME = "Chuyển đổi số tỉnh 2027"
DONG = 2_000_000


def a_voucher(**changed: Any) -> Voucher:
    """A voucher of the programme, valid all through 2026 and 2027."""
    fields = {
        "serial": 0,
        "programme": NAME,
        "amount_dong": DONG,
        "valid_from": date(2026, 1, 1),
        "valid_to": date(2027, 12, 31),
    }
    return Voucher(**{**fields, **changed})


class Programme:
    """Vouchers in a book below *folder*."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = book_file(folder)
        self.clock = FakeClock(NOON)
        self.book = Book(self.file)

    def issued(self, **changed: Any) -> str:
        """The code of a fresh voucher."""
        code = new_code()
        with self.book.page() as page:
            page.issue(a_voucher(**changed), fingerprint(read_code(code)), self.clock.now())
        return code

    def provider(self, **settings: Any) -> Vouchers:
        """A provider over the same book, as after a restart."""
        return Vouchers(Book(self.file), VoucherSettings(**settings), self.clock)

    def stranded(self) -> Vouchers:
        """A provider whose book was on a disk that is gone."""
        away = self.folder / "away"
        away.mkdir()
        provider = Vouchers(Book(book_file(away)), VoucherSettings(), self.clock)
        shutil.rmtree(away)
        return provider
