"""Fees: the state's by class and date, the operator's as lines of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from haidang.core.errors import Refused
from haidang.domains.fees import ServicePrice, fee_class, price_lines
from haidang.domains.law import Law, law_on
from haidang.domains.names import domain_name, held_name

LAW = law_on(date(2026, 11, 24))
FREE = ServicePrice()


def total(name: str, years: int = 1, *, is_new: bool, law: Law = LAW) -> int:
    lines = price_lines(held_name(name, law), years, law, is_new=is_new, service=FREE)
    assert all(line.citation and line.confidence for line in lines)
    return sum(line.amount_dong for line in lines)


@pytest.mark.parametrize(
    ("name", "first_year", "renewal"),
    [
        ("a.vn", 40_100_000, 40_000_000),
        ("ab.vn", 10_100_000, 10_000_000),
        ("banhmi.vn", 450_000, 350_000),
        ("banhmi.com.vn", 350_000, 250_000),
        ("banhmi.net.vn", 350_000, 250_000),
        ("banhmi.biz.vn", 350_000, 250_000),
        ("banhmi.ai.vn", 350_000, 250_000),
        ("a.com.vn", 350_000, 250_000),
        ("truong.edu.vn", 150_000, 100_000),
        ("hoi.org.vn", 150_000, 100_000),
        ("banhmi.hue.vn", 150_000, 100_000),
        ("lan.id.vn", 60_000, 50_000),
        ("lan.pro.vn", 60_000, 50_000),
        ("lan.name.vn", 30_000, 20_000),
        ("lan.io.vn", 30_000, 20_000),
        ("phở-lan.vn", 30_000, 20_000),
        ("đ.vn", 30_000, 20_000),
    ],
)
def test_a_price_follows_the_table(name: str, first_year: int, renewal: int) -> None:
    assert (total(name, is_new=True), total(name, is_new=False)) == (first_year, renewal)


def test_years_multiply_the_yearly_fee_and_the_registration_is_paid_once() -> None:
    assert total("banhmi.vn", 10, is_new=True) == 100_000 + 3_500_000


@pytest.mark.parametrize("suffix", ["ap.vn", "ad.vn", "on.vn"])
def test_a_suffix_without_a_fee_row_is_not_quoted(suffix: str) -> None:
    with pytest.raises(Refused) as refusal:
        price_lines(domain_name(f"x.{suffix}", LAW), 1, LAW, is_new=True, service=FREE)

    assert (refusal.value.reason, refusal.value.field) == ("NO_FEE_ROW", "domain")


def test_the_fee_is_that_of_its_date() -> None:
    dearer = {key: replace(row, yearly_dong=row.yearly_dong * 2) for key, row in LAW.fees.items()}

    assert total("banhmi.vn", is_new=False, law=replace(LAW, fees=dearer)) == 700_000
    assert total("banhmi.vn", is_new=False) == 350_000


def test_a_conflicting_row_says_that_it_is_unconfirmed() -> None:
    assert fee_class(domain_name("hoi.org.vn", LAW), LAW).source.confidence == "unconfirmed"


def test_the_operators_service_and_its_tax_are_lines_of_their_own() -> None:
    found = domain_name("banhmi.vn", LAW)
    lines = price_lines(found, 2, LAW, is_new=False, service=ServicePrice(100_000, 8))

    assert [line.amount_dong for line in lines] == [700_000, 200_000, 16_000]
    assert "8%" in lines[-1].label


def test_without_tax_there_is_no_line_of_tax() -> None:
    found = domain_name("banhmi.vn", LAW)
    lines = price_lines(found, 1, LAW, is_new=False, service=ServicePrice(100_000))

    assert [line.amount_dong for line in lines] == [350_000, 100_000]


def test_every_line_is_said_in_two_languages() -> None:
    name = domain_name("banhmi.vn", LAW)
    service = ServicePrice(yearly_dong=100_000, vat_percent=10)

    one, three = (price_lines(name, n, LAW, is_new=True, service=service) for n in (1, 3))

    assert [line.label_en for line in one] == [
        "Registration fee",
        "Yearly fee, 1 year",
        "Service fee, 1 year",
        "Value added tax of 10% on the service fee",
    ]
    assert [line.label_en for line in three][1] == "Yearly fee, 3 years"
    assert all(line.label for line in one)
