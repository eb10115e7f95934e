"""What an owner and a stranger would say of papers, through real processes."""

from __future__ import annotations

import hashlib
import time
import uuid
from pathlib import Path

import pytest

from tests.esign.pki import a_pdf, encrypted, signed
from tests.journeys.house import House
from tests.journeys.visitor import Page, Visitor

pytestmark = pytest.mark.xdist_group("house")

SIGNED_WITHIN_SECONDS = 30
PDF = "application/pdf"
SIGNED = signed()
PARTY = [
    ("name", "Hộ kinh doanh Nhà Gió Biển"),
    ("identifier", "077185003461"),
    ("representative", "Nguyễn Thị Hạnh"),
    ("reason", "Đồng ý với nội dung"),
    ("level", "B_LT"),
]


@pytest.fixture(scope="module")
def owner(house: House) -> Visitor:
    browser = Visitor(house)
    browser.sign_up()
    return browser


def unlike_any_other(pdf: bytes) -> tuple[bytes, bytes]:
    """*pdf* with a comment of its own before its end, and that comment."""
    mark = f"%dau-{uuid.uuid4().hex}".encode()
    head, _, tail = pdf.rpartition(b"startxref")
    return head + mark + b"\nstartxref" + tail, mark


def files_with(state: Path, *needles: bytes) -> list[str]:
    """Files below *state* that hold any of *needles*."""
    found = []
    for path in state.rglob("*"):
        try:
            content = path.read_bytes() if path.is_file() else b""
        except FileNotFoundError:  # a process dropped it meanwhile
            continue
        if any(needle in content for needle in needles):
            found.append(str(path.relative_to(state)))
    return found


def traces(pdf: bytes, mark: bytes) -> tuple[bytes, ...]:
    """What a kept copy or record of *pdf* would have."""
    digest = hashlib.sha256(pdf)
    return mark, digest.digest(), digest.hexdigest().encode()


def added(owner: Visitor, pdf: bytes, name: str = "hop-dong.pdf") -> Page:
    return owner.post("/giay-to/them", files={"file": (name, pdf, PDF)})


def signed_by(owner: Visitor, paper: str) -> Page:
    """The page of the signed paper, once it is."""
    review = owner.post(f"{paper}/ky", PARTY)
    page = owner.post(f"{paper}/ky/dong-y", of=review)
    deadline = time.monotonic() + SIGNED_WITHIN_SECONDS
    while page.path.startswith("/giay-to/dang-ky/"):
        assert time.monotonic() < deadline, page.text
        time.sleep(0.3)
        page = owner.get(page.path)
    return page


def test_what_a_stranger_has_checked_is_nowhere_afterwards(house: House) -> None:
    visitor = Visitor(house)
    pdf, mark = unlike_any_other(a_pdf())

    page = visitor.post("/kiem-tra", files={"file": (f"{mark.decode()[1:]}.pdf", pdf, PDF)})

    assert page.status == 200
    assert "chưa có chữ ký số" in page.text
    assert files_with(house.state, *traces(pdf, mark), mark[1:]) == []


def test_the_search_for_traces_would_find_one(house: House, owner: Visitor) -> None:
    pdf, mark = unlike_any_other(a_pdf())

    added(owner, pdf)

    assert any("documents" in path for path in files_with(house.state, *traces(pdf, mark)))


def test_a_paper_is_added_signed_downloaded_and_checked_by_a_stranger(
    house: House, owner: Visitor
) -> None:
    paper = added(owner, unlike_any_other(a_pdf())[0], "Hợp đồng thuê nhà.pdf").path

    page = signed_by(owner, paper)
    download = owner.get(f"{page.path}/tai-ve")
    verdict = Visitor(house).post("/kiem-tra", files={"file": ("a.pdf", download.body, PDF)})

    assert "Hợp lệ, chữ ký thử nghiệm" in page.text
    assert download.body.startswith(b"%PDF-")
    assert download.headers["Content-Disposition"].startswith('attachment; filename="Hop dong')
    for said in (
        "Chữ ký đúng, nhưng chỉ là thử nghiệm",
        "THỬ NGHIỆM: không có giá trị pháp lý",
        "Hộ kinh doanh Nhà Gió Biển",
        "có dấu thời gian chứng minh",
        "Mức B-LT",
    ):
        assert said in verdict.text
    assert "Hợp đồng thuê nhà.pdf" in owner.get("/giay-to").text


def test_the_same_form_twice_is_one_paper(owner: Visitor) -> None:
    form = owner.get("/giay-to/them")
    pdf, _ = unlike_any_other(a_pdf())

    first, again = (
        owner.post("/giay-to/them", of=form, files={"file": ("a.pdf", pdf, PDF)}) for _ in range(2)
    )

    assert first.path == again.path


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Kinh gui quy co quan", "không phải PDF"),
        (encrypted(), "có khóa"),
        (SIGNED.replace(b"1 000 000 dong", b"9 000 000 dong", 1), "bản gốc"),
        (a_pdf()[:-30], "xuất lại"),
        (b"%PDF-" + b"0" * 20_000_000, "lớn hơn 20 MB"),
    ],
    ids=["text", "locked", "altered", "cut", "large"],
)
def test_what_cannot_be_signed_is_refused_at_its_field(
    owner: Visitor, content: bytes, said: str
) -> None:
    page = added(owner, content)

    assert page.status == 422
    assert said in page.text.split('id="file-fault"')[1].split("</p>")[0]


def test_nobody_reaches_anothers_paper(house: House, owner: Visitor) -> None:
    paper = added(owner, unlike_any_other(a_pdf())[0]).path
    other = Visitor(house)
    other.sign_up()

    for path in (paper, f"{paper}/tai-ve", f"{paper}/ky"):
        assert other.get(path).status == 404
    assert "/dang-nhap" in Visitor(house).get(paper).path


def test_a_passed_file_with_one_byte_changed_does_not_pass(house: House, owner: Visitor) -> None:
    page = signed_by(owner, added(owner, unlike_any_other(a_pdf())[0]).path)
    whole = owner.get(f"{page.path}/tai-ve").body
    changed = whole.replace(b"1 000 000 dong", b"9 000 000 dong", 1)
    assert changed != whole

    verdict = Visitor(house).post("/kiem-tra", files={"file": ("a.pdf", changed, PDF)})

    assert "Chữ ký số không hợp lệ" in verdict.text
