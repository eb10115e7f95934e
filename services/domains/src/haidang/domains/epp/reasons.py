"""Reasons that EPP and its provider give, in two languages. Pure; registered on import.

Whoever raises one of them imports this room. No sentence carries what the registry
said in free text: that may hold personal data.
"""

from __future__ import annotations

from haidang.core.errors import (
    Absent,
    Conflict,
    Forbidden,
    HaidangError,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
    register,
)

Sentences = dict[str, tuple[str, str]]

_MALFORMED: Sentences = {
    "FRAME_LENGTH": (
        "A frame of {bytes} bytes is outside what the protocol allows.",
        "Gói tin {bytes} byte nằm ngoài giới hạn của giao thức.",
    ),
    "XML_ILL_FORMED": (
        "The message is not well-formed XML.",
        "Bản tin trao đổi với nhà đăng ký không đúng định dạng XML.",
    ),
    "XML_DOCTYPE": (
        "The message carries a document type, which is refused.",
        "Bản tin mang khai báo DOCTYPE nên bị từ chối.",
    ),
    "EPP_VALUE": (
        "{field} does not fit its EPP type: {rule}.",
        "Mục {field} không đúng kiểu mà cơ quan quản lý tên miền quy định: {rule}.",
    ),
    "EPP_ANSWER": (
        "The registry's answer breaks the protocol at {field}.",
        "Câu trả lời của cơ quan quản lý tên miền sai giao thức ở {field}.",
    ),
    "REGISTRY_FOUND_MALFORMED": (
        "The registry found the command malformed (EPP {epp_code}).",
        "Cơ quan quản lý tên miền cho biết yêu cầu có mục chưa hợp lệ (mã {epp_code}); "
        "hãy kiểm tra lại thông tin chủ thể rồi gửi lại.",
    ),
}

_REFUSED: Sentences = {
    "REGISTRY_POLICY": (
        "The registry's policy forbids this (EPP {epp_code}).",
        "Quy định của cơ quan quản lý tên miền không cho phép việc này (mã {epp_code}).",
    ),
    "REGISTRY_RENEWAL_CLOSED": (
        "The registry no longer renews this name (EPP {epp_code}).",
        "Tên miền này đã qua thời hạn được gia hạn (mã {epp_code}); "
        "tên đang chờ thu hồi và có thể đăng ký lại sau khi được giải phóng.",
    ),
    "REGISTRY_TRANSFER_CLOSED": (
        "The registry does not allow this transfer now (EPP {epp_code}).",
        "Hiện chưa thể chuyển nhà đăng ký cho tên miền này (mã {epp_code}).",
    ),
    "REGISTRY_STATUS_BARS": (
        "The object's status at the registry prohibits this (EPP {epp_code}).",
        "Trạng thái hiện tại của tên miền không cho phép thao tác này (mã {epp_code}).",
    ),
    "REGISTRY_ASSOCIATION_BARS": (
        "Another object at the registry depends on this one (EPP {epp_code}).",
        "Mục này còn đang được một tên miền khác sử dụng nên chưa thay đổi được (mã {epp_code}).",
    ),
    "REGISTRY_USE_ERROR": (
        "The registry found the command out of place (EPP {epp_code}).",
        "Cơ quan quản lý tên miền chưa nhận lệnh này ở thời điểm hiện tại (mã {epp_code}).",
    ),
}

_CONFLICT: Sentences = {
    "NAME_TAKEN": (
        "{name} is already registered.",
        "Tên miền {name} đã có người đăng ký; xin chọn một tên khác.",
    ),
    "CONTACT_ID_TAKEN": (
        "The registry already holds another contact with this id.",
        "Mã chủ thể này đã tồn tại ở cơ quan quản lý tên miền; chúng tôi cần tạo mã khác.",
    ),
    "REGISTRY_TRANSFER_PENDING": (
        "A transfer of this name is pending.",
        "Tên miền đang trong quá trình chuyển nhà đăng ký; xin chờ việc đó kết thúc.",
    ),
    "REGISTRY_TRANSFER_NOT_PENDING": (
        "No transfer of this name is pending.",
        "Không có yêu cầu chuyển nhà đăng ký nào đang chờ cho tên miền này.",
    ),
}

_ABSENT: Sentences = {
    "REGISTRY_OBJECT_ABSENT": (
        "The registry does not hold this object (EPP {epp_code}).",
        "Cơ quan quản lý tên miền không có mục này (mã {epp_code}).",
    ),
}

_FORBIDDEN: Sentences = {
    "NAME_NOT_SPONSORED": (
        "Another registrar sponsors this name (EPP {epp_code}).",
        "Tên miền này đang do một nhà đăng ký khác quản lý nên chúng tôi không thao tác được.",
    ),
    "AUTH_INFO_WRONG": (
        "The auth info is wrong (EPP {epp_code}).",
        "Mã xác thực chuyển tên miền không đúng; xin kiểm tra lại với nhà đăng ký cũ.",
    ),
}

_UNSUPPORTED: Sentences = {
    "REGISTRY_UNSUPPORTED": (
        "The registry does not implement this (EPP {epp_code}).",
        "Cơ quan quản lý tên miền không hỗ trợ việc này (mã {epp_code}).",
    ),
}

_UNAVAILABLE: Sentences = {
    "REGISTRY_UNREACHABLE": (
        "The registry cannot be reached; nothing was sent.",
        "Chưa kết nối được với cơ quan quản lý tên miền; yêu cầu chưa được gửi đi "
        "và sẽ tự thử lại.",
    ),
    "REGISTRY_READ_LOST": (
        "The registry did not answer {verb}.",
        "Cơ quan quản lý tên miền chưa trả lời; chúng tôi sẽ hỏi lại.",
    ),
    "REGISTRY_BALANCE": (
        "Our account at the registry needs funds; the order is held.",
        "Hệ thống đang tạm giữ yêu cầu này vì lý do phía chúng tôi; anh/chị không cần làm gì thêm.",
    ),
    "REGISTRY_LOGIN_REFUSED": (
        "The registry refuses our login; attempts are paused to avoid a lock-out.",
        "Kết nối của chúng tôi với cơ quan quản lý tên miền đang gặp sự cố; yêu cầu được giữ lại.",
    ),
    "REGISTRY_SESSION_LIMIT": (
        "The registry has no session free for us.",
        "Cơ quan quản lý tên miền đang quá tải; chúng tôi sẽ tự thử lại.",
    ),
    "REGISTRY_READ_FAILED": (
        "The registry failed to answer a question (EPP {epp_code}).",
        "Cơ quan quản lý tên miền chưa trả lời được (mã {epp_code}); chúng tôi sẽ hỏi lại.",
    ),
    "REGISTRY_ANSWER_INCOMPLETE": (
        "The registry's answer lacks {missing}.",
        "Câu trả lời của cơ quan quản lý tên miền còn thiếu thông tin; chúng tôi sẽ hỏi lại.",
    ),
}

_UNKNOWN: Sentences = {
    "REGISTRY_DID_NOT_ANSWER": (
        "The registry did not answer {verb}; whether it acted is being asked.",
        "Cơ quan quản lý tên miền chưa trả lời; chúng tôi đang hỏi lại kết quả, "
        "anh/chị không cần gửi lại.",
    ),
    "REGISTRY_COMMAND_FAILED": (
        "The registry failed while executing {verb} (EPP {epp_code}).",
        "Cơ quan quản lý tên miền báo lỗi khi thực hiện (mã {epp_code}); "
        "chúng tôi đang kiểm tra kết quả thật sự.",
    ),
    "REGISTRY_ACTION_PENDING": (
        "The registry accepted the command and has not decided yet.",
        "Cơ quan quản lý tên miền đã nhận yêu cầu và đang xét duyệt.",
    ),
    "REGISTRY_EXPIRY_UNEXPECTED": (
        "The registry's expiry {found} is neither {before} nor {after}.",
        "Ngày hết hạn ở cơ quan quản lý tên miền ({found}) khác dự kiến; "
        "nhân viên sẽ kiểm tra trước khi làm tiếp.",
    ),
}

REASONS: dict[type[HaidangError], Sentences] = {
    Malformed: _MALFORMED,
    Refused: _REFUSED,
    Conflict: _CONFLICT,
    Absent: _ABSENT,
    Forbidden: _FORBIDDEN,
    Unsupported: _UNSUPPORTED,
    Unavailable: _UNAVAILABLE,
    OutcomeUnknown: _UNKNOWN,
}

for _error, _sentences in REASONS.items():
    register(_error, _sentences)
