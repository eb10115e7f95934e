"""Facts of a site that the platform itself reads, joined to every pack's site schema (pure).

The contact bar, the structured data and the legal pages know these names; a pack adds
its own facts beside them and may not redefine one.
"""

from __future__ import annotations

from collections.abc import Mapping

from haidang.website_builder.vietqr import ACCOUNT_PATTERN, banks

_DATE = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_MAX_RETENTION_MONTHS = 120


TRADES: Mapping[str, Mapping[str, str]] = {
    "homestay": {"vi": "Homestay, nhà nghỉ", "en": "Homestay, guest house"},
    "hotel": {"vi": "Khách sạn", "en": "Hotel"},
    "restaurant": {"vi": "Quán ăn, nhà hàng", "en": "Restaurant"},
    "farm": {"vi": "Nhà vườn, trang trại", "en": "Farm"},
    "shop": {"vi": "Cửa hàng", "en": "Shop"},
    "craft": {"vi": "Xưởng nghề thủ công", "en": "Craft workshop"},
    "services": {"vi": "Dịch vụ", "en": "Services"},
}
"""Words for the kinds of business that packs are made for."""


def _labelled(schema: Mapping[str, object], vi: str, en: str, **more: object) -> dict[str, object]:
    return {**schema, "x-ui": {"label": {"vi": vi, "en": en}, **more}}


def _add(vi: str, en: str) -> dict[str, str]:
    """What the button of a list says."""
    return {"vi": vi, "en": en}


def _text(limit: int) -> dict[str, object]:
    return {"type": "string", "minLength": 1, "maxLength": limit}


_PROSE = {"$ref": "haidang:richtext"}

_LEGAL: Mapping[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "responsible": _labelled(_text(80), "Người chịu trách nhiệm nội dung", "Responsible"),
        "retention_months": _labelled(
            {"type": "integer", "minimum": 1, "maximum": _MAX_RETENTION_MONTHS},
            "Số tháng giữ lời hỏi của khách",
            "Months an inquiry is kept",
        ),
        "certificates": {
            "type": "array",
            "maxItems": 8,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["name"],
                "properties": {
                    "name": _labelled({**_text(120), "x-i18n": True}, "Tên giấy phép", "Licence"),
                    "number": _labelled(_text(60), "Số", "Number"),
                    "issued_on": _labelled(_DATE, "Ngày cấp", "Issued on"),
                    "office": _labelled(_text(120), "Nơi cấp", "Issued by"),
                },
            },
            "x-ui": {
                "label": {"vi": "Giấy phép, giấy chứng nhận", "en": "Licences and certificates"},
                "add": _add("Thêm một giấy phép", "Add a licence"),
            },
        },
        "notification": {
            "type": "object",
            "additionalProperties": False,
            "required": ["uri"],
            "properties": {
                "uri": _labelled(
                    {"$ref": "haidang:link"},
                    "Đường dẫn xác nhận",
                    "Confirmation address",
                    hint={
                        "vi": "Địa chỉ xác nhận mà online.gov.vn cấp, bắt đầu bằng https://.",
                        "en": "The address that online.gov.vn gave you; it starts with https://.",
                    },
                ),
                "on": _labelled(_DATE, "Ngày xác nhận", "Confirmed on"),
            },
            "x-ui": {
                "label": {
                    "vi": "Thông báo với cơ quan quản lý",
                    "en": "Notification to the authority",
                }
            },
        },
        "limits": _labelled(_PROSE, "Giới hạn phục vụ", "Limits"),
        "service": _labelled(_PROSE, "Cách cung cấp dịch vụ", "How services are supplied"),
        "prices": _labelled(_PROSE, "Giá gồm những gì", "What prices include"),
        "payment": _labelled(_PROSE, "Thanh toán", "Payment"),
        "cancellation": _labelled(_PROSE, "Hủy và hoàn tiền", "Cancellation and refund"),
        "delivery": _labelled(_PROSE, "Giao hàng", "Delivery"),
        "returns": _labelled(_PROSE, "Đổi trả", "Returns"),
        "warranty": _labelled(_PROSE, "Bảo hành", "Warranty"),
    },
}


def _bank_account() -> dict[str, object]:
    """Where customers transfer money to: a code is drawn from it, so it is typed once."""
    names = {number: {"vi": name, "en": name} for number, name in banks().items()}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["bank", "number", "holder"],
        "properties": {
            "bank": {
                "enum": sorted(names, key=lambda number: names[number]["vi"].casefold()),
                "x-ui": {
                    "widget": "select",
                    "label": {"vi": "Ngân hàng", "en": "Bank"},
                    "choices": names,
                },
            },
            "number": _labelled(
                {"type": "string", "pattern": ACCOUNT_PATTERN}, "Số tài khoản", "Account number"
            ),
            "holder": _labelled(_text(60), "Chủ tài khoản", "Account holder"),
        },
        "x-ui": {"label": {"vi": "Tài khoản nhận tiền", "en": "Account for payments"}},
    }


def with_core_facts(schema: Mapping[str, object], kinds: list[str]) -> dict[str, object]:
    """A pack's site schema with the platform's facts beside its own.

    Raises: ValueError when the pack redefines one.
    """
    core: dict[str, object] = {
        "kind": _labelled(
            {"enum": kinds, "default": kinds[0]},
            "Loại hình",
            "Kind of business",
            choices={kind: TRADES.get(kind, {"vi": kind, "en": kind}) for kind in kinds},
        ),
        "scheme": _labelled({"$ref": "haidang:color-scheme"}, "Màu", "Colours"),
        "zalo": _labelled({"$ref": "haidang:phone-vn"}, "Số Zalo", "Zalo number"),
        "messenger": _labelled(
            {"type": "string", "pattern": "^[A-Za-z0-9.]{2,50}$"},
            "Trang Messenger",
            "Messenger",
            hint={
                "vi": "Tên trang Facebook sau facebook.com/, ví dụ nhagiobien.",
                "en": "The page's name after facebook.com/, such as nhagiobien.",
            },
        ),
        "opening_hours": _labelled(
            {"$ref": "haidang:opening-hours"},
            "Giờ mở cửa",
            "Opening hours",
            add=_add("Thêm khung giờ", "Add hours"),
        ),
        "bank_account": _bank_account(),
        "legal": {
            **_LEGAL,
            "x-ui": {"label": {"vi": "Thông tin pháp lý", "en": "Legal information"}},
        },
    }
    properties = schema.get("properties")
    own = properties if isinstance(properties, Mapping) else {}
    if taken := sorted(set(own) & set(core)):
        raise ValueError(f"site.schema.json redefines {taken[0]}")
    return {**schema, "properties": {**core, **own}}
