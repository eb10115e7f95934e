"""What may go wrong with a renewal, in whole sentences."""

from __future__ import annotations

from haidang.core.errors import Refused, register

register(
    Refused,
    {
        "RENEWAL_REFUSED": (
            "{cause_en} The name was not renewed and nothing was charged.",
            "{cause_vi} Tên miền chưa được gia hạn và anh/chị chưa bị trừ tiền.",
        ),
        "RENEWAL_RELEASED": (
            "{cause_en} The name was not renewed; the {amount} set aside was given back in full.",
            "{cause_vi} Tên miền chưa được gia hạn; số tiền {amount} đã giữ được trả lại đầy đủ.",
        ),
        "RENEWAL_NOT_RELEASED": (
            "{cause_en} The name was not renewed. The {amount} set aside could not be given back "
            "yet; the bank lets go of it on {expires} at the latest.",
            "{cause_vi} Tên miền chưa được gia hạn. Số tiền {amount} đang giữ chưa trả lại được "
            "ngay; ngân hàng sẽ trả lại chậm nhất vào ngày {expires}.",
        ),
        "RENEWAL_UNPAID": (
            "{cause_en} The name {domain} is renewed until {expires}, but its {amount} could not "
            "be collected. Pay it on the page of the name; do not renew again.",
            "{cause_vi} Tên miền {domain} đã được gia hạn đến ngày {expires}, nhưng chưa thu được "
            "{amount}. Hãy trả khoản này ở trang của tên miền; không cần gia hạn lại.",
        ),
    },
)
