"""A tenant's sites as personal data: off the web, bytes and rows gone, another's untouched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from haidang.core.blobs import BlobFolder, blob_path
from haidang.core.database import Database
from haidang.core.errors import Absent, Unavailable
from haidang.core.operations.desk import Desk, DeskSettings
from haidang.core.operations.effects import Patience
from haidang.core.ports.publishing import (
    Activation,
    Deployment,
    PublishedFile,
    Withdrawal,
    WithdrawalReceipt,
)
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.memory import NOON, memory_database
from haidang.website_builder.ledger import MIGRATIONS, WebsiteLedger
from haidang.website_builder.personal import SitesPart, Withdrawer
from haidang.website_builder.personal.ledger import PersonalLedger
from haidang.website_builder.providers.directory import Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings
from haidang.website_builder.revisions.ledger import Change
from haidang.website_builder.values import StoredWebsite
from haidang.website_builder.website import Business, Draft, MediaRef, RenditionRef

PAGE, SHARED = b"<p>0901 234 567</p>", b"body{margin:0}"


class Reluctant(Directory):
    """A target that is away for a while."""

    is_away = False

    async def withdraw(self, withdrawal: Withdrawal, effect_id: str) -> WithdrawalReceipt:
        if self.is_away:
            raise Unavailable("NOT_READY")
        return await super().withdraw(withdrawal, effect_id)


@dataclass
class House:
    part: SitesPart
    ledger: WebsiteLedger
    blobs: BlobFolder
    target: Reluctant
    edge: Path
    database: Database

    async def publishes(self, tenant: str, site: str) -> None:
        """A website of *tenant* with a photo, live."""
        host = f"{site}.vn"
        draft = Draft("packs/vn.homestay.bien", Business(name=site), ("vi",), {})
        await self.ledger.create(tenant, StoredWebsite(site, host, draft, 1), Change("lan", NOON))
        page = await self.blobs.write_blob(PAGE + site.encode())
        shared = await self.blobs.write_blob(SHARED)
        await self.ledger.note_working(tenant, {page, shared})
        photo = await self.blobs.write_blob(f"photo of {site}".encode())
        rendition = RenditionRef("image/avif", 1, 1, photo, 9)
        await self.ledger.keep_media(tenant, MediaRef(f"media/{site}", 1, 1, {}, (rendition,)))
        files = {
            "/": PublishedFile(page, len(PAGE), "text/html"),
            "/a.css": PublishedFile(shared, len(SHARED), "text/css"),
        }
        deployment = Deployment(site, "d1", 1, "p", "vn", (host,), files, {}, {})
        await self.target.upload(deployment, f"operations/{site}/upload")
        await self.target.activate(
            Activation(site, "d1", 1, (host,)), f"operations/{site}/activate"
        )


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    database = await memory_database(tmp_path, MIGRATIONS, url=url)
    blobs, edge = BlobFolder(tmp_path / "blobs"), tmp_path / "edge"
    target = Reluctant(DirectorySettings(folder=edge), tmp_path, FakeClock(NOON), blobs)
    personal = PersonalLedger(database)
    withdrawer = Withdrawer(personal, target)  # type: ignore[arg-type]  # same port
    patience = Patience(first_seconds=0.05, unavailable_seconds=0.1)
    settings = DeskSettings("websites", tmp_path, patience=patience)
    desk = await Desk.open(settings, database, [withdrawer])
    part = SitesPart(personal, blobs, desk, withdrawer)
    yield House(part, WebsiteLedger(database), blobs, target, edge, database)
    await desk.close()
    await database.close()


async def test_an_erased_site_is_nowhere_and_anothers_is_as_it_was(house: House) -> None:
    await house.publishes("t1", "gio-bien")
    await house.publishes("t2", "quan-ca")

    before = await house.part.holdings("t1")
    await house.part.erase("t1")
    await house.part.erase("t1")

    assert [(one.kind, one.count) for one in before] == [
        ("websites.sites", 1),
        ("websites.photos", 1),
    ]
    assert [one.count for one in await house.part.holdings("t1")] == [0, 0]
    files = [path for path in house.edge.parent.rglob("*") if path.is_file()]
    assert not any(b"gio-bien" in path.read_bytes() for path in files if "blobs" in path.parts)
    assert not (house.edge / "live" / "gio-bien.vn.json").exists()
    assert (house.edge / "live" / "quan-ca.vn.json").exists()
    with pytest.raises(Absent):
        await house.ledger.website("t1", "gio-bien")
    # What both had is the other's still, at the service and at the edge.
    shared = await house.blobs.write_blob(SHARED)
    assert blob_path(house.edge / "blobs", shared).exists()


async def test_an_export_has_the_drafts_and_lists_the_photos(house: House) -> None:
    await house.publishes("t1", "gio-bien")

    found = await house.part.export("t1")

    (site,) = found["websites.sites"]  # type: ignore[misc, union-attr]  # JSON
    (photo,) = found["websites.photos"]  # type: ignore[misc, union-attr]  # JSON
    assert site["domain"] == "gio-bien.vn"  # type: ignore[index, call-overload]  # JSON
    assert photo["id"] == "media/gio-bien"  # type: ignore[index, call-overload]  # JSON


async def test_a_target_that_is_away_keeps_everything_until_it_is_back(house: House) -> None:
    await house.publishes("t1", "gio-bien")
    house.target.is_away = True
    with pytest.raises(Unavailable):
        await house.part.erase("t1")
    assert (await house.part.holdings("t1"))[0].count == 1

    house.target.is_away = False
    await house.part.erase("t1")

    assert (await house.part.holdings("t1"))[0].count == 0
