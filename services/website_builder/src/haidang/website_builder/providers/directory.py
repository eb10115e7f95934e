"""A PublishTarget that is a folder: blobs, manifests, and one live pointer per host.

    blobs/sha256/ab/<hash>   deploys/<site>/<id>.json   live/<host>.json

A deployment is complete before it is pointed at; a pointer is switched by one rename.
Nothing outside remembers, so the target keeps an effect log of its own.
"""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

from haidang.core.blobs import blob_path, write_blob
from haidang.core.clock import Clock
from haidang.core.errors import Absent, Conflict, Malformed
from haidang.core.ports.marks import EffectId
from haidang.core.ports.publishing import (
    Activation,
    ActivationReceipt,
    BlobSource,
    Deployment,
    Letter,
    UploadReceipt,
    Withdrawal,
    WithdrawalReceipt,
)
from haidang.website_builder import letterbox
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.providers.directory_removal import has_site, remove_site
from haidang.website_builder.providers.directory_settings import DirectorySettings
from pydantic import TypeAdapter

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (effect TEXT, domain TEXT, operation TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS activation (effect_id TEXT PRIMARY KEY, receipt TEXT);
CREATE TABLE IF NOT EXISTS withdrawal (effect_id TEXT PRIMARY KEY);
"""
BUSY_SECONDS = 30
MANIFEST = TypeAdapter(Deployment)
RECEIPT = TypeAdapter(ActivationReceipt)
PLAIN_NAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{0,252}")
"""What may become a file's name: hosts, and the ids that our own house gives out."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What a host shows: the content of live/<host>.json."""

    site: str
    deployment: str
    sequence: int


POINTER = TypeAdapter(Pointer)


class Directory:
    """Publishes into a folder that the local edge reads."""

    def __init__(
        self, settings: DirectorySettings, state: Path, clock: Clock, blobs: BlobSource
    ) -> None:
        self._folder = settings.folder
        self._uri_form = settings.uri_form
        self._clock = clock
        self._blobs = blobs
        # A lock between threads: a cancelled call leaves its thread running.
        self._lock = threading.Lock()
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

    async def letters(self, kept: tuple[str, ...]) -> tuple[Letter, ...]:
        """What visitors left at the edge; see `letterbox`."""
        return await asyncio.to_thread(self._letters, kept)

    def _letters(self, kept: tuple[str, ...]) -> tuple[Letter, ...]:
        letterbox.let_go(self._folder / letterbox.LETTERS, kept)
        return letterbox.waiting(self._folder / letterbox.LETTERS)

    async def upload(self, deployment: Deployment, effect_id: EffectId) -> UploadReceipt:
        """Copy the blobs that are missing, then write the manifest.

        Raises: Absent BLOB_ABSENT; Malformed TARGET_NAME_INVALID.
        """
        path = self._manifest(deployment.site, deployment.id)
        for sha256 in sorted(_digests(deployment)):
            if not blob_path(self._folder / "blobs", sha256).exists():
                body = await self._blobs.read_blob(sha256)
                await asyncio.to_thread(write_blob, self._folder / "blobs", body)
        await asyncio.to_thread(_write, path, MANIFEST.dump_json(deployment))
        return UploadReceipt(deployment.site, deployment.id, len(_digests(deployment)))

    async def find_upload(
        self, deployment: Deployment, effect_id: EffectId
    ) -> UploadReceipt | None:
        """The upload of this very manifest: it is written last, so it proves the rest."""
        path = self._manifest(deployment.site, deployment.id)
        try:
            held = await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError:
            return None
        if held != MANIFEST.dump_json(deployment):
            return None
        return UploadReceipt(deployment.site, deployment.id, len(_digests(deployment)))

    async def activate(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        """Point every host at the deployment, unless a later activation stands already.

        Raises: Absent DEPLOYMENT_ABSENT when it was never uploaded; Conflict HOST_TAKEN when
            a host shows another site; Malformed TARGET_NAME_INVALID.
        """
        return await asyncio.to_thread(self._activate, activation, effect_id)

    async def find_activation(
        self, activation: Activation, effect_id: EffectId
    ) -> ActivationReceipt | None:
        """The activation of this very effect, by the log or by the pointers themselves."""
        return await asyncio.to_thread(self._find, activation, effect_id)

    async def withdraw(self, withdrawal: Withdrawal, effect_id: EffectId) -> WithdrawalReceipt:
        """Pointers first, then manifests, then blobs that no other manifest names.

        Raises: Malformed TARGET_NAME_INVALID.
        """
        return await asyncio.to_thread(self._withdraw, withdrawal, effect_id)

    async def find_withdrawal(
        self, withdrawal: Withdrawal, effect_id: EffectId
    ) -> WithdrawalReceipt | None:
        """Whether nothing of the site is left, or this very effect was carried out."""
        return await asyncio.to_thread(self._find_withdrawn, withdrawal, effect_id)

    def _withdraw(self, withdrawal: Withdrawal, effect_id: EffectId) -> WithdrawalReceipt:
        with self._lock:
            if (found := self._withdrawn(withdrawal, effect_id)) is not None:
                return found
            for host in withdrawal.hosts:
                live = self._live(host)
                if live is not None and live.site == withdrawal.site:
                    self._pointer(host).unlink(missing_ok=True)
            remove_site(self._folder, _plain(withdrawal.site))
            return self._noted_withdrawn(withdrawal, effect_id)

    def _find_withdrawn(
        self, withdrawal: Withdrawal, effect_id: EffectId
    ) -> WithdrawalReceipt | None:
        with self._lock:
            return self._withdrawn(withdrawal, effect_id)

    def _withdrawn(self, withdrawal: Withdrawal, effect_id: EffectId) -> WithdrawalReceipt | None:
        known = "SELECT 1 FROM withdrawal WHERE effect_id = ?"
        if self._log.execute(known, (effect_id,)).fetchone():
            return WithdrawalReceipt(withdrawal.site)
        shown = [live for host in withdrawal.hosts if (live := self._live(host)) is not None]
        is_live = any(live.site == withdrawal.site for live in shown)
        if is_live or has_site(self._folder, _plain(withdrawal.site)):
            return None
        return self._noted_withdrawn(withdrawal, effect_id)  # killed before it was written down

    def _noted_withdrawn(self, withdrawal: Withdrawal, effect_id: EffectId) -> WithdrawalReceipt:
        host, operation = (*withdrawal.hosts, "")[0], effect_id.rpartition("/")[0]
        row = ("site.withdraw", host, operation, self._clock.now().isoformat())
        self._log.execute("BEGIN IMMEDIATE")
        try:
            self._log.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
            self._log.execute("INSERT INTO withdrawal VALUES (?)", (effect_id,))
            self._log.execute("COMMIT")
        finally:
            if self._log.in_transaction:
                self._log.execute("ROLLBACK")
        return WithdrawalReceipt(withdrawal.site)

    def _activate(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        if not self._manifest(activation.site, activation.deployment).exists():
            raise Absent("DEPLOYMENT_ABSENT")
        with self._lock:
            found = self._found(activation, effect_id)
            if found is not None:
                return found
            standing = {host: self._live(host) for host in activation.hosts}
            for host, live in standing.items():
                if live is not None and live.site != activation.site:
                    raise Conflict("HOST_TAKEN", field="domain", host=host)
            for host, live in standing.items():
                if live is None or live.sequence < activation.sequence:
                    _write(self._pointer(host), POINTER.dump_json(_pointing(activation)))
            return self._noted(activation, effect_id)

    def _find(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt | None:
        with self._lock:
            return self._found(activation, effect_id)

    def _found(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt | None:
        row = self._log.execute(
            "SELECT receipt FROM activation WHERE effect_id = ?", (effect_id,)
        ).fetchone()
        if row is not None:
            return RECEIPT.validate_json(row[0])
        if all(self._live(host) == _pointing(activation) for host in activation.hosts):
            return self._noted(activation, effect_id)  # killed before it was written down
        return None

    def _noted(self, activation: Activation, effect_id: EffectId) -> ActivationReceipt:
        host = activation.hosts[0]
        receipt = ActivationReceipt(
            activation.site, activation.deployment, self._uri_form.format(domain=host)
        )
        operation = effect_id.rpartition("/")[0]
        row = ("site.publish", host, operation, self._clock.now().isoformat())
        self._log.execute("BEGIN IMMEDIATE")
        try:
            self._log.execute("INSERT INTO journal VALUES (?, ?, ?, ?)", row)
            self._log.execute(
                "INSERT INTO activation VALUES (?, ?)",
                (effect_id, RECEIPT.dump_json(receipt).decode()),
            )
            self._log.execute("COMMIT")
        finally:
            if self._log.in_transaction:
                self._log.execute("ROLLBACK")
        return receipt

    def _live(self, host: str) -> Pointer | None:
        try:
            return POINTER.validate_json(self._pointer(host).read_bytes())
        except FileNotFoundError:
            return None

    def _pointer(self, host: str) -> Path:
        return self._folder / "live" / f"{_plain(host)}.json"

    def _manifest(self, site: str, id: str) -> Path:
        return self._folder / "deploys" / _plain(site) / f"{_plain(id)}.json"


def _plain(name: str) -> str:
    """*name*, which becomes a file's. Raises: Malformed TARGET_NAME_INVALID."""
    if not PLAIN_NAME.fullmatch(name):
        raise Malformed("TARGET_NAME_INVALID", name=name[:80])
    return name


def _pointing(activation: Activation) -> Pointer:
    return Pointer(activation.site, activation.deployment, activation.sequence)


def _digests(deployment: Deployment) -> set[str]:
    return {
        digest
        for file in deployment.files.values()
        for digest in (file.sha256, file.br_sha256, file.gz_sha256)
        if digest
    }


def _write(path: Path, content: bytes) -> None:
    """Replace *path* all at once, and durably: its folder's entry too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
