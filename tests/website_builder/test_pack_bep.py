"""The pack "Bếp": what a guest reads of the catch, the menu, the hours and the tables."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from haidang.website_builder.checks import check_website
from haidang.website_builder.legal import commerce_of

from tests.website_builder.kitchens import (
    BEP,
    LONGEST_NAME,
    a_kitchen,
    cooked,
    part,
    served_page,
    with_photos,
)
from tests.website_builder.sites import a_pack, a_photo, i
from tests.website_builder.test_rendering import GOLDEN, Page


def words(html: str) -> str:
    """The page's text, its entities read and spaces made one."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#x2f;", "/")


def line_of(html: str, name: str) -> str:
    """The text of the list item that speaks of *name*."""
    items = re.findall(r"<li[ >].*?</li>", html, re.DOTALL)
    return words(next(one for one in items if name in one))


def node(html: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


def test_a_whole_restaurant_passes_the_checks() -> None:
    photo = a_photo()
    website = a_kitchen(with_photos(photo))

    assert check_website(website, a_pack(BEP), {photo.id: photo}) == []


def test_a_table_request_makes_the_site_one_that_takes_inquiries() -> None:
    assert commerce_of(a_kitchen(), a_pack(BEP)) == "inquiry"


def test_the_table_form_asks_for_what_a_host_needs() -> None:
    form = Page(served_page(a_kitchen()))
    names = {one.get("name") for one in form.all("input")} | {
        one.get("name") for one in form.all("textarea")
    }

    assert {"name", "phone", "date", "time", "guests", "note", "consent"} <= names


def test_each_catch_has_its_price_and_what_it_is_for() -> None:
    html = served_page(a_kitchen())

    assert "480.000\u00a0₫ / kg" in line_of(html, "Ghẹ xanh")
    assert "18.000\u00a0₫ / con" in line_of(html, "Hàu sữa")
    assert "theo thời giá" in line_of(html, "Cá mú")
    assert "Còn ít" in line_of(html, "Cá mú")


def test_what_is_gone_keeps_its_line_without_a_price() -> None:
    line = line_of(served_page(a_kitchen()), "Sò lông")

    assert "Hết" in line
    assert "120.000" not in line


def test_the_day_is_the_one_the_owner_wrote() -> None:
    assert '<time datetime="2026-11-28"><b>28</b><span>11/2026' in served_page(a_kitchen())


def test_dishes_say_their_price_and_their_marks() -> None:
    html = served_page(a_kitchen())

    assert "220.000\u00a0₫ / phần" in line_of(html, "Mực một nắng")
    assert "Món ruột" in line_of(html, "Mực một nắng")
    assert "theo thời giá" in line_of(html, "Tôm tích")
    assert "Cay" in line_of(html, "Tôm tích")
    assert "Chay" in line_of(html, "Đậu bắp")
    assert "Hôm nay hết" in line_of(html, "Tôm sú")
    assert "hỏi giá" in line_of(html, "Trà đá")


@pytest.mark.parametrize(
    ("kind", "fact"), [("menu", "menu"), ("catch", "catch"), ("spaces", "spaces")]
)
def test_a_list_that_is_empty_draws_nothing(kind: str, fact: str) -> None:
    page = Page(served_page(a_kitchen(lambda c: c["site"].pop(fact))))

    assert f"{kind}-1" not in {one.get("id") for one in page.all("section")}
    assert f"#{kind}-1" not in {one.get("href") for one in page.all("a")}


def test_every_weekday_has_its_hours_and_a_day_without_any_says_closed() -> None:
    html = served_page(a_kitchen())
    rows = [words(row) for row in re.findall(r"<tr>.*?</tr>", html, re.DOTALL)]

    assert len(rows) == 7
    assert "10:30 – 22:00" in rows[0]
    assert "Nghỉ" in rows[5]
    assert "09:30 – 01:00" in rows[6]


def test_hours_past_midnight_are_lit_to_the_end_of_the_bar() -> None:
    bars = re.findall(r'class="d-lit" x="(\d+)" width="(\d+)"', served_page(a_kitchen()))

    assert bars[-1] == ("42", "174")


def test_the_hours_are_above_the_name_and_lead_to_the_week() -> None:
    html = served_page(a_kitchen())

    assert html.index('class="today" href="#hours-1"') < html.index("<h1>")
    assert "T2–T6 10:30–22:00" in words(html)


def test_seats_are_drawn_as_tables() -> None:
    html = served_page(a_kitchen())

    (many, one) = re.findall(r'<svg class="tables".*?</svg>', html, re.DOTALL)
    assert many.count("<g ") == 3
    assert one.count("<g ") == 1
    assert one.count("d-shade") == 12


def test_search_engines_read_the_menu_the_page_shows() -> None:
    menu = node(served_page(a_kitchen()))["hasMenu"]
    grilled = menu["hasMenuSection"][0]["hasMenuItem"]
    by_name = {one["name"]: one for one in [*menu["hasMenuItem"], *grilled]}

    assert by_name["Mực một nắng"]["offers"]["price"] == 220000
    assert by_name["Ghẹ xanh"]["offers"]["priceSpecification"]["referenceQuantity"] == {
        "@type": "QuantitativeValue",
        "value": 1,
        "unitCode": "KGM",
    }
    assert by_name["Đậu bắp"]["suitableForDiet"] == "https://schema.org/VegetarianDiet"
    assert "offers" not in by_name["Cá mú"]
    assert "Tôm sú" not in by_name
    assert "Sò lông" not in by_name


def test_a_restaurant_says_its_kitchen_and_what_a_meal_costs() -> None:
    data = node(served_page(a_kitchen()))

    assert data["@type"] == "Restaurant"
    assert data["servesCuisine"] == "Hải sản"
    assert data["priceRange"] == "150.000\u00a0₫ – 400.000\u00a0₫"


def test_eighty_dishes_and_thirty_photos_are_drawn() -> None:
    refs = [a_photo(f"anh-{number}") for number in range(30)]

    def change(c: Any) -> None:
        with_photos(*refs)(c)
        c["site"]["menu"] = [
            {
                "name": i(f"Nhóm {group}", f"Group {group}"),
                "items": [
                    {"name": i(f"Món {group}.{n}", f"Dish {group}.{n}"), "price": 90000 + n}
                    for n in range(10)
                ],
            }
            for group in range(8)
        ]

    html = served_page(a_kitchen(change), *refs)

    assert html.count('class="dish"') == 80
    assert html.count("<img ") == 31
    assert [one["href"] for one in Page(html).all("a")].count("#menu-1-8") == 1


def test_the_page_stands_without_a_photo_and_with_the_longest_name() -> None:
    page = Page(served_page(a_kitchen(name=LONGEST_NAME)))

    assert page.all("img") == []
    assert page.open == []


def test_the_menu_may_have_a_page_of_its_own() -> None:
    def change(c: Any) -> None:
        menu = {"id": "mon", "type": "menu", "data": part(c, "menu")}
        foot = {"id": "chan", "type": "legal-footer", "data": {}}
        c["pages"].append(
            {"path": "/thuc-don/", "title": i("Thực đơn", "Menu"), "sections": [menu, foot]}
        )

    files = cooked(a_kitchen(change)).files

    assert "Mực một nắng" in files["/thuc-don/index.html"].body.decode()
    assert "Half-dried squid" in files["/en/thuc-don/index.html"].body.decode()


@pytest.mark.parametrize("path", ["index.html", "en/index.html"])
def test_the_restaurant_is_as_it_was_when_it_was_looked_at(path: str) -> None:
    photo = a_photo()
    body = cooked(a_kitchen(with_photos(photo)), photo).files[f"/{path}"].body.decode()

    shown = re.sub(r"(assets(?:/|&#x2f;))[0-9a-f]{16}", r"\1HASH", body)

    kept: Path = GOLDEN / "restaurant" / path
    assert shown == kept.read_text()
