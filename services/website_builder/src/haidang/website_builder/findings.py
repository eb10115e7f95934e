"""What stands in the way of publishing, said at the field that caused it (pure).

Checks and schema judgements answer a list of `Finding`; only a draft whose very shape
is broken raises. Each reason has its English and Vietnamese sentence here; `sentence`
of `haidang.core.errors` fills it with the finding's facts.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import StrEnum

from haidang.core.errors import Fact, Malformed, Refused, register


class Severity(StrEnum):
    """ERROR refuses the publication; WARNING is shown and let through."""

    ERROR = "error"
    WARNING = "warning"


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One obstacle. `field` is a JSON pointer: "/pages/0/sections/2/data/heading/vi".

    Facts of the business have pointers that start with "/business/". Labels among the
    facts are Vietnamese; `english` has them for the English sentence.
    """

    field: str
    reason: str
    severity: Severity = Severity.ERROR
    facts: Mapping[str, Fact] = dataclasses.field(default_factory=dict)
    english: Mapping[str, Fact] = dataclasses.field(default_factory=dict, compare=False)


register(
    Malformed,
    {
        "WEBSITE_NOT_AN_OBJECT": (
            "{field} must be an object.",
            "Nội dung trang web chưa đúng dạng ở {field}; hãy mở lại bản nháp và lưu lại.",
        ),
        "WEBSITE_KEY_UNKNOWN": (
            "{key} is not a key of a website's content.",
            "Mục “{key}” không có trong nội dung trang web; hãy bỏ mục này.",
        ),
        "WEBSITE_TEXT_EXPECTED": (
            "{field} must be text.",
            "Chỗ {field} phải là chữ.",
        ),
        "WEBSITE_TEXT_CONTROL": (
            "{field} holds control characters.",
            "Đoạn chữ ở {field} có ký tự lạ không hiển thị được; hãy xóa rồi gõ lại.",
        ),
        "WEBSITE_TOO_LARGE": (
            "The draft holds more than {max_values} values or nests too deeply.",
            "Bản nháp quá lớn (hơn {max_values} mục); hãy bớt hoặc chia thành nhiều trang.",
        ),
        "WEBSITE_TEXT_TOO_LONG": (
            "The draft's texts have more than {max_characters} characters together.",
            "Bản nháp có quá nhiều chữ (hơn {max_characters} ký tự); hãy bớt đi.",
        ),
        "WEBSITE_LOCALES_EMPTY": (
            "A website needs at least one language.",
            "Trang web cần ít nhất một ngôn ngữ.",
        ),
        "WEBSITE_LOCALE_INVALID": (
            "{locale} is not a language, or is given twice.",
            "Ngôn ngữ “{locale}” chưa đúng hoặc bị ghi hai lần.",
        ),
        "WEBSITE_PAGES_MISSING": (
            "A website needs at least one page.",
            "Trang web cần ít nhất một trang.",
        ),
        "WEBSITE_TOO_MANY_PAGES": (
            "A website has at most {max_pages} pages.",
            "Một trang web có nhiều nhất {max_pages} trang; hãy bớt đi.",
        ),
        "WEBSITE_HOME_MISSING": (
            "The first page must be the home page, with path /.",
            "Trang đầu tiên phải là trang chủ, đường dẫn “/”.",
        ),
        "WEBSITE_PATH_INVALID": (
            "{path} is not a page's path; use /lower-case-words/.",
            "Đường dẫn “{path}” chưa đúng: chỉ dùng chữ thường không dấu, số và gạch nối, "
            "bắt đầu và kết thúc bằng “/”.",
        ),
        "WEBSITE_PATH_TWICE": (
            "Two pages have the path {path}.",
            "Hai trang cùng đường dẫn {path}; hãy đổi một trang.",
        ),
        "WEBSITE_SECTIONS_MISSING": (
            "{field} must be a list of sections.",
            "Trang này chưa có danh sách phần nội dung ({field}).",
        ),
        "WEBSITE_TOO_MANY_SECTIONS": (
            "A page has at most {max_sections} sections.",
            "Một trang có nhiều nhất {max_sections} phần; hãy gộp lại hoặc chuyển sang trang khác.",
        ),
        "WEBSITE_SECTION_ID_INVALID": (
            "{field}: a section's id is 1 to 40 lower-case letters, digits and hyphens.",
            "Mã của phần ({field}) gồm 1–40 chữ thường không dấu, số và gạch nối.",
        ),
        "WEBSITE_SECTION_ID_TWICE": (
            "Two sections of the page have the id {id}.",
            "Hai phần trên cùng trang có mã “{id}”; hãy đổi một mã.",
        ),
        "WEBSITE_SECTION_TYPE_MISSING": (
            "{field}: a section needs a type.",
            "Phần này chưa nói là loại nào ({field}).",
        ),
    },
)

register(
    Malformed,
    {
        "VALUE_MISSING": (
            "{name} is required.",
            "Cần điền mục “{name}”.",
        ),
        "VALUE_UNKNOWN": (
            "{name} is not a field here.",
            "Mục “{name}” không có ở đây; hãy bỏ đi.",
        ),
        "VALUE_NOT_TEXT": ("{name} must be text.", "Mục “{name}” phải là chữ."),
        "VALUE_NOT_NUMBER": (
            "{name} must be a whole number.",
            "Mục “{name}” phải là một số, không có chữ hay dấu chấm.",
        ),
        "VALUE_NOT_YES_NO": (
            "{name} must be true or false.",
            "Mục “{name}” chỉ nhận có hoặc không.",
        ),
        "VALUE_NOT_LIST": ("{name} must be a list.", "Mục “{name}” phải là một danh sách."),
        "VALUE_NOT_OBJECT": (
            "{name} must be an object; a text is written by language.",
            "Mục “{name}” phải ghi theo từng phần (chữ thì ghi theo từng ngôn ngữ, như vi, en).",
        ),
        "VALUE_EMPTY": (
            "{name} must not be empty.",
            "Mục “{name}” đang để trống.",
        ),
        "VALUE_TOO_LONG": (
            "{name} is longer than {limit}.",
            "Mục “{name}” dài quá {limit} ký tự; hãy viết ngắn lại.",
        ),
        "VALUE_TOO_MANY": (
            "{name} has more than {limit} entries.",
            "Mục “{name}” có quá {limit} dòng; hãy bớt đi.",
        ),
        "VALUE_TOO_FEW": (
            "{name} needs at least {limit} entries.",
            "Mục “{name}” cần ít nhất {limit} dòng.",
        ),
        "VALUE_TOO_SMALL": (
            "{name} must be at least {limit}.",
            "Mục “{name}” phải từ {limit} trở lên.",
        ),
        "VALUE_TOO_LARGE": (
            "{name} must be at most {limit}.",
            "Mục “{name}” không được quá {limit}.",
        ),
        "VALUE_NOT_LISTED": (
            "{name} must be one of {choices}.",
            "Mục “{name}” chỉ nhận một trong: {choices}.",
        ),
        "VALUE_PATTERN": (
            "{name} is not written as it should be.",
            "Mục “{name}” viết chưa đúng mẫu.",
        ),
        "VALUE_INVALID": (
            "{name} is not valid.",
            "Mục “{name}” chưa đúng.",
        ),
        "LINK_UNSAFE": (
            "{name} must be a page of the site, or start with https, tel or mailto.",
            "Liên kết ở mục “{name}” phải là trang trong website, hoặc bắt đầu bằng https://, "
            "tel: hay mailto:.",
        ),
    },
)

register(
    Refused,
    {
        "SECTION_UNKNOWN": (
            "This pack has no section “{type}”.",
            "Mẫu giao diện này không có phần “{type}”; hãy bỏ hoặc chọn phần khác.",
        ),
        "SECTION_MISSING": (
            "The page lacks the section “{label}”.",
            "Trang này còn thiếu phần “{label}”.",
        ),
        "SECTION_REPEATED": (
            "The section “{label}” may stand {limit} time(s) on a page.",
            "Phần “{label}” chỉ được đặt {limit} lần trên một trang.",
        ),
        "LOCALE_NOT_IN_PACK": (
            "This pack does not speak {locale}.",
            "Mẫu giao diện này chưa có ngôn ngữ “{locale}”.",
        ),
        "TRANSLATION_MISSING": (
            "“{name}” has no text in {locale}; the default language is shown.",
            "Mục “{name}” chưa có bản {locale}; khách sẽ thấy bản tiếng Việt.",
        ),
        "PHOTO_ABSENT": (
            "The photo in “{name}” is not stored.",
            "Không tìm thấy ảnh ở mục “{name}”; hãy tải ảnh lên lại.",
        ),
        "PHOTO_WITHOUT_ALT": (
            "The photo in “{name}” has no words for those who cannot see it.",
            "Ảnh ở mục “{name}” chưa có lời mô tả cho người không nhìn thấy ảnh.",
        ),
        "TITLE_MISSING": (
            "The page has no title in {locale}.",
            "Trang này chưa có tiêu đề ({locale}).",
        ),
        "BUSINESS_FACT_MISSING": (
            "The law asks the site to show: {fact} ({source}).",
            "Pháp luật yêu cầu trang web nêu {fact}; hãy điền mục này ({source}).",
        ),
        "NOTIFICATION_MISSING": (
            "A site that takes orders must be notified first ({source}).",
            "Trang nhận đặt hàng phải thông báo với cơ quan quản lý trước khi hoạt động "
            "({source}); hãy điền đường dẫn xác nhận.",
        ),
        "LINK_BROKEN": (
            "The link “{href}” leads to no page or section of this site.",
            "Liên kết “{href}” không dẫn tới trang hay phần nào của trang web này.",
        ),
        "PACK_BROKEN": (
            "The pack {pack} is broken: {detail}",
            "Mẫu giao diện {pack} bị lỗi ({detail}); hãy báo cho người vận hành.",
        ),
        "PACK_TEMPLATE_FAILED": (
            "The pack {pack} could not draw {template}: {detail}",
            "Mẫu giao diện {pack} không dựng được {template} ({detail}); "
            "hãy báo cho người vận hành.",
        ),
        "PAGE_TOO_HEAVY": (
            "Drawing {template} took more steps than one page may.",
            "Phần {template} quá nặng nên không dựng được; hãy bớt nội dung ở phần này.",
        ),
    },
)
