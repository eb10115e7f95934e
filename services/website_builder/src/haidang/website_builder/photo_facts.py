"""What the media worker says of a photo: plain facts, no imaging library. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True)
class PhotoLimits:
    """What is decoded at all."""

    most_pixels_million: int = 50
    least_side_px: int = 16


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
    """A photo's upright size and its renditions."""

    width_px: int
    height_px: int
    renditions: tuple[MadeRendition, ...]

    def facts(self) -> dict[str, object]:
        """As JSON-ready values."""
        return asdict(self)
