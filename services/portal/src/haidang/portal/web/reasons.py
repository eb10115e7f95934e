"""Reasons of the site itself, with their sentences."""

from __future__ import annotations

from haidang.core.errors import Absent, Malformed, register

register(
    Malformed,
    {
        "FORM_FORGED": (
            "This form was not sent from a page of ours, or the page is too old. Open the page "
            "again and send it once more. Nothing was done.",
            "Biểu mẫu này không gửi từ trang của chúng tôi hoặc trang đã quá cũ. Hãy mở lại trang "
            "rồi gửi lại. Chưa có gì được thực hiện.",
        ),
    },
)

register(
    Absent,
    {
        "PAPER_ABSENT": ("There is no such paper.", "Không tìm thấy giấy tờ này."),
        "LETTER_ABSENT": ("There is no such message.", "Không tìm thấy lời nhắn này."),
    },
)
