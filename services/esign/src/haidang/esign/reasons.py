"""What may go wrong with signing papers, in whole sentences. Pure."""

from __future__ import annotations

from haidang.core.errors import (
    Absent,
    Malformed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    Unsupported,
    register,
)

register(
    Malformed,
    {
        "NOT_A_PDF": (
            "The file is not a PDF.",
            "Tệp này không phải PDF. Hãy chọn tệp PDF rồi gửi lại.",
        ),
        "DOCUMENT_TOO_LARGE": (
            "The file is larger than {most} MB.",
            "Tệp lớn hơn {most} MB. Hãy chọn tệp nhỏ hơn.",
        ),
        "DOCUMENT_EMPTY": ("The file is empty.", "Tệp rỗng. Hãy chọn lại tệp."),
        "DOCUMENT_HEAD_MISSING": (
            "The first message of an upload is its head.",
            "Việc tải lên chưa đúng thứ tự; hãy tải lại từ đầu.",
        ),
        "LEVEL_MISSING": (
            "Say at which level to sign: B-B, B-T or B-LT.",
            "Hãy chọn mức chữ ký: B-B, B-T hoặc B-LT.",
        ),
        "TEXT_TOO_LONG": (
            "At most {most} characters.",
            "Nội dung này dài quá {most} ký tự. Hãy viết gọn lại.",
        ),
        "CHARACTER_NOT_PRINTABLE": (
            "The character {character} cannot be printed on a paper.",
            "Ký tự {character} không in được trên giấy tờ. Hãy bỏ hoặc thay bằng chữ khác.",
        ),
        "PARTY_INCOMPLETE": (
            "Name and identifier of the signing party are required.",
            "Cần tên và mã số của bên ký.",
        ),
    },
)
register(
    Refused,
    {
        "DOCUMENT_ENCRYPTED": (
            "The PDF is locked with a password. Save it without one and send it again.",
            "Tệp PDF này có khóa (đặt mật khẩu). Hãy lưu lại tệp không đặt mật khẩu rồi gửi lại.",
        ),
        "DOCUMENT_HAS_XFA": (
            "The PDF is a dynamic form (XFA), which readers show differently. Print it to a new "
            "PDF and send that.",
            "Tệp này là biểu mẫu động (XFA), mỗi chương trình hiện một khác nên không ký được. "
            "Hãy in nó thành một tệp PDF mới rồi gửi tệp mới.",
        ),
        "DOCUMENT_HYBRID": (
            "The PDF can be read in two ways, as some word processors save it. Print it to a new "
            "PDF and send that.",
            "Tệp này có hai cách đọc, thường do chương trình soạn thảo lưu thành PDF. Hãy dùng "
            "lệnh In, chọn máy in PDF, rồi gửi tệp mới.",
        ),
        "DOCUMENT_ALTERED": (
            "The PDF was changed after somebody signed it. Ask for the original.",
            "Tệp này đã bị thay đổi sau khi có người ký. Hãy xin lại bản gốc từ người gửi.",
        ),
        "DOCUMENT_SEALED": (
            "An earlier signer certified that nothing may be added to this PDF.",
            "Người ký trước đã khóa tài liệu này, không cho ai ký thêm; tệp chưa được ký.",
        ),
        "DOCUMENT_NOT_SIGNABLE": (
            "The PDF cannot be read strictly enough to be signed: {detail}.",
            "Tệp PDF này bị lỗi hoặc có khóa nên không ký được. "
            "Hãy xuất lại tệp từ chương trình gốc rồi thử lại.",
        ),
        "SIGNATURE_NOT_BY_CERTIFICATE": (
            "The signature returned was not made by the frozen certificate.",
            "Chữ ký nhận về không khớp chứng thư đã chọn; tệp chưa được ký.",
        ),
        "SIGNATURE_TOO_LARGE": (
            "The signature ({bytes} bytes) does not fit the place prepared for it.",
            "Chữ ký lớn hơn chỗ đã dành trong tệp; tệp chưa được ký. Xin báo kỹ thuật.",
        ),
        "LEVEL_NOT_REACHED": (
            "The finished document does not reach level {level}.",
            "Tài liệu ký xong chưa đạt mức {level} nên không được giao; xin báo kỹ thuật.",
        ),
        "CERTIFICATE_NOT_VALID": (
            "The signing certificate is outside its validity period.",
            "Chứng thư ký số chưa có hiệu lực hoặc đã hết hạn; tệp chưa được ký.",
        ),
        "CERTIFICATE_REVOKED": (
            "The signing certificate has been revoked.",
            "Chứng thư ký số đã bị thu hồi; tệp chưa được ký.",
        ),
        "ENROLMENT_REFUSED": (
            "The trust service did not certify the key: {detail}.",
            "Tổ chức chứng thực chưa cấp chứng thư cho khóa này ({detail}).",
        ),
        "TIMESTAMP_REFUSED": (
            "The time-stamp authority refused: {detail}.",
            "Tổ chức cấp dấu thời gian từ chối yêu cầu ({detail}).",
        ),
    },
)
register(
    Unavailable,
    {
        "TRUST_SERVICE_UNREACHABLE": (
            "The trust service cannot be reached.",
            "Chưa kết nối được với tổ chức chứng thực; chúng tôi sẽ thử lại.",
        ),
        "TSA_UNREACHABLE": (
            "The time-stamp authority cannot be reached.",
            "Chưa kết nối được với tổ chức cấp dấu thời gian; chúng tôi sẽ thử lại.",
        ),
        "REVOCATION_UNREACHABLE": (
            "Revocation information cannot be fetched.",
            "Chưa lấy được tình trạng chứng thư; chúng tôi sẽ thử lại.",
        ),
    },
)
register(
    OutcomeUnknown,
    {
        "ENROLMENT_NOT_ANSWERED": (
            "The trust service did not answer the enrolment.",
            "Tổ chức chứng thực chưa trả lời; chúng tôi đang hỏi lại.",
        ),
    },
)
register(
    Unsupported,
    {
        "LEVEL_NOT_OFFERED": (
            "Signing at {level} is not offered yet.",
            "Chưa ký được ở mức {level}.",
        ),
    },
)
register(
    Absent,
    {
        "DOCUMENT_ABSENT": ("There is no such document.", "Không tìm thấy tài liệu này."),
        "SIGNING_KEY_ABSENT": ("There is no such signing key.", "Không tìm thấy khóa ký này."),
    },
)
