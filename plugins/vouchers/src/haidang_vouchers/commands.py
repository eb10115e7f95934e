"""`haidang vouchers`: a programme officer issues codes and sees what became of them."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from haidang.core.offers import CommandRef

if TYPE_CHECKING:
    from haidang_vouchers.book import Book
    from haidang_vouchers.rules import Voucher

SERVICE = "portal"
"""The service that takes payments; its folder is the one the provider is built with."""
MOST_VOUCHERS = 10_000
MOST_NAME_CHARACTERS = 120
DONG = re.compile(r"(?P<number>\d+|\d{1,3}(\.\d{3})+)\s?(đ|₫|đồng|VND)?", re.IGNORECASE)


def configure(parser: argparse.ArgumentParser) -> None:
    """Arguments of `vouchers issue` and `vouchers list`."""
    verbs = parser.add_subparsers(required=True, metavar="issue|list")
    issue = _verb(verbs, "issue", "issue vouchers; each code is shown this once", _issue)
    issue.add_argument("--programme", required=True, help="the programme's name")
    issue.add_argument("--amount", required=True, help="đồng on each voucher: 500.000")
    issue.add_argument("--count", type=int, default=1, help="how many (default: 1)")
    issue.add_argument("--valid-from", help="first day (default: today): 01/01/2027")
    issue.add_argument("--valid-to", required=True, help="last day: 31/12/2027")
    listed = _verb(verbs, "list", "list vouchers and what is left on them", _list)
    listed.add_argument("--programme", default="", help="of this programme only")


# Any: argparse keeps the type of its sub-parsers to itself.
def _verb(
    verbs: Any, name: str, help: str, run: Callable[[argparse.Namespace], int]
) -> argparse.ArgumentParser:
    verb: argparse.ArgumentParser = verbs.add_parser(name, help=help)
    verb.add_argument("--state", type=Path, default=argparse.SUPPRESS, help="state folder")
    verb.add_argument("--json", action="store_true", help="print JSON")
    verb.set_defaults(verb=run)
    return verb


def _run(arguments: argparse.Namespace) -> int:
    verb: Callable[[argparse.Namespace], int] = arguments.verb
    return verb(arguments)


VOUCHERS = CommandRef("vouchers", "issue and list vouchers of a programme", configure, _run)


def _issue(arguments: argparse.Namespace) -> int:
    from haidang.core.clock import VIETNAM, SystemClock

    from haidang_vouchers.codes import fingerprint, new_code, read_code

    now = SystemClock().now()
    voucher = a_voucher(arguments, now.astimezone(VIETNAM).date())
    codes = [new_code() for _ in range(_count(arguments.count))]
    with _book(arguments).page() as page:
        serials = [page.issue(voucher, fingerprint(read_code(code)), now) for code in codes]
    rows = [{"serial": serial, "code": code} for serial, code in zip(serials, codes, strict=True)]
    if arguments.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        print("{serial:>6}  {code}".format(**row))
    print("Mỗi mã chỉ hiện một lần: sổ chỉ giữ dấu vết của mã. Hãy in ngay.", file=sys.stderr)
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from haidang.core.clock import SystemClock
    from haidang.core.money import written

    from haidang_vouchers.rules import day

    now = SystemClock().now()
    with _book(arguments).page() as page:
        vouchers = page.vouchers(arguments.programme)
    if arguments.json:
        print(json.dumps([_row(one, now) for one in vouchers], ensure_ascii=False))
        return 0
    for one in vouchers:
        print(
            f"{one.serial:>6}  {written(one.left_dong(now)):>14} / {written(one.amount_dong):<14}"
            f"  {day(one.valid_from)}-{day(one.valid_to)}  {one.programme}"
            f"  {one.business(now) or ''}".rstrip()
        )
    return 0


def a_voucher(arguments: argparse.Namespace, today: date) -> Voucher:
    """The voucher an officer asks for, not yet numbered. Raises: Malformed at the argument."""
    from haidang.core.errors import Malformed
    from haidang.core.vietnamese import normal

    from haidang_vouchers.rules import Voucher, day

    programme = normal(arguments.programme)
    if not 0 < len(programme) <= MOST_NAME_CHARACTERS:
        raise Malformed("VOUCHER_PROGRAMME_INVALID", field="programme", most=MOST_NAME_CHARACTERS)
    given_from, given_to = arguments.valid_from, arguments.valid_to
    valid_from = _date(given_from, "valid-from") if given_from else today
    valid_to = _date(given_to, "valid-to")
    if valid_to < max(valid_from, today):
        raise Malformed(
            "VOUCHER_PERIOD_INVALID",
            field="valid-to",
            valid_from=day(valid_from),
            valid_to=day(valid_to),
        )
    return Voucher(0, programme, _dong(arguments.amount), valid_from, valid_to)


def _count(count: int) -> int:
    from haidang.core.errors import Malformed

    if not 1 <= count <= MOST_VOUCHERS:
        raise Malformed("VOUCHER_COUNT_INVALID", field="count", most=MOST_VOUCHERS)
    return count


def _dong(text: str) -> int:
    """The đồng in *text*: 500000, 500.000, 500.000đ. Raises: Malformed."""
    from haidang.core.errors import Malformed

    from haidang_vouchers.rules import MOST_DONG

    found = DONG.fullmatch(text.strip())
    amount = int(found["number"].replace(".", "")) if found else 0
    if not 0 < amount <= MOST_DONG:
        raise Malformed("VOUCHER_AMOUNT_INVALID", field="amount")
    return amount


def _date(text: str, field: str) -> date:
    """31/12/2027 or 2027-12-31. Raises: Malformed VOUCHER_DATE_INVALID."""
    from haidang.core.errors import Malformed

    for form in ("%d/%m/%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text.strip(), form).date()
        except ValueError:
            continue
    raise Malformed("VOUCHER_DATE_INVALID", field=field)


def _book(arguments: argparse.Namespace) -> Book:
    from haidang.core.settings import Platform

    from haidang_vouchers.book import Book, book_file

    return Book(book_file(Platform(state=arguments.state).folder(SERVICE)))


def _row(voucher: Voucher, now: datetime) -> dict[str, object]:
    return {
        "serial": voucher.serial,
        "programme": voucher.programme,
        "amount_dong": voucher.amount_dong,
        "left_dong": voucher.left_dong(now),
        "valid_from": voucher.valid_from.isoformat(),
        "valid_to": voucher.valid_to.isoformat(),
        "business": voucher.business(now),
    }
