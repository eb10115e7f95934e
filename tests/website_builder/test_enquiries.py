"""What a visitor sends is judged by the published form alone, each fault at its field."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

import pytest
from haidang.core.errors import Malformed, sentence
from haidang.core.ports.publishing import FormChoice, FormField, PublishedForm
from haidang.website_builder.enquiries import (
    MOST_INPUTS,
    Fault,
    is_trapped,
    judge_enquiry,
    read_body,
)
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 11, 23)
CHOICES = (
    FormChoice("den", "Tiêu đen", "185.000 ₫/kg", 185_000),
    FormChoice("do", "Tiêu đỏ", "", 0),
)


def a_form(*fields: FormField) -> PublishedForm:
    return PublishedForm(
        kind="order",
        section="dat-hang",
        locale="vi",
        fields=fields or (FormField("phone", "tel", "Số điện thoại", required=True),),
        sent="/gui/xong/dat-hang/",
        again="/gui/loi/",
        back="/#dat-hang",
        phone="+84901234567",
        kept_months=12,
        words={},
    )


def judged(field: FormField, text: str) -> list[str]:
    """The answer to *field*, or the reasons against it."""
    answers, faults = judge_enquiry(a_form(field), [(field.name, text), ("consent", "1")], TODAY)
    return [fault.reason for fault in faults] or [one.value for one in answers]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("text", "  Chị Hạnh ", "Chị Hạnh"),
        ("text", "Lan\x00", "ENQUIRY_CHARACTERS"),
        ("text", "a\nb", "ENQUIRY_CHARACTERS"),
        ("text", "Lan\u202e", "ENQUIRY_CHARACTERS"),
        ("text", "a" * 201, "ENQUIRY_TOO_LONG"),
        ("textarea", "một\r\nhai", "một\nhai"),
        ("tel", "0901 234 567", "0901 234 567"),
        ("tel", "+84 (90) 123-4567", "+84 (90) 123-4567"),
        ("tel", "chín không một", "ENQUIRY_PHONE"),
        ("tel", "123", "ENQUIRY_PHONE"),
        ("tel", "٠٩٠١٢٣٤٥٦٧", "ENQUIRY_PHONE"),
        ("email", "lan@example.vn", "lan@example.vn"),
        ("email", "lan@example", "ENQUIRY_EMAIL"),
        ("email", "a@b.vn, c@d.vn", "ENQUIRY_EMAIL"),
        ("email", "a@b.vn\nBcc: x@y.vn", "ENQUIRY_CHARACTERS"),
        ("date", "2026-11-23", "23/11/2026"),
        ("date", "1/12/2026", "01/12/2026"),
        ("date", "2026-11-22", "ENQUIRY_DATE_PAST"),
        ("date", "31/02/2027", "ENQUIRY_DATE"),
        ("time", "9h05", "09:05"),
        ("time", "25:00", "ENQUIRY_TIME"),
        ("number", "007", "7"),
        ("number", "1.5", "ENQUIRY_NUMBER"),
        ("number", "-1", "ENQUIRY_NUMBER"),
        ("number", "99999", "ENQUIRY_TOO_LARGE"),
    ],
)
def test_each_kind_of_field_reads_what_people_type(kind: str, text: str, expected: str) -> None:
    assert judged(FormField("x", kind, "Mục"), text) == [expected]


def test_a_number_keeps_the_form_s_own_bounds() -> None:
    nights = FormField("nights", "number", "Số đêm", required=True, most=30, least=1)

    assert judged(nights, "0") == ["ENQUIRY_TOO_SMALL"]
    assert judged(nights, "31") == ["ENQUIRY_TOO_LARGE"]
    assert judged(nights, "30") == ["30"]


def test_what_is_required_is_asked_for_and_what_is_not_is_left_out() -> None:
    assert judged(FormField("x", "text", "Tên", required=True), "  ") == ["ENQUIRY_MISSING"]
    assert judged(FormField("x", "text", "Tên"), "") == []


def test_quantities_keep_the_price_that_was_shown() -> None:
    form = a_form(FormField("things", "quantities", "Hàng", required=True, choices=CHOICES))
    inputs = [("q-den", "2"), ("q-do", "0"), ("consent", "1")]

    answers, faults = judge_enquiry(form, inputs, TODAY)

    assert faults == []
    assert [(one.name, one.label, one.value) for one in answers] == [
        ("q-den", "Tiêu đen · 185.000 ₫/kg", "2")
    ]


def test_an_order_of_nothing_is_told_at_its_list() -> None:
    form = a_form(FormField("things", "quantities", "Hàng", required=True, choices=CHOICES))

    _, faults = judge_enquiry(form, [("q-den", ""), ("consent", "1")], TODAY)

    assert faults == [Fault("things", "ENQUIRY_NOTHING_CHOSEN", {"label": "Hàng"})]


def test_silence_is_no_consent() -> None:
    _, faults = judge_enquiry(a_form(), [("phone", "0901234567")], TODAY)

    assert [(one.field, one.reason) for one in faults] == [("consent", "ENQUIRY_CONSENT")]


@pytest.mark.parametrize("extra", [[("q-het", "1")], [("phone", "0907654321")], [("admin", "1")]])
def test_a_form_that_has_changed_meanwhile_is_told_as_such(extra: list[tuple[str, str]]) -> None:
    inputs = [("phone", "0901234567"), ("consent", "1"), *extra]

    _, faults = judge_enquiry(a_form(), inputs, TODAY)

    assert Fault("", "ENQUIRY_FORM_CHANGED") in faults


def test_the_trap_springs_only_when_something_is_in_it() -> None:
    assert is_trapped([("url", "http://x")])
    assert not is_trapped([("url", " ")])


@pytest.mark.parametrize(
    "wire",
    [b"\xff", b"a", b"a=%ff", "a=é".encode(), b"&".join([b"a=1"] * (MOST_INPUTS + 1))],
)
def test_what_is_no_form_is_refused(wire: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        read_body(wire)

    assert refusal.value.reason == "ENQUIRY_UNREADABLE"


@given(st.lists(st.tuples(st.text(min_size=1, max_size=8), st.text(max_size=20)), max_size=20))
def test_whatever_arrives_is_judged_without_a_defect(inputs: list[tuple[str, str]]) -> None:
    form = a_form(
        FormField("phone", "tel", "Điện thoại", required=True),
        FormField("day", "date", "Ngày"),
        FormField("things", "quantities", "Hàng", choices=CHOICES),
    )
    wire = urlencode(inputs, errors="replace").encode()

    _, faults = judge_enquiry(form, read_body(wire) if wire else [], TODAY)

    assert faults
    for fault in faults:
        for language in ("vi", "en"):
            assert "{" not in sentence(fault.reason, fault.facts, language)
