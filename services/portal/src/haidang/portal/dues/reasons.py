"""What may go wrong with the payment of a debt, in whole sentences."""

from __future__ import annotations

from haidang.core.errors import Conflict, Refused, register

register(
    Refused,
    {
        "NOTHING_DUE": (
            "Nothing is owed for the name {domain}.",
            "Tên miền {domain} không có khoản nào phải trả.",
        ),
        "DUE_DIFFERS": (
            "What is owed is {total}, not the accepted {accepted}. Nothing was charged.",
            "Số tiền phải trả hiện nay là {total}, khác với mức anh/chị đã đồng ý ({accepted}). "
            "Chưa thu gì; hãy xem lại rồi trả.",
        ),
        "DUE_REFUSED": (
            "{cause_en} Nothing was charged; {amount} is still owed for the name {domain}.",
            "{cause_vi} Anh/chị chưa bị trừ tiền; tên miền {domain} vẫn còn {amount} phải trả.",
        ),
        "DUE_RELEASED": (
            "{cause_en} The {amount} set aside was given back in full; it is still owed for the "
            "name {domain}.",
            "{cause_vi} Số tiền {amount} đã giữ được trả lại đầy đủ; tên miền {domain} vẫn còn "
            "khoản này phải trả.",
        ),
        "DUE_NOT_RELEASED": (
            "{cause_en} The {amount} set aside could not be given back yet; the bank lets go of "
            "it on {expires} at the latest. It is still owed for the name {domain}.",
            "{cause_vi} Số tiền {amount} đang giữ chưa trả lại được ngay; ngân hàng sẽ trả lại "
            "chậm nhất vào ngày {expires}. Tên miền {domain} vẫn còn khoản này phải trả.",
        ),
        "DUE_PAID_SINCE": (
            "The price could not be collected at first; it has been paid since.",
            "Lúc đầu chưa thu được tiền; nay anh/chị đã trả.",
        ),
    },
)
register(
    Conflict,
    {
        "DUE_BEING_PAID": (
            "What is owed for the name {domain} is being paid right now; this second payment "
            "charged nothing.",
            "Khoản phải trả của tên miền {domain} đang được thanh toán ở một lần bấm khác; lần này "
            "không thu gì thêm.",
        ),
    },
    grpc_code="ABORTED",
)
