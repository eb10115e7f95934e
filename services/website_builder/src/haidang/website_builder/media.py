"""Photos: taken in by the stream, made by the worker, kept by content and by tenant."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from haidang.core.blobs import BlobFolder
from haidang.core.errors import Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.photo_facts import MadePhoto
from haidang.website_builder.providers.media_process import MediaProcess
from haidang.website_builder.website import MediaRef, RenditionRef

MEGABYTE = 1_000_000


@dataclass(frozen=True)
class MediaLimits:
    """What is taken in, megabytes."""

    most_mb: int = 20


class Media:
    """The office for photos."""

    def __init__(
        self,
        ledger: WebsiteLedger,
        worker: MediaProcess,
        blobs: BlobFolder,
        spool: Path,
        limits: MediaLimits,
    ) -> None:
        self.ledger = ledger
        self.worker = worker
        self.blobs = blobs
        self.spool = spool
        self.limits = limits

    async def take(
        self, tenant: str, chunks: AsyncIterator[bytes], size_bytes: int, alt: Mapping[str, str]
    ) -> MediaRef:
        """Take a photo in. The same bytes are the same photo; its newer texts win.

        Raises: Malformed FILE_TOO_LARGE, UPLOAD_EMPTY, IMAGE_*; Refused IMAGE_TOO_COMPLEX.
            Nothing is kept of a photo that is refused.
        """
        self._require_small(size_bytes)
        with tempfile.TemporaryDirectory(dir=self.spool) as folder:
            source = Path(folder) / "source"
            digest = await self._spooled(chunks, source)
            name = f"media/{digest}"
            held = (await self.ledger.media(tenant, (name,))).get(name)
            if held is None:
                output = Path(folder) / "output"
                output.mkdir()
                made = await self.worker.make_renditions(source, output)
                await self._keep(made, output)
                held = _reference(name, made)
        photo = MediaRef(
            name, held.width_px, held.height_px, dict(alt) or held.alt, held.renditions
        )
        await self.ledger.keep_media(tenant, photo)
        return photo

    async def _spooled(self, chunks: AsyncIterator[bytes], source: Path) -> str:
        digest, size = hashlib.sha256(), 0
        with source.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                self._require_small(size)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if not size:
            raise Malformed("UPLOAD_EMPTY", field="file")
        return digest.hexdigest()

    def _require_small(self, size_bytes: int) -> None:
        if size_bytes > self.limits.most_mb * MEGABYTE:
            raise Malformed("FILE_TOO_LARGE", field="file", most=self.limits.most_mb)

    async def _keep(self, made: MadePhoto, output: Path) -> None:
        for rendition in made.renditions:
            body = await asyncio.to_thread((output / rendition.sha256).read_bytes)
            await self.blobs.write_blob(body)


def _reference(name: str, made: MadePhoto) -> MediaRef:
    return MediaRef(
        name,
        made.width_px,
        made.height_px,
        {},
        tuple(
            RenditionRef(one.type, one.width_px, one.height_px, one.sha256, one.size_bytes)
            for one in made.renditions
        ),
    )
