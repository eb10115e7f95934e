"""Reasons of the records' pages, with their sentences."""

from __future__ import annotations

from haidang.core.errors import Malformed, register

register(
    Malformed,
    {
        "RECORD_CHANGE_UNREADABLE": (
            "The change could not be read. Open the records again and make it once more; "
            "nothing was changed.",
            "Không đọc được thay đổi này. Hãy mở lại trang bản ghi rồi làm lại; chưa có gì thay "
            "đổi.",
        ),
    },
)
