"""A renewal's order, its money, and what its owner reads when it stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.core.database import Database, sqlite_url
from haidang.core.errors import (
    Absent,
    HaidangError,
    Malformed,
    Refused,
    Unavailable,
    sentence,
)
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.dues import MIGRATIONS as DUES
from haidang.portal.dues import DueLedger
from haidang.portal.ledger import MIGRATIONS as LEDGER
from haidang.portal.renewals import Renewal, RenewalLedger, Renewals, RenewName
from haidang.portal.renewals.ledger import MIGRATIONS, metadata
from haidang.portal.renewals.messages import renewal_message

from tests.portal.neighbourhood import A_LABEL, ANSWERS, ID, TOTAL_DONG, JourneyHouse

IN_ORDER = ["domains.quote", "payment.authorize", "domains.renew", "payment.capture"]
NO = Refused("PAYMENT_REFUSED", detail="thử")
BARRED = Refused("PAYMENT_REFUSED", detail="đang chuyển nhượng")
COMMAND = RenewName("bánhmì.vn", 2, TOTAL_DONG, "sandbox-account")
RENEWED_TO = NOON + timedelta(days=3 * 365)


class RenewalHouse(JourneyHouse):
    """The office of renewals in the neighbourhood of journeys."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        expiry = RENEWED_TO.isoformat().replace("+00:00", "Z")
        self.world.answers["renew"] = {**ANSWERS["register"], "expire_time": expiry}
        self.world.held = {"quote": ANSWERS["quote"]}
        self.renewals = RenewalLedger(database)
        debts = DueLedger(database, FakeClock(NOON))
        self.renewer = Renewals(self.renewals, self.bank, domains=self.office.domains, debts=debts)

    async def renew(self, **changes: Any) -> Renewal:
        """A fresh walk to its end."""
        return await self.renewer.renew(self.run(), replace(COMMAND, **changes))

    async def stopped(self, **changes: Any) -> HaidangError:
        """What a walk that must not arrive ends with."""
        with pytest.raises(HaidangError) as refusal:
            await self.renew(**changes)
        return refusal.value


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    folders = {"operations": OPERATIONS, "ledger": LEDGER, "renewals": MIGRATIONS, "dues": DUES}
    database = await Database.open(
        url or sqlite_url(tmp_path / "ledger.sqlite"), migrations=folders
    )
    yield database
    await database.close()


@pytest.fixture
def house(database: Database) -> RenewalHouse:
    return RenewalHouse(database)


def said(error: HaidangError) -> str:
    return sentence(error.reason, error.facts).replace("\u00a0", " ")


async def test_the_table_is_as_the_migration_made_it(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_a_name_is_renewed_and_paid_once_and_in_order(house: RenewalHouse) -> None:
    renewal = await house.renew()

    assert house.world.did == IN_ORDER
    assert (renewal.domain, renewal.years) == (A_LABEL, 2)
    (kept,) = await house.renewals.renewals("t1", A_LABEL)
    assert (kept.authorized_dong, kept.captured_dong, kept.released_dong) == (
        TOTAL_DONG,
        TOTAL_DONG,
        0,
    )
    assert kept.ended_at is not None
    assert not kept.is_unpaid
    assert house.bank.vault.left == {"auth-0": 0}


async def test_what_is_asked_of_the_domains_service_is_in_its_contract(house: RenewalHouse) -> None:
    renewal = await house.renew()

    quote = json_format.ParseDict(house.asked("quote"), domains_pb2.QuoteDomainRequest())
    request = json_format.ParseDict(house.asked("renew"), domains_pb2.RenewDomainRequest())
    assert (quote.action, quote.years) == (domains_pb2.QuoteDomainRequest.ACTION_RENEW, 2)
    assert (request.quote, request.acknowledged_total_dong) == ("quotes/q1", TOTAL_DONG)
    message = renewal_message(renewal)
    assert message.name == f"renewals/{ID}"
    assert message.registration.expire_time.seconds == int(RENEWED_TO.timestamp())
    assert message.payment.captured_dong == TOTAL_DONG


async def test_a_price_above_the_accepted_one_is_refused_and_nothing_done(
    house: RenewalHouse,
) -> None:
    refusal = await house.stopped(accepted_total_dong=TOTAL_DONG - 1)

    assert (refusal.reason, refusal.field) == ("PRICE_ABOVE_ACCEPTED", "accepted_total_dong")
    assert house.world.did == ["domains.quote"]


@pytest.mark.parametrize("at", IN_ORDER[:2])
async def test_refused_before_money_is_set_aside_nothing_is_charged(
    house: RenewalHouse, at: str
) -> None:
    house.world.refusing[at] = NO

    refusal = await house.stopped()

    assert refusal.reason == "RENEWAL_REFUSED"
    assert said(refusal).endswith("Tên miền chưa được gia hạn và anh/chị chưa bị trừ tiền.")
    assert house.world.did == IN_ORDER[: IN_ORDER.index(at)]
    assert await house.renewals.renewals("t1") == []


@pytest.mark.parametrize("why", [BARRED, Unavailable("SERVICE_UNREACHABLE")])
async def test_a_renewal_that_is_refused_gives_the_money_back(
    house: RenewalHouse, why: HaidangError
) -> None:
    house.world.refusing["domains.renew"] = why

    refusal = await house.stopped()

    assert (refusal.reason, refusal.facts["cause"]) == ("RENEWAL_RELEASED", why.reason)
    assert "số tiền 525.000 ₫ đã giữ được trả lại đầy đủ" in said(refusal)
    assert house.world.did == ["domains.quote", "payment.authorize", "payment.release"]
    (kept,) = await house.renewals.renewals("t1")
    assert (kept.captured_dong, kept.released_dong) == (0, TOTAL_DONG)
    assert (kept.renewed_at, kept.is_unpaid) == (None, False)
    assert kept.ended_at is not None


async def test_money_that_cannot_be_given_back_now_is_said_to_come(house: RenewalHouse) -> None:
    house.world.refusing |= {"domains.renew": BARRED, "payment.release": NO}

    refusal = await house.stopped()

    assert refusal.reason == "RENEWAL_NOT_RELEASED"
    assert said(refusal).endswith("ngân hàng sẽ trả lại chậm nhất vào ngày 30/11/2026.")


async def test_a_name_renewed_but_not_paid_for_is_not_said_to_be_paid(house: RenewalHouse) -> None:
    house.world.refusing["payment.capture"] = NO

    refusal = await house.stopped()

    assert refusal.reason == "RENEWAL_UNPAID"
    assert said(refusal).endswith(
        "Tên miền bánhmì.vn đã được gia hạn đến ngày 22/11/2029, nhưng chưa thu được 525.000 ₫. "
        "Hãy trả khoản này ở trang của tên miền; không cần gia hạn lại."
    )
    assert house.world.did == [*IN_ORDER[:3], "payment.release"]
    (kept,) = await house.renewals.renewals("t1")
    assert (kept.is_unpaid, kept.released_dong) == (True, TOTAL_DONG)
    with pytest.raises(Refused) as again:
        await house.renewer.admit("t1", COMMAND)
    assert (again.value.reason, again.value.field) == ("NAME_NOT_PAID", "domain")


@pytest.mark.parametrize("at", IN_ORDER)
async def test_a_lost_answer_at_any_step_changes_nothing(house: RenewalHouse, at: str) -> None:
    house.world.losing.add(at)

    renewal = await house.renew()

    assert house.world.losing == set()
    assert house.world.did == IN_ORDER
    assert renewal.captured_dong == TOTAL_DONG


async def test_killed_anywhere_the_renewal_goes_on_to_the_same_end(house: RenewalHouse) -> None:
    whole = house.run()
    renewal = await house.renewer.renew(whole, COMMAND)

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        assert await house.renewer.renew(resumed, COMMAND) == renewal

    assert house.world.did == IN_ORDER


async def test_killed_anywhere_a_refused_renewal_ends_refused_the_same_way(
    house: RenewalHouse,
) -> None:
    house.world.refusing["domains.renew"] = BARRED
    whole = house.run()
    with pytest.raises(Refused) as first:
        await house.renewer.renew(whole, COMMAND)

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        with pytest.raises(Refused) as again:
            await house.renewer.renew(resumed, COMMAND)
        assert (again.value.reason, again.value.facts) == (first.value.reason, first.value.facts)

    assert house.world.did == ["domains.quote", "payment.authorize", "payment.release"]


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"domain": ""}, "FIELD_REQUIRED", "domain"),
        ({"years": 0}, "YEARS_INVALID", "years"),
        ({"years": 11}, "YEARS_INVALID", "years"),
        ({"accepted_total_dong": 0}, "PRICE_NOT_STATED", "accepted_total_dong"),
        ({"payer": ""}, "PAYER_MISSING", "payer"),
        ({"accepted_total_dong": 1}, "PRICE_ABOVE_ACCEPTED", "accepted_total_dong"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field_before_anything_starts(
    house: RenewalHouse, change: dict[str, Any], reason: str, field: str
) -> None:
    with pytest.raises((Malformed, Refused)) as refusal:
        await house.renewer.admit("t1", replace(COMMAND, **change))

    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    await house.renewer.admit("t1", COMMAND)
    assert house.world.did == []


async def test_another_tenants_name_is_neither_priced_nor_its_renewals_read(
    house: RenewalHouse,
) -> None:
    await house.renew()

    with pytest.raises(Absent):
        await house.renewer.admit("t2", COMMAND)
    assert await house.renewals.renewals("t2", A_LABEL) == []
