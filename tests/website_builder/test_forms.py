"""Forms from a pack's words to a manifest's rules: what is published is what is judged."""

from __future__ import annotations

import re
from typing import Any

import pytest
from haidang.website_builder import legal
from haidang.website_builder.environment import core_messages
from haidang.website_builder.forms import SENT, Place, commerce_with, form_words, read_form
from haidang.website_builder.publication import publication
from haidang.website_builder.rendering import RenderedSite, render_preview

from tests.website_builder.sites import HOST, a_business, a_website, add, bien, i, rendered

FIELD = {"name": "phone", "type": "tel", "label": {"vi": "Điện thoại", "en": "Telephone"}}


def booking(c: Any) -> None:
    add(c, "booking", heading=i("Hỏi phòng", "Ask for a room"))


def site() -> RenderedSite:
    return rendered(a_website(booking))


def text(path: str) -> str:
    return site().files[path].body.decode()


def test_a_form_is_published_in_every_language_of_the_site() -> None:
    forms = site().forms

    assert set(forms) == {"/gui/x-booking", "/en/gui/x-booking"}
    vi, en = forms["/gui/x-booking"], forms["/en/gui/x-booking"]
    assert (vi.kind, vi.locale, vi.sent) == ("booking", "vi", "/gui/xong/hoi-phong/")
    assert (en.locale, en.sent, en.again) == ("en", "/en/gui/xong/hoi-phong/", "/en/gui/loi/")
    assert (vi.back, en.back) == ("/#x-booking", "/en/#x-booking")
    assert [one.label for one in en.fields][:2] == ["Arrival", "Nights"]
    assert vi.phone == "+84901234567"


def test_two_pages_may_each_have_a_form_of_one_name() -> None:
    def change(c: Any) -> None:
        booking(c)
        section = c["pages"][0]["sections"][-2]
        footer = c["pages"][0]["sections"][-1]
        c["pages"].append(
            {"path": "/lien-he/", "title": i("Liên hệ", "Contact"), "sections": [section, footer]}
        )

    forms = rendered(a_website(change)).forms

    assert {"/gui/x-booking", "/gui/lien-he/x-booking"} <= set(forms)
    assert forms["/gui/lien-he/x-booking"].back == "/lien-he/#x-booking"


def test_the_page_posts_to_the_very_address_that_is_published() -> None:
    for path, action in (
        ("/index.html", "/gui/x-booking"),
        ("/en/index.html", "/en/gui/x-booking"),
    ):
        assert f'method="post" action="{action}"' in text(path)


def test_the_page_asks_for_exactly_what_is_judged() -> None:
    form = site().forms["/gui/x-booking"]
    inside = re.search(r"<form .*?</form>", text("/index.html"), re.DOTALL)
    assert inside is not None
    names = set(re.findall(r'\bname="([^"]+)"', inside[0]))

    assert names == {one.name for one in form.fields} | {"url", "consent"}


def test_consent_names_the_business_the_purpose_and_the_term_and_is_not_ticked() -> None:
    html = text("/index.html")

    assert "Tôi đồng ý để Gió Biển dùng các thông tin này để trả lời" in html
    assert "12 tháng rồi xóa" in html
    assert "checked" not in html
    assert 'href="/phap-ly/quyen-rieng-tu/"' in html


def test_the_pages_around_a_form_are_hidden_from_search() -> None:
    for path in ("/gui/xong/hoi-phong/index.html", "/gui/loi/index.html", "/en/gui/loi/index.html"):
        assert '<meta name="robots" content="noindex">' in text(path)
        assert "<!--haidang:form-->" in text(path)
    assert "/gui/" not in text("/sitemap.xml")


def test_a_site_without_a_form_has_none_of_it() -> None:
    plain = rendered(a_website())

    assert plain.forms == {}
    assert not [path for path in plain.files if "/gui/" in path]


def test_the_manifest_carries_the_forms() -> None:
    made = publication(
        site(), site="s1", id="d1", revision=1, pack="vn.homestay.bien@1", hosts=(HOST,)
    )

    assert made.deployment.forms == site().forms


def test_a_preview_posts_nowhere_on_the_portal_s_own_addresses() -> None:
    html, _ = render_preview(
        a_website(booking), bien(), {}, path="/", host=HOST, base="/xem-thu/abc"
    )

    assert 'action="/xem-thu/abc/gui/x-booking"' in html


def test_the_privacy_page_says_that_there_is_a_form_and_for_how_long() -> None:
    with_form = text("/phap-ly/quyen-rieng-tu/index.html")
    without = rendered(a_website()).files["/phap-ly/quyen-rieng-tu/index.html"].body.decode()

    assert "Trang web có biểu mẫu" in with_form
    assert "được giữ 12 tháng kể từ ngày nhận rồi tự động xóa" in with_form
    assert "mã hóa khi lưu" in with_form
    assert "Trang web không có biểu mẫu" in without
    assert "Trang web có biểu mẫu" not in without


@pytest.mark.parametrize(
    ("tax_code", "kind", "stated", "months"),
    [
        ("3502471897", "order", None, 36),
        ("077185003461", "order", None, 12),
        ("077185003461", "order", 24, 24),
        ("3502471897", "order", 48, 48),
        ("3502471897", "question", None, 12),
        ("3502471897", "question", 6, 6),
    ],
)
def test_an_order_is_kept_as_long_as_the_law_wants_and_a_question_as_the_owner_says(
    tax_code: str, kind: str, stated: int | None, months: int
) -> None:

    def change(c: Any) -> None:
        if stated:
            c["site"]["legal"] = {"retention_months": stated}

    website = a_website(change, business=a_business(tax_code=tax_code))

    assert legal.retention_months(website, kind, legal.profile()) == months


@pytest.mark.parametrize(
    ("kind", "declared", "commerce"),
    [
        ("question", "showcase", "inquiry"),
        ("booking", "showcase", "inquiry"),
        ("table", "order", "order"),
        ("order", "showcase", "order"),
    ],
)
def test_a_form_raises_the_class_of_its_site(kind: str, declared: str, commerce: str) -> None:
    form = read_form({"kind": kind, "fields": [FIELD]})

    assert commerce_with(form, declared) == commerce
    assert commerce_with(None, declared) == declared


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kind": "vote", "fields": [FIELD]},
        {"kind": "order", "fields": []},
        {"kind": "order", "fields": [FIELD, FIELD]},
        {"kind": "order", "fields": [{**FIELD, "name": "url"}]},
        {"kind": "order", "fields": [{**FIELD, "name": "q-x"}]},
        {"kind": "order", "fields": [{**FIELD, "name": "consent"}]},
        {"kind": "order", "fields": [{**FIELD, "of": "things"}]},
        {"kind": "order", "fields": [{**FIELD, "type": "quantities"}]},
        {"kind": "order", "fields": [{**FIELD, "type": "file"}]},
        {"kind": "order", "fields": [{**FIELD, "label": {"vi": "Điện thoại"}}]},
        {"kind": "order", "fields": [{**FIELD, "script": "x"}]},
        {"kind": "order", "fields": [{**FIELD, "type": "text", "max": 50000}]},
    ],
)
def test_a_form_that_cannot_be_judged_is_refused_with_its_pack(form: object) -> None:
    with pytest.raises(ValueError, match="form"):
        read_form(form)


@pytest.mark.parametrize("locale", sorted(core_messages()))
@pytest.mark.parametrize("kind", sorted(SENT))
def test_every_kind_has_its_words_in_every_language(kind: str, locale: str) -> None:
    words = form_words(kind, Place(locale, "vi", "/", {}, "Vườn", "+84901234567", 12))

    needed = {"send", "consent", "privacy", "sent", "sent_text", "again", "unkept", "back", "code"}
    if kind == "order":
        needed |= {"review", "review_text", "confirm", "change", "total", "total_text"}
    assert [key for key in sorted(needed) if not words[key]] == []
    assert not [said for said in words.values() if "{" in said]
