"""What the media worker says of a photo: plain facts, no imaging library. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is decoded at all. `most_ratio`: the longer side over the shorter one.

    A rendition is at most 1600 px wide, so a ratio of 10 keeps its height below the
    16383 px that WebP can hold.
    """

    most_pixels_million: int = 50
    least_side_px: int = 16
    most_ratio: int = 10


@dataclass(frozen=True, slots=True)
class MadeRendition:
    """One encoded file in the output folder; its name is its digest."""

    type: str
    width_px: int
    height_px: int
    sha256: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class MadePhoto:
    """A photo's upright size, as it was taken, and its renditions."""

    width_px: int
    height_px: int
    renditions: tuple[MadeRendition, ...]

    def facts(self) -> dict[str, object]:
        """As JSON-ready values."""
        return asdict(self)


class PhotoMaker(Protocol):
    """Whoever turns an upload into renditions; the media worker in every real house."""

    async def make_renditions(self, source: Path, output: Path) -> MadePhoto:
        """Encode *source* into *output*, a folder.

        Raises: Malformed IMAGE_*; Refused IMAGE_TOO_COMPLEX; Unavailable MEDIA_WORKER_DOWN.
        """
        ...


_SIGNATURES: tuple[tuple[int, bytes, str], ...] = (
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\x00", "TIFF"),
    (0, b"MM\x00*", "TIFF"),
    (0, b"%PDF-", "PDF"),
    (0, b"PK\x03\x04", "ZIP"),
    (0, b"\x00\x00\x01\x00", "ICO"),
    (0, b"8BPS", "PSD"),
    (4, b"ftypavi", "AVIF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
    (4, b"ftypmsf1", "HEIC"),
    (4, b"ftyp", "video"),
)
HEAD_BYTES = 1024


def foreign_kind(head: bytes) -> str:
    """What a file that is no photo of ours seems to be, by its first bytes; "" if unknown.

    Only names a refusal: what is taken in is decided by the decoder.
    """
    for offset, signature, kind in _SIGNATURES:
        if head.startswith(signature, offset):
            return kind
    return "SVG" if b"<svg" in head[:HEAD_BYTES].lower() else ""
