"""The legal profile: the site's class, its pages, what is published when nothing applies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from haidang.website_builder.checks import check_website
from haidang.website_builder.findings import Severity
from haidang.website_builder.legal import commerce_of, legal_pages, profile
from haidang.website_builder.website import Website

from tests.website_builder.sites import a_business, a_website, add, bien, home, i, rendered


def page(website: Website, slug: str) -> str:
    return rendered(website).files[f"/phap-ly/{slug}/index.html"].body.decode()


def a_showcase() -> Website:
    def change(c: Any) -> None:
        c["site"].pop("zalo")
        c["pages"][0]["sections"].pop(1)

    return a_website(change)


def test_the_class_is_computed_from_what_the_site_uses() -> None:
    assert commerce_of(a_showcase(), bien()) == "showcase"
    assert commerce_of(a_website(), bien()) == "inquiry"


def test_a_zalo_link_alone_makes_it_an_inquiry_site() -> None:
    def change(c: Any) -> None:
        c["pages"][0]["sections"].pop(1)

    assert commerce_of(a_website(change), bien()) == "inquiry"


def test_each_class_has_its_pages() -> None:
    def slugs(website: Website) -> list[str]:
        pages = legal_pages(website, bien(), profile())
        return [one.path.removeprefix("/phap-ly/").rstrip("/") for one in pages]

    assert slugs(a_showcase()) == ["thong-tin", "quyen-rieng-tu"]
    assert slugs(a_website()) == [
        *("thong-tin", "quyen-rieng-tu", "dieu-khoan"),
        *("gia-va-thanh-toan", "giao-hang-va-doi-tra", "khieu-nai"),
    ]


def test_the_privacy_page_has_the_eight_items_in_the_decrees_letters() -> None:
    privacy = next(
        one for one in legal_pages(a_website(), bien(), profile()) if "rieng-tu" in one.path
    )

    letters = [str(block["heading"])[0] for block in privacy.blocks]

    assert letters == ["a", "b", "c", "d", "đ", "e", "g", "h"]
    assert all(block["paragraphs"] for block in privacy.blocks)


def test_every_group_of_the_decree_is_published_somewhere() -> None:
    blocks = [block for one in legal_pages(a_website(), bien(), profile()) for block in one.blocks]
    articles = {str(block["article"]).split(".")[0].split("–")[0] for block in blocks}

    assert {"4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "15", "16"} <= articles
    assert all(
        block["paragraphs"] or block["rows"] or block["complaints"] or block["links"]
        for block in blocks
    )


def test_what_does_not_apply_is_published_as_such() -> None:
    html = page(a_website(), "giao-hang-va-doi-tra")

    assert "Không áp dụng: cơ sở cung cấp dịch vụ tại chỗ" in html


def test_a_seller_of_goods_has_delivery_and_returns() -> None:
    html = page(a_website(lambda c: c["site"].update(kind="farm")), "giao-hang-va-doi-tra")

    assert "kiểm hàng" in html
    assert "dịch vụ tại chỗ" not in html


def test_the_complaint_table_has_a_deadline_for_each_kind_of_issue() -> None:
    html = page(a_website(), "khieu-nai")

    for row in profile()["complaints"]:
        assert row["issue"] in html
    assert "72 giờ" in html
    assert "30 ngày" in html


def test_the_owners_own_words_replace_the_default() -> None:
    def change(c: Any) -> None:
        c["site"]["legal"] = {
            "cancellation": i("Báo trước 3 ngày: hoàn đủ.\n\nBão: hoàn đủ.", "Three days.")
        }

    html = page(a_website(change), "gia-va-thanh-toan")

    assert "<p>Báo trước 3 ngày: hoàn đủ.</p>\n<p>Bão: hoàn đủ.</p>" in html
    assert "Three days" not in html


def test_a_pending_licence_is_told_without_an_empty_number() -> None:
    licence = i("Giấy chứng nhận an ninh, trật tự", "Security certificate")
    website = a_website(lambda c: c["site"].update(legal={"certificates": [{"name": licence}]}))

    assert "đang làm thủ tục cấp" in page(website, "thong-tin")


def test_the_footer_of_every_page_shows_who_stands_behind_it() -> None:
    for path, file in rendered(a_website()).files.items():
        if path.endswith(".html"):
            html = file.body.decode()
            for fact in ("0100233488", "Nguyễn Thị Hạnh (Chủ cơ sở)", "41A8012345", "18&#x2f;03"):
                assert fact in html, path
            assert "phap-ly&#x2f;quyen-rieng-tu" in html


def test_the_badge_is_never_shown_without_a_confirmation() -> None:
    uri = "https://online.gov.vn/Home/WebDetails/1"
    confirmed = a_website(lambda c: c["site"].update(legal={"notification": {"uri": uri}}))

    assert "Đã thông báo" not in home(a_website())
    assert "Đã thông báo" in home(confirmed)


@pytest.mark.parametrize("fact", ["name", "street", "commune", "phone", "email", "tax_code"])
def test_a_fact_the_law_asks_for_is_demanded(fact: str) -> None:
    found = check_website(a_website(business=a_business(**{fact: ""})), bien(), {})

    assert [(one.reason, one.field, one.severity) for one in found] == [
        ("BUSINESS_FACT_MISSING", f"/business/{fact}", Severity.ERROR)
    ]


def test_the_law_is_dated_and_says_how_sure_we_are() -> None:
    rules = profile()

    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", rules["valid_from"])
    for row in rules["texts"]:
        assert row["valid_from"]
        assert row["confidence"]
        assert row["source"]


def test_legal_pages_are_vietnamese_and_listed_once() -> None:
    files = rendered(a_website()).files

    assert not [path for path in files if path.startswith("/en/phap-ly")]
    assert files["/sitemap.xml"].body.count(b"/phap-ly/khieu-nai/") == 1


def test_a_site_with_every_section_still_has_one_legal_footer() -> None:
    def change(c: Any) -> None:
        add(c, "contact", heading=i("Hỏi phòng", "Ask"))

    assert home(a_website(change)).count('class="legal"') == 1
