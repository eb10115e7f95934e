"""A folder of blobs named by their digest: written once, never changed."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

from haidang.core.errors import Absent, register

PREFIX_CHARACTERS = 2

register(
    Absent,
    {"BLOB_ABSENT": ("A stored file is missing.", "Thiếu một tệp đã lưu; xin báo kỹ thuật.")},
)


def blob_path(folder: Path, sha256: str) -> Path:
    """Where the blob with this digest lies: sha256/ab/abcd..."""
    return folder / "sha256" / sha256[:PREFIX_CHARACTERS] / sha256


def write_blob(folder: Path, body: bytes) -> str:
    """Keep *body*, durably and all at once; its digest. Repeating it changes nothing."""
    sha256 = hashlib.sha256(body).hexdigest()
    path = blob_path(folder, sha256)
    if path.exists():
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{sha256}.{os.getpid()}.{os.urandom(4).hex()}")
    with fresh.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    _keep_entry(path.parent)
    return sha256


def _keep_entry(folder: Path) -> None:
    """Make a rename in *folder* outlast a power cut: the entry is the folder's own content."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class BlobFolder:
    """A service's own blobs. Durable: what was written is on disk before its name is known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def discard_leftovers(self) -> None:
        """Delete what a killed process left half-written. Only for the folder's one owner."""
        for left in self._folder.glob(f"sha256/{'?' * PREFIX_CHARACTERS}/.*"):
            left.unlink(missing_ok=True)

    async def write_blob(self, body: bytes) -> str:
        """Keep *body*; its SHA-256 in hex."""
        return await asyncio.to_thread(write_blob, self._folder, body)

    async def discard_blob(self, sha256: str) -> None:
        """Delete the blob with this digest, if it is here: for what nobody refers to any more."""
        await asyncio.to_thread(blob_path(self._folder, sha256).unlink, missing_ok=True)

    async def read_blob(self, sha256: str) -> bytes:
        """The blob with this digest. Raises: Absent BLOB_ABSENT."""
        try:
            return await asyncio.to_thread(blob_path(self._folder, sha256).read_bytes)
        except FileNotFoundError as error:
            raise Absent("BLOB_ABSENT") from error
