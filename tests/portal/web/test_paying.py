"""Paying what is owed: lines and their sum, one payment however often it is pressed, its end."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from google.longrunning import operations_pb2
from google.protobuf.message import Message
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.errors import Absent, Conflict, Refused, Unavailable
from haidang.core.statuses import status_of
from haidang.core.testing.memory import NOON

from tests.portal.web.house import House, a_house

NAME, ASCII = "biển-xanh.vn", "xn--bin-xanh-v91c.vn"
ID, JOURNEY = "0123456789abcdef0123456789abcdef", "fedcba9876543210fedcba9876543210"
PAY = f"/ten-mien/{ASCII}/tra-tien"
Item, Step = journeys_pb2.DueItem, metadata_pb2.Step


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        held = domains_pb2.Registration(domain=ASCII, unicode_domain=NAME)
        held.expire_time.FromDatetime(NOON + timedelta(days=200))
        house.calls.answers |= {
            "domains.GetRegistration": held,
            "journeys.GetDue": due(an_item(), an_item(Item.KIND_RENEWAL, 2, 700_000)),
            "journeys.PayDue": an_operation(Step.STATE_INTENDED),
        }
        yield house


def an_item(
    kind: Item.Kind.ValueType = Item.KIND_REGISTRATION, years: int = 0, amount: int = 450_000
) -> journeys_pb2.DueItem:
    place = "journeys" if kind == Item.KIND_REGISTRATION else "renewals"
    item = Item(kind=kind, name=f"{place}/{JOURNEY}", years=years, amount_dong=amount)
    item.create_time.FromDatetime(NOON)
    return item


def due(*items: journeys_pb2.DueItem) -> journeys_pb2.Due:
    return journeys_pb2.Due(
        domain=ASCII, items=items, total_dong=sum(one.amount_dong for one in items)
    )


def a_payment(*items: journeys_pb2.DueItem, domain: str = ASCII) -> journeys_pb2.DuePayment:
    total = sum(one.amount_dong for one in items)
    return journeys_pb2.DuePayment(domain=domain, items=items, captured_dong=total)


def an_operation(
    *states: Step.State.ValueType,
    response: Message | None = None,
    error: Any = None,
    kind: str = "journeys.pay-due/1",
) -> operations_pb2.Operation:
    operation = operations_pb2.Operation(name=f"operations/{ID}", done=bool(response or error))
    steps = [
        Step(name=name, state=state)
        for name, state in zip(("claim", "authorize", "capture"), states, strict=False)
    ]
    metadata = metadata_pb2.OperationMetadata(kind=kind, steps=steps)
    metadata.create_time.FromDatetime(NOON)
    operation.metadata.Pack(metadata)
    if response is not None:
        operation.response.Pack(response)
    if error is not None:
        operation.error.CopyFrom(status_of(error))
    return operation


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).replace("\u00a0", " ").split())


async def test_every_debt_has_its_line_and_the_sum_stands_on_the_button(house: House) -> None:
    owner = await house.owner()

    page = await owner.get(PAY)

    text = text_of(page.text)
    assert "Đăng ký tên miền, ngày 23/11/2026 450.000 ₫" in text
    assert "Gia hạn 2 năm, ngày 23/11/2026 700.000 ₫" in text
    assert "Trả 1.150.000 ₫" in text
    assert page.text.count('class="lamp"') == 1
    english = text_of((await owner.get(f"{PAY}?lang=en")).text)
    assert "Renewal for 2 years, 23/11/2026" in english


async def test_the_sum_that_was_shown_is_sent_once_however_often_it_is_pressed(
    house: House,
) -> None:
    owner = await house.owner()
    page = await owner.get(PAY)

    answers = [await owner.submit(page, PAY) for _ in range(2)]

    sent = house.calls.asked("journeys.PayDue")
    assert {(one.status, one.location) for one in answers} == {(303, f"{PAY}/{ID}")}
    assert (sent[0].domain, sent[0].accepted_total_dong) == (ASCII, 1_150_000)
    assert sent[0].payer == "sandbox-account"
    assert len({one.request_id for one in sent}) == 1
    assert re.fullmatch(r"[0-9a-f-]{36}", sent[0].request_id)


async def test_a_refusal_is_said_and_what_is_owed_shown_again(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.PayDue"] = Refused(
        "DUE_DIFFERS", field="accepted_total_dong", total="450.000 ₫", accepted="1.150.000 ₫"
    )

    page = await owner.submit(await owner.get(PAY), PAY, payer="lan-vcb")

    assert page.status == 422
    assert "khác với mức anh/chị đã đồng ý (1.150.000 ₫)" in text_of(page.text)
    assert "lan-vcb" in page.text
    assert "data-focus" in page.text


async def test_without_a_payer_nothing_is_sent(house: House) -> None:
    owner = await house.owner()

    page = await owner.submit(await owner.get(PAY), PAY, payer=" ")

    assert page.status == 422
    assert 'id="payer-fault"' in page.text
    assert house.calls.asked("journeys.PayDue") == []


async def test_a_service_that_is_away_leaves_the_same_button_to_press(house: House) -> None:
    owner = await house.owner()
    page = await owner.get(PAY)
    house.calls.answers["journeys.PayDue"] = Unavailable("NOT_READY")

    assert (await owner.submit(page, PAY)).status == 503


async def test_a_name_that_owes_nothing_says_so_and_lights_nothing(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.GetDue"] = due()

    page = await owner.get(PAY)

    assert "không còn khoản nào phải trả" in page.text
    assert 'class="lamp"' not in page.text
    assert "<form" not in page.text.partition("<main")[2].partition("</main")[0]


async def test_a_payment_is_followed_step_by_step(house: House) -> None:
    owner = await house.owner()
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_SETTLED, Step.STATE_INTENDED, Step.STATE_WAITING
    )

    page = await owner.get(f"{PAY}/{ID}")

    assert "Ghi nhận lần trả này" in page.text
    assert f'data-events="{PAY}/{ID}/su-kien"' in page.text
    assert "<noscript>" in page.text


@pytest.mark.parametrize(
    ("items", "lit"),
    [((an_item(),), [f"/hanh-trinh/{JOURNEY}"]), ((an_item(Item.KIND_RENEWAL, 1),), [])],
)
async def test_the_end_says_what_was_paid_and_what_comes_next(
    house: House, items: tuple[journeys_pb2.DueItem, ...], lit: list[str]
) -> None:
    owner = await house.owner()
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        response=a_payment(*items)
    )

    page = await owner.get(f"{PAY}/{ID}")

    assert "Đã thu 450.000 ₫" in text_of(page.text)
    assert re.findall(r'class="lamp" href="([^"]+)"', page.text) == lit


@pytest.mark.parametrize(("left", "is_lit"), [((an_item(),), True), ((), False)])
async def test_a_payment_that_stopped_offers_another_while_something_is_owed(
    house: House, left: tuple[journeys_pb2.DueItem, ...], is_lit: bool
) -> None:
    owner = await house.owner()
    house.calls.answers["journeys.GetDue"] = due(*left)
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_REFUSED, error=Conflict("DUE_BEING_PAID", domain=NAME)
    )

    page = await owner.get(f"{PAY}/{ID}")

    assert "lần này không thu gì thêm" in page.text
    assert page.text.count('class="lamp"') == int(is_lit)


async def test_what_is_no_payment_of_this_name_is_not_found(house: House) -> None:
    owner = await house.owner()
    for answer in (
        an_operation(Step.STATE_INTENDED, kind="journeys.renew/1"),
        an_operation(response=a_payment(an_item(), domain="khac.vn")),
        Absent("OPERATION_ABSENT"),
    ):
        house.calls.answers["operations.journeys.GetOperation"] = answer
        assert (await owner.get(f"{PAY}/{ID}")).status == 404
    assert (await owner.get(f"{PAY}/khong-phai-ma")).status == 404


async def test_only_who_may_spend_sees_the_button(house: House) -> None:
    viewer, editor = await house.viewer(), await house.editor()
    house.calls.answers["operations.journeys.GetOperation"] = an_operation(
        Step.STATE_REFUSED, error=Refused("DUE_REFUSED", domain=NAME, amount="450.000 ₫")
    )

    for browser in (viewer, editor):
        assert (await browser.get(PAY)).status == 403
        page = await browser.get(f"{PAY}/{ID}")
        assert page.status == 200
        assert "tra-tien" not in page.text.partition("<main")[2].partition("</main")[0]
