"""Declarations as typeset: the same bytes every time, whole Vietnamese, honest about sandbox."""

from __future__ import annotations

import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from haidang.core.ports.signing import SigningSubject
from haidang.esign.documents.declarations import declaration_facts, declaration_pdf, written_day
from haidang.esign.values import DeclareRegistration
from pyhanko.pdf_utils.reader import PdfFileReader

from tests.esign.house import a_declaration
from tests.judges import judge

NOON = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
LONGEST = (
    "CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN ĐẦU TƯ THƯƠNG MẠI DỊCH VỤ VÀ SẢN XUẤT NÔNG SẢN"
)


def text_of(pdf: bytes, folder: Path) -> str:
    """What a reader of the paper reads, by poppler."""
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    found = subprocess.run(
        [judge("pdftotext"), "-layout", path, "-"], capture_output=True, text=True, check=True
    )
    return found.stdout


def test_the_same_facts_give_the_same_bytes_also_at_once() -> None:
    def typeset(_index: int) -> bytes:
        return declaration_pdf(a_declaration(), NOON, sandbox=True)

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(typeset, range(12)))

    assert len(set(made)) == 1


def test_papers_made_at_once_do_not_mix_their_facts(tmp_path: Path) -> None:
    names = [f"tiem-banh-{number}.vn" for number in range(8)]

    def typeset(name: str) -> bytes:
        return declaration_pdf(a_declaration(domain=name, unicode_domain=name), NOON, sandbox=True)

    with ThreadPoolExecutor(4) as pool:
        at_once = list(pool.map(typeset, names))

    assert at_once == [typeset(name) for name in names]


@pytest.mark.parametrize("sandbox", [True, False])
def test_it_says_loudly_whether_it_is_worth_anything(tmp_path: Path, sandbox: bool) -> None:
    text = text_of(declaration_pdf(a_declaration(), NOON, sandbox=sandbox), tmp_path)

    assert ("KHÔNG CÓ GIÁ TRỊ PHÁP LÝ" in text) is sandbox
    assert ("SANDBOX" in text) is sandbox


def test_every_fact_of_the_registration_is_printed(tmp_path: Path) -> None:
    declaration = a_declaration(domain="xn--bnhmlan-mwa.vn", unicode_domain="bánhmìlan.vn")

    text = text_of(declaration_pdf(declaration, NOON, sandbox=True), tmp_path)

    for said in (
        "BẢN KHAI ĐĂNG KÝ TÊN MIỀN",
        "bánhmìlan.vn",
        "xn--bnhmlan-mwa.vn",
        "23/11/2026",
        "23/11/2027",
        "Hộ kinh doanh Nhà Gió Biển",
        "077185003461",
        "Nguyễn Thị Hạnh (Chủ hộ kinh doanh)",
        "27/4 đường Hải Đăng, Phường Vũng Tàu, TP. Hồ Chí Minh",
        "0901 234 567",
        "chao@nha-gio-bien.vn",
        "Ngày 23 tháng 11 năm 2026",
    ):
        assert said in text


def test_what_is_not_known_leaves_no_empty_row() -> None:
    bare = a_declaration(
        address="",
        email="",
        phone="",
        representative_title="",
        party=SigningSubject("Trần Văn Bảy", "077185003461"),
    )

    facts = declaration_facts(bare, NOON, sandbox=True)

    assert [row[0] for row in facts["party_rows"]] == [  # type: ignore[attr-defined]
        "Tên chủ thể",
        "Số định danh cá nhân",
    ]
    assert facts["signatory"] == "Trần Văn Bảy"
    assert declaration_pdf(bare, NOON, sandbox=True)


@pytest.mark.parametrize(
    "declaration",
    [
        a_declaration(),
        a_declaration(
            domain=f"{'hotieu-' * 8}chauduc.com.vn",
            unicode_domain=f"{'hotieu-' * 8}chauduc.com.vn",
            party=SigningSubject(LONGEST, "3500123456-001", "Công Tằng Tôn Nữ Hoàng Phương Uyên"),
            representative_title="Chủ tịch Hội đồng thành viên kiêm Tổng Giám đốc",
            address="Lô A12, Khu công nghiệp Châu Đức, Thôn Nghĩa Bình, Xã Nghĩa Thành, TP. HCM",
        ),
    ],
    ids=["usual", "longest"],
)
def test_it_fits_one_page(declaration: DeclareRegistration) -> None:
    reader = PdfFileReader(io.BytesIO(declaration_pdf(declaration, NOON, sandbox=True)))

    assert reader.root["/Pages"]["/Count"] == 1


CROWDED = a_declaration(
    domain=f"xn--{'a' * 59}.com.vn",
    unicode_domain=f"{'m' * 63}.com.vn",
    email=f"{'m' * 64}@{'m' * 60}.vn",
    address="Lô A12, Khu công nghiệp Châu Đức, Thôn Nghĩa Bình, Xã Nghĩa Thành, TP. HCM " * 6,
)


def test_nothing_runs_out_of_its_page(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(declaration_pdf(CROWDED, NOON, sandbox=True))

    told = subprocess.run(
        [judge("pdftotext"), "-bbox", path, "-"], capture_output=True, text=True, check=True
    )

    edges = [float(one) for one in re.findall(r'<word .*xMax="([0-9.]+)"', told.stdout)]
    starts = [float(one) for one in re.findall(r'<word xMin="([0-9.]+)"', told.stdout)]
    millimetre = 72 / 25.4
    assert len(edges) > 100
    assert max(edges) <= (210 - 22) * millimetre + 0.5
    assert min(starts) >= 28 * millimetre - 0.5


def test_a_long_name_is_copied_as_it_is(tmp_path: Path) -> None:
    text = text_of(declaration_pdf(CROWDED, NOON, sandbox=True), tmp_path)

    assert CROWDED.domain in "".join(text.split())
    assert "\u200b" not in text


def test_who_signs_stands_on_the_page_of_what_is_promised(tmp_path: Path) -> None:
    pages = text_of(declaration_pdf(CROWDED, NOON, sandbox=True), tmp_path).split("\f")

    assert len(pages[:-1]) == 2
    for said in ("Cam kết của chủ thể", "nộp phí duy trì", "Nguyễn Thị Hạnh", "CHỦ THỂ ĐĂNG KÝ"):
        assert said in pages[1]
    assert all("không có giá trị pháp lý" in page for page in pages[:-1])


def test_markup_in_a_name_is_only_text(tmp_path: Path) -> None:
    hostile = SigningSubject('#read("/etc/passwd") *Đậm* $x$', "077185003461")

    text = text_of(declaration_pdf(a_declaration(party=hostile), NOON, sandbox=True), tmp_path)

    assert '#read("/etc/passwd") *Đậm* $x$' in text


def test_it_states_that_it_is_pdf_a_and_carries_what_that_needs() -> None:
    reader = PdfFileReader(io.BytesIO(declaration_pdf(a_declaration(), NOON, sandbox=True)))

    metadata = reader.root["/Metadata"].data
    assert b"<pdfaid:part>2</pdfaid:part>" in metadata
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert "/OutputIntents" in reader.root
    assert reader.root["/Lang"] == "vi-VN"


@pytest.mark.parametrize(
    ("instant", "written"),
    [
        (datetime(2027, 2, 4, 5, tzinfo=UTC), "Ngày 04 tháng 02 năm 2027"),
        (datetime(2027, 3, 9, 5, tzinfo=UTC), "Ngày 09 tháng 3 năm 2027"),
        (datetime(2026, 12, 31, 17, 30, tzinfo=UTC), "Ngày 01 tháng 01 năm 2027"),
    ],
)
def test_a_day_is_written_as_papers_in_vietnam_write_it(instant: datetime, written: str) -> None:
    assert written_day(instant) == written
