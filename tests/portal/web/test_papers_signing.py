"""Signing one paper: who, why, how strongly; what will happen; doing it once; following it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.errors import Absent, Malformed, Refused, Unavailable
from haidang.esign import reasons as _reasons  # noqa: F401 - sentences the service would send
from haidang.portal.accounts import Role

from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import PASSWORD, House, a_house, merged
from tests.portal.web.papers_house import (
    OPERATION,
    PAPER,
    SIGNED,
    Desk,
    a_registration,
    a_signed_document,
    an_operation,
)

FORM, DO = f"/giay-to/{PAPER}/ky", f"/giay-to/{PAPER}/ky/dong-y"
FOLLOW = f"/giay-to/dang-ky/{OPERATION}"
SIGN, GET_OPERATION = "esign.SignDocument", "operations.esign.GetOperation"
NOBODY = domains_pb2.ListRegistrationsResponse()
State = metadata_pb2.OperationMetadata


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as found:
        Desk(found)
        yield found


async def reviewed(browser: Browser, **typed: str) -> Page:
    """The page that says what will happen."""
    return await browser.submit(await browser.get(FORM), FORM, **typed)


async def test_the_form_offers_the_holder_of_the_names_once_and_says_what_it_is_worth(
    house: House,
) -> None:
    page = await (await house.owner()).get(FORM)

    assert page.status == 200
    assert page.text.count('name="party"') == 1
    assert "077 185 003 461, đại diện là Nguyễn Thị Hạnh" in page.text.replace("\u00a0", " ")
    assert "không có giá trị pháp lý" in page.text
    fields = dict(page.form(FORM).fields)
    assert fields["level"] == "B_LT"
    assert len(fields["request_id"]) == 36
    assert page.text.count('class="lamp"') == 1


async def test_before_signing_a_page_says_what_will_happen(house: House) -> None:
    page = await reviewed(await house.owner(), reason="Đồng ý với nội dung")

    assert page.status == 200
    for said in (
        "Sắp ký",
        "Hộ kinh doanh Nhà Gió Biển",
        "Đồng ý với nội dung",
        "B-LT",
        "không thu lại được",
        "không có giá trị pháp lý",
    ):
        assert said in page.text
    assert house.calls.asked(SIGN) == []


async def test_agreeing_signs_with_exactly_what_was_shown(house: House) -> None:
    owner = await house.owner()

    page = await owner.submit(await reviewed(owner, reason="Đồng ý", level="B_T"), DO)

    assert (page.status, page.location) == (303, f"{FOLLOW}?giay={PAPER}")
    [request] = house.calls.asked(SIGN)
    assert request.document == f"documents/{PAPER}"
    assert (request.level, request.reason) == (esign_pb2.LEVEL_B_T, "Đồng ý")
    assert request.party == esign_pb2.SigningParty(
        name="Hộ kinh doanh Nhà Gió Biển",
        identifier="077185003461",
        representative_name="Nguyễn Thị Hạnh",
    )


async def test_a_double_tap_is_one_request_and_a_changed_choice_another(house: House) -> None:
    owner = await house.owner()
    form = (await reviewed(owner, reason="Đồng ý")).form(DO)

    await asyncio.gather(*(owner.post(DO, form.fields) for _ in range(2)))
    await owner.post(DO, merged(form.fields, reason="Chứng kiến"))

    first, again, other = (one.request_id for one in house.calls.asked(SIGN))
    assert first == again != other


async def test_something_can_be_changed_without_typing_the_rest_again(house: House) -> None:
    owner = await house.owner()
    form = (await reviewed(owner, reason="Đồng ý", level="B_B")).form(DO)

    page = await owner.post(FORM, [*form.fields, ("sua", "1")])

    fields = dict(page.form(FORM).fields)
    assert page.status == 200
    assert (fields["reason"], fields["level"]) == ("Đồng ý", "B_B")
    assert fields["request_id"] == dict(form.fields)["request_id"]


async def test_a_business_that_is_not_known_yet_types_who_signs(house: House) -> None:
    house.calls.answers["domains.ListRegistrations"] = NOBODY
    owner = await house.owner()

    empty = await reviewed(owner)
    page = await reviewed(
        owner, name="Công ty TNHH Hồ Tiêu Châu Đức", identifier="0300588569", representative=""
    )
    await owner.submit(page, DO)

    assert empty.status == 422
    for field in ("name", "identifier"):
        assert f'href="#{field}"' in empty.text
        assert f'id="{field}-fault"' in empty.text
    [request] = house.calls.asked(SIGN)
    assert request.party.name == "Công ty TNHH Hồ Tiêu Châu Đức"
    assert request.party.identifier == "0300588569"


async def test_what_the_business_told_so_far_is_offered_before_it_holds_a_name(
    house: House,
) -> None:
    house.calls.answers["domains.ListRegistrations"] = NOBODY
    owner = await house.owner()
    facts = {"holder": "HOUSEHOLD", "legal_name": "Hộ Vườn Tiêu", "tax_code": "0300588569"}
    await house.offices.starts.begin(
        owner.session.tenant, "0b6f7c9e-4a51-4a3e-9b7d-000000000001", facts
    )

    page = await owner.get(FORM)

    assert "Hộ Vườn Tiêu" in page.text
    assert 'name="party"' in page.text


async def test_names_that_cannot_be_listed_do_not_stand_in_the_way(house: House) -> None:
    house.calls.answers["domains.ListRegistrations"] = Unavailable("NOT_READY")

    page = await (await house.owner()).get(FORM)

    assert page.status == 200
    assert 'name="identifier"' in page.text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"party": "khong co"}, "party"),
        ({"level": "B_LTA"}, "level"),
        ({"level": ""}, "level"),
        ({"reason": "a" * 121}, "reason"),
    ],
)
async def test_what_was_not_offered_is_told_at_its_field_and_signs_nothing(
    house: House, typed: dict[str, str], field: str
) -> None:
    owner = await house.owner()
    form = (await reviewed(owner)).form(DO)

    pages = [
        await reviewed(owner, **typed),
        await owner.post(DO, merged(form.fields, **typed)),
    ]

    for page in pages:
        assert page.status == 422
        assert f'href="#{field}"' in page.text
        assert f'id="{field}-fault"' in page.text
    assert house.calls.asked(SIGN) == []


async def test_what_the_service_refuses_is_told_on_the_form_with_all_kept(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["domains.ListRegistrations"] = NOBODY
    house.calls.answers[SIGN] = Malformed("TAX_CODE_INVALID", field="party.identifier")

    review = await reviewed(owner, name="Quán Bến Cá", identifier="12", reason="Đồng ý")
    page = await owner.submit(review, DO)

    assert page.status == 422
    assert 'id="identifier-fault"' in page.text
    assert dict(page.form(FORM).fields)["reason"] == "Đồng ý"


async def test_a_fault_of_a_known_party_stands_where_it_is_chosen(house: House) -> None:
    owner = await house.owner()
    house.calls.answers[SIGN] = Malformed("TAX_CODE_INVALID", field="party.identifier")

    page = await owner.submit(await reviewed(owner), DO)

    assert 'href="#party"' in page.text


async def test_whoever_signed_in_long_ago_proves_again_who_they_are(house: House) -> None:
    owner = await house.owner()
    form = (await reviewed(owner)).form(DO)
    house.clock.advance(3600)

    asked, sent = await owner.get(FORM), await owner.post(DO, form.fields)

    assert asked.location.startswith("/xac-nhan?tiep=")
    assert sent.status == 401
    assert 'name="password"' in sent.text
    assert house.calls.asked(SIGN) == []
    resumed = await owner.submit(sent, "/xac-nhan", password=PASSWORD)
    page = await owner.submit(resumed, DO)
    assert page.status == 303
    assert len(house.calls.asked(SIGN)) == 1


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
async def test_only_an_owner_signs(house: House, role: Role) -> None:
    owner = await house.owner()
    member = await house.member(owner, role)
    form = (await reviewed(owner)).form(DO)

    assert (await member.get(FORM)).status == 403
    assert (await member.post(DO, [f for f in form.fields if f[0] != "csrf"])).status == 403
    assert house.calls.asked(SIGN) == []


async def test_the_signing_is_shown_step_by_step_and_asks_anew_without_scripts(
    house: House,
) -> None:
    page = await (await house.owner()).get(f"{FOLLOW}?giay={PAPER}")

    for said in ("Xin chứng thư cho khóa ký", "Tạo chữ ký", "Đóng dấu thời gian", "12:00"):
        assert said in page.text
    assert f'data-events="{FOLLOW}/su-kien"' in page.text
    assert 'http-equiv="refresh"' in page.text


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.STATE_UNSETTLED, "không ký hai lần"),
        (State.STATE_NEEDS_OPERATOR, "người vận hành"),
    ],
)
async def test_a_signing_that_waits_says_for_what(house: House, state: Any, said: str) -> None:
    house.calls.answers[GET_OPERATION] = an_operation(state=state)

    assert said in (await (await house.owner()).get(FOLLOW)).text


async def test_a_finished_signing_leads_to_the_signed_paper(house: House) -> None:
    house.calls.answers[GET_OPERATION] = an_operation(a_signed_document())

    page = await (await house.owner()).get(FOLLOW)

    assert (page.status, page.location) == (303, f"/giay-to/{SIGNED}")


async def test_a_refused_signing_says_why_what_stands_and_what_to_do(house: House) -> None:
    house.calls.answers[GET_OPERATION] = an_operation(Refused("CERTIFICATE_REVOKED"))
    owner = await house.owner()

    page = await owner.get(f"{FOLLOW}?giay={PAPER}")
    unsure = await owner.get(f"{FOLLOW}?giay=//evil.example")

    assert "đã bị thu hồi" in page.text
    assert "Tệp gốc còn nguyên" in page.text
    assert f'class="lamp" href="{FORM}"' in page.text
    assert "evil" not in unsure.text.split("<footer")[0].split("<main")[1]


async def test_what_moves_is_told_as_it_moves(house: House) -> None:
    owner = await house.owner()
    house.calls.answers[GET_OPERATION] = an_operation()

    async with owner.stream(f"{FOLLOW}/su-kien") as pieces:
        told = b""
        while b"event: message" not in told:
            told += await asyncio.wait_for(pieces.get(), 5)
        house.calls.answers[GET_OPERATION] = an_operation(a_signed_document())
        while b"event: end" not in told:
            told += await asyncio.wait_for(pieces.get(), 5)

    assert "Tạo chữ ký" in told.decode()


@pytest.mark.parametrize("tail", ["", "/su-kien"])
@pytest.mark.parametrize("id", ["x", "C3" * 16, "c3" * 15])
async def test_an_operation_that_is_not_theirs_is_not_found(
    house: House, id: str, tail: str
) -> None:
    owner = await house.owner()
    house.calls.answers[GET_OPERATION] = Absent("OPERATION_ABSENT")

    assert (await owner.get(f"/giay-to/dang-ky/{id}{tail}")).status == 404
    assert (await owner.get(f"{FOLLOW}{tail}")).status == 404


async def test_two_holders_are_two_choices(house: House) -> None:
    house.calls.answers["domains.ListRegistrations"] = domains_pb2.ListRegistrationsResponse(
        registrations=[a_registration(), a_registration(name="Công ty TNHH Bến Cá")]
    )
    owner = await house.owner()

    page = await owner.get(FORM)

    assert page.text.count('name="party"') == 2
    assert "<fieldset" in page.text
