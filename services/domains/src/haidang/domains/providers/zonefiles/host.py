"""A DnsHost that writes zone files; the local name server answers from them.

Nothing outside remembers, so the host keeps an effect log of its own: one line per
publication, in the folder of the domains service.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from haidang.core.clock import Clock
from haidang.core.errors import Conflict
from haidang.core.ports.dnshost import HostedZone, ZonePublication, ZoneReceipt
from haidang.core.ports.marks import EffectId
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.providers.zonefiles.files import file_name, hosted_zone, zone_text
from haidang.domains.providers.zonefiles.settings import ZoneFileSettings

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS publication (effect_id TEXT PRIMARY KEY, name TEXT, serial INTEGER);
"""
BUSY_SECONDS = 30


class ZoneFileHost:
    """Publishes zones by writing files, each all at once."""

    def __init__(self, settings: ZoneFileSettings, state: Path, clock: Clock) -> None:
        self._folder = settings.folder
        self._nameservers = tuple(sorted(settings.nameservers))
        self._log_path = state / "effects-zonefiles.sqlite"
        self._clock = clock
        # A thread's lock: a cancelled call leaves its thread at work, and that one still holds it.
        self._lock = threading.Lock()
        self._folder.mkdir(parents=True, exist_ok=True)
        with self._log() as log:
            log.executescript(SCHEMA)

    async def read(self, name: str) -> HostedZone | None:
        """The zone in its file; None without one."""
        return await asyncio.to_thread(self._read, name)

    async def nameservers(self) -> tuple[str, ...]:
        """The configured name servers."""
        return self._nameservers

    async def publish(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt:
        """Write the zone. Raises: Conflict ZONE_CHANGED when the file is at another serial."""
        return await asyncio.to_thread(self._publish, publication, effect_id)

    async def find_publication(
        self, publication: ZonePublication, effect_id: EffectId
    ) -> ZoneReceipt | None:
        """The publication of this very effect, if the file was written."""
        return await asyncio.to_thread(self._find, publication, effect_id)

    @contextmanager
    def _log(self) -> Iterator[sqlite3.Connection]:
        """The effect log: one transaction, flushed to the disk, then closed."""
        connection = sqlite3.connect(self._log_path, timeout=BUSY_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            with connection:
                yield connection
        finally:
            connection.close()

    def _read(self, name: str) -> HostedZone | None:
        try:
            text = (self._folder / file_name(name)).read_text("ascii")
        except FileNotFoundError:
            return None
        return hosted_zone(name, text)

    def _find(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt | None:
        with self._lock:
            return self._found(publication, effect_id)

    def _publish(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt:
        with self._lock:
            return self._found(publication, effect_id) or self._written(publication, effect_id)

    def _found(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt | None:
        """The log says so, or the file is exactly what this effect would write."""
        with self._log() as log:
            row = log.execute(
                "SELECT name, serial FROM publication WHERE effect_id = ?", (effect_id,)
            ).fetchone()
        if row is not None:
            return ZoneReceipt(*row)
        if self._holds(publication):
            return self._noted(publication, effect_id)
        return None

    def _holds(self, publication: ZonePublication) -> bool:
        held = self._read(publication.name)
        return (
            held is not None
            and held.serial == publication.serial
            and held.record_sets == tuple(sorted(publication.record_sets))
        )

    def _written(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt:
        held = self._read(publication.name)
        serial = held.serial if held else 0
        if serial != publication.base_serial:
            raise Conflict("ZONE_CHANGED", serial=serial)
        zone = HostedZone(publication.name, publication.serial, publication.record_sets)
        self._write(self._folder / file_name(zone.name), zone_text(zone, self._nameservers[0]))
        return self._noted(publication, effect_id)

    def _noted(self, publication: ZonePublication, effect_id: EffectId) -> ZoneReceipt:
        operation = effect_id.rpartition("/")[0]
        row = ("zone.publish", publication.name, operation, self._clock.now().isoformat())
        with self._log() as log:
            log.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
            log.execute(
                "INSERT INTO publication VALUES (?, ?, ?)",
                (effect_id, publication.name, publication.serial),
            )
        return ZoneReceipt(publication.name, publication.serial)

    def _write(self, path: Path, text: str) -> None:
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o644)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # before the log says so, the new name must be on the disk
        finally:
            os.close(folder)
