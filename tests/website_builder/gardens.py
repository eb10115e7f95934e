"""A farm shop in the pack "Vườn" with every kind of section; a test states its one difference."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from haidang.website_builder.rendering import RenderedSite, render_website
from haidang.website_builder.website import Draft, MediaRef, Website, read_website

from tests.website_builder.sites import HOST, a_business, a_pack, i, photos

VUON = "vn.farm.vuon"
LONGEST_FARM = "Hợp tác xã Nông nghiệp hữu cơ và Du lịch sinh thái Đất Đỏ Châu Đức Kim Long"

_CONTENT: dict[str, Any] = {  # Any: JSON as an owner's draft holds it
    "site": {
        "kind": "farm",
        "zalo": "+84908765432",
        "summary": i("Tiêu phơi nắng, bán thẳng từ vườn.", "Sun-dried pepper from the garden."),
        "opening_hours": [{"days": ["mo", "tu", "we"], "opens": "07:00", "closes": "17:30"}],
        "bank_account": {"bank": "970405", "number": "7608205123456", "holder": "HTX DAT DO"},
        "products": [
            {
                "id": "tieu-den",
                "name": i("Tiêu đen", "Black pepper"),
                "text": i("Phơi bốn nắng.", "Four days in the sun."),
                "price": 185000,
                "unit": i("kg", "kg"),
                "stock": "in",
                "batch": "0226-03",
                "harvested": i("Hái tháng 2/2026", "Picked February 2026"),
            },
            {
                "id": "tieu-do",
                "name": i("Tiêu đỏ", "Red pepper"),
                "price": 420000,
                "unit": i("kg", "kg"),
                "stock": "few",
            },
            {"id": "sau-rieng", "name": i("Sầu riêng", "Durian"), "stock": "soon"},
            {
                "id": "tieu-xanh",
                "name": i("Tiêu xanh", "Green pepper"),
                "price": 75000,
                "unit": i("hũ", "jar"),
                "stock": "out",
            },
        ],
    },
    "pages": [
        {
            "path": "/",
            "title": i("Tiêu Châu Đức", "Châu Đức pepper"),
            "sections": [
                {
                    "id": "mo-dau",
                    "type": "hero",
                    "data": {
                        "kicker": i("Sổ vườn", "Garden book"),
                        "from_price": 185000,
                        "from_unit": i("kg", "kg"),
                    },
                },
                {
                    "id": "hang",
                    "type": "products",
                    "data": {
                        "heading": i("Hàng và giá", "Products"),
                        "intro": i("Có số mẻ trên túi.", "A batch on every bag."),
                        "source": "products",
                        "note": i("Giá vụ 2026.", "Prices of 2026."),
                    },
                },
                {
                    "id": "mua-vu",
                    "type": "harvest",
                    "data": {
                        "heading": i("Mùa vụ", "Harvest"),
                        "rows": [
                            {
                                "name": i("Tiêu đen", "Black pepper"),
                                "harvest": [1, 2, 3],
                                "sale": [4, 5, 6],
                                "note": i("Mưa thì muộn", "Later in rain"),
                            },
                            {"name": i("Tiêu xanh", "Green"), "harvest": [11, 12, 1]},
                        ],
                    },
                },
                {
                    "id": "chuyen",
                    "type": "story",
                    "data": {
                        "heading": i("Mười hai nhà", "Twelve families"),
                        "text": i(
                            "Đất đỏ giữ ẩm.\n\nMỗi mẻ một trang.", "Red soil.\n\nA page each."
                        ),
                        "quote": i("Tiêu ngon chịu đợi nắng.", "Good pepper waits."),
                        "signed": i("Ông Tư", "Mr Tư"),
                    },
                },
                {
                    "id": "vuon",
                    "type": "plot",
                    "data": {
                        "heading": i("Vườn ở Kim Long", "In Kim Long"),
                        "text": i("Đất đỏ bazan.", "Red basalt."),
                        "parcels": [
                            {
                                "name": i("Vườn trên", "Upper garden"),
                                "crop": i("Tiêu", "Pepper"),
                                "size": i("1,8 ha", "1.8 ha"),
                                "kind": "rows",
                            },
                            {"name": i("Sân", "Yard"), "kind": "yard"},
                            {"name": i("Vườn dưới", "Lower garden"), "kind": "trees"},
                            {"name": i("Bàu", "Pond"), "kind": "water"},
                        ],
                        "ways": [
                            {"from": i("Từ chợ", "Market"), "text": i("Hai cây số.", "2 km.")}
                        ],
                        "visit": i("Báo trước một ngày.", "Tell us a day ahead."),
                    },
                },
                {
                    "id": "dat-hang",
                    "type": "order",
                    "data": {
                        "heading": i("Phiếu đặt hàng", "Order slip"),
                        "text": i("Ghi rồi gửi.", "Write, then send."),
                        "source": "products",
                    },
                },
                {
                    "id": "tra-tien",
                    "type": "payment",
                    "data": {
                        "heading": i("Chuyển khoản", "Payment"),
                        "text": i("Trả khi nhận cũng được.", "On delivery is fine."),
                        "purpose": "Mua tiêu",
                    },
                },
                {
                    "id": "gui-hang",
                    "type": "delivery",
                    "data": {
                        "heading": i("Gửi hàng", "Delivery"),
                        "rows": [
                            {
                                "area": i("Trong tỉnh", "In the province"),
                                "time": i("1 ngày", "1 day"),
                                "fee": i("25.000 ₫", "25,000 ₫"),
                            }
                        ],
                        "note": i("Được mở túi.", "Open the bag."),
                    },
                },
                {
                    "id": "hoi-dap",
                    "type": "faq",
                    "data": {
                        "heading": i("Hay được hỏi", "Often asked"),
                        "items": [
                            {
                                "question": i("Để được bao lâu?", "How long?"),
                                "answer": i("Hai năm.", "Two years."),
                            }
                        ],
                    },
                },
                {
                    "id": "lien-he",
                    "type": "contact",
                    "data": {"heading": i("Gọi cho vườn", "Call the garden")},
                },
                {
                    "id": "chan-trang",
                    "type": "legal-footer",
                    "data": {"note": i("Mỗi túi một số.", "A number each.")},
                },
            ],
        }
    ],
}


def harvest(change: Callable[[Any], object] | None = None) -> dict[str, Any]:
    """Valid content; *change* edits the copy in place."""
    fresh = copy.deepcopy(_CONTENT)
    if change:
        change(fresh)
    return fresh


def a_garden(
    change: Callable[[Any], object] | None = None, *, name: str = "Vườn Tiêu", **business: object
) -> Website:
    """A farm shop whose draft was read."""
    owner = a_business(name=name, phone="+84908765432", **business)
    return read_website(Draft(f"packs/{VUON}", owner, ("vi", "en"), harvest(change)))


def grown(website: Website, *refs: MediaRef, ribbon: bool = False) -> RenderedSite:
    """The whole site."""
    return render_website(website, a_pack(VUON), photos(*refs), host=HOST, ribbon=ribbon)


def front(website: Website, *refs: MediaRef) -> str:
    """The home page in Vietnamese."""
    return grown(website, *refs).files["/index.html"].body.decode()


def patch(content: Any, kind: str) -> Any:
    """The data of the home page's section of a kind."""
    sections = content["pages"][0]["sections"]
    return next(one["data"] for one in sections if one["type"] == kind)


def planted(photo: MediaRef, count: int = 4) -> Callable[[Any], None]:
    """A change that pastes *count* photos in."""

    def change(content: Any) -> None:
        patch(content, "hero")["photo"] = photo.id
        patch(content, "story")["photo"] = photo.id
        for one in content["site"]["products"]:
            one["photo"] = photo.id
        shots = [{"photo": photo.id, "caption": i("Sân phơi", "The yard")} for _ in range(count)]
        data = {"heading": i("Ảnh", "Photos"), "photos": shots}
        content["pages"][0]["sections"].insert(5, {"id": "anh", "type": "gallery", "data": data})

    return change
