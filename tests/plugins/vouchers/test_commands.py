"""`haidang vouchers`: codes are shown once; what became of them is listed."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Malformed
from haidang.core.offers import CommandRef
from haidang.core.ports.payment import Authorization
from haidang_vouchers import register_commands
from haidang_vouchers.commands import MOST_VOUCHERS

from tests.plugins.vouchers.programme import Programme

ISSUE = ["issue", "--programme", "Chuyển đổi số", "--amount", "2.000.000", "--valid-to"]
FOR_LONG = "31/12/2099"


def vouchers() -> CommandRef:
    [command] = register_commands()
    return command


def called(state: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    command = vouchers()
    command.configure(parser)
    return command.run(parser.parse_args([*arguments, "--state", str(state)]))


def issued(state: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    assert called(state, *ISSUE, FOR_LONG, "--json", *more) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def listed(state: Path, capsys: pytest.CaptureFixture[str], *more: str) -> list[dict[str, Any]]:
    assert called(state, "list", "--json", *more) == 0
    found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return found


def test_codes_are_shown_once_and_listed_by_serial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = issued(tmp_path, capsys, "--count", "3")

    assert [one["serial"] for one in rows] == [1, 2, 3]
    found = listed(tmp_path, capsys)
    assert [one["left_dong"] for one in found] == [2_000_000] * 3
    assert not any("code" in one for one in found)


def test_a_person_reads_the_same_as_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert called(tmp_path, *ISSUE, FOR_LONG) == 0
    out, err = capsys.readouterr()
    assert called(tmp_path, "list") == 0
    line = capsys.readouterr().out

    assert out.split()[0] == "1"
    assert "chỉ hiện một lần" in err
    assert "2.000.000" in line
    assert "Chuyển đổi số" in line


async def test_what_a_voucher_paid_for_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [row] = issued(tmp_path, capsys, "--valid-from", "01/01/2026")
    provider = Programme(tmp_path / "portal").provider()
    await provider.authorize(Authorization(row["code"], 450_000, "a.vn"), "operations/1/authorize")

    [found] = listed(tmp_path, capsys)

    assert (found["business"], found["left_dong"]) == ("a.vn", 1_550_000)
    assert listed(tmp_path, capsys, "--programme", "khác") == []


@pytest.mark.parametrize(
    ("arguments", "reason", "field"),
    [
        ((*ISSUE, "32/01/2099"), "VOUCHER_DATE_INVALID", "valid-to"),
        ((*ISSUE, "01/01/2020"), "VOUCHER_PERIOD_INVALID", "valid-to"),
        ((*ISSUE, FOR_LONG, "--valid-from", "01/01/2100"), "VOUCHER_PERIOD_INVALID", "valid-to"),
        ((*ISSUE, FOR_LONG, "--amount", "2,5 triệu"), "VOUCHER_AMOUNT_INVALID", "amount"),
        ((*ISSUE, FOR_LONG, "--amount", "0"), "VOUCHER_AMOUNT_INVALID", "amount"),
        ((*ISSUE, FOR_LONG, "--amount", "1.00"), "VOUCHER_AMOUNT_INVALID", "amount"),
        ((*ISSUE, FOR_LONG, "--programme", " "), "VOUCHER_PROGRAMME_INVALID", "programme"),
        ((*ISSUE, FOR_LONG, "--count", "0"), "VOUCHER_COUNT_INVALID", "count"),
        ((*ISSUE, FOR_LONG, "--count", str(MOST_VOUCHERS + 1)), "VOUCHER_COUNT_INVALID", "count"),
    ],
)
def test_a_slip_is_told_at_its_argument_and_nothing_is_issued(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    reason: str,
    field: str,
) -> None:
    with pytest.raises(Malformed) as refusal:
        called(tmp_path, *arguments)

    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    assert listed(tmp_path, capsys) == []


@pytest.mark.parametrize("amount", ["500000", "500.000", "500.000đ", "500.000 ₫", "500.000 đồng"])
def test_money_is_typed_as_vietnamese_write_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], amount: str
) -> None:
    issued(tmp_path, capsys, "--amount", amount)

    assert listed(tmp_path, capsys)[0]["amount_dong"] == 500_000
