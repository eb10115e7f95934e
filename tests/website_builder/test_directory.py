"""The folder target: complete before it is pointed at, switched at once, forgetting nothing."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from haidang.core.errors import Absent, Conflict, Malformed
from haidang.core.ports.publishing import Activation, Deployment, PublishedFile
from haidang.core.testing.clocks import FakeClock
from haidang.core.testing.conformance.publishing import MemoryBlobs
from haidang.core.testing.memory import NOON
from haidang.website_builder.providers.directory import Directory
from haidang.website_builder.providers.directory_settings import DirectorySettings

EFFECT = "operations/0123/activate"


class Shelf:
    """A target over *folder* and the blobs it may fetch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.blobs = MemoryBlobs()
        self.target = Directory(
            DirectorySettings(folder=folder / "edge"), folder, FakeClock(NOON), self.blobs
        )

    def deployment(self, id: str = "d1", *, site: str = "s1", host: str = "a.vn") -> Deployment:
        page = f"<title>{site} {id}</title>".encode()
        file = PublishedFile(self.blobs.hold(page), len(page), "text/html")
        return Deployment(site, id, 1, "p@1", "vn", (host,), {"/index.html": file}, {}, {})

    async def live(self, id: str, sequence: int, *, site: str = "s1", host: str = "a.vn") -> None:
        deployment = self.deployment(id, site=site, host=host)
        await self.target.upload(deployment, f"operations/{site}{id}/upload")
        activation = Activation(site, id, sequence, (host,))
        await self.target.activate(activation, f"operations/{site}{id}/activate")

    def pointer(self, host: str = "a.vn") -> dict[str, object]:
        return json.loads((self.folder / "edge/live" / f"{host}.json").read_bytes())

    def journal(self) -> list[tuple[str, ...]]:
        with sqlite3.connect(self.folder / "effects-directory.sqlite") as log:
            return log.execute("SELECT effect, domain, operation, at FROM journal").fetchall()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


async def test_the_effect_log_names_host_operation_and_instant(shelf: Shelf) -> None:
    await shelf.live("d1", 1)

    assert shelf.journal() == [("site.publish", "a.vn", "operations/s1d1", NOON.isoformat())]


async def test_a_deployment_that_was_not_uploaded_is_never_pointed_at(shelf: Shelf) -> None:
    with pytest.raises(Absent) as refusal:
        await shelf.target.activate(Activation("s1", "d1", 1, ("a.vn",)), EFFECT)
    assert refusal.value.reason == "DEPLOYMENT_ABSENT"
    assert shelf.journal() == []


async def test_no_manifest_is_written_while_a_blob_is_missing(shelf: Shelf) -> None:
    deployment = shelf.deployment()
    lacking = replace(deployment.files["/index.html"], br_sha256="0" * 64)

    with pytest.raises(Absent):
        await shelf.target.upload(replace(deployment, files={"/index.html": lacking}), EFFECT)
    assert not list((shelf.folder / "edge/deploys").rglob("*.json"))


async def test_a_host_of_another_site_is_not_taken_over(shelf: Shelf) -> None:
    await shelf.live("d1", 5)

    with pytest.raises(Conflict) as refusal:
        await shelf.live("d2", 9, site="s2")
    assert refusal.value.reason == "HOST_TAKEN"
    assert shelf.pointer() == {"site": "s1", "deployment": "d1", "sequence": 5}
    assert len(shelf.journal()) == 1


async def test_of_several_hosts_none_moves_when_one_is_taken(shelf: Shelf) -> None:
    await shelf.live("d1", 1, host="b.vn")
    await shelf.target.upload(shelf.deployment("d2", site="s2"), "operations/u/upload")

    with pytest.raises(Conflict):
        await shelf.target.activate(Activation("s2", "d2", 1, ("a.vn", "b.vn")), EFFECT)
    assert not (shelf.folder / "edge/live/a.vn.json").exists()


async def test_the_same_place_in_the_order_is_not_mistaken_for_another_deployment(
    shelf: Shelf,
) -> None:
    await shelf.live("d1", 1)
    another = Activation("s1", "d2", 1, ("a.vn",))

    assert await shelf.target.find_activation(another, EFFECT) is None


@pytest.mark.parametrize(
    "name", ["../x", "a/b", "", ".hidden", "a..b", "A.vn", "x" * 300, "a\x00b"]
)
async def test_a_name_that_is_no_file_s_name_is_refused(shelf: Shelf, name: str) -> None:
    deployment = shelf.deployment()
    for wrong in (replace(deployment, site=name), replace(deployment, id=name)):
        with pytest.raises(Malformed):
            await shelf.target.upload(wrong, EFFECT)
    await shelf.target.upload(deployment, EFFECT)
    with pytest.raises(Malformed):
        await shelf.target.activate(Activation("s1", "d1", 1, (name,)), EFFECT)
    assert {path.name for path in (shelf.folder / "edge").iterdir()} == {"blobs", "deploys", "live"}


async def test_a_log_that_fails_leaves_no_transaction_open(shelf: Shelf) -> None:
    log = shelf.folder / "effects-directory.sqlite"
    with sqlite3.connect(log) as connection:
        connection.execute("ALTER TABLE activation RENAME TO away")
    with pytest.raises(sqlite3.OperationalError):
        await shelf.live("d1", 1)
    with sqlite3.connect(log) as connection:
        connection.execute("ALTER TABLE away RENAME TO activation")

    await shelf.live("d1", 1)
    assert len(shelf.journal()) == 1


async def test_nothing_half_written_stays_behind(shelf: Shelf) -> None:
    await shelf.live("d1", 1)
    await shelf.live("d2", 2)

    assert not list((shelf.folder / "edge").rglob(".*"))
