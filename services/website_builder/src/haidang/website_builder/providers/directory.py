"""A PublishTarget that is a folder: blobs, manifests, and one live pointer per host.

    blobs/sha256/ab/<hash>   deploys/<site>/<id>.json   live/<host>.json

A deployment is complete before it is pointed at; a pointer is switched by one rename.
Nothing outside remembers, so the target keeps an effect log of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from pathlib import Path

from haidang.core.blobs import blob_path, write_blob
from haidang.core.clock import Clock
from haidang.core.ports.marks import EffectId
from haidang.core.ports.publishing import (
    Activation,
    ActivationReceipt,
    BlobSource,
    Deployment,
    UploadReceipt,
)
from haidang.website_builder.providers.directory_settings import DirectorySettings
from pydantic import TypeAdapter

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS activation (effect_id TEXT PRIMARY KEY, receipt TEXT);
"""
BUSY_SECONDS = 30
MANIFEST = TypeAdapter(Deployment)
RECEIPT = TypeAdapter(ActivationReceipt)


class Directory:
    """Publishes into a folder that the local edge reads."""

    def __init__(
        self, settings: DirectorySettings, state: Path, clock: Clock, blobs: BlobSource
    ) -> None:
        self._folder = settings.folder
        self._uri_form = settings.uri_form
        self._clock = clock
        self._blobs = blobs
        self._lock = asyncio.Lock()
        for part in ("blobs", "deploys", "live"):
            (self._folder / part).mkdir(parents=True, exist_ok=True)
        self._log = sqlite3.connect(
            state / "effects-directory.sqlite",
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
        )
        self._log.execute("PRAGMA journal_mode=WAL")
        self._log.execute("PRAGMA synchronous=FULL")
        self._log.executescript(SCHEMA)

    async def upload(self, deployment: Deployment, effect_id: EffectId) -> UploadReceipt:
        """Copy the blobs that are missing, then write the manifest."""
        for sha256 in sorted(_digests(deployment)):
            if not blob_path(self._folder / "blobs", sha256).exists():
                body = await self._blobs.read_blob(sha256)
                await asyncio.to_thread(write_blob, self._folder / "blobs", body)
        path = self._manifest(deployment)
        await asyncio.to_thread(_write, path, MANIFEST.dump_json(deployment))
        return UploadReceipt(deployment.site, deployment.id, len(_digests(deployment)))

    async def find_upload(
        self, deployment: Deployment, effect_id: EffectId
    ) -> UploadReceipt | None:
        """The upload of this very manifest: it is written last, so it proves the rest."""
        path = self._manifest(deployment)
        try:
            held = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        if held != MANIFEST.dump_json(deployment):
            return None
        return UploadReceipt(deployment.site, deployment.id, len(_digests(deployment)))

    async def activate(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        """Point every host at the deployment, unless a later activation stands already."""
        async with self._lock:
            return await asyncio.to_thread(self._activate, activation, effect_id)

    async def find_activation(
        self, activation: Activation, effect_id: EffectId
    ) -> ActivationReceipt | None:
        """The activation of this very effect, by the log or by the pointers themselves."""
        async with self._lock:
            return await asyncio.to_thread(self._found, activation, effect_id)

    def _manifest(self, deployment: Deployment) -> Path:
        return self._folder / "deploys" / deployment.site / f"{deployment.id}.json"

    def _activate(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        found = self._found(activation, effect_id)
        if found is not None:
            return found
        for host in activation.hosts:
            if self._sequence(host) < activation.sequence:
                pointer = {
                    "site": activation.site,
                    "deployment": activation.deployment,
                    "sequence": activation.sequence,
                }
                _write(self._folder / "live" / f"{host}.json", json.dumps(pointer).encode())
        return self._noted(activation, effect_id)

    def _found(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt | None:
        row = self._log.execute(
            "SELECT receipt FROM activation WHERE effect_id = ?", (effect_id,)
        ).fetchone()
        if row is not None:
            return RECEIPT.validate_json(row[0])
        if all(self._sequence(host) == activation.sequence for host in activation.hosts):
            return self._noted(activation, effect_id)
        return None

    def _sequence(self, host: str) -> int:
        path = self._folder / "live" / f"{host}.json"
        return int(json.loads(path.read_bytes())["sequence"]) if path.exists() else 0

    def _noted(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        host = activation.hosts[0]
        receipt = ActivationReceipt(
            activation.site, activation.deployment, self._uri_form.format(domain=host)
        )
        operation = effect_id.rpartition("/")[0]
        row = ("site.publish", host, operation, self._clock.now().isoformat())
        self._log.execute("BEGIN IMMEDIATE")
        self._log.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
        self._log.execute(
            "INSERT INTO activation VALUES (?, ?)",
            (effect_id, RECEIPT.dump_json(receipt).decode()),
        )
        self._log.execute("COMMIT")
        return receipt


def _digests(deployment: Deployment) -> set[str]:
    return {
        digest
        for file in deployment.files.values()
        for digest in (file.sha256, file.br_sha256, file.gz_sha256)
        if digest
    }


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
