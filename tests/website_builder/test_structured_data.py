"""schema.org data: the same facts as the page, in a block nothing can leave."""

from __future__ import annotations

import json
import re
from typing import Any

from haidang.website_builder.structured_data import script
from haidang.website_builder.website import MediaRef, Website
from hypothesis import given
from hypothesis import strategies as st

from tests.website_builder.sites import a_business, a_photo, a_website, home, i, section


def node(website: Website, *refs: MediaRef) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', home(website, *refs))
    assert found
    return json.loads(found[1])


def test_a_homestay_is_a_lodging_business_with_its_address() -> None:
    data = node(a_website())

    assert data["@type"] == "LodgingBusiness"
    assert data["telephone"] == "+84901234567"
    assert data["address"]["addressLocality"] == "Phường Vũng Tàu"
    assert data["address"]["addressRegion"] == "TP. Hồ Chí Minh"
    assert "geo" not in data


def test_rooms_are_offered_at_the_price_the_page_shows() -> None:
    website = a_website()
    first, second = node(website)["makesOffer"]

    assert first["price"] == 650000
    assert first["itemOffered"]["@type"] == ["HotelRoom", "Product"]
    assert second["priceSpecification"]["unitCode"] == "DAY"
    assert "650.000" in home(website)


def test_coordinates_photos_and_hours_are_told_when_known() -> None:
    def change(c: Any) -> None:
        section(c, 0)["photo"] = a_photo().id
        c["site"]["opening_hours"] = [{"days": ["mo", "su"], "opens": "07:00", "closes": "22:00"}]

    website = a_website(change, business=a_business(latitude=10.3382, longitude=107.0723))
    data = node(website, a_photo())

    assert data["geo"]["latitude"] == 10.3382
    assert data["image"][0].startswith("https://giobien.vn/media/")
    assert data["openingHoursSpecification"][0]["dayOfWeek"] == ["Monday", "Sunday"]


def offers(c: Any) -> None:
    c["site"]["offers"] = [
        {
            "name": i("Sáng nay", "This morning"),
            "items": [{"name": i("Cá mú", "Grouper"), "price": 680000, "unit": i("kg", "kg")}],
        }
    ]


def test_a_restaurant_has_a_menu() -> None:
    def change(c: Any) -> None:
        offers(c)
        c["site"].update(kind="restaurant", rooms=[])

    data = node(a_website(change))

    assert data["@type"] == "Restaurant"
    dish = data["hasMenu"]["hasMenuSection"][0]["hasMenuItem"][0]
    assert (dish["name"], dish["offers"]["price"]) == ("Cá mú", 680000)


def test_a_farm_offers_products() -> None:
    def change(c: Any) -> None:
        offers(c)
        c["site"].update(kind="farm", rooms=[])

    (offer,) = node(a_website(change))["makesOffer"]

    assert offer["itemOffered"]["@type"] == "Product"
    assert offer["priceCurrency"] == "VND"


@given(st.text())
def test_no_text_ends_the_block(text: str) -> None:
    block = script({"name": text + "</script><script>alert(1)//<!--\u2028"})
    inside = block.removeprefix('<script type="application/ld+json">').removesuffix("</script>")

    assert not set("<>&\u2028\u2029") & set(inside)
    assert json.loads(inside)["name"].startswith(text)
