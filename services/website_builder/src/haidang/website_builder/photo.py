"""One photo: judged by its header, then decoded, made smaller, turned upright, stripped.

Runs in the media worker's bounded child only: the file is hostile. Nothing of its
metadata survives, for every rendition is encoded anew from bare pixels. JPEG, PNG and
WebP are taken, for that is what phones and shops send; of an animation, the first frame.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import warnings
from pathlib import Path

from haidang.core.errors import HaidangError, Malformed
from haidang.website_builder import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.website_builder.photo_facts import (
    HEAD_BYTES,
    MadePhoto,
    MadeRendition,
    PhotoLimits,
    foreign_kind,
)

# The three decoders and the AVIF encoder are imported here, so that no child has to.
from PIL import (
    AvifImagePlugin,  # noqa: F401
    Image,
    ImageCms,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    UnidentifiedImageError,
    WebPImagePlugin,  # noqa: F401
)

KINDS = ("JPEG", "PNG", "WEBP")
MILLION = 1_000_000
WIDTHS_PX = (480, 960, 1600)
WIDEST_PX = max(WIDTHS_PX)
FALLBACK_WIDTH_PX = 960
WEBP_QUALITY, AVIF_QUALITY, AVIF_SPEED, JPEG_QUALITY = 80, 60, 8, 82
"""Source: field guide websites section 5: sizes and times measured there."""
REDUCING_GAP = 3.0
SIXTEEN_TO_EIGHT_BITS = 1 / 256

ORIENTATION_TAG = 0x0112
FIRST_LYING = 5
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What makes a photo upright, by its orientation. Source: Exif 2.32 section 4.6.4 tag 0x0112."""


def make_renditions(source: Path, output: Path, limits: PhotoLimits) -> MadePhoto:
    """Encode the photo in *source* into *output*, in three widths at most, never enlarged.

    Raises: Malformed IMAGE_UNREADABLE, IMAGE_KIND, IMAGE_HEIC, IMAGE_BROKEN,
        IMAGE_TOO_MANY_PIXELS, IMAGE_TOO_SMALL, IMAGE_TOO_LONG.
    """
    Image.MAX_IMAGE_PIXELS = None  # our own limit is judged before anything is decoded
    warnings.filterwarnings("ignore", module="PIL")  # what is broken in it concerns no log
    try:
        with Image.open(source, formats=KINDS) as opened:
            _judge(opened, limits)
            orientation = _orientation(opened)
            width, height = _upright_size(opened.size, orientation)
            upright = _upright(opened, orientation)
    except UnidentifiedImageError as error:
        raise _not_a_photo(source) from error
    except (HaidangError, MemoryError):
        raise
    except Exception as error:  # decoders of hostile bytes raise whatever they like
        raise Malformed("IMAGE_BROKEN", field="file") from error
    renditions = [made for one in _widths(upright.width) for made in _modern(upright, one, output)]
    fallback = _resized(upright, min(upright.width, FALLBACK_WIDTH_PX))
    renditions.append(_saved(fallback, "JPEG", output))
    return MadePhoto(width, height, tuple(renditions))


def _not_a_photo(source: Path) -> Malformed:
    with source.open("rb") as file:
        kind = foreign_kind(file.read(HEAD_BYTES))
    if kind == "HEIC":
        return Malformed("IMAGE_HEIC", field="file")
    if kind:
        return Malformed("IMAGE_KIND", field="file", kind=kind)
    return Malformed("IMAGE_UNREADABLE", field="file")


def _judge(opened: Image.Image, limits: PhotoLimits) -> None:
    """By the header alone. Raises: Malformed IMAGE_TOO_MANY_PIXELS, _TOO_SMALL, _TOO_LONG."""
    width, height = opened.size
    most = limits.most_pixels_million
    if width * height > most * MILLION:
        raise Malformed(
            "IMAGE_TOO_MANY_PIXELS", field="file", width=width, height=height, most=most
        )
    if min(width, height) < limits.least_side_px:
        raise Malformed("IMAGE_TOO_SMALL", field="file", least=limits.least_side_px)
    if max(width, height) > limits.most_ratio * min(width, height):
        raise Malformed("IMAGE_TOO_LONG", field="file", most=limits.most_ratio)


def _orientation(opened: Image.Image) -> int:
    """1 to 8; 1, upright, where the metadata is absent or broken."""
    try:
        found = opened.getexif().get(ORIENTATION_TAG, 1)
    except Exception:  # broken metadata does not spoil a good photo
        return 1
    return found if isinstance(found, int) and found in TURNS else 1


def _upright_size(size: tuple[int, int], orientation: int) -> tuple[int, int]:
    return (size[1], size[0]) if orientation >= FIRST_LYING else size


def _upright(opened: Image.Image, orientation: int) -> Image.Image:
    """The first frame in sRGB, turned as its metadata says, on white where transparent.

    At most as wide as the widest rendition: it is made smaller first, because every
    later step copies it.
    """
    is_lying = orientation >= FIRST_LYING
    opened.draft("RGB", (1, WIDEST_PX) if is_lying else (WIDEST_PX, 1))
    profile = opened.info.get("icc_profile", b"")
    opened.load()
    width, _ = _upright_size(opened.size, orientation)
    small = _even(opened)
    if width > WIDEST_PX:
        scale = WIDEST_PX / width
        size = (max(1, round(opened.width * scale)), max(1, round(opened.height * scale)))
        small = small.resize(size, Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)
    if orientation in TURNS:
        small = small.transpose(TURNS[orientation])
    return _in_srgb(_on_white(small), profile)


def _even(opened: Image.Image) -> Image.Image:
    """In a mode that resizes well: no palette, no sixteen bits, no odd colour space."""
    if opened.mode.startswith("I"):
        eight_bits = opened.convert("I").point(lambda value: value * SIXTEEN_TO_EIGHT_BITS)
        return eight_bits.convert("L").convert("RGB")
    if opened.mode in {"LA", "PA", "RGBa"} or "transparency" in opened.info:
        return opened.convert("RGBA")
    return opened if opened.mode in {"RGB", "RGBA"} else opened.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode != "RGBA":
        return image
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("RGB")


def _in_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours as the camera's profile means them: renditions carry no profile."""
    with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError, TypeError):
        if profile:
            meant = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.profileToProfile(image, meant, srgb, outputMode="RGB") or image
    return image


def _widths(widest: int) -> list[int]:
    smaller = [one for one in WIDTHS_PX if one < widest]
    return [*smaller, widest] if len(smaller) < len(WIDTHS_PX) else smaller


def _resized(upright: Image.Image, width: int) -> Image.Image:
    if width >= upright.width:
        return upright
    height = max(1, round(upright.height * width / upright.width))
    return upright.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=REDUCING_GAP)


def _modern(upright: Image.Image, width: int, output: Path) -> list[MadeRendition]:
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
