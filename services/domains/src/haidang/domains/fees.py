"""Prices: state fees by date and class, and what the platform adds. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from haidang.core.errors import Refused
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.law import FeeClass, Law
from haidang.domains.names import DomainName

ONE, TWO = 1, 2
OPERATOR = "Bảng giá của đơn vị vận hành"


@dataclass(frozen=True, slots=True)
class PriceLine:
    """One line of a price: what for, how much, and what it rests on."""

    label: str
    amount_dong: int
    citation: str
    confidence: str
    label_en: str = ""


@dataclass(frozen=True, slots=True)
class ServicePrice:
    """What the operator adds per year, đồng, and the VAT on it in percent. Zero adds no line."""

    yearly_dong: int = 0
    vat_percent: int = 0


def fee_class(name: DomainName, law: Law) -> FeeClass:
    """The fee row for *name*. Raises: Refused NO_FEE_ROW."""
    if name.is_idn:
        return law.fees["idn"]
    if name.suffix == "vn" and len(name.label) in {ONE, TWO}:
        return law.fees["one-character" if len(name.label) == ONE else "two-character"]
    found = law.fee_of_suffix.get(name.suffix)
    if found is None:
        raise Refused("NO_FEE_ROW", field="domain", suffix=name.suffix)
    return law.fees[found]


def price_lines(
    name: DomainName, years: int, law: Law, *, is_new: bool, service: ServicePrice
) -> tuple[PriceLine, ...]:
    """The price of registering (*is_new*) or renewing *name* for *years*, line by line."""
    fees = fee_class(name, law)
    source = fees.source
    lines: list[PriceLine] = []
    if is_new:
        lines.append(
            PriceLine(
                "Lệ phí đăng ký",
                fees.registration_dong,
                source.citation,
                source.confidence,
                "Registration fee",
            )
        )
    lines.append(
        PriceLine(
            f"Phí duy trì {years} năm",
            fees.yearly_dong * years,
            source.citation,
            source.confidence,
            f"Yearly fee, {_years(years)}",
        )
    )
    return (*lines, *_service_lines(years, service))


def _service_lines(years: int, service: ServicePrice) -> list[PriceLine]:
    if not service.yearly_dong:
        return []
    amount = service.yearly_dong * years
    lines = [
        PriceLine(
            f"Phí dịch vụ {years} năm",
            amount,
            OPERATOR,
            "configured",
            f"Service fee, {_years(years)}",
        )
    ]
    if service.vat_percent:
        tax = amount * service.vat_percent // 100
        label = f"Thuế giá trị gia tăng {service.vat_percent}% trên phí dịch vụ"
        english = f"Value added tax of {service.vat_percent}% on the service fee"
        lines.append(PriceLine(label, tax, OPERATOR, "configured", english))
    return lines


def _years(years: int) -> str:
    """*years* in English."""
    return "1 year" if years == 1 else f"{years} years"
