"""Photos: taken in by the stream, made by the worker, kept by content and by tenant."""

from __future__ import annotations

import asyncio
import hashlib
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from haidang.core.blobs import BlobFolder
from haidang.core.errors import Absent, Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.ledger import WebsiteLedger
from haidang.website_builder.photo_facts import MadePhoto, PhotoMaker
from haidang.website_builder.website import MediaRef, RenditionRef

MEGABYTE = 1_000_000
MOST_CHUNK_BYTES = 64 * 1024
MOST_ALT_CHARACTERS = 300
"""A sentence or two: longer texts belong into the page."""
MOST_ALT_LOCALES = 10
DIGEST = re.compile(r"[0-9a-f]{64}")
LOCALE = re.compile(r"[A-Za-z-]{2,10}")


@dataclass(frozen=True)
class MediaLimits:
    """What is taken in, megabytes."""

    most_mb: int = 20


class Media:
    """The office for photos. *spool* is a folder of its own, for what is on the way."""

    def __init__(
        self,
        ledger: WebsiteLedger,
        worker: PhotoMaker,
        blobs: BlobFolder,
        spool: Path,
        limits: MediaLimits,
    ) -> None:
        self.ledger = ledger
        self.worker = worker
        self.blobs = blobs
        self.spool = spool
        self.limits = limits

    def discard_leftovers(self) -> None:
        """Delete what a killed process left in the spool. Call it before anything is taken in."""
        for left in self.spool.iterdir():
            shutil.rmtree(left, ignore_errors=True)

    async def take(
        self, tenant: str, chunks: AsyncIterator[bytes], size_bytes: int, alt: Mapping[str, str]
    ) -> MediaRef:
        """Take a photo in. The same bytes are the same photo; its newer texts win.

        *size_bytes* is what the head announced, 0 when it did not. Another tenant's photo
        of the same bytes changes nothing here, not even how long it takes.

        Raises: Malformed FILE_TOO_LARGE, UPLOAD_*, ALT_INVALID, IMAGE_*; Refused
            IMAGE_TOO_COMPLEX; Unavailable MEDIA_WORKER_DOWN. Nothing is kept of a photo
            that is refused.
        """
        self._require_small(size_bytes)
        texts = _one_line_each(alt)
        with tempfile.TemporaryDirectory(dir=self.spool) as folder:
            source = Path(folder) / "source"
            name = f"media/{await self._spooled(chunks, source, size_bytes)}"
            held = (await self.ledger.media(tenant, (name,))).get(name)
            if held is None:
                output = Path(folder) / "output"
                output.mkdir()
                made = await self.worker.make_renditions(source, output)
                await self._keep(made, output)
                held = _reference(name, made)
        photo = MediaRef(name, held.width_px, held.height_px, texts or held.alt, held.renditions)
        await self.ledger.keep_media(tenant, photo)
        return photo

    async def _spooled(self, chunks: AsyncIterator[bytes], source: Path, announced: int) -> str:
        digest, size = hashlib.sha256(), 0
        with source.open("wb") as file:
            async for chunk in chunks:
                if len(chunk) > MOST_CHUNK_BYTES:
                    raise Malformed("UPLOAD_OUT_OF_ORDER", field="chunk", most=MOST_CHUNK_BYTES)
                size += len(chunk)
                self._require_small(size)
                digest.update(chunk)
                await asyncio.to_thread(file.write, chunk)
        if not size:
            raise Malformed("UPLOAD_EMPTY", field="file")
        if announced and size != announced:
            raise Malformed("UPLOAD_INCOMPLETE", field="file", received=size, announced=announced)
        return digest.hexdigest()

    async def describe(self, tenant: str, name: str, alt: Mapping[str, str]) -> MediaRef:
        """Give the tenant's photo new texts; a language not named keeps its own, "" takes it.

        Raises: Absent MEDIA_ABSENT; Malformed ALT_INVALID.
        """
        texts = _one_line_each(alt)
        held = (await self.ledger.media(tenant, (name,))).get(name)
        if held is None:
            raise Absent("MEDIA_ABSENT", field="name")
        kept = {locale: text for locale, text in {**held.alt, **texts}.items() if text}
        photo = replace(held, alt=kept)
        await self.ledger.keep_media(tenant, photo)
        return photo

    async def rendition(self, tenant: str, sha256: str) -> tuple[RenditionRef, bytes]:
        """One encoding of one of the tenant's photos, with its bytes.

        Raises: Absent MEDIA_ABSENT.
        """
        found = await self.ledger.rendition(tenant, sha256) if DIGEST.fullmatch(sha256) else None
        if found is None:
            raise Absent("MEDIA_ABSENT", field="sha256")
        return found, await self.blobs.read_blob(sha256)

    def _require_small(self, size_bytes: int) -> None:
        if size_bytes > self.limits.most_mb * MEGABYTE:
            raise Malformed("FILE_TOO_LARGE", field="file", most=self.limits.most_mb)

    async def _keep(self, made: MadePhoto, output: Path) -> None:
        for rendition in made.renditions:
            body = await asyncio.to_thread((output / rendition.sha256).read_bytes)
            await self.blobs.write_blob(body)


def _one_line_each(alt: Mapping[str, str]) -> dict[str, str]:
    """The texts with their white space evened. Raises: Malformed ALT_INVALID."""
    texts = {locale: " ".join(text.split()) for locale, text in alt.items()}
    for locale, text in texts.items():
        is_locale = LOCALE.fullmatch(locale) is not None
        if is_locale and len(text) <= MOST_ALT_CHARACTERS and text.isprintable():
            continue
        field = f"alt.{locale}" if is_locale else "alt"
        raise Malformed("ALT_INVALID", field=field, most=MOST_ALT_CHARACTERS)
    if len(texts) > MOST_ALT_LOCALES:
        raise Malformed("ALT_INVALID", field="alt", most=MOST_ALT_CHARACTERS)
    return texts


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
