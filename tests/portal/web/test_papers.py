"""`/giay-to`: the list, adding a PDF, one paper with its verdict, and its bytes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from haidang.api.esign.v1 import esign_pb2
from haidang.core.errors import HaidangError, Malformed, Refused, Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - sentences the service would send
from haidang.portal.accounts import Role

from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House, a_house
from tests.portal.web.papers_house import (
    FILE_NAME,
    PAPER,
    SIGNED,
    Desk,
    a_document,
    a_signed_document,
    passed,
)

PDF = b"%PDF-1.7\nto giay\n%%EOF\n"
THERE = "/giay-to/them"
MODULE = {"x-csrf": "1", "x-part": "1"}


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as found:
        yield found


async def sent(
    browser: Browser,
    content: bytes = PDF,
    name: str = "hop-dong.pdf",
    *,
    request_id: str | None = None,
    headers: dict[str, str] | None = None,
) -> Page:
    fields = {"request_id": request_id or str(uuid.uuid4())}
    files = {"file": (name, content, "application/pdf")}
    return await browser.post(THERE, fields, files=files, headers=headers)


async def module_headers(browser: Browser) -> dict[str, str]:
    return {"x-csrf": (await browser.get("/design")).csrf, "x-part": "1"}


async def test_an_empty_list_says_what_will_be_here_and_the_one_step(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["esign.ListDocuments"] = esign_pb2.ListDocumentsResponse()

    page = await owner.get("/giay-to")

    assert "Chưa có giấy tờ nào" in page.text
    assert page.text.count('class="lamp"') == 1
    assert f'href="{THERE}"' in page.text


async def test_the_list_says_who_signed_how_strongly_and_how_it_stands(house: House) -> None:
    owner = await house.owner()
    unjudged = a_document("c4" * 12)
    unjudged.ClearField("report")
    Desk(house, a_signed_document(), a_document(), unjudged)

    text = (await owner.get("/giay-to")).text

    assert "Ký bởi Hộ kinh doanh Nhà Gió Biển" in text
    assert "B-LT" in text
    for standing in ("Hợp lệ, chữ ký thử nghiệm", "Chưa có chữ ký số", "Chưa kiểm tra"):
        assert standing in text
    assert "12:00 ngày 24/11/2026" in text


async def test_a_long_list_goes_on_by_pages(house: House) -> None:
    owner = await house.owner()
    Desk(house)
    house.calls.answers["esign.ListDocuments"] = esign_pb2.ListDocumentsResponse(
        documents=[a_document()], next_page_token="sau/+="
    )

    page = await owner.get("/giay-to")
    await owner.get("/giay-to?tiep=sau%2F%2B%3D")

    assert 'href="/giay-to?tiep=sau/%2B%3D"' in page.text
    assert [one.page_token for one in house.calls.asked("esign.ListDocuments")] == ["", "sau/+="]


async def test_a_pdf_that_is_sent_becomes_a_paper(house: House) -> None:
    owner, desk = await house.owner(), Desk(house)

    page = await sent(owner)

    assert (page.status, page.location) == (303, f"/giay-to/{PAPER}")
    head, content = desk.uploads[0]
    assert (content, head.file_name, head.size_bytes) == (PDF, "hop-dong.pdf", len(PDF))


async def test_sent_twice_it_is_the_same_request_and_another_file_is_another(house: House) -> None:
    owner, desk = await house.owner(), Desk(house)
    request_id = str(uuid.uuid4())

    for content in (PDF, PDF, PDF + b"\n"):
        await sent(owner, content, request_id=request_id)

    first, again, other = (head.request_id for head, _ in desk.uploads)
    assert first == again != other


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Tệp này rỗng"), (b"%PDF-" + b"0" * 20_000_000, "Tệp lớn hơn 20 MB")],
    ids=["empty", "large"],
)
async def test_what_is_wrong_with_a_file_stands_at_its_field(
    house: House, content: bytes, said: str
) -> None:
    owner, desk = await house.owner(), Desk(house)

    page = await sent(owner, content)

    assert page.status == 422
    assert said in page.text
    assert 'aria-describedby="file-hint file-fault"' in page.text
    assert desk.uploads == []


async def test_no_file_at_all_is_told_at_the_field(house: House) -> None:
    owner = await house.owner()

    page = await owner.post(THERE, {"request_id": str(uuid.uuid4())})

    assert page.status == 422
    assert "Chưa chọn tệp nào" in page.text


REFUSALS = [
    (Malformed("NOT_A_PDF", field="file"), "không phải PDF"),
    (Refused("DOCUMENT_ENCRYPTED", field="file"), "có khóa"),
    (Refused("DOCUMENT_HAS_XFA", field="file"), "biểu mẫu động"),
    (Refused("DOCUMENT_HYBRID", field="file"), "lệnh In"),
    (Refused("DOCUMENT_ALTERED", field="file"), "bản gốc"),
    (Refused("DOCUMENT_NOT_SIGNABLE", field="file", detail="x"), "xuất lại"),
]


@pytest.mark.parametrize(("refusal", "said"), REFUSALS, ids=[one.reason for one, _ in REFUSALS])
async def test_what_the_service_refuses_stands_at_the_field_in_vietnamese(
    house: House, refusal: HaidangError, said: str
) -> None:
    owner = await house.owner()
    house.calls.answers["esign.UploadDocument"] = refusal

    page = await sent(owner)

    assert page.status == 422
    assert said in page.text.split('id="file-fault"')[1].split("</p>")[0]


async def test_a_service_that_is_away_is_told_and_the_same_request_stays(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["esign.UploadDocument"] = Unavailable("VERIFY_WORKER_UNREACHABLE")
    request_id = str(uuid.uuid4())

    page = await sent(owner, request_id=request_id)

    assert page.status == 503
    assert ("request_id", request_id) in page.form(THERE).fields


async def test_our_module_is_answered_by_an_address_or_a_sentence(house: House) -> None:
    owner = await house.owner()
    Desk(house)
    headers = await module_headers(owner)

    kept = await sent(owner, headers=headers)
    refused = await sent(owner, b"", headers=headers)

    assert (kept.status, kept.headers["x-onward"]) == (204, f"/giay-to/{PAPER}")
    assert (refused.status, refused.text) == (422, "Tệp này rỗng. Hãy chọn lại tệp.")


async def test_what_is_larger_than_the_door_is_told_to_our_module_in_a_sentence(
    house: House,
) -> None:
    owner = await house.owner()

    page = await sent(owner, b"0" * 25_200_000, headers=await module_headers(owner))

    assert page.status == 413
    assert page.text.startswith("Mỗi lần gửi được tối đa 24 MB")


async def test_a_request_id_that_is_none_is_refused(house: House) -> None:
    owner, desk = await house.owner(), Desk(house)

    page = await sent(owner, request_id="mot hai ba")

    assert page.status == 422
    assert desk.uploads == []


async def test_an_unsigned_paper_offers_to_sign_and_a_signed_one_to_download(house: House) -> None:
    owner = await house.owner()
    Desk(house, a_document(), a_signed_document())

    unsigned = (await owner.get(f"/giay-to/{PAPER}")).text
    signed = (await owner.get(f"/giay-to/{SIGNED}")).text

    assert f'class="lamp" href="/giay-to/{PAPER}/ky"' in unsigned
    assert "Tệp này chưa có chữ ký số" in unsigned
    assert "1,2 MB" in unsigned
    assert f'class="lamp" href="/giay-to/{SIGNED}/tai-ve"' in signed
    assert f'href="/giay-to/{PAPER}"' in signed
    assert "không có giá trị pháp lý" in signed


async def test_a_viewer_reads_and_is_offered_nothing_that_would_refuse(house: House) -> None:
    owner = await house.owner()
    viewer = await house.member(owner, Role.VIEWER)
    Desk(house, a_document(), a_signed_document())

    pages = [await viewer.get(path) for path in ("/giay-to", f"/giay-to/{PAPER}")]

    for page in pages:
        assert page.status == 200
        assert "/ky" not in page.text
        assert THERE not in page.text
    assert (await viewer.get(THERE)).status == 403
    assert (await viewer.get(f"/giay-to/{PAPER}/tai-ve")).status == 200


@pytest.mark.parametrize("path", ["", "/tai-ve", "/ky"])
@pytest.mark.parametrize("id", ["d5" * 12, "..%2f..", "A1" * 12, "a" * 81, "1'--"])
async def test_a_paper_that_is_not_theirs_is_not_found(house: House, id: str, path: str) -> None:
    owner = await house.owner()
    Desk(house)

    assert (await owner.get(f"/giay-to/{id}{path}")).status == 404


async def test_a_download_is_saved_under_its_name_and_never_shown(house: House) -> None:
    owner, desk = await house.owner(), Desk(house, a_document(size_bytes=260_000))
    desk.content = b"%PDF-" + b"1" * 259_995

    page = await owner.get(f"/giay-to/{PAPER}/tai-ve", {"accept-encoding": "identity"})

    assert page.body == desk.content
    saved = page.headers["content-disposition"]
    assert saved.startswith('attachment; filename="Hop dong _thue nha__ 2027.pdf"; filename*=')
    assert saved.endswith("UTF-8''H%E1%BB%A3p%20%C4%91%E1%BB%93ng%20%E2%80%9Cthu%C3%AA%20nh%C3%A0"
                          "%E2%80%9D%3B%202027.pdf")  # fmt: skip
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert page.headers["content-type"] == "application/pdf"
    assert "no-store" in page.headers["cache-control"]


async def test_a_paper_is_judged_again_on_demand_and_the_verdict_is_not_kept(house: House) -> None:
    owner, desk = await house.owner(), Desk(house, a_signed_document())
    desk.content = b"no PDF at all"

    page = await owner.post(f"/giay-to/{SIGNED}/kiem-tra")

    assert page.status == 200
    assert "Đây là kết quả của lúc này" in page.text
    assert "Chữ ký số không hợp lệ" in page.text
    assert desk.documents[f"documents/{SIGNED}"].report == passed()


async def test_a_file_name_is_only_ever_text(house: House) -> None:
    owner = await house.owner()
    Desk(house, a_document(file_name="<img src=x onerror=alert(1)>.pdf"))

    for path in ("/giay-to", f"/giay-to/{PAPER}"):
        assert "<img src=x" not in (await owner.get(path)).text


def test_the_sample_has_a_name_that_needs_care() -> None:
    assert '"' not in FILE_NAME
    assert ";" in FILE_NAME
