"""The payment of a debt killed at every point of every effect: paid once, or owed still."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import pytest
from google.longrunning import operations_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.client import Haidang
from haidang.core.errors import Refused
from haidang.core.operations.faults import FAILURES, KILLS

from tests.faults.test_renewal_kill_points import (
    MORE_THAN_ENOUGH,
    RENEWALS_OF_A_NAME,
    SHORT_FORM,
    goes_online,
)
from tests.journeys.house import AT_ONCE, House, a_house

EFFECTS = (
    "journeys.pay-due/1/claim",
    "journeys.pay-due/1/authorize",
    "journeys.pay-due/1/capture",
)
POINTS = (*KILLS, *FAILURES)
PAYER, UNCOLLECTABLE = "sandbox-account", "uncollectable-account"
ONCE = {"payment.authorize", "payment.capture"}
GIVEN_BACK = {"payment.authorize", "payment.release"}


async def goes_unpaid(haidang: Haidang, domain: str) -> int:
    """*domain* is renewed and the bank keeps the money: what is then owed."""
    request = journeys_pb2.RenewNameRequest(
        request_id=str(uuid.uuid4()),
        domain=domain,
        years=1,
        accepted_total_dong=MORE_THAN_ENOUGH,
        payer=UNCOLLECTABLE,
    )
    with pytest.raises(Refused) as refusal:
        await haidang.wait(
            await haidang.patiently(lambda: haidang.journeys.RenewName(request)), "journeys"
        )
    assert refusal.value.reason == "RENEWAL_UNPAID"
    return await owed(haidang, domain)


async def owed(haidang: Haidang, domain: str) -> int:
    asked = journeys_pb2.GetDueRequest(domain=domain)
    due = await haidang.patiently(lambda: haidang.journeys.GetDue(asked))
    return int(due.total_dong)


async def pays(
    haidang: Haidang, domain: str, total_dong: int, payer: str
) -> operations_pb2.Operation:
    """What is owed for *domain* is paid by *payer*. Raises: what it ends with otherwise."""
    request = journeys_pb2.PayDueRequest(
        request_id=str(uuid.uuid4()), domain=domain, accepted_total_dong=total_dong, payer=payer
    )
    sent = await haidang.patiently(lambda: haidang.journeys.PayDue(request))
    return await haidang.wait(sent, "journeys")


async def is_paid_once(house: House, haidang: Haidang, domain: str, fault: str) -> None:
    """A debt is made, and its payment meets *fault*."""
    total = await goes_unpaid(haidang, domain)
    before, carried_out = Counter(house.effects_on(domain)), house.was_carried_out()
    house.demand_fault(fault)

    paid = await pays(haidang, domain, total, PAYER)

    assert house.was_carried_out() == carried_out + 1, f"{fault} was never reached"
    payment = journeys_pb2.DuePayment()
    assert paid.response.Unpack(payment), fault
    did = Counter(house.effects_on(domain)) - before
    assert did == Counter(ONCE), f"{fault}: {did}"
    assert (payment.captured_dong, await owed(haidang, domain)) == (total, 0), fault


async def is_given_back_once(
    house: House, haidang: Haidang, domain: str, fault: str, total: int
) -> None:
    """A debt is paid in vain, and giving back what was set aside meets *fault*."""
    before, carried_out = Counter(house.effects_on(domain)), house.was_carried_out()
    house.demand_fault(fault)

    with pytest.raises(Refused) as refusal:
        await pays(haidang, domain, total, UNCOLLECTABLE)

    assert house.was_carried_out() == carried_out + 1, f"{fault} was never reached"
    assert refusal.value.reason == "DUE_RELEASED", fault
    did = Counter(house.effects_on(domain)) - before
    assert did == Counter(GIVEN_BACK), f"{fault}: {did}"
    assert await owed(haidang, domain) == total, fault


async def walk(house: House, folder: Path, points: Sequence[str], wanted: Sequence[str]) -> None:
    """Every fault of *wanted* once, over as few names as a name's ten years allow; then
    *points* of giving back.
    """
    addresses = json.loads((house.state / "run/addresses.json").read_text())
    key = (house.state / "local-operator.key").read_text().strip()
    faults = iter(wanted)
    names = len(wanted) // RENEWALS_OF_A_NAME + 1
    async with Haidang(addresses, key) as haidang:
        for number in range(names):
            domain = f"tra-tien-{number}.vn"
            await asyncio.to_thread(goes_online, house, folder, domain)
            for fault in islice(faults, RENEWALS_OF_A_NAME - (number == names - 1)):
                await is_paid_once(house, haidang, domain, fault)
        total = await goes_unpaid(haidang, domain)
        for point in points:
            fault = f"journeys.pay-due/1/release:{point}"
            await is_given_back_once(house, haidang, domain, fault, total)
    assert next(faults, None) is None


@pytest.mark.slow
@pytest.mark.xdist_group("due-kills")
def test_every_point_of_a_payment_ends_paid_once_or_owed_still(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    every = [f"{effect}:{point}" for effect in EFFECTS for point in POINTS]
    step = 1 if request.config.getoption("--soak", default=False) else SHORT_FORM
    with a_house(tmp_path / "state", **AT_ONCE) as house:
        asyncio.run(walk(house, tmp_path, POINTS[::step], every[::step]))
