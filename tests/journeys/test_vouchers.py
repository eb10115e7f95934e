"""A platform that takes vouchers: a business goes online and the programme pays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from haidang.core.testing.conformance import journal_count

from tests.journeys.house import House, a_house, example

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("vouchers")]

CHOSEN = """
[portal]
payment_provider = "vouchers"

[portal.payment]
programmes = ["Chuyển đổi số 2027"]
"""
PRICE = 450_000


@pytest.fixture(scope="module")
def programme(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    state = tmp_path_factory.mktemp("vouchers") / "state"
    state.mkdir()
    (state / "haidang.toml").write_text(CHOSEN)
    with a_house(state) as running:
        yield running


def issued(house: House, dong: int = 1_000_000, name: str = "Chuyển đổi số 2027") -> str:
    """A fresh code, as an officer prints it."""
    asked = ("--programme", name, "--amount", str(dong), "--valid-to", "31/12/2099", "--json")
    outcome = house.run("vouchers", "issue", *asked)
    assert outcome.code == 0, outcome.err
    code: str = json.loads(outcome.out)[0]["code"]
    return code


def found(house: House) -> dict[str, dict[str, Any]]:
    """What became of every voucher that pays for something, by what it pays for."""
    rows = json.loads(house.run("vouchers", "list", "--json").out)
    return {row["business"]: row for row in rows if row["business"]}


def paid_by(payer: str, folder: Path, domain: str) -> Path:
    """The homestay of the examples under the name *domain*, paid by *payer*."""
    original = example("homestay-gio-bien")
    business = yaml.safe_load(original.read_text())
    (folder / "pictures").symlink_to(original.parent / "pictures")
    path = folder / f"{domain}.yaml"
    changed = {**business, "domain": domain, "payer": payer}
    path.write_text(yaml.safe_dump(changed, allow_unicode=True))
    return path


def test_an_example_goes_online_and_its_voucher_paid(programme: House, tmp_path: Path) -> None:
    code = issued(programme)
    file = paid_by(code.lower(), tmp_path, "nha-gio-bien.vn")

    outcome = programme.run("go-online", str(file), "--json")

    assert outcome.code == 0, outcome.err
    assert outcome.json["domain"] == "nha-gio-bien.vn"
    voucher = found(programme)["nha-gio-bien.vn"]
    assert voucher["left_dong"] == 1_000_000 - PRICE
    effects = programme.effects_on("nha-gio-bien.vn")
    assert sorted(one for one in effects if one.startswith("payment.")) == [
        "payment.authorize",
        "payment.capture",
    ]


@pytest.mark.parametrize("effect", ["authorize", "capture"])
def test_killed_between_effect_and_answer_the_voucher_pays_once(
    programme: House, tmp_path: Path, effect: str
) -> None:
    domain = f"bi-ngat-{effect}.vn"
    carried_out = programme.was_carried_out()
    programme.demand_fault(f"journeys.go-online/1/{effect}:after-act")

    file = paid_by(issued(programme), tmp_path, domain)
    outcome = programme.run("go-online", str(file), "--json")

    assert outcome.code == 0, outcome.err
    assert programme.was_carried_out() == carried_out + 1
    assert found(programme)[domain]["left_dong"] == 1_000_000 - PRICE
    assert programme.effects_on(domain).count(f"payment.{effect}") == 1


@pytest.mark.parametrize(
    ("dong", "name", "said"),
    [
        (449_999, "Chuyển đổi số 2027", "không đủ để trả"),
        (1_000_000, "Chương trình khác", "không dùng được ở đây"),
    ],
)
def test_a_voucher_that_does_not_pay_says_why_and_nothing_is_registered(
    programme: House, tmp_path: Path, dong: int, name: str, said: str
) -> None:
    file = paid_by(issued(programme, dong, name), tmp_path, f"khong-tra-{dong}.vn")

    outcome = programme.run("go-online", str(file), "--json")

    assert outcome.code != 0
    assert said in outcome.err
    assert programme.effects_on(f"khong-tra-{dong}.vn") == []


def test_the_plugin_is_listed_and_the_sandbox_bank_moved_nothing(programme: House) -> None:
    listed = programme.run("plugins").out

    assert [line.split()[-1] for line in listed.splitlines() if "vouchers" in line] == ["loaded"]
    [book] = (programme.state / "bank").glob("*.sqlite")
    assert journal_count(book) == 0
