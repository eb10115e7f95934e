"""What may go wrong in a journey, in whole sentences."""

from __future__ import annotations

from haidang.core.errors import Malformed, OutcomeUnknown, Refused, Unavailable, register

register(
    Malformed,
    {
        "YEARS_INVALID": (
            "years must be 1 to {most}.",
            "Số năm đăng ký phải từ 1 đến {most}.",
        ),
        "PRICE_NOT_STATED": (
            "State the highest total you accept, in đồng.",
            "Hãy ghi số tiền cao nhất anh/chị đồng ý trả (đồng).",
        ),
        "PAYER_MISSING": (
            "State who pays.",
            "Hãy cho biết tài khoản thanh toán.",
        ),
    },
)
register(
    Refused,
    {
        "PRICE_ABOVE_ACCEPTED": (
            "The price is {total}, more than the accepted {accepted}. Nothing was done.",
            "Giá hiện nay là {total}, cao hơn mức anh/chị đã đồng ý ({accepted}). "
            "Chưa có gì được thực hiện; hãy xem lại giá rồi gửi lại.",
        ),
        "JOURNEY_REFUSED": (
            "{cause_en} Nothing was charged and nothing was registered.",
            "{cause_vi} Anh/chị chưa bị trừ tiền và chưa có gì được đăng ký.",
        ),
        "JOURNEY_RELEASED": (
            "{cause_en} The {amount} set aside was given back in full; nothing was registered.",
            "{cause_vi} Số tiền {amount} đã giữ được trả lại đầy đủ; chưa có gì được đăng ký.",
        ),
        "JOURNEY_STOPPED_HOLDING": (
            "{cause_en} The name {domain} is yours until {expires}; {amount} was charged for it. "
            "What is left can be done without paying again.",
            "{cause_vi} Tên miền {domain} đã thuộc về anh/chị đến ngày {expires}; "
            "số tiền đã trả là {amount}. Phần còn lại có thể làm tiếp mà không phải trả thêm.",
        ),
        "FINISH_STOPPED": (
            "{cause_en} The name {domain} is still yours until {expires}; nothing was charged this "
            "time. What is left can be tried again.",
            "{cause_vi} Tên miền {domain} vẫn thuộc về anh/chị đến ngày {expires}; lần này không "
            "thu thêm tiền. Phần còn lại có thể làm lại.",
        ),
        "NAME_NOT_PAID": (
            "The name {domain} is yours, but something is still owed for it. Pay that on the page "
            "of the name, then go on.",
            "Tên miền {domain} đã thuộc về anh/chị nhưng còn khoản chưa trả. Hãy trả khoản đó ở "
            "trang của tên miền rồi làm tiếp.",
        ),
        "JOURNEY_STOPPED_UNPAID": (
            "{cause_en} The name {domain} is yours until {expires}, but its {amount} could not "
            "be collected. Pay it on the page of the name; do not register the name again.",
            "{cause_vi} Tên miền {domain} đã thuộc về anh/chị đến ngày {expires}, nhưng chưa thu "
            "được {amount}. Hãy trả khoản này ở trang của tên miền; không cần đăng ký lại.",
        ),
        "JOURNEY_NOT_RELEASED": (
            "{cause_en} Nothing was registered. The {amount} set aside could not be given back "
            "yet; the bank lets go of it on {expires} at the latest.",
            "{cause_vi} Chưa có gì được đăng ký. Số tiền {amount} đang giữ chưa trả lại được ngay; "
            "ngân hàng sẽ trả lại chậm nhất vào ngày {expires}.",
        ),
    },
)
register(
    OutcomeUnknown,
    {
        "STEP_STILL_RUNNING": (
            "{service} is still at it.",
            "Bước này vẫn đang được thực hiện; chúng tôi tiếp tục theo dõi.",
        )
    },
)
register(
    Unavailable,
    {
        "KEYS_UNREADABLE": (
            "The list of API keys cannot be read.",
            "Chưa kiểm tra được khóa truy cập; xin thử lại sau ít giây.",
        )
    },
)
