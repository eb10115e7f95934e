"""The last screen: nothing begins before its button, and then exactly what it showed, once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from haidang.core.errors import Conflict, Malformed, Refused, Unavailable

from tests.portal.starts.known import DOMAIN, an_id
from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House, a_house
from tests.portal.web.start_house import AGREED, Portal, a_quote, a_start, facts_of


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        house.portal = Portal(house)  # type: ignore[attr-defined]  # for the tests below
        yield house


async def reviewed(owner: Browser, id: str) -> Page:
    return await owner.get(f"/bat-dau/{id}/xem-lai")


async def go(owner: Browser, page: Page, **typed: str) -> Page:
    (form,) = [one for one in page.forms if one.action.endswith("/xem-lai")]
    return await owner.submit(page, form.action, **{**AGREED, **typed})


def started(house: House) -> list[object]:
    return house.calls.asked("journeys.GoOnline")


async def test_everything_is_shown_with_its_price_line_by_line(house: House) -> None:
    owner = await house.owner()
    page = await reviewed(owner, await a_start(house, owner))

    for said in (
        "Hộ kinh doanh Nhà Gió Biển",
        "077 185 003 461",
        "27/4 đường Hải Đăng, Phường Vũng Tàu, TP. Hồ Chí Minh",
        "Lệ phí đăng ký",
        "Thông tư 20/2023/TT-BTC",
        "không có đồng tiền thật nào được chuyển",
        f"Đăng ký {DOMAIN} · 450.000\u00a0₫",
    ):
        assert said in page.text, said
    assert "checked" not in page.text.partition('class="consents"')[2]


async def test_the_button_begins_exactly_this_journey(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await reviewed(owner, id)

    answer = await go(owner, page)

    (request,) = house.calls.asked("journeys.GoOnline")
    start = await house.offices.starts.get(owner.session.tenant, id)
    assert answer.location == f"/hanh-trinh/{start.attempt.operation.removeprefix('operations/')}"
    assert request.request_id == start.attempt.request_id
    assert (request.domain, request.years, request.accepted_total_dong) == (DOMAIN, 1, 450_000)
    assert request.payer == "sandbox-account"
    assert request.registrant.phone == "+84901234567"
    assert request.draft.business.name == "Nhà Gió Biển"
    consents = await house.offices.starts.export(owner.session.tenant)
    assert len(consents["portal.starts"][0]["consents"]) == 4


async def test_the_same_tap_twice_and_at_once_is_one_journey(house: House) -> None:
    owner = await house.owner()
    page = await reviewed(owner, await a_start(house, owner))

    answers = await asyncio.gather(*(go(owner, page) for _ in range(3)))
    late = await go(owner, page)

    assert {one.location for one in (*answers, late)} == {answers[0].location}
    assert len({one.request_id for one in started(house)}) == 1


async def test_two_tabs_begin_one_journey(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    one, two = await reviewed(owner, id), await reviewed(owner, id)

    answers = await asyncio.gather(go(owner, one), go(owner, two))

    assert answers[0].location == answers[1].location
    assert len({one.request_id for one in started(house)}) == 1


@pytest.mark.parametrize("purpose", ["true", "registry", "public", "sign"])
async def test_without_each_consent_nothing_begins(house: House, purpose: str) -> None:
    owner = await house.owner()
    page = await reviewed(owner, await a_start(house, owner))

    answer = await go(owner, page, **{f"consent-{purpose}": ""})

    assert answer.status == 422
    assert f'id="consent-{purpose}-fault"' in answer.text
    assert started(house) == []


async def test_what_is_missing_is_linked_and_there_is_no_button(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, email="", tax_code="1")

    page = await reviewed(owner, id)

    assert f'href="/bat-dau/{id}/lien-he?sua=1&amp;ve=1#email"' in page.text
    assert f'href="/bat-dau/{id}/dang-ky?sua=1&amp;ve=1#tax_code"' in page.text
    assert "consent-true" not in page.text
    assert house.calls.asked("domains.QuoteDomain") == []


async def test_a_price_that_rose_is_shown_again_and_not_accepted(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    page = await reviewed(owner, id)
    house.clock.advance(29 * 60)
    await house.offices.starts.keep_quote(owner.session.tenant, id, "")
    house.calls.answers["domains.QuoteDomain"] = a_quote(500_000, now=house.clock.now())

    answer = await go(owner, page)

    assert answer.status == 422
    assert "Giá vừa đổi từ 450.000\u00a0₫ thành 500.000\u00a0₫" in answer.text
    assert f"Đăng ký {DOMAIN} · 500.000\u00a0₫" in answer.text
    assert started(house) == []
    again = await go(owner, answer)
    assert again.status == 303
    assert house.calls.asked("journeys.GoOnline")[0].accepted_total_dong == 500_000


async def test_a_price_that_ran_out_is_shown_again_even_if_it_is_the_same(house: House) -> None:
    owner = await house.owner()
    page = await reviewed(owner, await a_start(house, owner))
    house.clock.advance(31 * 60)
    house.calls.answers["domains.QuoteDomain"] = a_quote(now=house.clock.now())

    answer = await go(owner, page)

    assert answer.status == 422
    assert "Báo giá trước đã hết hạn. Giá mới vẫn là 450.000\u00a0₫" in answer.text
    assert started(house) == []
    assert (await go(owner, answer)).status == 303


async def test_a_total_made_up_by_the_sender_is_not_the_price(house: House) -> None:
    owner = await house.owner()
    page = await reviewed(owner, await a_start(house, owner))

    answer = await go(owner, page, total="1")

    assert answer.status == 422
    assert started(house) == []


async def test_a_price_is_kept_while_it_is_good_and_for_its_name_alone(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    await reviewed(owner, id)
    await reviewed(owner, id)
    assert len(house.calls.asked("domains.QuoteDomain")) == 1
    await owner.post(f"/bat-dau/{id}/luu", {"years": "2", "tab": "x"})
    await reviewed(owner, id)

    assert [one.years for one in house.calls.asked("domains.QuoteDomain")] == [1, 2]


@pytest.mark.parametrize(
    ("refusal", "screen", "field"),
    [
        (Conflict("NAME_HELD", field="domain", name=DOMAIN), "ten", "domain"),
        (Malformed("EMAIL_INVALID", field="registrant.email"), "lien-he", "email"),
        (Malformed("TAX_CODE_INVALID", field="registrant.tax_code"), "dang-ky", "tax_code"),
        (Refused("DRAFT_HAS_FINDINGS", field="draft.pages.0", finding_vi="x"), "mau", "pack"),
    ],
    ids=lambda one: getattr(one, "reason", one),
)
async def test_what_admission_refuses_links_to_its_question_and_loses_nothing(
    house: House, refusal: Exception, screen: str, field: str
) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    before = await facts_of(house, owner, id)
    house.calls.answers["journeys.GoOnline"] = refusal

    answer = await go(owner, await reviewed(owner, id))

    assert answer.status == 422
    assert f'href="/bat-dau/{id}/{screen}?sua=1&amp;ve=1#{field}"' in answer.text
    assert (await facts_of(house, owner, id)).items() >= before.items()
    assert (await house.offices.starts.get(owner.session.tenant, id)).attempt is None


async def test_a_payer_the_bank_does_not_know_is_a_fault_at_its_field(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.GoOnline"] = Malformed("PAYER_MISSING", field="payer")

    answer = await go(owner, await reviewed(owner, await a_start(house, owner)))

    assert 'id="payer-fault"' in answer.text


async def test_an_answer_that_was_lost_is_found_again_and_not_sent_twice(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    whole = house.calls.answers["journeys.GoOnline"]

    def lost(request: object) -> object:
        whole(request)  # it was taken on, and nobody heard
        return Unavailable("SERVICE_UNREACHABLE")

    house.calls.answers["journeys.GoOnline"] = lost
    page = await reviewed(owner, id)
    assert (await go(owner, page)).status == 503
    house.calls.answers["journeys.GoOnline"] = whole

    back = await reviewed(owner, id)

    assert back.status == 303
    assert back.location.startswith("/hanh-trinh/")
    assert len({one.request_id for one in started(house)}) == 1


async def test_after_a_refusal_the_changed_try_has_a_fresh_id(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    journey = (await go(owner, await reviewed(owner, id))).location.rpartition("/")[2]
    house.portal.end(journey, Refused("JOURNEY_RELEASED", cause="NAME_HELD", amount="x"))
    house.clock.advance(timedelta(minutes=2).total_seconds())
    house.calls.answers["domains.QuoteDomain"] = a_quote(now=house.clock.now())
    await owner.post(f"/bat-dau/{id}/luu", {"domain": "khac.vn", "tab": "x"})

    answer = await go(owner, await reviewed(owner, id))

    assert answer.status == 303
    assert answer.location != f"/hanh-trinh/{journey}"
    first, second = started(house)
    assert first.request_id != second.request_id
    assert second.domain == "khac.vn"


async def test_a_name_paid_for_is_finished_without_paying_again(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    journey = (await go(owner, await reviewed(owner, id))).location.rpartition("/")[2]
    refusal = Refused("JOURNEY_STOPPED_HOLDING", cause="X", domain=DOMAIN, amount="450.000 ₫")
    house.portal.end(journey, refusal)

    page = await reviewed(owner, id)

    assert f"Làm nốt cho {DOMAIN} · không trả thêm" in page.text
    assert 'name="payer"' not in page.text
    assert len(house.calls.asked("domains.QuoteDomain")) == 1
    assert (await go(owner, page, request_id=an_id())).status == 303
    (request,) = house.calls.asked("journeys.FinishOnline")
    assert request.domain == DOMAIN
    assert len(started(house)) == 1


async def test_another_name_after_one_that_was_paid_for_is_paid_for(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    journey = (await go(owner, await reviewed(owner, id))).location.rpartition("/")[2]
    house.portal.end(journey, Refused("JOURNEY_STOPPED_HOLDING", cause="X", domain=DOMAIN))
    await reviewed(owner, id)
    await owner.post(f"/bat-dau/{id}/luu", {"domain": "khac.vn", "tab": "x"})

    page = await reviewed(owner, id)

    assert "Đăng ký khac.vn · 450.000\u00a0₫" in page.text


async def test_a_journey_that_runs_is_followed_instead_of_begun_again(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)
    first = await go(owner, await reviewed(owner, id))

    assert (await reviewed(owner, id)).location == first.location
