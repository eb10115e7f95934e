"""The form of a business's facts and of a page's own words, as schemas. Pure.

The business's facts are asked once and bound into every page by the website service; their
labels are the portal's, for they are the same in every pack.
"""

from __future__ import annotations

from collections.abc import Mapping

from haidang.portal.web.editing.schema_forms import Schema

LINE, TITLE, DESCRIPTION = 160, 80, 160


def _line(vi: str, en: str, hint_vi: str = "", hint_en: str = "") -> dict[str, object]:
    hint = {"hint": {"vi": hint_vi, "en": hint_en}} if hint_vi else {}
    return {
        "type": "string",
        "maxLength": LINE,
        "x-ui": {"label": {"vi": vi, "en": en}, "widget": "text", **hint},
    }


def _with(schema: Mapping[str, object], **more: object) -> dict[str, object]:
    return {**schema, **more}


BUSINESS: Schema = {
    "type": "object",
    "required": ["name", "street", "commune", "province", "phone", "email"],
    "properties": {
        "name": _line(
            "Tên cơ sở",
            "Name of the business",
            "Tên khách vẫn gọi; đứng đầu trang và ở chân mọi trang.",
            "What guests call it; it heads the site and stands at the foot of every page.",
        ),
        "phone": _with(_line("Điện thoại", "Telephone"), **{"x-type": "phone-vn"}),
        "email": _line("Thư điện tử", "E-mail"),
        "street": _line("Số nhà, đường", "Street"),
        "commune": _line(
            "Phường, xã",
            "Ward or commune",
            "Tên mới từ ngày 1/7/2025.",
            "The name since 1 July 2025.",
        ),
        "province": _line("Tỉnh, thành phố", "Province or city"),
        "tax_code": _line("Mã số thuế", "Tax code"),
        "representative_name": _line("Người đại diện", "Representative"),
        "representative_title": _line("Chức danh", "Title"),
        "registration_number": _line("Số đăng ký kinh doanh", "Registration number"),
        "registration_on": {
            "type": "string",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
            "x-ui": {"label": {"vi": "Ngày đăng ký", "en": "Registered on"}},
        },
        "registration_office": _line("Nơi đăng ký", "Registered at"),
        "latitude": {
            "type": "number",
            "x-ui": {
                "label": {"vi": "Vĩ độ", "en": "Latitude"},
                "hint": {
                    "vi": "Trong ứng dụng bản đồ, giữ ngón tay trên chỗ của mình; số đầu là vĩ độ.",
                    "en": "Hold a finger on your place in a map app; the first number is latitude.",
                },
            },
        },
        "longitude": {
            "type": "number",
            "x-ui": {"label": {"vi": "Kinh độ", "en": "Longitude"}},
        },
    },
}
"""Names are those of websites.v1.Business."""


def page_schema(locales: tuple[str, ...]) -> Schema:
    """A page's own words, in the pack's languages."""

    def text(vi: str, en: str, most: int, widget: str) -> dict[str, object]:
        one = {"type": "string", "maxLength": most}
        return {
            "type": "object",
            "x-i18n": True,
            "properties": dict.fromkeys(locales, one),
            "x-ui": {"label": {"vi": vi, "en": en}, "widget": widget},
        }

    return {
        "type": "object",
        "required": ["title"],
        "properties": {
            "title": text("Tên trang", "Title of the page", TITLE, "text"),
            "description": text(
                "Một câu cho kết quả tìm kiếm",
                "A sentence for search results",
                DESCRIPTION,
                "textarea",
            ),
        },
    }
