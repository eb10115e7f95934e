"""The pack "Vườn": what a customer reads of products, prices, months, plots and paying."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from haidang.website_builder.checks import check_website
from haidang.website_builder.legal import commerce_of
from haidang.website_builder.vietqr import Transfer, draw_code, write_code

from tests.website_builder.gardens import (
    LONGEST_FARM,
    VUON,
    a_garden,
    front,
    grown,
    patch,
    planted,
)
from tests.website_builder.sites import a_pack, a_photo, i
from tests.website_builder.test_rendering import GOLDEN, Page


def words(html: str) -> str:
    """The page's text, its entities read and spaces made one."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]+>", " ", html)).replace("&#x2f;", "/")


def entry(html: str, identifier: str) -> str:
    """The text of a product."""
    found = re.search(rf'<li id="{identifier}".*?</li>', html, re.DOTALL)
    assert found
    return words(found[0])


def node(html: str) -> Any:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html)
    assert found
    return json.loads(found[1])


def test_a_whole_farm_shop_passes_the_checks_but_must_be_notified() -> None:
    photo = a_photo()
    website = a_garden(planted(photo))

    findings = check_website(website, a_pack(VUON), {photo.id: photo})

    assert [one.reason for one in findings] == ["NOTIFICATION_MISSING"]
    assert commerce_of(website, a_pack(VUON)) == "order"


def test_without_the_order_slip_it_only_takes_inquiries() -> None:
    def change(c: Any) -> None:
        page = c["pages"][0]
        page["sections"] = [one for one in page["sections"] if one["type"] != "order"]

    website = a_garden(change)

    assert commerce_of(website, a_pack(VUON)) == "inquiry"
    assert grown(website).forms == {}


def test_each_product_has_its_price_its_unit_its_stock_and_its_batch() -> None:
    html = front(a_garden())

    assert "185.000\u00a0₫ / kg" in entry(html, "tieu-den")
    assert "Mẻ 0226-03" in entry(html, "tieu-den")
    assert "Còn hàng" in entry(html, "tieu-den")
    assert "Còn ít" in entry(html, "tieu-do")
    assert "Hỏi giá" in entry(html, "sau-rieng")
    assert "Tạm hết" in entry(html, "tieu-xanh")


def test_what_is_sold_out_cannot_be_ordered() -> None:
    form = grown(a_garden()).forms["/gui/dat-hang"]

    assert [one.id for one in form.fields[0].choices] == ["tieu-den", "tieu-do", "sau-rieng"]
    assert [one.price for one in form.fields[0].choices] == [185000, 420000, 0]
    assert 'name="q-tieu-xanh"' not in front(a_garden())


@pytest.mark.parametrize("products", [[], None, "out"])
def test_a_slip_with_nothing_to_order_is_not_shown_and_takes_no_post(products: Any) -> None:
    def change(c: Any) -> None:
        if products == "out":
            c["site"]["products"] = c["site"]["products"][3:]
        elif products is None:
            del c["site"]["products"]
        else:
            c["site"]["products"] = products

    site = grown(a_garden(change))

    assert site.forms == {}
    assert b"<form" not in site.files["/index.html"].body


def test_every_month_says_what_it_is() -> None:
    html = front(a_garden())
    (row, *_) = re.findall(r'<tr><th scope="row".*?</tr>', html, re.DOTALL)
    cells = [words(cell).strip() for cell in re.findall(r"<td.*?</td>", row, re.DOTALL)]

    assert cells == ["thu hoạch"] * 3 + ["có hàng"] * 3 + ["chưa có"] * 6


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 6])
def test_the_plan_draws_as_many_plots_as_are_listed(count: int) -> None:
    def change(c: Any) -> None:
        one = {"name": i("Thửa", "Plot"), "kind": "rows"}
        patch(c, "plot")["parcels"] = [one] * count

    html = front(a_garden(change))

    assert html.count('class="plan-ground') == count
    assert len(re.findall(r">[A-F]</text>", html)) == count


def test_the_code_on_the_page_pays_into_the_account_beside_it() -> None:
    site = grown(a_garden())
    html = site.files["/index.html"].body.decode()
    (path,) = [path for path in site.files if "vietqr" in path]

    code = write_code(Transfer("970405", "7608205123456", purpose="Mua tieu"))
    assert site.files[path].body == draw_code(code)
    assert path.replace("/", "&#x2f;") in html
    said = words(html)
    for fact in ("Agribank", "7608205123456", "HTX DAT DO", "Mua tieu", "không xác nhận điều gì"):
        assert fact in said


def test_a_fixed_amount_makes_the_code_a_dynamic_one() -> None:
    def change(c: Any) -> None:
        patch(c, "payment")["amount"] = 250000

    static, dynamic = grown(a_garden()), grown(a_garden(change))

    paths = [next(p for p in site.files if "vietqr" in p) for site in (static, dynamic)]
    assert paths[0] != paths[1]
    assert "250.000\u00a0₫" in words(dynamic.files["/index.html"].body.decode())


def test_without_an_account_the_page_says_to_call() -> None:
    def change(c: Any) -> None:
        del c["site"]["bank_account"]

    site = grown(a_garden(change))

    assert not [path for path in site.files if "vietqr" in path]
    assert "Gọi cho vườn để biết cách trả tiền" in words(site.files["/index.html"].body.decode())


def test_search_engines_read_the_prices_the_page_shows() -> None:
    offers = node(front(a_garden()))["makesOffer"]

    assert [one["price"] for one in offers] == [185000, 420000, 75000]
    assert [one["availability"].rpartition("/")[2] for one in offers] == [
        "InStock",
        "LimitedAvailability",
        "OutOfStock",
    ]
    assert offers[0]["itemOffered"]["@type"] == "Product"
    assert offers[0]["itemOffered"]["name"] == "Tiêu đen"
    assert offers[0]["itemOffered"]["sku"] == "tieu-den/0226-03"
    assert offers[0]["priceSpecification"]["referenceQuantity"]["unitCode"] == "KGM"
    assert offers[2]["priceSpecification"]["unitText"] == "hũ"


@pytest.mark.parametrize("count", [0, 1, 3, 30])
def test_any_number_of_photos_makes_a_whole_page(count: int) -> None:
    photo = a_photo()
    html = front(a_garden(planted(photo, count) if count else None), photo)

    assert html.count("<figcaption>Sân phơi</figcaption>") == count
    assert Page(html).open == []


def test_a_page_stays_within_the_pack_s_budget() -> None:
    photo = a_photo()
    site = grown(a_garden(planted(photo, 30), name=LONGEST_FARM), photo)

    assert len(site.files["/index.html"].body) <= 60 * 1024


@pytest.mark.parametrize("path", ["index.html", "en/index.html"])
def test_the_farm_is_as_it_was_when_it_was_looked_at(path: str) -> None:
    photo = a_photo()
    body = grown(a_garden(planted(photo)), photo).files[f"/{path}"].body.decode()
    shown = re.sub(r"[0-9a-f]{16}(\.(?:css|woff2|svg))", r"HASH\1", body)

    kept: Path = GOLDEN / "farm" / path
    assert shown == kept.read_text()
