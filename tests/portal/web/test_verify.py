"""`/kiem-tra`: anyone's file is judged; nothing of it is kept, nothing passes by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from haidang.core.clock import SystemClock
from haidang.core.errors import OutcomeUnknown, Unavailable
from haidang.esign.servicer import EsignServicer
from haidang.esign.verification import VerificationSettings, open_verifier

from tests.esign.house import Trust
from tests.esign.house import trust as trust  # a fixture
from tests.esign.pki import a_pdf, signed
from tests.judges import corpora
from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House, a_house
from tests.portal.web.papers_house import Desk, collected, passed

PATH = "/kiem-tra"
CHANGED = signed().replace(b"1 000 000 dong", b"9 000 000 dong", 1)
SHAPES = ("conclusion good", "conclusion wait", "conclusion bad", "conclusion plain")


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as found:
        Desk(found)
        yield found


async def judged(
    browser: Browser, content: bytes, name: str = "hop-dong.pdf", **options: Any
) -> Page:
    return await browser.post(PATH, files={"file": (name, content, "application/pdf")}, **options)


def shape_of(page: Page) -> str:
    [shape] = [one for one in SHAPES if f'class="{one}"' in page.text]
    return shape.removeprefix("conclusion ")


async def test_a_stranger_reads_what_will_happen_to_their_file(house: House) -> None:
    page = await house.browser().get(PATH)

    assert page.status == 200
    assert "Chúng tôi không giữ tệp" in page.text
    assert 'enctype="multipart/form-data"' in page.text
    assert 'name="robots"' not in page.text
    assert page.text.count('class="lamp"') == 1


@pytest.mark.parametrize(
    ("pdf", "shape", "title"),
    [
        (a_pdf(), "plain", "Tệp này chưa có chữ ký số"),
        (signed(), "wait", "Chưa đủ cơ sở để kết luận"),
        (CHANGED, "bad", "Chữ ký số không hợp lệ"),
        (b"khong phai pdf", "bad", "Chữ ký số không hợp lệ"),
    ],
    ids=["unsigned", "untrusted", "changed", "text"],
)
async def test_a_stranger_reads_the_verdict_on_a_page(
    house: House, pdf: bytes, shape: str, title: str
) -> None:
    page = await judged(house.browser(), pdf)

    assert (page.status, shape_of(page)) == (200, shape)
    assert title in page.text
    assert "Tệp đã được bỏ" in page.text
    assert "data-print" in page.text


async def test_the_verdict_is_told_in_english_too(house: House) -> None:
    browser = house.browser()
    await browser.get(f"{PATH}?lang=en")

    page = await judged(browser, CHANGED)

    assert "The signature is not valid" in page.text
    assert "the recomputed digest differs" in page.text
    assert "Kết luận" not in page.text


async def test_a_passing_test_signature_is_told_to_have_no_legal_value(house: House) -> None:
    house.calls.answers["esign.ValidateDocument"] = passed()

    page = await judged(house.browser(), a_pdf())

    assert shape_of(page) == "good"
    assert "THỬ NGHIỆM: không có giá trị pháp lý" in page.text


async def test_the_service_is_asked_by_one_who_may_only_judge(house: House) -> None:
    owner = await house.owner()

    for browser in (house.browser(), owner):
        await judged(browser, a_pdf())

    for asked in house.calls.did:
        assert asked.method == "esign.ValidateDocument"
        assert asked.actor.grants == {"esign.validate"}
        assert asked.actor.tenant not in {"", owner.session.tenant}


async def test_not_even_the_files_name_travels_on(house: House) -> None:
    heads = []

    async def answer(parts: Any) -> Any:
        head, _ = await collected(parts)
        heads.append(head)
        return passed()

    house.calls.answers["esign.ValidateDocument"] = answer

    page = await judged(house.browser(), a_pdf(), "giay-vay-no-cua-lan.pdf")

    assert heads[0].file_name == ""
    assert "giay-vay-no" not in page.text


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Tệp này rỗng"), (b"%PDF-" + b"0" * 20_000_000, "Tệp lớn hơn 20 MB")],
    ids=["empty", "large"],
)
async def test_what_cannot_be_judged_is_told_at_the_field(
    house: House, content: bytes, said: str
) -> None:
    page = await judged(house.browser(), content)

    assert page.status == 422
    assert said in page.text.split('id="file-fault"')[1]
    assert house.calls.did == []


async def test_no_file_and_far_too_much_are_told_calmly(house: House) -> None:
    browser = house.browser()

    assert (await browser.post(PATH)).status == 422
    assert (await judged(browser, b"0" * 25_200_000)).status == 413


@pytest.mark.parametrize(
    "error", [Unavailable("VERIFY_WORKER_UNREACHABLE"), OutcomeUnknown("SERVICE_DID_NOT_ANSWER")]
)
async def test_a_worker_that_is_away_is_told_and_the_form_stays(
    house: House, error: Exception
) -> None:
    house.calls.answers["esign.ValidateDocument"] = error

    page = await judged(house.browser(), a_pdf())

    assert page.status == 503
    assert 'type="file"' in page.text
    assert 'role="alert"' in page.text


async def test_a_network_that_asks_too_often_waits_and_another_does_not(house: House) -> None:
    busy, neighbour = house.browser(address="192.0.2.7"), house.browser(address="192.0.2.200")
    other = house.browser(address="198.51.100.7")

    codes = [(await judged(busy, a_pdf())).status for _ in range(13)]

    assert codes == [200] * 12 + [429]
    page = await judged(neighbour, a_pdf())  # of the same /24
    assert (page.status, page.headers["retry-after"]) == (429, "60")
    assert "Nhiều người đang kiểm tra" in page.text
    assert (await judged(other, a_pdf())).status == 200
    house.clock.advance(60)
    assert (await judged(busy, a_pdf())).status == 200


async def test_more_at_once_than_the_worker_carries_are_told_to_wait(house: House) -> None:
    may_end = asyncio.Event()

    async def slow(parts: Any) -> Any:
        await may_end.wait()
        return passed()

    house.calls.answers["esign.ValidateDocument"] = slow
    browsers = [house.browser(address=f"10.0.{number}.1") for number in range(6)]
    running = [asyncio.create_task(judged(one, a_pdf())) for one in browsers[:4]]
    while len(house.calls.did) < 4:
        await asyncio.sleep(0.01)

    refused = await judged(browsers[4], a_pdf())
    may_end.set()
    codes = [(await one).status for one in running]

    assert refused.status == 429
    assert codes == [200] * 4
    assert (await judged(browsers[5], a_pdf())).status == 200


def attacks() -> list[Path]:
    """Every published attack; none without the corpora."""
    try:
        return sorted((corpora() / "pdf" / "attacks").rglob("*.pdf"))
    except pytest.skip.Exception:
        return []


async def test_no_published_attack_breaks_the_page_or_passes(house: House, trust: Trust) -> None:
    """Through the real worker: every hostile file is answered by a page that does not say yes."""
    paths = attacks()
    if not paths:
        pytest.skip("corpora absent")
    verifier = open_verifier(trust.place, VerificationSettings(), SystemClock())
    service = EsignServicer(None, None, verifier)  # type: ignore[arg-type]  # it only judges

    async def judge(parts: Any) -> Any:
        return await service.ValidateDocument(parts, None)  # type: ignore[arg-type]

    house.calls.answers["esign.ValidateDocument"] = judge
    passing = []
    for number, path in enumerate(paths):
        browser = house.browser(address=f"10.1.{number}.1")
        page = await judged(browser, path.read_bytes())
        assert page.status == 200, path
        if shape_of(page) == "good":
            passing.append(path)

    assert len(paths) >= 12
    assert passing == []
