"""One photo: judged by its header, then decoded, turned upright, stripped, made smaller.

Runs in the media worker's bounded child only: the file is hostile. Nothing of its
metadata survives, for every rendition is encoded anew.
"""

from __future__ import annotations

import hashlib
import warnings
from pathlib import Path

from haidang.core.errors import Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.photo_facts import MadePhoto, MadeRendition, PhotoLimits
from PIL import Image, ImageOps, UnidentifiedImageError

KINDS = ("JPEG", "PNG", "WEBP")
MILLION = 1_000_000
WIDTHS_PX = (480, 960, 1600)
FALLBACK_WIDTH_PX = 960
WEBP_QUALITY, AVIF_QUALITY, AVIF_SPEED, JPEG_QUALITY = 80, 60, 8, 82
"""Source: field guide websites section 5: sizes and times measured there."""


def make_renditions(source: Path, output: Path, limits: PhotoLimits) -> MadePhoto:
    """Encode the photo in *source* into *output*, in three widths at most, never enlarged.

    Raises: Malformed IMAGE_UNREADABLE, IMAGE_KIND, IMAGE_TOO_MANY_PIXELS, IMAGE_TOO_SMALL.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit is judged before anything is decoded
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(source, formats=KINDS) as opened:
            _judge(opened, limits)
            opened.draft("RGB", (max(WIDTHS_PX), max(WIDTHS_PX)))
            upright = _upright(opened)
    except UnidentifiedImageError as error:
        raise Malformed("IMAGE_UNREADABLE", field="file", detail="not a photo") from error
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise Malformed("IMAGE_UNREADABLE", field="file", detail=type(error).__name__) from error
    widths = [one for one in WIDTHS_PX if one < upright.width] or []
    if len(widths) < len(WIDTHS_PX):
        widths.append(min(upright.width, max(WIDTHS_PX)))
    renditions = [made for width in widths for made in _encoded(upright, width, output)]
    fallback = min(upright.width, FALLBACK_WIDTH_PX)
    renditions.append(_saved(_resized(upright, fallback), "JPEG", output))
    return MadePhoto(upright.width, upright.height, tuple(renditions))


def _judge(opened: Image.Image, limits: PhotoLimits) -> None:
    width, height = opened.size
    if width * height > limits.most_pixels_million * MILLION:
        raise Malformed(
            "IMAGE_TOO_MANY_PIXELS",
            field="file",
            width=width,
            height=height,
            most=limits.most_pixels_million,
        )
    if min(width, height) < limits.least_side_px:
        raise Malformed("IMAGE_TOO_SMALL", field="file", least=limits.least_side_px)


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame as RGB, turned as its EXIF says, on white where it is transparent."""
    turned = ImageOps.exif_transpose(opened)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        layered = turned.convert("RGBA")
        ground = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(ground, layered).convert("RGB")
    return turned.convert("RGB")


def _resized(upright: Image.Image, width: int) -> Image.Image:
    if width >= upright.width:
        return upright
    height = max(1, round(upright.height * width / upright.width))
    return upright.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)


def _encoded(upright: Image.Image, width: int, output: Path) -> list[MadeRendition]:
    resized = _resized(upright, width)
    return [_saved(resized, "WEBP", output), _saved(resized, "AVIF", output)]


def _saved(image: Image.Image, kind: str, output: Path) -> MadeRendition:
    fresh = output / f"new-{kind}"
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    options: dict[str, dict[str, int | bool]] = {
        "WEBP": {"quality": WEBP_QUALITY, "method": 4},
        "AVIF": {"quality": AVIF_QUALITY, "speed": AVIF_SPEED},
        "JPEG": {"quality": JPEG_QUALITY, "optimize": True, "progressive": True},
    }
    bare.save(fresh, kind, **options[kind])
    body = fresh.read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    fresh.rename(output / sha256)
    return MadeRendition(f"image/{kind.lower()}", image.width, image.height, sha256, len(body))
