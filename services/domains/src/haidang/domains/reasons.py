"""What may go wrong with names, zones and registrations, in whole sentences. Pure."""

from __future__ import annotations

from haidang.core.errors import Absent, Conflict, Malformed, Refused, Unavailable, register

register(
    Malformed,
    {
        "NAME_EMPTY": (
            "Give a domain name, such as banhmi-lan.vn.",
            "Hãy nhập một tên miền, ví dụ banhmi-lan.vn.",
        ),
        "NAME_CHARACTER": (
            "A name has letters, digits and hyphens only. Take out “{character}” and try again.",
            "Tên chỉ gồm chữ, số và dấu gạch nối. Bỏ “{character}” rồi thử lại.",
        ),
        "NAME_SPACE": (
            "A name has no spaces. Write it together or with hyphens.",
            "Tên không có khoảng trắng. Hãy viết liền hoặc dùng dấu gạch nối.",
        ),
        "NAME_HYPHEN": (
            "A hyphen may not come first, last or beside another.",
            "Dấu gạch nối không được đứng đầu, đứng cuối hay đứng liền nhau.",
        ),
        "NAME_TOO_LONG": (
            "The name is too long: {octets} of at most {most} octets once encoded.",
            "Tên quá dài: {octets} ký tự sau khi mã hóa, nhiều nhất là {most}. "
            "Hãy chọn tên ngắn hơn.",
        ),
        "NAME_ENCODING": (
            "The encoded form xn-- of this name is not valid.",
            "Dạng mã hóa xn-- của tên này không hợp lệ.",
        ),
        "YEARS_OUT_OF_RANGE": (
            "Register or renew for 1 to {most} years.",
            "Thời hạn đăng ký hoặc gia hạn từ 1 đến {most} năm.",
        ),
        "ACTION_MISSING": (
            "Say whether to register or to renew.",
            "Hãy chọn đăng ký mới hoặc gia hạn.",
        ),
        "TOO_MANY_NAMES": (
            "Ask for 1 to {most} names at a time.",
            "Mỗi lần kiểm tra từ 1 đến {most} tên.",
        ),
        "BUSINESS_NAME_WITHOUT_LETTERS": (
            "Write the name of the business, with at least one letter or digit.",
            "Hãy ghi tên cơ sở kinh doanh, có ít nhất một chữ cái hoặc chữ số.",
        ),
        "BUSINESS_FACT_TOO_LONG": (
            "At most {most} characters. Write it shorter.",
            "Nhiều nhất {most} ký tự. Hãy viết ngắn hơn.",
        ),
        "REGISTRANT_KIND_MISSING": (
            "Say whether an organisation, a household business or a person registers.",
            "Hãy chọn chủ thể: doanh nghiệp, hộ kinh doanh hay cá nhân.",
        ),
        "REGISTRANT_FACT_MISSING": (
            "{field} ({label}) is required of this registrant.",
            "Cần điền {label} của chủ thể đăng ký.",
        ),
        "REGISTRANT_FACT_UNSEEN": (
            "{label} holds a character that cannot be seen.",
            "Mục {label} có ký tự không nhìn thấy được; hãy xóa mục này rồi gõ lại.",
        ),
        "REGISTRANT_FACT_TOO_LONG": (
            "{field} ({label}) has at most {most} characters.",
            "Mục {label} có nhiều nhất {most} ký tự. Hãy viết ngắn hơn.",
        ),
        "COUNTRY_INVALID": (
            "The country must be two letters, such as VN.",
            "Mã quốc gia phải gồm hai chữ cái, ví dụ VN.",
        ),
        "BIRTH_DATE_INVALID": (
            "The birth date must look like 1990-05-17.",
            "Ngày sinh phải ghi dạng năm-tháng-ngày, ví dụ 1990-05-17.",
        ),
        "BIRTH_DATE_FUTURE": (
            "The birth date lies in the future.",
            "Ngày sinh nằm ở tương lai. Hãy xem lại trên thẻ căn cước.",
        ),
        "RECORD_TYPE": (
            "Records of type {type} are not hosted here.",
            "Chưa hỗ trợ bản ghi loại {type}.",
        ),
        "RECORD_VALUE": (
            "“{value}” is not a value of a {type} record.",
            "“{value}” không phải giá trị đúng của bản ghi {type}.",
        ),
        "RECORD_DOT": (
            "“{target}” lacks its final dot. Write “{target}.”, or “{target}.{zone}.” if it "
            "lies inside this zone.",
            "“{target}” thiếu dấu chấm cuối. Hãy ghi “{target}.”, "
            "hoặc “{target}.{zone}.” nếu tên ấy nằm trong tên miền này.",
        ),
        "RECORD_OWNER": (
            "“{owner}” is not an owner name inside this zone.",
            "“{owner}” không phải tên hợp lệ trong vùng tên miền này.",
        ),
        "RECORD_TTL": (
            "The TTL must be {least} to {most} seconds.",
            "Thời gian lưu (TTL) phải từ {least} đến {most} giây.",
        ),
        "RECORD_TWICE": (
            "The record set {owner} {type} is given twice.",
            "Bản ghi {type} của {owner} bị khai hai lần.",
        ),
        "RECORD_SET_TOO_LARGE": (
            "The values of one record set have at most {most} characters together.",
            "Các giá trị của một nhóm bản ghi có tổng cộng nhiều nhất {most} ký tự.",
        ),
        "ZONE_TOO_LARGE": (
            "A zone holds at most {most} record sets.",
            "Một tên miền có nhiều nhất {most} nhóm bản ghi.",
        ),
    },
)
register(
    Refused,
    {
        "SUFFIX_UNKNOWN": (
            "Names under .{suffix} are not registered here.",
            "Hiện chưa nhận đăng ký tên dưới đuôi .{suffix}. Hãy chọn .vn, .com.vn hoặc .id.vn.",
        ),
        "SUFFIX_ITSELF": (
            ".{suffix} is a shared suffix and cannot be registered itself.",
            ".{suffix} là đuôi dùng chung, không đăng ký riêng được. "
            "Hãy thêm tên của anh/chị phía trước, ví dụ ten.{suffix}.",
        ),
        "NAME_TOO_DEEP": (
            "Register one label below a suffix; {below} lies deeper.",
            "Chỉ đăng ký một cấp ngay trước đuôi; {below} nằm sâu hơn một cấp.",
        ),
        "IDN_NOT_ALLOWED": (
            "Vietnamese letters are allowed directly under .vn only.",
            "Chữ có dấu chỉ dùng được ngay dưới .vn. Hãy bỏ dấu hoặc chọn đuôi .vn.",
        ),
        "NAME_BY_AUCTION": (
            "Names of one or two characters under .vn go by auction ({citation}).",
            "Tên một hoặc hai ký tự dưới .vn được cấp qua đấu giá ({citation}).",
        ),
        "NAME_RESERVED": (
            "{name} is reserved ({citation}).",
            "Tên {name} được bảo vệ, không đăng ký tự do ({citation}). Hãy chọn tên khác.",
        ),
        "HOLDER_NOT_ELIGIBLE": (
            "This kind of registrant may not hold a name under .{suffix} ({citation}).",
            "Loại chủ thể này không được đăng ký tên dưới đuôi .{suffix} ({citation}). "
            "Hãy chọn đuôi khác, ví dụ .vn.",
        ),
        "NO_FEE_ROW": (
            "No fee is known for .{suffix}, so no price can be quoted.",
            "Chưa có mức phí cho đuôi .{suffix} nên chưa báo giá được. Hãy chọn đuôi khác.",
        ),
        "QUOTE_EXPIRED": (
            "The quote expired at {expired}. Ask for a new one.",
            "Báo giá đã hết hạn lúc {expired}. Hãy xem lại giá rồi gửi lại.",
        ),
        "QUOTE_MISMATCH": (
            "The quote is for something else.",
            "Báo giá này dành cho tên hoặc thời hạn khác. Hãy xem lại giá rồi gửi lại.",
        ),
        "QUOTE_OF_EARLIER_TERM": (
            "The name was renewed since this quote. Ask for a new one.",
            "Tên miền đã được gia hạn sau báo giá này. "
            "Nếu muốn gia hạn thêm, hãy xem lại giá rồi gửi lại.",
        ),
        "PRICE_CHANGED": (
            "The price is {total}, not the acknowledged {acknowledged}.",
            "Giá là {total}, khác với số anh/chị đã xác nhận ({acknowledged}). Hãy xem lại giá.",
        ),
        "STATUS_BARS_RENEWAL": (
            "The name cannot be renewed now: {statuses}.",
            "Hiện chưa gia hạn được tên miền này ({statuses}).",
        ),
        "RENEWAL_CLOSED": (
            "Renewal closed on {closed}; the name will be deleted ({citation}).",
            "Thời hạn gia hạn đã kết thúc ngày {closed}; tên đang chờ thu hồi ({citation}).",
        ),
        "TERM_TOO_LONG": (
            "A name is held for at most {most} years ahead.",
            "Tên miền chỉ giữ trước tối đa {most} năm. Hãy chọn ít năm hơn.",
        ),
        "RECORD_CNAME": (
            "{owner} has a CNAME, which stands alone.",
            "{owner} đã có bản ghi CNAME nên không thể có bản ghi khác.",
        ),
        "RECORD_APEX": (
            "{type} at the top of the zone is kept by the platform.",
            "Bản ghi {type} ở gốc tên miền do hệ thống quản lý, không sửa trực tiếp được.",
        ),
    },
)
register(
    Conflict,
    {
        "NAME_HELD": (
            "{name} is already registered.",
            "Tên {name} đã có người đăng ký. Hãy chọn tên khác.",
        ),
    },
)
register(
    Conflict,
    {
        "ZONE_CHANGED": (
            "The zone is at serial {serial} now. Plan again.",
            "Bản ghi vừa được thay đổi ở nơi khác. Hãy xem lại rồi áp dụng lần nữa.",
        ),
    },
    grpc_code="ABORTED",
)
register(
    Absent,
    {
        "REGISTRATION_ABSENT": (
            "{name} is not among your registrations.",
            "Không thấy {name} trong các tên miền của anh/chị.",
        ),
        "LIFECYCLE_PROFILE_ABSENT": (
            "No lifecycle profile {profile} is in force; see the settings.",
            "Chưa có quy định vòng đời {profile} đang hiệu lực; xin xem lại cấu hình.",
        ),
        "QUOTE_ABSENT": (
            "There is no such quote.",
            "Không tìm thấy báo giá này. Hãy xem lại giá rồi gửi lại.",
        ),
    },
)
register(
    Unavailable,
    {
        "AVAILABILITY_UNKNOWN": (
            "The registry has not answered: whether the name is free is not known.",
            "Cơ quan đăng ký chưa trả lời nên chưa biết tên này còn hay không. "
            "Hãy kiểm tra lại sau vài phút.",
        ),
    },
)
