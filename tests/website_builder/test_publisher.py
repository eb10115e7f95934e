"""The publisher: check, render, upload, switch; whatever is interrupted ends with one effect."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from haidang.core.errors import Absent, Refused
from haidang.core.operations import Run
from haidang.core.ports.publishing import Activation, ActivationReceipt, Deployment, UploadReceipt
from haidang.website_builder.providers.directory import Directory
from haidang.website_builder.publisher import Publisher
from haidang.website_builder.values import (
    PublishWebsite,
    RollBackWebsite,
    StoredDeployment,
    StoredWebsite,
)

from tests.website_builder import photographs as shot
from tests.website_builder import sites
from tests.website_builder.house import ANOTHER, HOST, TENANT, House, in_chunks, open_house

LIVE_URI = "http://giobien.vn.localhost:8090/"


class Killed(BaseException):
    """The process ends here: nothing below may catch it."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path)
    yield found
    await found.database.close()


async def published(
    house: House, website: StoredWebsite, run: Run | None = None, **changes: int
) -> StoredDeployment:
    command = PublishWebsite(website.id, changes.get("revision", 0))
    return await house.publisher.publish(run or house.run(), command)


def pointer(house: House, host: str = HOST) -> dict[str, Any] | None:  # Any: JSON
    path = house.edge / "live" / f"{host}.json"
    return json.loads(path.read_bytes()) if path.exists() else None


def journal(house: House) -> list[tuple[str, str, str]]:
    with sqlite3.connect(house.folder / "effects-directory.sqlite") as log:
        return log.execute(
            "SELECT effect, domain, operation FROM journal ORDER BY rowid"
        ).fetchall()


def served(house: House, path: str) -> bytes:
    live = pointer(house)
    assert live is not None
    manifest = json.loads(
        (house.edge / "deploys" / live["site"] / f"{live['deployment']}.json").read_bytes()
    )
    sha256 = manifest["files"][path]["sha256"]
    return (house.edge / "blobs/sha256" / sha256[:2] / sha256).read_bytes()


async def test_a_publication_is_live_under_its_host(house: House) -> None:
    website = await house.a_website()
    run = house.run()

    deployment = await published(house, website, run)

    assert (deployment.is_live, deployment.uri, deployment.sequence) == (True, LIVE_URI, 1)
    assert run.id.removeprefix("operations/").startswith(deployment.id)
    assert deployment.pack == "vn.homestay.bien@1.0.0"
    assert "Gió Biển" in served(house, "/index.html").decode()
    assert journal(house) == [("site.publish", HOST, run.id)]
    kept = await house.ledger.website(TENANT, website.id)
    assert (kept.live_deployment, kept.live_uri) == (deployment.id, LIVE_URI)


async def test_a_sandbox_page_wears_its_ribbon_and_its_sandbox_address(house: House) -> None:
    await published(house, await house.a_website())

    page = served(house, "/index.html").decode()
    assert "thử nghiệm" in page.lower()
    assert 'rel="canonical" href="http:' in page
    assert "giobien.vn.localhost:8090" in page


async def test_photos_travel_with_the_publication_stripped(house: House) -> None:
    photo = await house.media.take(TENANT, in_chunks(shot.a_jpeg(600, 400)), 0, {"vi": "Hiên"})
    draft = sites.a_draft(lambda c: sites.section(c, 0).update(photo=photo.id))
    deployment = await published(house, await house.a_website(draft))

    live = json.loads(
        (house.edge / "deploys" / deployment.site / f"{deployment.id}.json").read_bytes()
    )
    paths = [path for path in live["files"] if path.startswith("/media/")]
    assert paths
    for path in paths:
        assert path.split("/")[2].split(".")[0] == live["files"][path]["sha256"]
        assert shot.MARK.encode() not in served(house, path)


async def test_a_draft_with_findings_is_refused_at_the_first_ones_field(house: House) -> None:
    draft = sites.a_draft(lambda content: content["pages"][0]["sections"].pop())
    website = await house.a_website(draft)

    with pytest.raises(Refused) as refusal:
        await published(house, website)

    assert refusal.value.reason == "WEBSITE_HAS_FINDINGS"
    assert refusal.value.facts["field"] == "/pages/0/sections"
    assert refusal.value.facts["cause"] == "SECTION_MISSING"
    assert refusal.value.facts["first_vi"]
    assert pointer(house) is None
    assert journal(house) == []
    assert house.blob_count() == 0


async def test_a_revision_that_is_no_longer_current_is_refused(house: House) -> None:
    website = await house.a_website()
    await house.editor.update(TENANT, website.id, sites.a_draft(), website.etag)

    with pytest.raises(Refused) as refusal:
        await published(house, website, revision=1)
    assert refusal.value.reason == "REVISION_CHANGED"
    assert (await published(house, website, house.run(2), revision=2)).revision == 2


async def test_another_tenant_s_website_cannot_be_published_nor_rolled_back(house: House) -> None:
    website = await house.a_website()
    deployment = await published(house, website)

    with pytest.raises(Absent):
        await published(house, website, house.run(2, tenant=ANOTHER))
    with pytest.raises(Absent):
        command = RollBackWebsite(website.id, deployment.id)
        await house.publisher.roll_back(house.run(3, tenant=ANOTHER), command)
    assert len(journal(house)) == 1


async def test_going_back_shows_the_earlier_deployment_again(house: House) -> None:
    website = await house.a_website()
    first = await published(house, website)
    draft = sites.a_draft(business=sites.a_business(name="Gió Biển hai"))
    changed = await house.editor.update(TENANT, website.id, draft, website.etag)
    second = await published(house, changed, house.run(2))
    assert "Gió Biển hai" in served(house, "/index.html").decode()

    back = await house.publisher.roll_back(house.run(3), RollBackWebsite(website.id, first.id))

    assert (back.id, back.is_live, back.sequence) == (first.id, True, 3)
    assert "Gió Biển hai" not in served(house, "/index.html").decode()
    listed = await house.ledger.deployments(TENANT, website.id, before=None, limit=9)
    assert {one.id: one.is_live for one in listed} == {first.id: True, second.id: False}


async def test_a_deployment_that_never_was_cannot_come_back(house: House) -> None:
    website = await house.a_website()

    with pytest.raises(Absent) as refusal:
        await house.publisher.roll_back(house.run(), RollBackWebsite(website.id, "none"))
    assert refusal.value.reason == "DEPLOYMENT_ABSENT"


class Slow(Directory):
    """A target that holds one site's first upload until it is let go."""

    def __init__(self, house: House) -> None:
        self.__dict__.update(house.directory().__dict__)
        self.holds: str | None = None
        self.go = asyncio.Event()
        self.holding = asyncio.Event()

    async def upload(self, deployment: Deployment, effect_id: str) -> UploadReceipt:
        receipt = await super().upload(deployment, effect_id)
        if self.holds is None:
            self.holds = deployment.id
            self.holding.set()
            await self.go.wait()
        return receipt


async def test_of_two_publications_at_once_the_later_request_wins(house: House) -> None:
    website = await house.a_website()
    slow = Slow(house)
    house.publisher.target = slow
    earlier = asyncio.create_task(published(house, website, house.run(1)))
    await slow.holding.wait()

    later = await published(house, website, house.run(2))
    slow.go.set()
    overtaken = await earlier

    assert (later.is_live, overtaken.is_live, overtaken.uri) == (True, False, "")
    assert pointer(house) == {"site": website.id, "deployment": later.id, "sequence": 2}
    assert (await house.ledger.website(TENANT, website.id)).live_deployment == later.id
    assert len(journal(house)) == 2


class Failing(Directory):
    """A target that fails once at *at*: after the effect of that name."""

    def __init__(self, house: House, at: str, failure: BaseException) -> None:
        self.__dict__.update(house.directory().__dict__)
        self._at, self._failure = at, failure

    def _fail(self, at: str) -> None:
        if self._at == at:
            self._at = ""
            raise self._failure

    async def upload(self, deployment: Deployment, effect_id: str) -> UploadReceipt:
        receipt = await super().upload(deployment, effect_id)
        self._fail("upload")
        return receipt

    async def activate(self, activation: Activation, effect_id: str) -> ActivationReceipt:
        self._fail("before-activate")
        receipt = await super().activate(activation, effect_id)
        self._fail("activate")
        return receipt

    def _noted(self, activation: Activation, effect_id: str) -> ActivationReceipt:
        self._fail("before-log")
        return super()._noted(activation, effect_id)


POINTS = ("upload", "before-activate", "before-log", "activate")


@pytest.mark.parametrize("at", POINTS)
async def test_an_unforeseen_exception_ends_with_one_effect(house: House, at: str) -> None:
    website = await house.a_website()
    house.publisher.target = Failing(house, at, RuntimeError("unforeseen"))

    deployment = await published(house, website)

    assert deployment.is_live
    assert len(journal(house)) == 1


@pytest.mark.parametrize("at", POINTS)
async def test_killed_anywhere_the_next_life_ends_with_one_effect(house: House, at: str) -> None:
    website = await house.a_website()
    house.publisher.target = Failing(house, at, Killed())
    run = house.run()
    with pytest.raises(Killed):
        await published(house, website, run)
    draft = sites.a_draft(business=sites.a_business(name="Sửa sau khi bấm đăng"))
    await house.editor.update(TENANT, website.id, draft, website.etag)

    house.publisher.target = house.directory()
    again = house.run(recorded=run.recorded, seal_key=run.seal_key, life="second")
    deployment = await published(house, website, again)

    assert (deployment.is_live, deployment.revision, deployment.sequence) == (True, 1, 1)
    assert len(journal(house)) == 1
    assert "Sửa sau" not in served(house, "/index.html").decode()


async def test_a_replay_of_what_has_ended_touches_nothing(house: House) -> None:
    website = await house.a_website()
    run = house.run()
    first = await published(house, website, run)
    house.publisher = Publisher(
        house.ledger,
        house.editor,
        Failing(house, "before-activate", Killed()),
        house.blobs,
        house.publisher.policy,
    )

    again = house.run(recorded=run.recorded, seal_key=run.seal_key, life="second")
    assert await published(house, website, again) == first


async def test_the_same_draft_published_twice_adds_no_blob(house: House) -> None:
    website = await house.a_website()
    first = await published(house, website)
    before = house.blob_count()

    second = await published(house, website, house.run(2))

    assert house.blob_count() == before
    assert (second.id != first.id, second.files) == (True, first.files)
