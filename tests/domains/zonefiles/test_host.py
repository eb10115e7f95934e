"""The host of zone files: what the suite of all hosts cannot see, its own files and log."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from haidang.core.errors import Conflict
from haidang.core.ports.dnshost import RecordSet, ZonePublication
from haidang.core.testing.clocks import FakeClock
from haidang.domains.providers.zonefiles.host import ZoneFileHost
from haidang.domains.providers.zonefiles.settings import ZoneFileSettings
from pydantic import ValidationError

from tests.builders import NOON

FIRST = ZonePublication(
    "banhmi.vn",
    0,
    1,
    (RecordSet("@", "A", 300, ("127.0.0.1",)), RecordSet("@", "NS", 300, ("ns1.x.vn.",))),
)
EFFECT = "operations/1/publish"


@pytest.fixture
def host(tmp_path: Path) -> ZoneFileHost:
    return ZoneFileHost(ZoneFileSettings(folder=tmp_path / "zones"), tmp_path, FakeClock(NOON))


def journal(folder: Path) -> list[tuple[str, str, str, str]]:
    log = sqlite3.connect(folder / "effects-zonefiles.sqlite")
    rows = log.execute("SELECT effect, domain, operation, at FROM journal").fetchall()
    log.close()
    return rows


async def test_a_publication_is_in_its_file_and_in_the_journal(
    host: ZoneFileHost, tmp_path: Path
) -> None:
    await host.publish(FIRST, EFFECT)

    assert [path.name for path in (tmp_path / "zones").iterdir()] == ["banhmi.vn.zone"]
    assert journal(tmp_path) == [("zone.publish", "banhmi.vn", "operations/1", NOON.isoformat())]


async def test_a_file_written_before_the_log_was_is_found_and_noted_once(
    host: ZoneFileHost, tmp_path: Path
) -> None:
    await host.publish(FIRST, EFFECT)
    (tmp_path / "effects-zonefiles.sqlite").unlink()  # as if killed between the two
    for rest in tmp_path.glob("effects-zonefiles.sqlite-*"):
        rest.unlink()
    heir = ZoneFileHost(ZoneFileSettings(folder=tmp_path / "zones"), tmp_path, FakeClock(NOON))

    receipts = [await heir.find_publication(FIRST, EFFECT) for _ in range(2)]

    assert receipts[0] == receipts[1]
    assert receipts[0] is not None
    assert len(journal(tmp_path)) == 1


async def test_another_content_at_the_same_serial_is_not_ours(host: ZoneFileHost) -> None:
    await host.publish(FIRST, EFFECT)
    rival = replace(FIRST, record_sets=FIRST.record_sets[1:])

    assert await host.find_publication(rival, "operations/2/publish") is None
    with pytest.raises(Conflict) as refusal:
        await host.publish(rival, "operations/2/publish")
    assert refusal.value.facts["serial"] == 1


async def test_a_refused_publication_leaves_file_and_journal_alone(
    host: ZoneFileHost, tmp_path: Path
) -> None:
    with pytest.raises(Conflict):
        await host.publish(replace(FIRST, base_serial=5, serial=6), EFFECT)

    assert await host.read("banhmi.vn") is None
    assert journal(tmp_path) == []


async def test_the_receipt_of_an_old_publication_outlives_a_newer_one(host: ZoneFileHost) -> None:
    first = await host.publish(FIRST, EFFECT)
    await host.publish(replace(FIRST, base_serial=1, serial=2), "operations/2/publish")

    assert await host.find_publication(FIRST, EFFECT) == first


def test_a_host_without_name_servers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValidationError):
        ZoneFileSettings(folder=tmp_path, nameservers=())
