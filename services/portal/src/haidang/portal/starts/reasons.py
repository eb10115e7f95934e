"""What may go wrong in a start, in whole sentences. Pure."""

from __future__ import annotations

from haidang.core.errors import Absent, Conflict, Malformed, Refused, register

register(
    Malformed,
    {
        "START_FACT_MISSING": ("This is still missing.", "Còn thiếu mục này."),
        "START_FACT_UNKNOWN": (
            "Choose one of the answers offered.",
            "Hãy chọn một trong các mục có sẵn.",
        ),
        "START_FACT_TOO_LONG": (
            "At most {most} characters fit here.",
            "Mục này ghi được nhiều nhất {most} ký tự. Hãy rút gọn lại.",
        ),
        "START_BIRTH_DATE": (
            "Write the birth date as day/month/year, such as 17/05/1990.",
            "Ngày sinh ghi theo ngày/tháng/năm, ví dụ 17/05/1990.",
        ),
    },
)
register(
    Absent,
    {"START_ABSENT": ("There is no such start.", "Không tìm thấy lần đăng ký này.")},
)
register(
    Refused,
    {
        "START_TOO_MANY": (
            "There are {most} unfinished starts; finish or delete one first.",
            "Đang có {most} lần đăng ký dở dang. Hãy làm xong hoặc xóa bớt một lần trước.",
        ),
        "START_PHOTOS_FULL": (
            "At most {most} photos can be chosen here; more can be added after going online.",
            "Ở bước này chọn được nhiều nhất {most} ảnh. Ảnh khác thêm được sau khi trang đã chạy.",
        ),
    },
)
register(
    Conflict,
    {
        "START_BEING_SENT": (
            "This business is being registered from another window. Wait a moment, then look at "
            "its progress.",
            "Cơ sở này đang được đăng ký ở một cửa sổ khác. Hãy đợi giây lát rồi xem tiến trình.",
        ),
    },
)
