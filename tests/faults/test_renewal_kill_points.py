"""A renewal killed at every point of every effect: renewed once, paid once."""

from __future__ import annotations

import asyncio
import json
import math
import uuid
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.client import Haidang
from haidang.core.operations.faults import FAILURES, KILLS

from tests.journeys.house import AT_ONCE, House, a_business, a_house

EFFECTS = (
    "journeys.renew/1/quote",
    "journeys.renew/1/authorize",
    "journeys.renew/1/renew",
    "journeys.renew/1/capture",
    "domains.renew/1/renew",
)
ONCE = {"payment.authorize", "domain.renew", "payment.capture"}
SHORT_FORM = 4
"""`make test` takes every so manieth fault, `make soak` every one."""
RENEWALS_OF_A_NAME = 8
"""A name is held at most ten years ahead, and begins with one."""
MORE_THAN_ENOUGH = 10_000_000


async def renewed(house: House, domain: str) -> journeys_pb2.Renewal:
    """*domain* renewed for a year: the renewal, as it ended."""
    addresses = json.loads((house.state / "run/addresses.json").read_text())
    key = (house.state / "local-operator.key").read_text().strip()
    request = journeys_pb2.RenewNameRequest(
        request_id=str(uuid.uuid4()),
        domain=domain,
        years=1,
        accepted_total_dong=MORE_THAN_ENOUGH,
        payer="sandbox-account",
    )
    async with Haidang(addresses, key) as haidang:
        operation = await haidang.patiently(lambda: haidang.journeys.RenewName(request))
        ended = await haidang.wait(operation, "journeys")
        renewal = journeys_pb2.Renewal()
        assert ended.response.Unpack(renewal), ended.error
        asked = domains_pb2.GetRegistrationRequest(name=f"registrations/{domain}")
        held = await haidang.patiently(lambda: haidang.domains.GetRegistration(asked))
        assert held.expire_time == renewal.registration.expire_time
        return renewal


def goes_online(house: House, folder: Path, domain: str) -> None:
    outcome = house.run("go-online", str(a_business(folder, domain)), "--json")
    assert outcome.code == 0, outcome.err


@pytest.mark.slow
@pytest.mark.xdist_group("renewal-kills")
def test_every_point_of_a_renewal_ends_renewed_and_paid_once(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    every = [f"{effect}:{point}" for effect in EFFECTS for point in (*KILLS, *FAILURES)]
    wanted = every if request.config.getoption("--soak", default=False) else every[::SHORT_FORM]
    faults = iter(wanted)
    with a_house(tmp_path / "state", **AT_ONCE) as house:
        for number in range(math.ceil(len(wanted) / RENEWALS_OF_A_NAME)):
            domain = f"gia-han-{number}.vn"
            goes_online(house, tmp_path, domain)
            expiry = 0
            for fault in islice(faults, RENEWALS_OF_A_NAME):
                before = Counter(house.effects_on(domain))
                carried_out = house.was_carried_out()
                house.demand_fault(fault)

                renewal = asyncio.run(renewed(house, domain))

                assert house.was_carried_out() == carried_out + 1, f"{fault} was never reached"
                did = Counter(house.effects_on(domain)) - before
                assert did == Counter(ONCE), f"{fault}: {did}"
                assert renewal.registration.expire_time.seconds > expiry, fault
                assert renewal.payment.captured_dong > 0, fault
                expiry = renewal.registration.expire_time.seconds
    assert next(faults, None) is None
