"""`/loi-nhan`: strangers' words are read, marked and erased, and never more than text."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent
from haidang.core.testing.memory import NOON
from haidang.portal.web.letters import as_csv, chosen, letter_of
from hypothesis import given
from hypothesis import strategies as st

from tests.portal.web.house import House, a_house

SITE, OTHER = "s1", "s2"
ID = "ab12cd34ef56ab12cd34ef56"
ONE = f"/loi-nhan/{SITE}/{ID}"
State = websites_pb2.Enquiry


def an_enquiry(
    id: str = ID, *, site: str = SITE, minutes: int = 0, done: bool = False, **said: str
) -> websites_pb2.Enquiry:
    labels = {"name": "Tên", "phone": "Số điện thoại", "note": "Dặn thêm", "q-den": "Tiêu đen"}
    given = {"name": "Chị Hạnh", "phone": "0901 234 567", "q-den": "2", **said}
    enquiry = websites_pb2.Enquiry(
        name=f"websites/{site}/enquiries/{id}",
        website=f"websites/{site}",
        kind=State.KIND_ORDER,
        state=State.STATE_DONE if done else State.STATE_NEW,
        locale="vi",
        answers=[
            websites_pb2.EnquiryAnswer(name=name, label=labels.get(name, name), value=value)
            for name, value in given.items()
            if value
        ],
    )
    enquiry.create_time.FromDatetime(NOON + timedelta(minutes=minutes))
    return enquiry


def a_site(id: str = SITE, name: str = "Vườn Tiêu") -> websites_pb2.Website:
    website = websites_pb2.Website(name=f"websites/{id}", domain=f"{id}.vn")
    website.draft.business.name = name
    return website


class Letters:
    """The service's answers over a list of enquiries."""

    def __init__(self, *held: websites_pb2.Enquiry) -> None:
        self.held = {one.name: one for one in held}
        self.sites = [a_site(), a_site(OTHER, "Nhà Gió")]

    def answers(self) -> dict[str, Any]:
        return {
            "websites.ListWebsites": lambda _: websites_pb2.ListWebsitesResponse(
                websites=self.sites
            ),
            "websites.GetWebsite": self.site,
            "websites.ListEnquiries": self.listed,
            "websites.GetEnquiry": self.one,
            "websites.MarkEnquiry": self.mark,
            "websites.DeleteEnquiry": self.delete,
            "websites.PurgeEnquiries": self.purge,
        }

    def site(self, request: Any) -> websites_pb2.Website:
        for one in self.sites:
            if one.name == request.name:
                return one
        raise Absent("WEBSITE_ABSENT")

    def listed(self, request: Any) -> websites_pb2.ListEnquiriesResponse:
        found = [one for one in self.held.values() if one.website == request.website]
        found.sort(key=lambda one: one.create_time.ToDatetime(), reverse=True)
        start = int(request.page_token or 0)
        end = start + request.page_size
        return websites_pb2.ListEnquiriesResponse(
            enquiries=found[start:end], next_page_token=str(end) if end < len(found) else ""
        )

    def one(self, request: Any) -> websites_pb2.Enquiry:
        if request.name not in self.held:
            raise Absent("ENQUIRY_ABSENT")
        return self.held[request.name]

    def mark(self, request: Any) -> websites_pb2.Enquiry:
        found = self.one(request)
        found.state = request.state
        return found

    def delete(self, request: Any) -> Any:
        self.one(request)
        del self.held[request.name]

    def purge(self, request: Any) -> websites_pb2.PurgeEnquiriesResponse:
        gone = [name for name, one in self.held.items() if one.website == request.website]
        for name in gone:
            del self.held[name]
        return websites_pb2.PurgeEnquiriesResponse(erased=len(gone))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


def holding(house: House, *held: websites_pb2.Enquiry) -> Letters:
    letters = Letters(*held)
    house.calls.answers |= letters.answers()
    return letters


async def test_an_owner_reads_who_wrote_and_what_they_want(house: House) -> None:
    holding(house, an_enquiry())
    page = await (await house.owner()).get("/loi-nhan")

    assert page.status == 200
    for said in ("Chị Hạnh", "Tiêu đen × 2", "AB12CD", "1 lời nhắn chưa trả lời", "Đơn đặt hàng"):
        assert said in page.text
    assert f'href="{ONE}"' in page.text


async def test_one_letter_has_its_number_to_call_and_to_message(house: House) -> None:
    holding(house, an_enquiry(note="Giao sáng\ncổng tre"))
    page = await (await house.owner()).get(ONE)

    assert 'href="tel:+84901234567"' in page.text
    assert 'href="https://zalo.me/0901234567"' in page.text
    assert "Giao sáng\ncổng tre" in page.text
    assert "đây chưa phải là xác nhận" in page.text


HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'


async def test_what_a_stranger_typed_is_text(house: House) -> None:
    said = {"name": HOSTILE, "phone": "javascript:alert(1)", "note": "https://evil.example"}
    holding(house, an_enquiry(**said))
    owner = await house.owner()
    for path in ("/loi-nhan", ONE, f"{ONE}/xoa"):
        page = await owner.get(path)
        assert "<script>alert" not in page.text, path
        assert "<img src=x" not in page.text, path
        assert 'href="javascript' not in page.text, path
        assert 'href="https://evil' not in page.text, path
        assert "tel:" not in page.text, path


async def test_a_letter_is_marked_done_and_back_and_a_second_tap_changes_nothing(
    house: House,
) -> None:
    letters = holding(house, an_enquiry())
    owner = await house.owner()
    name = f"websites/{SITE}/enquiries/{ID}"
    for action, state in (("xong", 2), ("xong", 2), ("mo-lai", 1)):
        page = await owner.post(f"{ONE}/{action}")
        assert (page.status, page.location) == (303, ONE)
        assert letters.held[name].state == state


async def test_erasing_says_what_will_happen_first(house: House) -> None:
    letters = holding(house, an_enquiry())
    owner = await house.owner()

    asked = await owner.get(f"{ONE}/xoa")
    assert "mất hẳn, không lấy lại được" in asked.text
    assert letters.held
    for _ in range(2):
        page = await owner.post(f"{ONE}/xoa")
        assert (page.status, page.location) == (303, "/loi-nhan")
    assert not letters.held


async def test_all_of_a_site_are_erased_and_no_other_s(house: House) -> None:
    letters = holding(house, an_enquiry(), an_enquiry("ff" * 12, site=OTHER))
    owner = await house.owner()

    asked = await owner.get(f"/loi-nhan/{SITE}/xoa-het")
    assert "1 lời nhắn của khách sẽ mất hẳn" in asked.text
    page = await owner.post(f"/loi-nhan/{SITE}/xoa-het")

    assert page.status == 303
    assert [one.website for one in letters.held.values()] == [f"websites/{OTHER}"]


async def test_where_nothing_came_nothing_is_offered_to_erase(house: House) -> None:
    holding(house)
    owner = await house.owner()

    page = await owner.get(f"/loi-nhan/{SITE}/xoa-het")

    assert "chưa có lời nhắn nào để xóa" in page.text
    assert f'action="/loi-nhan/{SITE}/xoa-het"' not in page.text


async def test_a_viewer_reads_and_changes_nothing(house: House) -> None:
    letters = holding(house, an_enquiry())
    viewer = await house.viewer()

    assert (await viewer.get("/loi-nhan")).status == 200
    page = await viewer.get(ONE)
    assert "/xong" not in page.text
    assert "/xoa" not in page.text
    for action in ("xong", "mo-lai", "xoa"):
        assert (await viewer.post(f"{ONE}/{action}")).status == 403
    assert (await viewer.post(f"/loi-nhan/{SITE}/xoa-het")).status == 403
    assert letters.held
    assert not house.calls.asked("websites.MarkEnquiry")


@pytest.mark.parametrize("path", ["/loi-nhan/khac/x", f"/loi-nhan/{SITE}/khong-co"])
async def test_what_is_not_theirs_is_not_there(house: House, path: str) -> None:
    holding(house, an_enquiry())
    owner = await house.owner()

    assert (await owner.get(path)).status == 404
    assert (await owner.get(f"{path}/xoa")).status == 404


async def test_search_finds_by_name_number_code_and_thing_without_diacritics(
    house: House,
) -> None:
    holding(
        house,
        an_enquiry(note="giao Bà Rịa"),
        an_enquiry("cd" * 12, name="Anh Bình", phone="0912 000 111", note="gấp"),
    )
    owner = await house.owner()
    for words in ("chi hanh", "0901234567", "234 567", "ab12cd", "ba ria"):
        page = await owner.get(f"/loi-nhan?tim={words.replace(' ', '+')}")
        assert "Chị Hạnh" in page.text, words
        assert "Anh Bình" not in page.text, words
    assert "Không có lời nhắn nào khớp" in (await owner.get("/loi-nhan?tim=khong-ai")).text


async def test_filters_are_by_state_and_by_site(house: House) -> None:
    holding(
        house,
        an_enquiry(done=True),
        an_enquiry("cd" * 12, name="Anh Bình"),
        an_enquiry("ef" * 12, site=OTHER, name="Cô Ba"),
    )
    owner = await house.owner()

    assert "Anh Bình" not in (await owner.get("/loi-nhan?trang-thai=xong")).text
    new = (await owner.get("/loi-nhan?trang-thai=moi")).text
    assert "Anh Bình" in new
    assert "Chị Hạnh" not in new
    one = (await owner.get(f"/loi-nhan?trang={OTHER}")).text
    assert "Cô Ba" in one
    assert "Anh Bình" not in one


async def test_many_letters_are_read_in_pages_and_the_list_says_what_it_shows(
    house: House,
) -> None:
    holding(house, *(an_enquiry(f"{n:024x}", minutes=n) for n in range(130)))
    page = await (await house.owner()).get("/loi-nhan")

    assert "50 trên 130 lời nhắn" in page.text
    assert len(house.calls.asked("websites.ListEnquiries")) == 3


async def test_without_letters_the_page_says_what_will_be_here(house: House) -> None:
    holding(house)
    page = await (await house.owner()).get("/loi-nhan")

    assert "Chưa có lời nhắn nào" in page.text
    assert 'class="lamp" href="/trang-web"' in page.text


async def test_the_table_opens_in_a_spreadsheet_and_holds_no_formula(house: House) -> None:
    holding(house, an_enquiry(name="=HYPERLINK(1)", phone="+84901234567", note="@SUM(A1)\nhai"))
    page = await (await house.owner()).get("/loi-nhan/bang")

    assert page.headers["content-type"] == "text/csv; charset=utf-8"
    assert page.headers["content-disposition"].startswith("attachment;")
    assert page.headers["cache-control"] == "no-store"
    assert page.body.startswith("\ufeff".encode())
    head, row = csv.reader(io.StringIO(page.text.lstrip("\ufeff"), newline=""))
    told = dict(zip(head, row, strict=True))
    assert told["Tên"] == "'=HYPERLINK(1)"
    assert told["Số điện thoại"] == "'+84901234567"
    assert told["Dặn thêm"] == "'@SUM(A1)\nhai"
    assert (told["Trang web"], told["Mã"], told["Loại"]) == ("Vườn Tiêu", "AB12CD", "Đơn đặt hàng")


WORDS = {key: key for key in ("order", "table", "booking", "question", "new", "done")}


@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_no_cell_ever_begins_like_a_formula(values: list[str]) -> None:
    said = {f"f{n}": value for n, value in enumerate(values)}
    letter = letter_of(an_enquiry(**said), "=site")

    text = as_csv([letter], ["at", "site", "code", "kind", "state"], WORDS)

    for row in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")):
        assert not [cell for cell in row if cell[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"}]


@given(st.text(max_size=40))
def test_any_search_is_answered(words: str) -> None:
    letter = letter_of(an_enquiry(), "Vườn Tiêu")

    assert chosen([letter], words=words, state="", website="") in ([letter], [])


async def test_the_page_speaks_english_too(house: House) -> None:
    holding(house, an_enquiry())
    owner = await house.owner()

    assert "Messages from visitors" in (await owner.get("/loi-nhan?lang=en")).text
    assert "1 message waits" in (await owner.get("/loi-nhan?lang=en")).text
