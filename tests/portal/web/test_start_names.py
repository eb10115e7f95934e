"""Names as they come: streamed, with price and who may hold them, taken and refused ones too."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from haidang.api.domains.v1 import domains_pb2
from haidang.core.errors import Conflict, Malformed, OutcomeUnknown, Refused, Unavailable

from tests.portal.starts.known import DOMAIN
from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import House, a_house
from tests.portal.web.start_house import Portal, a_start, facts_of

Said = domains_pb2.CheckAvailabilityResponse


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        Portal(house)
        yield house


def a_name(domain: str, state: str = "AVAILABLE", **more: Any) -> domains_pb2.NameSuggestion:
    facts: dict[str, Any] = {
        "domain": domain,
        "availability": Said.Availability.Value(f"AVAILABILITY_{state}"),
        "total_dong": 450_000,
        "years": 1,
        "holders_vi": "Ai cũng đăng ký được.",
        "citation": "Nghị định 147/2024/NĐ-CP",
    }
    return domains_pb2.NameSuggestion(**{**facts, **more})


async def chosen(owner: Browser, page: Page, domain: str = "") -> Page:
    """Send the form of *page* that chooses; without *domain* nothing is chosen."""
    (form,) = [one for one in page.forms if one.method == "POST" and one.action.endswith("/ten")]
    kept = [(name, value) for name, value in form.fields if name != "domain"]
    return await owner.post(form.action, [*kept, ("domain", domain)] if domain else kept, csrf="")


async def test_names_show_price_holders_and_law(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.SuggestNames"] = [
        a_name("giobien.vn"),
        a_name("gio-bien.vn"),
        a_name("homestay.vn", "TAKEN", message_vi="Tên này đã có chủ."),
        a_name("hoangsa.vn", "REFUSED", message_vi="Tên dành riêng cho nhà nước."),
        a_name("bien.com.vn", "UNKNOWN", message_vi="Cơ quan đăng ký chưa trả lời."),
    ]

    page = await owner.get(f"/bat-dau/{await a_start(house, owner, domain='')}/ten")

    assert page.status == 200
    assert "450.000\u00a0₫" in page.text
    assert page.text.count("Ai cũng đăng ký được.") == 1
    assert "Nghị định 147/2024/NĐ-CP" in page.text
    for domain, said in (
        ("homestay.vn", "Tên này đã có chủ."),
        ("hoangsa.vn", "Tên dành riêng cho nhà nước."),
        ("bien.com.vn", "Cơ quan đăng ký chưa trả lời."),
    ):
        card = page.text.partition(f'value="{domain}"')[2].partition("</label>")[0]
        assert said in card
        assert "disabled" in card
    assert page.headers["content-encoding"] == "identity"


async def test_what_is_asked_is_the_business_its_place_and_its_wish(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner)

    await owner.get(f"/bat-dau/{id}/ten?{urlencode({'wish': 'gió biển', 'years': '3'})}")

    (asked,) = house.calls.asked("domains.SuggestNames")
    assert asked == domains_pb2.SuggestNamesRequest(
        business_name="Nhà Gió Biển",
        place="Phường Vũng Tàu, TP. Hồ Chí Minh",
        kind=domains_pb2.Registrant.KIND_HOUSEHOLD,
        years=3,
        wish="gió biển",
    )


@pytest.mark.parametrize("years", ["0", "11", "-1", "hai", "99999999999999999999", ""])
async def test_years_that_cannot_be_are_not_asked_for(house: House, years: str) -> None:
    owner = await house.owner()

    await owner.get(f"/bat-dau/{await a_start(house, owner)}/ten?years={years}")

    (asked,) = house.calls.asked("domains.SuggestNames")
    assert 1 <= asked.years <= 10


async def test_our_module_gets_the_names_alone_in_whole_pieces(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.SuggestNames"] = [a_name("giobien.vn"), a_name("gio-bien.vn")]
    id = await a_start(house, owner)

    answer = await owner.get(f"/bat-dau/{id}/ten?years=2", headers={"x-part": "1"})

    years, first, second, rest = answer.text.split("\n\n")
    assert years == '<input type="hidden" name="years" value="2">'
    assert 'value="giobien.vn"' in first
    assert 'value="gio-bien.vn"' in second
    assert rest == ""


async def test_a_registry_that_stops_in_the_middle_leaves_a_whole_page(house: House) -> None:
    owner = await house.owner()
    calls = house.calls

    class Cut:
        def __iter__(self) -> Any:
            yield a_name("giobien.vn")
            raise OutcomeUnknown("SERVICE_DID_NOT_ANSWER")

    calls.answers["domains.SuggestNames"] = Cut()

    page = await owner.get(f"/bat-dau/{await a_start(house, owner)}/ten")

    assert 'value="giobien.vn"' in page.text
    assert "danh sách dừng ở đây" in page.text
    assert page.text.rstrip().endswith("</html>")


async def test_without_any_registry_the_page_says_so(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.SuggestNames"] = Unavailable("SERVICE_UNREACHABLE")

    page = await owner.get(f"/bat-dau/{await a_start(house, owner)}/ten")

    assert page.status == 200
    assert "Chưa kết nối được với dịch vụ" in page.text


async def test_a_free_name_is_kept_and_leads_on(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.SuggestNames"] = [a_name("giobien.vn")]
    id = await a_start(house, owner, domain="")
    page = await owner.get(f"/bat-dau/{id}/ten?years=2")

    answer = await chosen(owner, page, "giobien.vn")

    assert (answer.status, answer.location) == (303, f"/bat-dau/{id}/mau")
    facts = await facts_of(house, owner, id)
    assert (facts["domain"], facts["years"]) == ("giobien.vn", "2")
    (asked,) = house.calls.asked("domains.RegisterDomain")
    assert asked.validate_only
    assert asked.registrant.tax_code == "077185003461"


@pytest.mark.parametrize(
    "refusal",
    [
        Conflict("NAME_HELD", field="domain", name=DOMAIN),
        Refused("HOLDER_NOT_ELIGIBLE", field="domain", suffix="edu.vn", citation="x"),
        Malformed("YEARS_OUT_OF_RANGE", field="years", most=10),
    ],
    ids=lambda refusal: refusal.reason,
)
async def test_a_name_that_cannot_be_had_is_said_here(house: House, refusal: Exception) -> None:
    owner = await house.owner()
    house.calls.answers["domains.RegisterDomain"] = refusal
    id = await a_start(house, owner)
    page = await owner.get(f"/bat-dau/{id}/ten")

    answer = await chosen(owner, page, "edu.vn")

    assert answer.status == 422
    assert "data-focus" in answer.text


async def test_a_fault_of_the_registrant_does_not_bar_the_choice_of_a_name(house: House) -> None:
    owner = await house.owner()
    fault = Malformed("EMAIL_INVALID", field="registrant.email")
    house.calls.answers["domains.RegisterDomain"] = fault
    id = await a_start(house, owner)

    answer = await chosen(owner, await owner.get(f"/bat-dau/{id}/ten"), DOMAIN)

    assert answer.location == f"/bat-dau/{id}/mau"


async def test_before_the_facts_are_whole_only_availability_is_asked(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.CheckAvailability"] = [
        Said(domain=DOMAIN, availability=Said.AVAILABILITY_TAKEN, message_vi="Đã có chủ.")
    ]
    id = await a_start(house, owner, email="")

    answer = await chosen(owner, await owner.get(f"/bat-dau/{id}/ten"), DOMAIN)

    assert answer.status == 422
    assert "Đã có chủ." in answer.text
    assert house.calls.asked("domains.RegisterDomain") == []


async def test_without_a_choice_the_page_asks_for_one(house: House) -> None:
    owner = await house.owner()
    id = await a_start(house, owner, domain="")

    answer = await chosen(owner, await owner.get(f"/bat-dau/{id}/ten"))

    assert answer.status == 422
    assert "Chọn một tên miền." in answer.text
