"""Forms at the edge: kept before anybody is told so, or told why not, with nothing lost."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from haidang.website_builder import letterbox
from haidang.website_builder.edge.limits import Budget, address_prefix
from haidang.website_builder.edge.posts import MOST_LETTERS, MOST_LETTERS_OF_SITE, MOST_POSTS

from tests.website_builder.posting import GOOD, HOST, QUESTION, Site, a_form

SENT = {**GOOD, "confirm": "1"}
ASKED = {"name": "Lan", "phone": "0901234567", "note": "Vườn mở cửa mấy giờ?", "consent": "1"}


@pytest.fixture
async def site(tmp_path: Path) -> Site:
    found = Site(tmp_path)
    await found.publish()
    return found


async def test_an_order_is_shown_for_review_with_its_total_before_anything_is_kept(
    site: Site,
) -> None:
    answer = await site.post()

    assert answer.status == 200
    for said in ("Xem lại đơn", "Tiêu đen · 185.000 ₫/kg", "790.000", "Chị Hạnh", "chưa được gửi"):
        assert said in answer.text
    assert 'name="phone" value="0901 234 567"' in answer.text
    assert site.kept() == []


async def test_a_reviewed_order_is_kept_and_leads_to_the_page_that_says_so(site: Site) -> None:
    answer = await site.post(typed=SENT)

    (letter,) = site.kept()
    code = letter["id"][:6].upper()
    assert (answer.status, answer.headers["location"]) == (303, f"/gui/xong/dat-hang/?ma={code}")
    assert (letter["kind"], letter["kept_months"], letter["locale"]) == ("order", 36, "vi")
    assert [(one["label"], one["value"]) for one in letter["answers"]] == [
        ("Tiêu đen · 185.000 ₫/kg", "2"),
        ("Tiêu đỏ · 420.000 ₫/kg", "1"),
        ("Tên", "Chị Hạnh"),
        ("Số điện thoại", "0901 234 567"),
    ]
    thanks = await site.get(answer.headers["location"])
    assert thanks.status == 200
    assert f"<strong>{code}</strong>" in thanks.text


async def test_a_reviewed_order_can_be_changed_with_nothing_lost(site: Site) -> None:
    answer = await site.post(typed={**GOOD, "note": "giao sáng", "change": "1"})

    assert answer.status == 200
    for typed in ('value="2"', 'value="Chị Hạnh"', ">giao sáng</textarea>", " checked"):
        assert typed in answer.text
    assert "form-summary" not in answer.text
    assert site.kept() == []


async def test_a_question_needs_no_review(site: Site) -> None:
    answer = await site.post(QUESTION, ASKED)

    assert answer.status == 303
    assert site.kept()[0]["answers"][2]["value"] == "Vườn mở cửa mấy giờ?"


async def test_a_double_tap_is_one_letter_and_one_code(site: Site) -> None:
    first = await site.post(typed=SENT)
    again = await site.post(typed=SENT)

    assert first.headers["location"] == again.headers["location"]
    assert len(site.kept()) == 1


async def test_faults_stand_at_their_fields_with_what_was_typed_kept(site: Site) -> None:
    typed = {"q-den": "9999", "name": '<b>"Lan"</b>', "phone": "không có", "note": "</textarea>x"}

    answer = await site.post(typed={**typed, "confirm": "1"})

    assert answer.status == 422
    assert 'href="#dat-hang-phone"' in answer.text
    assert 'id="dat-hang-phone" name="phone" required aria-invalid="true"' in answer.text
    assert "Mục “Số điện thoại” cần là số điện thoại" in answer.text
    assert "Mục “Tiêu đen · 185.000 ₫/kg” nhiều nhất là 50" in answer.text
    assert "Hãy đánh dấu ô đồng ý" in answer.text
    assert 'value="không có"' in answer.text
    assert "&lt;b&gt;&quot;Lan&quot;&lt;/b&gt;" in answer.text
    assert "&lt;/textarea&gt;x</textarea>" in answer.text
    assert site.kept() == []


async def test_a_visitor_reads_their_faults_in_the_language_of_the_page(tmp_path: Path) -> None:
    site = Site(tmp_path)
    await site.publish(a_form(locale="en"))

    assert (
        "Write “Số điện thoại” as a telephone number"
        in (await site.post(typed={**SENT, "phone": "x"})).text
    )


async def test_every_answer_bears_the_site_s_headers_and_is_not_stored(site: Site) -> None:
    for answer in (await site.post(), await site.post(typed=SENT), await site.post(typed={})):
        assert answer.headers["cache-control"] == "no-store"
        assert "form-action 'self'" in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://khac.vn"},
        {"origin": "null"},
        {"origin": f"https://{HOST}.khac.vn"},
        {"origin": "http://["},
        {"origin": f"https://{HOST}/"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
async def test_a_page_of_another_site_cannot_send(site: Site, headers: dict[str, str]) -> None:
    answer = await site.post(typed=SENT, **headers)

    assert answer.status == 403
    assert site.kept() == []


@pytest.mark.parametrize(
    "headers", [{"origin": f"https://{HOST}", "sec_fetch_site": "same-origin"}, {}]
)
async def test_its_own_page_can(site: Site, headers: dict[str, str]) -> None:
    assert (await site.post(typed=SENT, **headers)).status == 303


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"a=" + b"x" * 17_000, "application/x-www-form-urlencoded", 413),
        (b'{"phone":"1"}', "application/json", 400),
        (b"phone=1", "text/plain", 400),
        (b"\xff\xfe", "application/x-www-form-urlencoded", 400),
        (b"&".join([b"a=1"] * 500), "application/x-www-form-urlencoded", 400),
        (b"", "application/x-www-form-urlencoded", 422),
    ],
)
async def test_what_is_no_form_of_this_site_is_answered_with_the_number_to_call(
    site: Site, body: bytes, kind: str, status: int
) -> None:
    answer = await site.post(body=body, content_type=kind)

    assert answer.status == status
    assert "tel:+84901234567" in answer.text
    assert site.kept() == []


async def test_a_filled_trap_is_told_and_a_person_may_send_again(site: Site) -> None:
    answer = await site.post(typed={**SENT, "url": "http://spam"})

    assert answer.status == 422
    assert "http://spam" not in answer.text
    assert 'value="Chị Hạnh"' in answer.text
    assert site.kept() == []


@pytest.mark.parametrize("path", ["/", "/gui/khac", "/gui/xong/dat-hang/", "/index.html"])
async def test_only_the_address_of_a_form_takes_a_post(site: Site, path: str) -> None:
    answer = await site.post(path)

    assert (answer.status, answer.headers["allow"], answer.text) == (405, "GET, HEAD", "")


async def test_another_host_takes_nothing(site: Site) -> None:
    assert (await site.post(host="khac.vn")).status == 405


async def test_one_address_may_send_so_many_letters_and_another_is_not_held_up(
    site: Site,
) -> None:
    for number in range(MOST_LETTERS):
        assert (await site.post(typed={**SENT, "note": str(number)})).status == 303

    answer = await site.post(typed={**SENT, "note": "nữa"})

    assert (answer.status, answer.headers["retry-after"]) == (429, "600")
    assert "Hãy đợi mười phút" in answer.text
    assert ">nữa</textarea>" in answer.text
    assert (await site.post(typed=SENT, came_from="203.0.113.10")).status == 303
    site.ticks = 601.0
    assert (await site.post(typed={**SENT, "note": "sau"})).status == 303


async def test_a_flood_from_everywhere_stops_at_what_a_site_takes(site: Site) -> None:
    statuses = [
        (await site.post(typed={**SENT, "note": str(n)}, came_from=f"203.0.{n // 256}.{n % 256}"))
        .status
        for n in range(MOST_LETTERS_OF_SITE + 1)
    ]  # fmt: skip

    assert statuses == [303] * MOST_LETTERS_OF_SITE + [429]


async def test_even_faults_are_answered_only_so_often(site: Site) -> None:
    for _ in range(MOST_POSTS):
        await site.post(typed={})

    assert (await site.post(typed={})).status == 429


@pytest.mark.parametrize("trouble", ["disk", "full"])
async def test_what_could_not_be_kept_is_never_called_sent(
    site: Site, monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    if trouble == "disk":
        site.letters.write_text("not a folder")
    else:
        monkeypatch.setattr(letterbox, "MOST_WAITING", 0)

    answer = await site.post(typed={**SENT, "note": "giao sáng"})

    assert answer.status == 503
    assert "chưa có gì được gửi đi" in answer.text
    assert "tel:+84901234567" in answer.text
    assert ">giao sáng</textarea>" in answer.text


@pytest.mark.parametrize("code", ["<script>", "ABC", "ABCDEFG", "zzzzzz", "ab12cd"])
async def test_a_code_that_is_none_is_not_repeated(site: Site, code: str) -> None:
    answer = await site.get(f"/gui/xong/dat-hang/?ma={code}")

    assert answer.status == 200
    assert "form-code" not in answer.text
    assert code not in answer.text


async def test_a_letter_is_readable_by_this_user_only(site: Site) -> None:
    await site.post(typed=SENT)

    (path,) = site.letters.rglob("*.json")
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert oct(path.parent.stat().st_mode)[-3:] == "700"


@pytest.mark.parametrize(
    ("address", "prefix"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"),
        ("unix:", ""),
    ],
)
def test_one_subscriber_has_one_budget(address: str, prefix: str) -> None:
    assert address_prefix(address) == prefix


def test_a_budget_is_bounded_whoever_comes() -> None:
    budget = Budget(1, 10.0, most_keys=3)
    for key in range(1000):
        budget.take(key, 0.0)

    assert len(budget._spent) == 3


async def test_every_input_of_the_form_has_its_label_and_no_two_share_an_id(site: Site) -> None:
    text = (await site.post(typed={})).text
    ids = re.findall(r'\bid="([^"]+)"', text)
    labelled = set(re.findall(r'for="([^"]+)"', text))

    assert len(ids) == len(set(ids))
    for control in re.findall(r"<(?:input|textarea) [^>]*>", text):
        if 'type="checkbox"' not in control and 'name="url"' not in control:
            assert re.search(r'id="([^"]+)"', control)[1] in labelled  # type: ignore[index]
