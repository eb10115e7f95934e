"""What may go wrong with a voucher, in whole sentences."""

from __future__ import annotations

from haidang.core.errors import Absent, Conflict, Malformed, Refused, Unavailable, register

register(
    Malformed,
    {
        "VOUCHER_MISTYPED": (
            "This is not a voucher code: a symbol is wrong, missing or in another's place.",
            "Mã phiếu có ký tự gõ nhầm, thiếu hoặc đổi chỗ; hãy so lại với mã in trên phiếu.",
        ),
        "VOUCHER_AMOUNT_INVALID": (
            "The amount must be a whole number of đồng above zero; no other currency is taken.",
            "Số tiền phải là số đồng nguyên lớn hơn 0, chỉ nhận tiền Việt Nam, ví dụ 500.000.",
        ),
        "VOUCHER_COUNT_INVALID": (
            "Issue 1 to {most} vouchers at a time.",
            "Mỗi lần cấp từ 1 đến {most} phiếu.",
        ),
        "VOUCHER_DATE_INVALID": (
            "{field} must be a date such as 31/12/2027.",
            "Ngày ở mục {field} phải viết như 31/12/2027.",
        ),
        "VOUCHER_PERIOD_INVALID": (
            "The last day {valid_to} is before the first day {valid_from} or already past.",
            "Ngày cuối {valid_to} đứng trước ngày đầu {valid_from} hoặc đã qua.",
        ),
        "VOUCHER_PROGRAMME_INVALID": (
            "State the programme's name in at most {most} characters.",
            "Hãy ghi tên chương trình, dài nhất {most} ký tự.",
        ),
    },
)
register(
    Absent,
    {
        "VOUCHER_HOLD_ABSENT": (
            "No money was set aside under this number.",
            "Không có khoản tiền nào được giữ với số này.",
        ),
    },
)
register(
    Refused,
    {
        "VOUCHER_UNKNOWN": (
            "No voucher bears this code.",
            "Không có phiếu hỗ trợ nào mang mã này; hãy hỏi lại nơi đã cấp phiếu.",
        ),
        "VOUCHER_PROGRAMME_NOT_TAKEN": (
            "Vouchers of the programme {programme} are not taken here.",
            "Phiếu của chương trình {programme} không dùng được ở đây.",
        ),
        "VOUCHER_NOT_YET_VALID": (
            "The voucher is valid from {valid_from}.",
            "Phiếu hỗ trợ dùng được từ ngày {valid_from}.",
        ),
        "VOUCHER_EXPIRED": (
            "The voucher was valid until {valid_to}.",
            "Phiếu hỗ trợ đã hết hạn ngày {valid_to}; hãy hỏi nơi đã cấp phiếu.",
        ),
        "VOUCHER_NOT_ENOUGH": (
            "{left} is left on the voucher, less than the {amount} to pay.",
            "Phiếu hỗ trợ còn {left}, không đủ để trả {amount}.",
        ),
        "VOUCHER_OF_ANOTHER": (
            "The voucher pays for another name; each is for one business.",
            "Phiếu hỗ trợ này đang dùng cho một tên miền khác; mỗi phiếu dành cho một cơ sở.",
        ),
        "VOUCHER_HOLD_LAPSED": (
            "The money was set aside until {expires}; it is free again.",
            "Khoản tiền chỉ được giữ đến {expires} và đã trở lại phiếu.",
        ),
        "VOUCHER_HOLD_RELEASED": (
            "The money was given back to the voucher.",
            "Khoản tiền này đã được trả lại phiếu hỗ trợ.",
        ),
        "VOUCHER_MORE_THAN_HELD": (
            "{left} is still set aside, less than the {amount} to take.",
            "Khoản đang giữ còn {left}, ít hơn {amount} cần thu.",
        ),
    },
)
register(
    Conflict,
    {
        "VOUCHER_EFFECT_MISMATCH": (
            "This effect id was used before for something else.",
            "Mã yêu cầu này đã dùng cho một khoản thanh toán khác.",
        ),
    },
    grpc_code="ABORTED",
)
register(
    Unavailable,
    {
        "VOUCHERS_BUSY": (
            "The book of vouchers is in use or cannot be opened; nothing was written.",
            "Sổ phiếu hỗ trợ đang bận hoặc chưa mở được; chúng tôi sẽ thử lại.",
        ),
    },
)
