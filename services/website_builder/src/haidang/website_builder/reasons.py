"""What may go wrong with websites and photos, in whole sentences. Pure."""

from __future__ import annotations

from haidang.core.errors import Absent, Conflict, Malformed, Refused, Unavailable, register

register(
    Malformed,
    {
        "IMAGE_UNREADABLE": (
            "The file is not a photo that can be read.",
            "Tệp này không phải ảnh đọc được. Hãy chọn ảnh JPEG, PNG hoặc WebP chụp từ máy.",
        ),
        "IMAGE_KIND": (
            "Photos of kind {kind} are not taken; JPEG, PNG and WebP are.",
            "Chưa nhận ảnh loại {kind}. Hãy chọn ảnh JPEG, PNG hoặc WebP.",
        ),
        "IMAGE_HEIC": (
            "The photo is in Apple's HEIC format, which browsers cannot show; JPEG is taken.",
            "Ảnh này ở định dạng HEIC của iPhone, trình duyệt không mở được. Hãy vào Cài đặt, "
            "Camera, Định dạng, chọn Tương thích nhất rồi chụp lại; hoặc gửi ảnh dạng JPEG.",
        ),
        "IMAGE_BROKEN": (
            "The photo is damaged or cut short.",
            "Ảnh bị hỏng hoặc mới tải lên được một phần. Hãy gửi lại ảnh gốc.",
        ),
        "IMAGE_TOO_LONG": (
            "One side of the photo is more than {most} times the other.",
            "Ảnh quá dài: một chiều gấp hơn {most} lần chiều kia. Hãy cắt bớt ảnh rồi gửi lại.",
        ),
        "IMAGE_TOO_MANY_PIXELS": (
            "The photo has {width} × {height} pixels; at most {most} million are taken.",
            "Ảnh quá lớn ({width} × {height} điểm ảnh); nhiều nhất {most} triệu điểm. "
            "Hãy thu nhỏ ảnh rồi gửi lại.",
        ),
        "IMAGE_TOO_SMALL": (
            "The photo is smaller than {least} pixels.",
            "Ảnh quá nhỏ, cần ít nhất {least} điểm ảnh mỗi chiều. Hãy chọn ảnh rõ hơn.",
        ),
        "FILE_TOO_LARGE": (
            "The file is larger than {most} MB.",
            "Tệp lớn hơn {most} MB. Hãy chọn ảnh nhỏ hơn.",
        ),
        "UPLOAD_HEAD_MISSING": (
            "The first message of an upload is its head.",
            "Việc tải lên chưa đúng thứ tự; hãy tải lại từ đầu.",
        ),
        "UPLOAD_EMPTY": ("The file is empty.", "Tệp rỗng. Hãy chọn lại ảnh."),
        "UPLOAD_OUT_OF_ORDER": (
            "After its head an upload holds chunks of at most {most} bytes only.",
            "Việc tải lên chưa đúng thứ tự hoặc có phần lớn hơn {most} byte; hãy tải lại từ đầu.",
        ),
        "UPLOAD_INCOMPLETE": (
            "{received} bytes arrived where {announced} were announced.",
            "Tệp tải lên chưa trọn ({received} trên {announced} byte). Hãy gửi lại.",
        ),
        "ALT_INVALID": (
            "A photo's alternative text is a line of at most {most} characters, by locale.",
            "Mô tả ảnh là một dòng, nhiều nhất {most} ký tự cho mỗi ngôn ngữ. Hãy rút gọn lại.",
        ),
        "TARGET_NAME_INVALID": (
            "{name} cannot name anything in a publish target.",
            "Tên {name} không dùng được khi đăng trang; xin báo kỹ thuật.",
        ),
        "PAGE_SIZE_INVALID": (
            "A page holds at least one entry; {size} were asked for.",
            "Mỗi trang cần ít nhất một mục; yêu cầu ghi {size}.",
        ),
        "CHANGE_INVALID": (
            "The place of a change is at most {most} printable characters.",
            "Chỗ sửa ghi quá dài hoặc có ký tự lạ; xin tải lại trang rồi lưu.",
        ),
        "PREVIEW_BASE_INVALID": (
            "A preview's base is a path such as /xem/w1, without a last slash.",
            "Chỗ đặt bản xem trước chưa đúng; xin báo kỹ thuật.",
        ),
        "MEDIA_TOO_MANY": (
            "At most {most} photos can be asked for at once.",
            "Mỗi lần chỉ xem được {most} ảnh.",
        ),
        "HOST_INVALID": (
            "{host} is not a host name.",
            "{host} không phải tên miền hợp lệ. Hãy ghi tên miền như gio-bien.vn.",
        ),
    },
)
register(
    Refused,
    {
        "IMAGE_TOO_COMPLEX": (
            "The photo took too long or too much memory to read.",
            "Ảnh này quá nặng để xử lý. Hãy chọn ảnh khác hoặc chụp lại.",
        ),
        "WEBSITE_HAS_FINDINGS": (
            "The website cannot be published yet: {count} points are open; the first: {first_en}",
            "Trang web chưa đăng được, còn {count} điểm cần sửa. Điểm đầu tiên: {first_vi}",
        ),
        "REVISION_CHANGED": (
            "The draft is at revision {revision} now.",
            "Bản nháp vừa được sửa ở nơi khác (lần sửa {revision}). Hãy xem lại rồi đăng.",
        ),
    },
)
register(
    Conflict,
    {
        "HOST_TAKEN": (
            "{host} already has a website.",
            "{host} đã có một trang web trên Hải Đăng. Hãy chọn tên miền khác, hoặc liên hệ "
            "chúng tôi nếu tên miền này là của anh/chị.",
        ),
    },
)
register(
    Conflict,
    {
        "DRAFT_CHANGED": (
            "The draft was changed meanwhile; read it again.",
            "Bản nháp vừa được sửa ở nơi khác. Hãy tải lại để thấy cả hai bản rồi lưu.",
        ),
    },
    grpc_code="ABORTED",
)
register(
    Absent,
    {
        "REVISION_ABSENT": (
            "The draft of revision {revision} is no longer kept.",
            "Bản nháp lần sửa {revision} không còn được giữ.",
        ),
        "MEDIA_ABSENT": (
            "There is no such photo.",
            "Không tìm thấy ảnh này. Hãy tải ảnh lên lại.",
        ),
        "ASSET_ABSENT": ("The template has no such file.", "Mẫu trang không có tệp này."),
        "WEBSITE_ABSENT": ("There is no such website.", "Không tìm thấy trang web này."),
        "DEPLOYMENT_ABSENT": (
            "There is no such deployment.",
            "Không tìm thấy lần đăng này.",
        ),
        "PACK_ABSENT": ("There is no template {pack}.", "Không có mẫu trang {pack}."),
    },
)
register(
    Unavailable,
    {
        "MEDIA_WORKER_DOWN": (
            "The photo worker is not there.",
            "Bộ phận xử lý ảnh đang khởi động lại; xin tải lại sau ít giây.",
        ),
    },
)
