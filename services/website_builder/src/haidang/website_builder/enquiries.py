"""What a visitor sends through a form, judged by the published form alone (pure).

The edge comes in with the bytes of a POST and the form its manifest names; out come
either the answers, cleaned and in the form's order, or the faults, each at its field.
Light on purpose: the edge imports neither a schema library nor a template engine.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from haidang.core.errors import Absent, Fact, Malformed, Refused, Unavailable, register
from haidang.core.ports.publishing import FormField, LetterAnswer, PublishedForm

MOST_BYTES = 16 * 1024
MOST_INPUTS = 160
"""Inputs of one POST: a list of a hundred things, and the rest of the form."""
HONEYPOT, CONSENT = "url", "consent"
QUANTITY = "q-"

_LONGEST = {"text": 200, "textarea": 2000, "tel": 20, "email": 254, "date": 10, "time": 5}
_MOST_NUMBER, _MOST_QUANTITY = 9999, 999
_FEWEST_PHONE_DIGITS, _MOST_PHONE_DIGITS = 8, 15
"""Digits of a telephone number; the most is E.164's."""

# Control characters, and those that turn the direction of text to show something else.
_HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_EMAIL = re.compile(r"[^\s@<>\"',;:]{1,64}@[^\s@<>\"',;:]+\.[^\s@<>\"',;:.]{2,}")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:h]([0-5][0-9])")
_VIETNAMESE_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_NUMBER = re.compile(r"[0-9]{1,6}")

register(
    Malformed,
    {
        "ENQUIRY_MISSING": ("Fill in “{label}”.", "Hãy điền mục “{label}”."),
        "ENQUIRY_TOO_LONG": (
            "“{label}” may have at most {limit} characters.",
            "Mục “{label}” nhiều nhất {limit} ký tự; hãy viết ngắn lại.",
        ),
        "ENQUIRY_TOO_SHORT": (
            "“{label}” needs at least {limit} characters.",
            "Mục “{label}” cần ít nhất {limit} ký tự.",
        ),
        "ENQUIRY_CHARACTERS": (
            "“{label}” holds characters that cannot be shown; type it again.",
            "Mục “{label}” có ký tự không hiển thị được; hãy gõ lại.",
        ),
        "ENQUIRY_PHONE": (
            "Write “{label}” as a telephone number, such as 0901 234 567.",
            "Mục “{label}” cần là số điện thoại, ví dụ 0901 234 567.",
        ),
        "ENQUIRY_EMAIL": (
            "Write “{label}” as an e-mail address, such as lan@example.vn.",
            "Mục “{label}” cần là địa chỉ thư, ví dụ lan@example.vn.",
        ),
        "ENQUIRY_DATE": (
            "Write “{label}” as a date, such as 23/11/2026.",
            "Mục “{label}” cần là ngày, ví dụ 23/11/2026.",
        ),
        "ENQUIRY_DATE_PAST": (
            "The day in “{label}” is over; choose today or later.",
            "Ngày ở mục “{label}” đã qua; hãy chọn từ hôm nay trở đi.",
        ),
        "ENQUIRY_TIME": (
            "Write “{label}” as a time, such as 18:30.",
            "Mục “{label}” cần là giờ, ví dụ 18:30.",
        ),
        "ENQUIRY_NUMBER": (
            "Write “{label}” as a whole number.",
            "Mục “{label}” cần là một số nguyên, không có chữ hay dấu.",
        ),
        "ENQUIRY_TOO_SMALL": (
            "“{label}” starts at {limit}.",
            "Mục “{label}” phải từ {limit} trở lên.",
        ),
        "ENQUIRY_TOO_LARGE": (
            "“{label}” goes up to {limit}; for more please call.",
            "Mục “{label}” nhiều nhất là {limit}; nếu cần hơn, mời anh/chị gọi điện.",
        ),
        "ENQUIRY_NOTHING_CHOSEN": (
            "Write a number beside at least one thing under “{label}”.",
            "Hãy ghi số lượng cho ít nhất một món ở mục “{label}”.",
        ),
        "ENQUIRY_CONSENT": (
            "Tick the box so that we may use these details to answer you.",
            "Hãy đánh dấu ô đồng ý, để chúng tôi được dùng thông tin này trả lời anh/chị.",
        ),
        "ENQUIRY_FORM_CHANGED": (
            "This form has changed since you opened it; look it over and send it again.",
            "Biểu mẫu vừa được sửa sau khi anh/chị mở trang; hãy xem lại rồi gửi lần nữa.",
        ),
        "ENQUIRY_UNREADABLE": (
            "What arrived is not a form of this site.",
            "Nội dung gửi lên không phải biểu mẫu của trang này. Hãy mở lại trang và gửi lại.",
        ),
        "ENQUIRY_STATE_INVALID": (
            "An enquiry is marked new or done.",
            "Lời nhắn chỉ có hai trạng thái: mới và đã xong.",
        ),
    },
)
register(
    Refused,
    {
        "ENQUIRY_TOO_MANY": (
            "Too many messages have just come from here. Wait ten minutes, or call.",
            "Vừa có quá nhiều lời nhắn gửi từ đây. Hãy đợi mười phút, hoặc gọi điện.",
        ),
    },
)
register(
    Unavailable,
    {
        "ENQUIRY_NOT_KEPT": (
            "Your message could not be kept just now; nothing was sent. Try again, or call.",
            "Chưa nhận được lời nhắn, chưa có gì được gửi đi. Hãy gửi lại sau ít phút, "
            "hoặc gọi điện.",
        ),
    },
)
register(
    Absent,
    {"ENQUIRY_ABSENT": ("There is no such message.", "Không tìm thấy lời nhắn này.")},
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a field; `field` is an input's name, "" for the whole form."""

    field: str
    reason: str
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=dict)


def read_body(wire: bytes) -> list[tuple[str, str]]:
    """The inputs of an urlencoded POST, in order.

    Raises: Malformed ENQUIRY_UNREADABLE when it is none, not UTF-8 or of too many inputs.
    """
    try:
        return parse_qsl(
            wire.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(wire),
            errors="strict",
            max_num_fields=MOST_INPUTS,
        )
    except ValueError as error:
        raise Malformed("ENQUIRY_UNREADABLE") from error


def is_trapped(inputs: list[tuple[str, str]]) -> bool:
    """Whether the input that no person sees was filled in."""
    return any(name == HONEYPOT and value.strip() for name, value in inputs)


def given(inputs: list[tuple[str, str]]) -> dict[str, str]:
    """The text of each input, tidied: composed letters, plain line ends, no outer space."""
    return {name: _tidy(value) for name, value in inputs}


def _tidy(value: str) -> str:
    lines = value.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip(" \t\n")


def judge_enquiry(
    form: PublishedForm, inputs: list[tuple[str, str]], today: date
) -> tuple[list[LetterAnswer], list[Fault]]:
    """The answers in the form's order, and every fault; either is worth nothing if faults."""
    values = given(inputs)
    names = [name for name, _ in inputs]
    faults = []
    if len(set(names)) < len(names) or set(names) - input_names(form) - {HONEYPOT, CONSENT}:
        faults.append(Fault("", "ENQUIRY_FORM_CHANGED"))
    answers = []
    for one in form.fields:
        for found in _judged(one, values, today):
            if isinstance(found, Fault):
                faults.append(found)
            else:
                answers.append(found)
    if not values.get(CONSENT):
        faults.append(Fault(CONSENT, "ENQUIRY_CONSENT"))
    return answers, faults


def input_names(form: PublishedForm) -> set[str]:
    """The names of every input the form may send, but the trap and the consent."""
    plain = {one.name for one in form.fields if one.type != "quantities"}
    return plain | {f"{QUANTITY}{choice.id}" for one in form.fields for choice in one.choices}


def _judged(
    one: FormField, values: Mapping[str, str], today: date
) -> Iterator[LetterAnswer | Fault]:
    if one.type == "quantities":
        yield from _quantities(one, values)
        return
    text = values.get(one.name, "")
    if not text:
        if one.required:
            yield Fault(one.name, "ENQUIRY_MISSING", {"label": one.label})
        return
    if _HIDDEN.search(text) or (one.type != "textarea" and "\n" in text):
        yield Fault(one.name, "ENQUIRY_CHARACTERS", {"label": one.label})
        return
    yield _read(one, text, today)


def _read(one: FormField, text: str, today: date) -> LetterAnswer | Fault:
    readers = {"tel": _phone, "email": _email, "time": _time, "number": _number}
    if one.type == "date":
        return _date(one, text, today)
    return readers.get(one.type, _text)(one, text)


def _fault(one: FormField, reason: str, **facts: Fact) -> Fault:
    return Fault(one.name, reason, {"label": one.label, **facts})


def _text(one: FormField, text: str) -> LetterAnswer | Fault:
    limit = one.most or _LONGEST[one.type]
    if len(text) > limit:
        return _fault(one, "ENQUIRY_TOO_LONG", limit=limit)
    if len(text) < one.least:
        return _fault(one, "ENQUIRY_TOO_SHORT", limit=one.least)
    return LetterAnswer(one.name, one.label, text)


def _phone(one: FormField, text: str) -> LetterAnswer | Fault:
    digits = re.sub(r"[\s().-]", "", text).removeprefix("+")
    is_number = digits.isascii() and digits.isdecimal()
    if not is_number or not _FEWEST_PHONE_DIGITS <= len(digits) <= _MOST_PHONE_DIGITS:
        return _fault(one, "ENQUIRY_PHONE")
    return _text(one, text)


def _email(one: FormField, text: str) -> LetterAnswer | Fault:
    return _text(one, text) if _EMAIL.fullmatch(text) else _fault(one, "ENQUIRY_EMAIL")


def _time(one: FormField, text: str) -> LetterAnswer | Fault:
    found = _TIME.fullmatch(text)
    if found is None:
        return _fault(one, "ENQUIRY_TIME")
    return LetterAnswer(one.name, one.label, f"{int(found[1]):02d}:{found[2]}")


def _date(one: FormField, text: str, today: date) -> LetterAnswer | Fault:
    """A day as browsers send it, or as Vietnamese write it; stored in the latter way."""
    written = _VIETNAMESE_DATE.fullmatch(text)
    try:
        if written:
            day = date(int(written[3]), int(written[2]), int(written[1]))
        else:
            day = date.fromisoformat(text)
    except ValueError:
        return _fault(one, "ENQUIRY_DATE")
    if day < today:
        return _fault(one, "ENQUIRY_DATE_PAST")
    return LetterAnswer(one.name, one.label, day.strftime("%d/%m/%Y"))


def _number(one: FormField, text: str) -> LetterAnswer | Fault:
    if not _NUMBER.fullmatch(text):
        return _fault(one, "ENQUIRY_NUMBER")
    most = one.most or _MOST_NUMBER
    if int(text) > most:
        return _fault(one, "ENQUIRY_TOO_LARGE", limit=most)
    if int(text) < one.least:
        return _fault(one, "ENQUIRY_TOO_SMALL", limit=one.least)
    return LetterAnswer(one.name, one.label, str(int(text)))


def _quantities(one: FormField, values: Mapping[str, str]) -> Iterator[LetterAnswer | Fault]:
    """The choices with a number above zero; `least` and `most` bound each of them."""
    counted = 0
    for choice in one.choices:
        name = f"{QUANTITY}{choice.id}"
        text = values.get(name, "")
        if not text or re.fullmatch("0+", text):
            continue
        counted += 1
        label = f"{choice.label} · {choice.cost}" if choice.cost else choice.label
        asked = FormField(name, "number", label, most=one.most or _MOST_QUANTITY, least=one.least)
        yield _number(asked, text)
    if one.required and not counted:
        yield Fault(one.name, "ENQUIRY_NOTHING_CHOSEN", {"label": one.label})
