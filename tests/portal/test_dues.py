"""What is owed for a name is paid once: by whom, for what, and what stands when it is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent, HaidangError, Malformed, Refused, sentence
from haidang.core.operations import rows
from haidang.core.operations.desk import MIGRATIONS as OPERATIONS
from haidang.core.operations.rows import OperationRow, OperationState
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.dues import MIGRATIONS, DueItem, DueKind, DueLedger, DuePayment, Dues, PayDue
from haidang.portal.dues.ledger import metadata
from haidang.portal.dues.rules import is_over, since_paid
from haidang.portal.ledger import MIGRATIONS as LEDGER
from haidang.portal.renewals import RenewalLedger, Renewals, RenewName
from haidang.portal.renewals.ledger import MIGRATIONS as RENEWALS

from tests.conformance.banks import DECLINED
from tests.portal.neighbourhood import A_LABEL, ANSWERS, ID, TOTAL_DONG, JourneyHouse

RENEWAL, FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32, "d" * 32
NO = Refused("PAYMENT_REFUSED", detail="thử")
PAYING = ["payment.authorize", "payment.capture"]
COMMAND = PayDue("bánhmì.vn", TOTAL_DONG, "sandbox-account")
RENEW = RenewName("bánhmì.vn", 2, TOTAL_DONG, "sandbox-account")


class DueHouse(JourneyHouse):
    """The office of debts in the neighbourhood of journeys and renewals."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self.dues = DueLedger(database, FakeClock(NOON))
        self.payer = Dues(self.dues, self.bank, domains=self.office.domains)
        self.renewals = RenewalLedger(database)
        self.renewer = Renewals(
            self.renewals, self.bank, domains=self.office.domains, debts=self.dues
        )
        self.world.answers["renew"] = ANSWERS["register"]
        self.world.held = {"registration": ANSWERS["register"], "quote": ANSWERS["quote"]}

    async def goes_unpaid(self) -> None:
        """A journey registers the name and the bank refuses to hand the money over."""
        await self._unpaid(self.go_online())

    async def is_renewed_unpaid(self) -> None:
        """A renewal, likewise."""
        await self._unpaid(self.renewer.renew(self.run(RENEWAL), RENEW))

    async def _unpaid(self, walk: Any) -> None:
        self.world.refusing["payment.capture"] = NO
        with pytest.raises(Refused) as refusal:
            await walk
        assert refusal.value.reason.endswith("_UNPAID")
        del self.world.refusing["payment.capture"]
        self.world.did.clear()

    async def pay(self, id: str = FIRST, **changes: Any) -> DuePayment:
        """A fresh walk to its end."""
        return await self.payer.pay(self.run(id), replace(COMMAND, **changes))

    async def stopped(self, id: str = FIRST, **changes: Any) -> HaidangError:
        """What a walk that must not arrive ends with."""
        with pytest.raises(HaidangError) as refusal:
            await self.pay(id, **changes)
        return refusal.value


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    folders = {"operations": OPERATIONS, "ledger": LEDGER, "renewals": RENEWALS, "dues": MIGRATIONS}
    database = await Database.open(url, migrations=folders)
    yield database
    await database.close()


@pytest.fixture
def house(database: Database) -> DueHouse:
    return DueHouse(database)


def said(error: HaidangError) -> str:
    return sentence(error.reason, error.facts).replace("\u00a0", " ")


async def test_the_table_is_as_the_migration_made_it(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_an_unpaid_registration_is_paid_and_the_rest_goes_on(house: DueHouse) -> None:
    await house.goes_unpaid()
    assert await house.ledger.is_unpaid("t1", A_LABEL)

    payment = await house.pay()

    item = DueItem(DueKind.REGISTRATION, ID, A_LABEL, 0, TOTAL_DONG, NOON)
    assert house.world.did == PAYING
    assert (payment.id, payment.domain, payment.items) == (FIRST, A_LABEL, (item,))
    assert payment.captured_dong == TOTAL_DONG
    assert (await house.journey()).captured_dong == TOTAL_DONG
    assert not await house.ledger.is_unpaid("t1", A_LABEL)
    assert await house.dues.owed("t1") == ()


async def test_a_registration_and_a_renewal_are_paid_together(house: DueHouse) -> None:
    await house.goes_unpaid()
    await house.is_renewed_unpaid()

    owed = await house.dues.owed("t1", A_LABEL)
    payment = await house.pay(accepted_total_dong=2 * TOTAL_DONG)

    assert [(item.kind, item.years) for item in owed] == [("REGISTRATION", 0), ("RENEWAL", 2)]
    assert payment.items == owed
    (renewal,) = await house.renewals.renewals("t1")
    assert (renewal.is_unpaid, renewal.captured_dong) == (False, TOTAL_DONG)
    assert renewal.ended_at is not None
    assert house.world.did == PAYING
    await house.renewer.admit("t1", RENEW)


async def test_while_the_bank_is_asked_whether_it_took_the_money_nothing_is_owed(
    house: DueHouse,
) -> None:
    await house.goes_unpaid()
    async with house.database.writing() as tx:
        running = rows.effects.update().where(rows.effects.c.name == "capture")
        await tx.execute(running.values(state="UNSETTLED"))

    assert await house.dues.owed("t1") == ()
    assert (await house.stopped()).reason == "NOTHING_DUE"
    assert house.world.did == []


async def test_a_name_that_is_paid_for_owes_nothing(house: DueHouse) -> None:
    await house.go_online()
    house.world.did.clear()

    refusal = await house.stopped()

    assert said(refusal) == "Tên miền bánhmì.vn không có khoản nào phải trả."
    assert house.world.did == []


@pytest.mark.parametrize("accepted", [TOTAL_DONG - 1, TOTAL_DONG + 1])
async def test_another_sum_than_the_accepted_is_refused_before_the_bank_is_asked(
    house: DueHouse, accepted: int
) -> None:
    await house.goes_unpaid()

    refusal = await house.stopped(accepted_total_dong=accepted)

    assert (refusal.reason, refusal.field) == ("DUE_DIFFERS", "accepted_total_dong")
    assert house.world.did == []
    assert (await house.pay(SECOND)).captured_dong == TOTAL_DONG


async def test_a_payer_the_bank_declines_pays_nothing_and_may_try_again(house: DueHouse) -> None:
    await house.goes_unpaid()

    refusal = await house.stopped(payer=DECLINED)

    assert (refusal.reason, refusal.facts["cause"]) == ("DUE_REFUSED", "PAYMENT_DECLINED")
    assert said(refusal).endswith(
        "Anh/chị chưa bị trừ tiền; tên miền bánhmì.vn vẫn còn 525.000 ₫ phải trả."
    )
    assert house.world.did == []
    assert (await house.pay(SECOND)).captured_dong == TOTAL_DONG
    assert house.world.did == PAYING


async def test_money_that_cannot_be_taken_is_given_back_and_stays_owed(house: DueHouse) -> None:
    await house.goes_unpaid()
    house.world.refusing["payment.capture"] = NO

    refusal = await house.stopped()

    assert refusal.reason == "DUE_RELEASED"
    assert "Số tiền 525.000 ₫ đã giữ được trả lại đầy đủ" in said(refusal)
    assert house.world.did == ["payment.authorize", "payment.release"]
    assert len(await house.dues.owed("t1", A_LABEL)) == 1
    del house.world.refusing["payment.capture"]
    assert (await house.pay(SECOND)).captured_dong == TOTAL_DONG


async def test_money_that_cannot_be_given_back_now_is_said_to_come(house: DueHouse) -> None:
    await house.goes_unpaid()
    house.world.refusing |= {"payment.capture": NO, "payment.release": NO}

    refusal = await house.stopped()

    assert refusal.reason == "DUE_NOT_RELEASED"
    assert "chậm nhất vào ngày 30/11/2026" in said(refusal)


async def test_of_two_payments_at_once_one_takes_the_money(house: DueHouse) -> None:
    await house.goes_unpaid()

    ended = await asyncio.gather(house.pay(FIRST), house.pay(SECOND), return_exceptions=True)

    paid = [one for one in ended if isinstance(one, DuePayment)]
    refused = [one for one in ended if isinstance(one, HaidangError)]
    assert (len(paid), len(refused)) == (1, 1)
    assert refused[0].reason in {"DUE_BEING_PAID", "NOTHING_DUE"}
    assert house.world.did == PAYING
    assert sum(house.bank.vault.left.values()) == 0  # the journey gave back what it had set aside


async def test_while_one_payment_is_at_the_bank_a_second_is_told_so(house: DueHouse) -> None:
    await house.goes_unpaid()
    gate = house.world.gates["payment.authorize"] = asyncio.Event()
    first = asyncio.create_task(house.pay(FIRST))
    async with asyncio.timeout(20):
        while not await has_claimed(house):
            await asyncio.sleep(0.01)

    refusal = await house.stopped(SECOND)
    gate.set()

    assert (refusal.reason, refusal.field) == ("DUE_BEING_PAID", "domain")
    assert "lần này không thu gì thêm" in said(refusal)
    assert (await first).captured_dong == TOTAL_DONG
    assert house.world.did == PAYING
    assert (await house.stopped(THIRD)).reason == "NOTHING_DUE"


async def has_claimed(house: DueHouse) -> bool:
    """Whether a payment has the claim."""
    return any(one.count for one in await house.dues.holdings("t1"))


async def test_a_payment_that_fell_over_before_the_bank_took_money_lets_the_next_pay(
    house: DueHouse,
) -> None:
    await house.goes_unpaid()
    run = house.run(FIRST)
    house.world.gates["payment.authorize"] = asyncio.Event()
    fallen = asyncio.create_task(house.payer.pay(run, COMMAND))
    async with asyncio.timeout(20):
        while not await has_claimed(house):
            await asyncio.sleep(0.01)
    fallen.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fallen
    house.world.gates.clear()

    assert (await house.stopped(SECOND)).reason == "DUE_BEING_PAID"
    await has_ended(house, run.id)

    assert (await house.pay(THIRD)).captured_dong == TOTAL_DONG


async def has_ended(house: DueHouse, name: str) -> None:
    """The operation *name* stands as failed."""
    row = OperationRow(
        name, "t1", "lan", "r", "0" * 64, "journeys.pay-due/1", None, "", OperationState.RUNNING,
        None, None, NOON, NOON,
    )  # fmt: skip
    async with house.database.writing() as tx:
        await rows.insert_operation(tx, row)
        await rows.finish_operation(tx, name, result=None, failure={"reason": "X"}, now=NOON)


@pytest.mark.parametrize(
    ("effects", "has_ended", "over"),
    [
        ({}, False, False),
        ({}, True, True),
        ({"authorize": "INTENDED"}, False, False),
        ({"authorize": "REFUSED"}, False, True),
        ({"authorize": "SETTLED"}, True, True),
        ({"authorize": "SETTLED", "capture": "INTENDED"}, True, False),
        ({"authorize": "SETTLED", "capture": "NEEDS_OPERATOR"}, True, False),
        ({"authorize": "SETTLED", "capture": "SETTLED"}, False, True),
        ({"authorize": "SETTLED", "capture": "REFUSED"}, False, True),
    ],
)
def test_a_payment_is_over_once_it_can_take_no_money(
    effects: dict[str, str], has_ended: bool, over: bool
) -> None:
    assert is_over(effects, has_ended=has_ended) is over


@pytest.mark.parametrize("at", PAYING)
async def test_a_lost_answer_changes_nothing(house: DueHouse, at: str) -> None:
    await house.goes_unpaid()
    house.world.losing.add(at)

    assert (await house.pay()).captured_dong == TOTAL_DONG

    assert house.world.losing == set()
    assert house.world.did == PAYING


async def test_killed_anywhere_the_payment_goes_on_to_the_same_end(house: DueHouse) -> None:
    await house.goes_unpaid()
    whole = house.run(FIRST)
    payment = await house.payer.pay(whole, COMMAND)

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            FIRST, recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        assert await house.payer.pay(resumed, COMMAND) == payment

    assert house.world.did == PAYING


async def test_killed_anywhere_a_refused_payment_ends_refused_the_same_way(
    house: DueHouse,
) -> None:
    await house.goes_unpaid()
    house.world.refusing["payment.capture"] = NO
    whole = house.run(FIRST)
    with pytest.raises(Refused) as first:
        await house.payer.pay(whole, COMMAND)

    for kept in range(len(whole.recorded) + 1):
        resumed = house.run(
            FIRST, recorded=whole.recorded[:kept], seal_key=whole.seal_key, life=f"life-{kept}"
        )
        with pytest.raises(Refused) as again:
            await house.payer.pay(resumed, COMMAND)
        assert (again.value.reason, again.value.facts) == (first.value.reason, first.value.facts)

    assert house.world.did == ["payment.authorize", "payment.release"]


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"domain": ""}, "FIELD_REQUIRED", "domain"),
        ({"accepted_total_dong": 0}, "PRICE_NOT_STATED", "accepted_total_dong"),
        ({"payer": ""}, "PAYER_MISSING", "payer"),
        ({"accepted_total_dong": 1}, "DUE_DIFFERS", "accepted_total_dong"),
    ],
)
async def test_what_cannot_be_is_refused_at_its_field_before_anything_starts(
    house: DueHouse, change: dict[str, Any], reason: str, field: str
) -> None:
    await house.goes_unpaid()

    with pytest.raises((Malformed, Refused)) as refusal:
        await house.payer.admit("t1", replace(COMMAND, **change))

    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    await house.payer.admit("t1", COMMAND)
    assert house.world.did == []


async def test_another_tenant_neither_sees_nor_pays_it(house: DueHouse) -> None:
    await house.goes_unpaid()

    with pytest.raises(Absent):
        await house.payer.admit("t2", COMMAND)
    with pytest.raises(Absent):
        await house.payer.pay(house.run(FIRST, tenant="t2"), COMMAND)
    assert await house.dues.owed("t2", A_LABEL) == ()
    assert house.world.did == []


def test_a_journey_paid_since_holds_the_name_and_nothing_else_changes() -> None:
    facts = {"cause_vi": "Thôi.", "domain": "bánhmì.vn", "expires": "23/11/2027", "field": "payer"}
    unpaid = Refused("JOURNEY_STOPPED_UNPAID", **facts, amount="525.000 ₫")
    other = Refused("JOURNEY_REFUSED", **facts)

    assert since_paid(unpaid, 0) is unpaid
    assert since_paid(other, TOTAL_DONG) is other
    paid = since_paid(unpaid, TOTAL_DONG)
    assert (paid.reason, paid.field) == ("JOURNEY_STOPPED_HOLDING", None)
    assert said(paid) == (
        "Lúc đầu chưa thu được tiền; nay anh/chị đã trả. Tên miền bánhmì.vn đã thuộc về anh/chị "
        "đến ngày 23/11/2027; số tiền đã trả là 525.000 ₫. Phần còn lại có thể làm tiếp mà không "
        "phải trả thêm."
    )


async def test_the_payment_is_seen_exported_and_erased_with_the_tenant(house: DueHouse) -> None:
    await house.goes_unpaid()
    await house.pay()

    assert [one.count for one in await house.dues.holdings("t1")] == [1]
    exported = json.loads(json.dumps(await house.dues.export("t1")))
    assert exported["portal.dues"][0]["items"][0]["amount_dong"] == TOTAL_DONG
    assert (await house.dues.export("t2"))["portal.dues"] == []
    await house.dues.erase("t2")
    assert [one.count for one in await house.dues.holdings("t1")] == [1]
    await house.dues.erase("t1")
    assert [one.count for one in await house.dues.holdings("t1")] == [0]
