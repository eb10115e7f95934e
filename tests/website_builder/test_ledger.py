"""The ledger on both databases: races end one way, pointers only move forward."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.errors import Absent, Conflict, HaidangError
from haidang.core.ports.publishing import (
    Activation,
    ActivationReceipt,
    Deployment,
    UploadReceipt,
)
from haidang.core.testing.memory import NOON
from haidang.website_builder.ledger import metadata
from haidang.website_builder.revisions.ledger import Change
from haidang.website_builder.values import StoredDeployment, StoredWebsite

from tests.website_builder import sites
from tests.website_builder.house import HOST, TENANT, House, open_house

URI = "http://giobien.vn.localhost:8090/"


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path, url)
    yield found
    await found.database.close()


async def uploaded(house: House, site: str, id: str, minutes: int = 0) -> None:
    deployment = Deployment(site, id, 1, "p@1", "vn", (HOST,), {}, {}, {})
    settles = house.ledger.publishing(TENANT, HOST, NOON + timedelta(minutes=minutes))
    async with house.database.writing() as tx:
        await settles.uploaded(tx, deployment, UploadReceipt(site, id, 0))


async def activated(house: House, site: str, id: str, sequence: int) -> StoredDeployment:
    activation = Activation(site, id, sequence, (HOST,))
    settles = house.ledger.publishing(TENANT, HOST, NOON)
    async with house.database.writing() as tx:
        return await settles.activated(tx, activation, ActivationReceipt(site, id, URI))


async def test_the_tables_are_as_the_migration_made_them(house: House) -> None:
    def columns(connection: sa.Connection) -> dict[str, set[str]]:
        inspector = sa.inspect(connection)
        return {
            table: {column["name"] for column in inspector.get_columns(table)}
            for table in metadata.tables
        }

    async with house.database.writer.connect() as connection:
        found = await connection.run_sync(columns)

    assert found == {name: set(table.columns.keys()) for name, table in metadata.tables.items()}


async def test_the_same_website_created_at_once_is_one(house: House) -> None:
    found = await asyncio.gather(*(house.a_website() for _ in range(8)))

    assert len({one.id for one in found}) == 1


async def test_two_websites_racing_for_a_host_end_with_one(house: House) -> None:
    answers = await asyncio.gather(
        *(house.a_website(n=number) for number in range(6)), return_exceptions=True
    )

    assert len([one for one in answers if isinstance(one, StoredWebsite)]) == 1
    assert {one.reason for one in answers if isinstance(one, HaidangError)} == {"HOST_TAKEN"}


async def test_updates_racing_for_a_version_end_with_one(house: House) -> None:
    website = await house.a_website()
    drafts = [sites.a_draft(business=sites.a_business(name=f"Nhà {n}")) for n in range(6)]

    answers = await asyncio.gather(
        *(
            house.ledger.update(TENANT, website.id, draft, website.etag, Change("u1", NOON))
            for draft in drafts
        ),
        return_exceptions=True,
    )

    (won,) = [one for one in answers if isinstance(one, StoredWebsite)]
    assert len([one for one in answers if isinstance(one, Conflict)]) == 5
    assert await house.ledger.website(TENANT, website.id) == won


async def test_every_place_in_the_order_is_given_out_once(house: House) -> None:
    website = await house.a_website()

    places = await asyncio.gather(
        *(house.ledger.reserve_sequence(TENANT, website.id) for _ in range(8))
    )

    assert sorted(places) == list(range(1, 9))


async def test_the_live_pointer_only_moves_forward(house: House) -> None:
    site = (await house.a_website()).id
    for id in ("cu", "moi"):
        await uploaded(house, site, id)

    newer = await activated(house, site, "moi", 2)
    older = await activated(house, site, "cu", 1)

    assert (newer.is_live, newer.uri, newer.sequence) == (True, URI, 2)
    assert (older.is_live, older.uri, older.sequence) == (False, "", 1)
    assert (await house.ledger.website(TENANT, site)).live_deployment == "moi"


async def test_a_settle_done_twice_changes_nothing(house: House) -> None:
    site = (await house.a_website()).id
    await uploaded(house, site, "d1")
    first = await activated(house, site, "d1", 1)

    await uploaded(house, site, "d1")
    assert await activated(house, site, "d1", 1) == first


async def test_going_back_keeps_the_latest_place_of_a_deployment(house: House) -> None:
    site = (await house.a_website()).id
    await uploaded(house, site, "d1")
    for sequence in (1, 4, 3):
        found = await activated(house, site, "d1", sequence)

    assert (found.sequence, found.is_live) == (4, True)


async def test_deployments_are_listed_newest_first_page_by_page(house: House) -> None:
    site = (await house.a_website()).id
    for number in range(5):
        await uploaded(house, site, f"d{number}", minutes=number // 2)

    listed: list[str] = []
    before = None
    while found := await house.ledger.deployments(TENANT, site, before=before, limit=2):
        listed += [one.id for one in found]
        before = (found[-1].created_at, found[-1].id)

    assert listed == ["d4", "d3", "d2", "d1", "d0"]


async def test_a_deployment_of_another_website_is_absent(house: House) -> None:
    site = (await house.a_website()).id
    other = (await house.a_website(host="khac.vn", n=2)).id
    await uploaded(house, site, "d1")

    with pytest.raises(Absent) as refusal:
        await house.ledger.deployment(TENANT, other, "d1")
    assert refusal.value.reason == "DEPLOYMENT_ABSENT"


async def test_a_photo_s_newer_text_replaces_the_older(house: House) -> None:
    photo = sites.a_photo()
    await house.ledger.keep_media(TENANT, photo)
    renamed = replace(photo, alt={"vi": "Khác"})
    await house.ledger.keep_media(TENANT, renamed)

    assert await house.ledger.media(TENANT, (photo.id, "media/none")) == {photo.id: renamed}
