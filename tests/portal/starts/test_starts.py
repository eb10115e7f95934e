"""Starts on both databases: kept field by field, sent once, forgotten in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import Database
from haidang.core.errors import Absent, Conflict, Refused
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.portal.starts import Photo, Starts
from haidang.portal.starts.keeper import kept_days
from haidang.portal.starts.ledger import MIGRATIONS, StartLedger, metadata
from haidang.portal.starts.values import Attempt, Consent

from tests.portal.starts.known import an_id

T = "t1"
DAY = 24 * 3600


@pytest.fixture
async def database(url: str, tmp_path: Path) -> AsyncIterator[Database]:
    database = await Database.open(url, migrations={"starts": MIGRATIONS})
    yield database
    await database.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOON)


@pytest.fixture
def starts(database: Database, clock: FakeClock) -> Starts:
    return Starts(StartLedger(database), clock)


def an_attempt(request_id: str, digest: str = "same") -> Attempt:
    return Attempt(request_id, digest, NOON)


async def test_the_tables_are_as_the_migration_made_them(database: Database) -> None:
    async with database.reading() as session:
        for table in metadata.tables.values():
            found = await session.execute(sa.select(sa.text("*")).select_from(table))
            assert set(found.keys()) == set(table.columns.keys())


async def test_a_start_is_begun_once_and_for_its_tenant_alone(starts: Starts) -> None:
    request = an_id()
    begun = [await starts.begin(T, request, {"kind": "farm", "unheard": "x"}) for _ in range(2)]

    assert begun[0] == begun[1]
    assert dict(begun[0].facts) == {"kind": "farm"}
    with pytest.raises(Absent):
        await starts.get("t2", begun[0].id)
    assert await starts.open_ones("t2") == []


async def test_begun_twice_at_once_it_is_one(starts: Starts) -> None:
    request = an_id()
    begun = await asyncio.gather(*(starts.begin(T, request, {}) for _ in range(4)))

    assert len({one.id for one in begun}) == 1


async def test_tabs_that_save_at_once_lose_no_field(starts: Starts) -> None:
    id = (await starts.begin(T, an_id(), {})).id
    fields = ("phone", "email", "street", "commune", "legal_name")

    await asyncio.gather(
        *(starts.save(T, id, {field: field}, drawn=1, tab=field) for field in fields)
    )

    start = await starts.get(T, id)
    assert dict(start.facts) == {field: field for field in fields}
    assert start.revision == 1 + len(fields)


async def test_what_is_typed_is_kept_in_bounds(starts: Starts) -> None:
    id = (await starts.begin(T, an_id(), {})).id

    start = await starts.save(
        T, id, {"street": " 1 \n Lê  Lợi " + "x" * 999}, drawn=1, tab="a" * 99
    )

    assert start["street"].startswith("1 Lê Lợi x")
    assert len(start["street"]) == 500


async def test_a_long_sitting_forgets_what_was_overwritten_and_nothing_else(
    starts: Starts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("haidang.portal.starts.ledger.MOST_CHANGES", 5)
    id = (await starts.begin(T, an_id(), {"kind": "farm"})).id
    for number in range(12):
        await starts.save(T, id, {"street": f"{number}"}, drawn=1, tab="a")

    start = await starts.get(T, id)

    assert (start["street"], start["kind"]) == ("11", "farm")


async def test_photos_keep_their_order_and_their_newest_text(starts: Starts) -> None:
    id = (await starts.begin(T, an_id(), {})).id
    for media in ("media/b", "media/a"):
        await starts.add_photo(T, id, Photo(media, "bien.jpg"))
    await starts.add_photo(T, id, Photo("media/b", "bien.jpg", "Biển"))

    kept = (await starts.get(T, id)).photos
    assert [(photo.media, photo.alt) for photo in kept] == [("media/b", "Biển"), ("media/a", "")]
    await starts.drop_photo(T, id, "media/b")
    await starts.drop_photo(T, id, "media/b")
    assert [photo.media for photo in (await starts.get(T, id)).photos] == ["media/a"]


async def test_the_same_attempt_is_joined_and_a_changed_one_waits(starts: Starts) -> None:
    id = (await starts.begin(T, an_id(), {})).id
    first, second = an_id(), an_id()

    begun = await starts.attempt(T, id, an_attempt(first), is_over=True)
    again = await starts.attempt(T, id, an_attempt(first), is_over=True)
    other_tab = await starts.attempt(T, id, an_attempt(second), is_over=True)

    assert begun.request_id == again.request_id == other_tab.request_id == first
    with pytest.raises(Conflict) as refusal:
        await starts.attempt(T, id, an_attempt(second, "changed"), is_over=True)
    assert refusal.value.reason == "START_BEING_SENT"


async def test_an_attempt_nobody_ever_heard_of_gives_way_after_a_while(
    starts: Starts, clock: FakeClock
) -> None:
    id = (await starts.begin(T, an_id(), {})).id
    second = an_id()
    await starts.attempt(T, id, an_attempt(an_id()), is_over=True)
    clock.advance(31)

    attempt = await starts.attempt(T, id, an_attempt(second, "changed"), is_over=True)

    assert attempt.request_id == second


async def test_an_attempt_that_runs_never_gives_way(starts: Starts, clock: FakeClock) -> None:
    id, first = (await starts.begin(T, an_id(), {})).id, an_id()
    await starts.attempt(T, id, an_attempt(first), is_over=True)
    await starts.sent(T, id, first, "operations/x")
    clock.advance(DAY)

    with pytest.raises(Conflict):
        await starts.attempt(T, id, an_attempt(an_id(), "changed"), is_over=False)


async def test_what_was_refused_before_it_began_leaves_no_attempt(starts: Starts) -> None:
    id, first = (await starts.begin(T, an_id(), {})).id, an_id()
    await starts.attempt(T, id, an_attempt(first), is_over=True)
    await starts.not_sent(T, id, an_id())
    assert (await starts.get(T, id)).attempt is not None

    await starts.not_sent(T, id, first)

    assert (await starts.get(T, id)).attempt is None


async def test_a_refused_journey_is_noted_once(starts: Starts) -> None:
    id, first = (await starts.begin(T, an_id(), {"domain": "a.vn"})).id, an_id()
    await starts.attempt(T, id, an_attempt(first), is_over=True)
    await starts.sent(T, id, first, "operations/x")

    await starts.refused(T, id, held_domain="a.vn")
    await starts.keep_quote(T, id, "fresh")
    await starts.refused(T, id, held_domain="a.vn")

    start = await starts.get(T, id)
    assert start.is_held
    assert start.quote_json == "fresh"


async def test_what_arrived_is_forgotten_and_what_was_agreed_to_stays(starts: Starts) -> None:
    id, first = (await starts.begin(T, an_id(), {"phone": "0901"})).id, an_id()
    await starts.add_photo(T, id, Photo("media/b", "bien.jpg"))
    await starts.attempt(T, id, an_attempt(first), is_over=True)
    await starts.consent(T, id, first, [Consent("true", "Tôi cam đoan.", "v1", NOON, "lan")])
    await starts.consent(T, id, first, [Consent("true", "khác", "v2", NOON, "lan")])
    await starts.sent(T, id, first, "operations/x")

    await starts.arrived("t2", "operations/x")
    assert (await starts.get(T, id)).online_at is None
    await starts.arrived(T, "operations/x")

    start = await starts.get(T, id)
    assert (dict(start.facts), start.photos, start.online_at) == ({}, (), NOON)
    assert await starts.open_ones(T) == []
    (exported,) = (await starts.export(T))["portal.starts"]  # type: ignore[misc, union-attr]  # JSON
    assert [one["wording"] for one in exported["consents"]] == ["Tôi cam đoan."]  # type: ignore[index, call-overload, union-attr]  # JSON


async def test_a_start_left_alone_for_ninety_days_is_forgotten(
    starts: Starts, clock: FakeClock, database: Database
) -> None:
    old = (await starts.begin(T, an_id(), {"phone": "0901"})).id
    clock.advance(kept_days(NOON.date()) * DAY - 60)
    assert await starts.sweep() == 0
    young = (await starts.begin(T, an_id(), {})).id
    clock.advance(120)

    assert await starts.sweep() == 1

    assert [one.id for one in await starts.open_ones(T)] == [young]
    async with database.reading() as session:
        assert await session.scalar(sa.text("select count(*) from start_change")) == 0
    with pytest.raises(Absent):
        await starts.get(T, old)


async def test_touching_a_start_keeps_it(starts: Starts, clock: FakeClock) -> None:
    id = (await starts.begin(T, an_id(), {})).id
    clock.advance(80 * DAY)
    await starts.save(T, id, {"phone": "0901"}, drawn=1, tab="a")
    clock.advance(80 * DAY)

    assert await starts.sweep() == 0


async def test_erased_nothing_of_the_tenant_is_left_and_others_stay(
    starts: Starts, database: Database
) -> None:
    mine = (await starts.begin(T, an_id(), {"phone": "0901"})).id
    other = (await starts.begin("t2", an_id(), {"phone": "0902"})).id
    await starts.consent(T, mine, an_id(), [Consent("true", "x", "v1", NOON, "lan")])
    assert [(one.kind, one.count) for one in await starts.holdings(T)] == [("portal.starts", 1)]

    await starts.erase(T)
    await starts.erase(T)

    async with database.reading() as session:
        for table in metadata.tables.values():
            query = sa.select(sa.func.count()).select_from(table).where(table.c.tenant == T)
            assert await session.scalar(query) == 0
    assert (await starts.get("t2", other))["phone"] == "0902"
    assert (await starts.export(T)) == {"portal.starts": []}


async def test_a_start_is_dropped_unless_it_runs_or_a_name_was_paid_for_in_it(
    starts: Starts,
) -> None:
    id, first = (await starts.begin(T, an_id(), {"domain": "a.vn"})).id, an_id()
    await starts.attempt(T, id, an_attempt(first), is_over=True)
    await starts.sent(T, id, first, "operations/x")
    with pytest.raises(Conflict):
        await starts.drop(T, id)
    await starts.refused(T, id, held_domain="a.vn")

    with pytest.raises(Conflict):
        await starts.drop(T, id)
    free = (await starts.begin(T, an_id(), {})).id
    await starts.drop(T, free)
    with pytest.raises(Absent):
        await starts.drop(T, free)


async def test_open_starts_have_a_limit(starts: Starts, clock: FakeClock) -> None:
    for _ in range(20):
        await starts.begin(T, an_id(), {})
        clock.advance(timedelta(minutes=1).total_seconds())

    with pytest.raises(Refused) as refusal:
        await starts.begin(T, an_id(), {})

    assert refusal.value.reason == "START_TOO_MANY"
