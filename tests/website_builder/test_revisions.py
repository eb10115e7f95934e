"""Earlier drafts: everything removed can be found again, and typing does not flood them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Malformed
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON
from haidang.website_builder.revisions.ledger import (
    LATEST_OF_A_RUN,
    MOST_KEPT,
    SITTING,
    RevisionLedger,
)
from haidang.website_builder.values import StoredWebsite

from tests.website_builder import sites
from tests.website_builder.house import ANOTHER, TENANT, House, open_house


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path, url)
    found.editor.clock = FakeClock(NOON)
    yield found
    await found.database.close()


async def changed(
    house: House, website: StoredWebsite, name: str, *, author: str = "lan", change: str = "/a"
) -> StoredWebsite:
    draft = sites.a_draft(business=sites.a_business(name=name))
    return await house.editor.update(
        TENANT, website.id, draft, website.etag, author=author, change=change
    )


async def kept(house: House, website: StoredWebsite) -> list[int]:
    ledger = RevisionLedger(house.database)
    found = await ledger.revisions(TENANT, website.id, before=None, limit=500)
    return [one.revision for one in found]


async def test_every_state_is_kept_with_who_and_where(house: House) -> None:
    website = await house.a_website()
    await changed(house, website, "Hai", author="minh", change="/pages/0/sections/1")

    ledger = RevisionLedger(house.database)
    newest, first = await ledger.revisions(TENANT, website.id, before=None, limit=10)

    assert (newest.revision, newest.change.author, newest.change.place) == (
        2,
        "minh",
        "/pages/0/sections/1",
    )
    assert (first.revision, first.change.at, first.draft) == (1, NOON, None)
    earlier = await ledger.revision(TENANT, website.id, 1)
    assert earlier.draft == sites.a_draft()


async def test_typing_at_one_place_keeps_the_state_before_it_and_the_latest(house: House) -> None:
    website = await house.a_website()
    for number in range(20):
        website = await changed(house, website, f"Nhà {number}")

    found = await kept(house, website)

    assert found[-1] == 1
    assert found[:LATEST_OF_A_RUN] == [21, 20, 19, 18, 17]
    assert len(found) == 1 + LATEST_OF_A_RUN


@pytest.mark.parametrize("other", [{"author": "minh"}, {"change": "/b"}])
async def test_a_change_by_another_or_elsewhere_ends_the_run(
    house: House, other: dict[str, str]
) -> None:
    website = await house.a_website()
    for number in range(8):
        website = await changed(house, website, f"Nhà {number}")
    website = await changed(house, website, "khác", **other)
    for number in range(8):
        website = await changed(house, website, f"Nhà {number + 8}")

    assert {1, 9, 10}.issubset(await kept(house, website))


async def test_a_pause_ends_the_run(house: House) -> None:
    website = await house.a_website()
    for number in range(8):
        website = await changed(house, website, f"Nhà {number}")
    house.editor.clock = FakeClock(NOON + SITTING + timedelta(seconds=1))
    for number in range(8):
        website = await changed(house, website, f"Nhà {number + 8}")

    assert 9 in await kept(house, website)


async def test_only_the_latest_states_are_kept(house: House) -> None:
    website = await house.a_website()
    for number in range(MOST_KEPT + 5):
        website = await changed(house, website, f"Nhà {number}", change=f"/{number % 2}")

    found = await kept(house, website)

    assert len(found) == MOST_KEPT
    assert found[0] == website.revision


async def test_earlier_drafts_are_the_tenants_own(house: House) -> None:
    website = await house.a_website()
    ledger = RevisionLedger(house.database)

    assert await ledger.revisions(ANOTHER, website.id, before=None, limit=10) == []
    with pytest.raises(Absent) as refusal:
        await ledger.revision(ANOTHER, website.id, 1)
    assert refusal.value.reason == "REVISION_ABSENT"


@pytest.mark.parametrize("place", ["/" + "a" * 200, "/a\n"])
async def test_a_place_that_is_none_is_refused(house: House, place: str) -> None:
    website = await house.a_website()

    with pytest.raises(Malformed) as refusal:
        await changed(house, website, "Hai", change=place)

    assert refusal.value.reason == "CHANGE_INVALID"
