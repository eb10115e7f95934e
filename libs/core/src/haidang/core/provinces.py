"""Provinces, former and present: dated data. Pure; nothing is decided here.

The 63 codes at the head of a personal number stay what they are after the mergers of 2025:
a number is never issued anew. Numbers of citizens whose birth was registered abroad begin
with a country's code instead, which is not in that table. Addresses name the 34 provinces
of today.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from haidang.core.vietnamese import slug


@dataclass(frozen=True, slots=True)
class ProvinceCodes:
    """One dated table, code to name, and what it rests on."""

    valid_from: date
    citation: str
    confidence: str
    names: Mapping[int, str]


PROVINCES_OF_BIRTH = ProvinceCodes(
    valid_from=date(2016, 3, 20),
    citation="Circular 07/2016/TT-BCA, annex 1; structure: Decree 137/2015/NĐ-CP art. 13",
    confidence="secondary",
    names={
        1: "Hà Nội",
        2: "Hà Giang",
        4: "Cao Bằng",
        6: "Bắc Kạn",
        8: "Tuyên Quang",
        10: "Lào Cai",
        11: "Điện Biên",
        12: "Lai Châu",
        14: "Sơn La",
        15: "Yên Bái",
        17: "Hòa Bình",
        19: "Thái Nguyên",
        20: "Lạng Sơn",
        22: "Quảng Ninh",
        24: "Bắc Giang",
        25: "Phú Thọ",
        26: "Vĩnh Phúc",
        27: "Bắc Ninh",
        30: "Hải Dương",
        31: "Hải Phòng",
        33: "Hưng Yên",
        34: "Thái Bình",
        35: "Hà Nam",
        36: "Nam Định",
        37: "Ninh Bình",
        38: "Thanh Hóa",
        40: "Nghệ An",
        42: "Hà Tĩnh",
        44: "Quảng Bình",
        45: "Quảng Trị",
        46: "Thừa Thiên Huế",
        48: "Đà Nẵng",
        49: "Quảng Nam",
        51: "Quảng Ngãi",
        52: "Bình Định",
        54: "Phú Yên",
        56: "Khánh Hòa",
        58: "Ninh Thuận",
        60: "Bình Thuận",
        62: "Kon Tum",
        64: "Gia Lai",
        66: "Đắk Lắk",
        67: "Đắk Nông",
        68: "Lâm Đồng",
        70: "Bình Phước",
        72: "Tây Ninh",
        74: "Bình Dương",
        75: "Đồng Nai",
        77: "Bà Rịa–Vũng Tàu",
        79: "Thành phố Hồ Chí Minh",
        80: "Long An",
        82: "Tiền Giang",
        83: "Bến Tre",
        84: "Trà Vinh",
        86: "Vĩnh Long",
        87: "Đồng Tháp",
        89: "An Giang",
        91: "Kiên Giang",
        92: "Cần Thơ",
        93: "Hậu Giang",
        94: "Sóc Trăng",
        95: "Bạc Liêu",
        96: "Cà Mau",
    },
)


@dataclass(frozen=True, slots=True)
class Provinces:
    """Provinces as addresses name them: today's name, and the former ones merged into it."""

    valid_from: date
    citation: str
    confidence: str
    names: Mapping[str, tuple[str, ...]]


PROVINCES = Provinces(
    valid_from=date(2025, 7, 1),
    citation="Nghị quyết 202/2025/QH15",
    confidence="secondary",
    names={
        "Hà Nội": (),
        "TP. Hồ Chí Minh": ("Bình Dương", "Bà Rịa–Vũng Tàu"),
        "Hải Phòng": ("Hải Dương",),
        "Đà Nẵng": ("Quảng Nam",),
        "Cần Thơ": ("Hậu Giang", "Sóc Trăng"),
        "Huế": (),
        "An Giang": ("Kiên Giang",),
        "Bắc Ninh": ("Bắc Giang",),
        "Cà Mau": ("Bạc Liêu",),
        "Cao Bằng": (),
        "Đắk Lắk": ("Phú Yên",),
        "Điện Biên": (),
        "Đồng Nai": ("Bình Phước",),
        "Đồng Tháp": ("Tiền Giang",),
        "Gia Lai": ("Bình Định",),
        "Hà Tĩnh": (),
        "Hưng Yên": ("Thái Bình",),
        "Khánh Hòa": ("Ninh Thuận",),
        "Lai Châu": (),
        "Lạng Sơn": (),
        "Lào Cai": ("Yên Bái",),
        "Lâm Đồng": ("Bình Thuận", "Đắk Nông"),
        "Nghệ An": (),
        "Ninh Bình": ("Hà Nam", "Nam Định"),
        "Phú Thọ": ("Hòa Bình", "Vĩnh Phúc"),
        "Quảng Ngãi": ("Kon Tum",),
        "Quảng Ninh": (),
        "Quảng Trị": ("Quảng Bình",),
        "Sơn La": (),
        "Tây Ninh": ("Long An",),
        "Thái Nguyên": ("Bắc Kạn",),
        "Thanh Hóa": (),
        "Tuyên Quang": ("Hà Giang",),
        "Vĩnh Long": ("Bến Tre", "Trà Vinh"),
    },
)
"""The 34 units of provincial rank since the mergers of 2025, the six cities first."""


def province_called(text: str) -> str | None:
    """Today's name of the province that *text* names, also by a former name; None for none."""
    wanted = _bare(text)
    for today, former in PROVINCES.names.items():
        if wanted in {_bare(today), *map(_bare, former)}:
            return today
    return None


def _bare(name: str) -> str:
    folded = slug(name)
    for prefix in ("thanh-pho-", "tp-", "tinh-"):
        folded = folded.removeprefix(prefix)
    return folded
