"""A household that has answered every question of the wizard."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

DOMAIN = "nha-gio-bien.vn"
PACK = "packs/vn.homestay.bien"
FACTS: Mapping[str, str] = {
    "kind": "homestay",
    "sign_name": "Nhà Gió Biển",
    "holder": "HOUSEHOLD",
    "legal_name": "Hộ kinh doanh Nhà Gió Biển",
    "tax_code": "077 185 003 461",
    "representative_name": "Nguyễn Thị Hạnh",
    "representative_title": "Chủ hộ kinh doanh",
    "street": "27/4 đường Hải Đăng",
    "commune": "Phường Vũng Tàu",
    "province": "TP. Hồ Chí Minh",
    "phone": "0901 234 567",
    "email": "chao@nha-gio-bien.vn",
    "domain": DOMAIN,
    "years": "1",
    "pack": PACK,
}


def an_id() -> str:
    """A fresh request id."""
    return str(uuid.uuid4())
