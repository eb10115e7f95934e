"""A restaurant in the pack "Bếp" with every kind of section; a test states its one difference."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from haidang.website_builder.rendering import RenderedSite, render_website
from haidang.website_builder.website import Draft, MediaRef, Website, read_website

from tests.website_builder.sites import HOST, a_business, a_pack, i, photos

BEP = "vn.restaurant.bep"
LONGEST_NAME = "Quán hải sản tươi sống và tiệc cưới Gia đình Út Hương Biển Lộc An Phước Hải"
LONGEST_DISH = "Tôm tích nướng muối hột và ớt xiêm xanh giã tay kèm bánh mì nướng bơ tỏi"

_CONTENT: dict[str, Any] = {  # Any: JSON as an owner's draft holds it
    "site": {
        "kind": "restaurant",
        "zalo": "+84901234567",
        "summary": i("Cá lên bến buổi sáng, tối nướng than.", "Landed at dawn, grilled at night."),
        "cuisine": i("Hải sản", "Seafood"),
        "price_low": 150000,
        "price_high": 400000,
        "opening_hours": [
            {"days": ["mo", "tu", "we", "th", "fr"], "opens": "10:30", "closes": "22:00"},
            {"days": ["su"], "opens": "09:30", "closes": "01:00"},
        ],
        "catch": [
            {"name": i("Ghẹ xanh", "Blue crab"), "kind": "crab", "price": 480000, "unit": "kg"},
            {"name": i("Hàu sữa", "Oyster"), "kind": "shell", "price": 18000, "unit": "piece"},
            {"name": i("Cá mú", "Grouper"), "text": i("Hấp", "Steamed"), "stock": "few"},
            {"name": i("Sò lông", "Ark clam"), "price": 120000, "stock": "out"},
        ],
        "menu": [
            {
                "name": i("Trên than", "Over charcoal"),
                "text": i("Chấm muối tiêu chanh.", "With pepper salt and lime."),
                "items": [
                    {
                        "name": i("Mực một nắng", "Half-dried squid"),
                        "text": i("Phơi ngay trên bến", "Dried on the pier"),
                        "price": 220000,
                        "unit": i("phần", "plate"),
                        "house": True,
                    },
                    {"name": i(LONGEST_DISH, "Mantis shrimp"), "market": True, "spicy": True},
                    {"name": i("Đậu bắp", "Okra"), "price": 45000, "vegetarian": True},
                    {"name": i("Tôm sú", "Prawns"), "price": 1250000, "sold_out": True},
                ],
            },
            {"name": i("Uống", "To drink"), "items": [{"name": i("Trà đá", "Iced tea")}]},
        ],
        "spaces": [
            {"name": i("Bàn sát nước", "By the water"), "seats": 24},
            {
                "name": i("Phòng riêng", "Private room"),
                "seats": 12,
                "terms": i("Đặt trước một ngày.", "A day ahead."),
            },
        ],
    },
    "pages": [{"path": "/", "title": i("Hải sản Út Hương", "Út Hương seafood"), "sections": []}],
}
_SECTIONS: dict[str, dict[str, Any]] = {
    "hero": {"kicker": i("Hải sản", "Seafood")},
    "catch": {"heading": i("Sáng nay về bến", "Landed today"), "day": "2026-11-28"},
    "menu": {"heading": i("Thực đơn", "Menu"), "note": i("Giá gồm thuế.", "With tax.")},
    "story": {
        "heading": i("Ghe về là nổi lửa", "The fire is lit"),
        "text": i("Chồng đi ghe.\n\nVợ giữ bếp.", "He fishes.\n\nShe cooks."),
        "quote": i("Nấu đúng lúc.", "At the right moment."),
    },
    "spaces": {"heading": i("Chỗ ngồi", "Where you sit")},
    "hours": {
        "heading": i("Giờ mở cửa", "Hours"),
        "last_order": i("Món cuối lúc 21:30.", "Last orders at 21:30."),
        "holidays": [{"name": i("Mùng 1", "The 1st"), "text": i("Nghỉ", "Closed")}],
    },
    "table": {"heading": i("Giữ bàn", "Ask for a table"), "rules": [i("Gọi.", "Call.")]},
    "place": {
        "heading": i("Đường tới", "Way"),
        "route": [
            {"name": i("Chợ", "Market"), "turn": "right"},
            {"name": i("Quán", "Here"), "text": i("Bảng đỏ", "Red sign")},
        ],
        "water": "end",
        "parking": i("Trước quán", "In front"),
    },
    "faq": {
        "heading": i("Hay hỏi", "Often asked"),
        "items": [{"question": i("Có ghế trẻ em?", "High chairs?"), "answer": i("Có.", "Yes.")}],
    },
    "guests": {
        "heading": i("Lời khách", "Guests"),
        "words": [{"text": i("Ngon.", "Good."), "name": "Minh", "when": i("Hè", "Summer")}],
    },
    "legal-footer": {},
}


def a_kitchen(change: Callable[[Any], object] | None = None, **business: object) -> Website:
    """A restaurant's website; *change* edits its content in place."""
    content = copy.deepcopy(_CONTENT)
    content["pages"][0]["sections"] = [
        {"id": f"{kind}-1", "type": kind, "data": copy.deepcopy(data)}
        for kind, data in _SECTIONS.items()
    ]
    if change:
        change(content)
    told = {"name": "Út Hương", **business}
    return read_website(Draft("packs/" + BEP, a_business(**told), ("vi", "en"), content))


def part(content: Any, kind: str) -> Any:
    """The data of the home page's section of a kind."""
    return next(one["data"] for one in content["pages"][0]["sections"] if one["type"] == kind)


def with_photos(*refs: MediaRef) -> Callable[[Any], None]:
    """A change that puts the first photo on top and all of them in a gallery."""

    def change(content: Any) -> None:
        part(content, "hero")["photo"] = refs[0].id
        data = {"heading": i("Ảnh", "Photos"), "photos": [{"photo": one.id} for one in refs]}
        content["pages"][0]["sections"].insert(-1, {"id": "anh", "type": "gallery", "data": data})

    return change


def cooked(website: Website, *refs: MediaRef, ribbon: bool = False) -> RenderedSite:
    return render_website(website, a_pack(BEP), photos(*refs), host=HOST, ribbon=ribbon)


def served_page(website: Website, *refs: MediaRef) -> str:
    """The home page in Vietnamese."""
    return cooked(website, *refs).files["/index.html"].body.decode()
