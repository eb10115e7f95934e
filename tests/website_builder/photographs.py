"""Photos for tests, drawn here: a test states its one difference."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw, PngImagePlugin

MARK = "NHA-RIENG-12-THUY-VAN"
"""Planted in metadata: where an owner lives, say."""
ORIENTATION, GPS, DESCRIPTION = 0x0112, 0x8825, 0x010E
QUADRANTS = {
    ("top", "left"): (220, 30, 30),
    ("top", "right"): (30, 200, 30),
    ("bottom", "left"): (30, 30, 220),
    ("bottom", "right"): (230, 220, 30),
}
EXIF_SIDES = {
    1: ("top", "left"),
    2: ("top", "right"),
    3: ("bottom", "right"),
    4: ("bottom", "left"),
    5: ("left", "top"),
    6: ("right", "top"),
    7: ("right", "bottom"),
    8: ("left", "bottom"),
}
"""Which side of the scene the first row and the first column show. Exif 2.32 section 4.6.4."""
OPPOSITE = {"top": "bottom", "bottom": "top", "left": "right", "right": "left"}


def quadrants(width: int = 64, height: int = 48, orientation: int = 1) -> Image.Image:
    """Four colours, stored as a camera held in *orientation* stores the scene."""
    first_row, first_column = EXIF_SIDES[orientation]
    image = Image.new("RGB", (width, height))
    draw = ImageDraw.Draw(image)
    for row, vertical in ((0, first_row), (1, OPPOSITE[first_row])):
        for column, horizontal in ((0, first_column), (1, OPPOSITE[first_column])):
            sides = {vertical, horizontal}
            colour = next(c for corner, c in QUADRANTS.items() if set(corner) == sides)
            left, top = column * width // 2, row * height // 2
            draw.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
    return image


def exif(orientation: int = 1) -> Image.Exif:
    """Metadata as a phone writes it: where the photo was taken, and a description."""
    found = Image.Exif()
    found[ORIENTATION] = orientation
    found[DESCRIPTION] = MARK
    found[GPS] = {1: "N", 2: (10.0, 20.0, 44.16), 3: "E", 4: (107.0, 5.0, 3.12)}
    return found


def xmp() -> bytes:
    return f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf>{MARK}</rdf></x:xmpmeta>'.encode()


def a_jpeg(width: int = 64, height: int = 48, *, orientation: int = 1) -> bytes:
    file = io.BytesIO()
    image = quadrants(width, height, orientation)
    options = {"quality": 92, "comment": MARK.encode(), "xmp": xmp()}
    image.save(file, "JPEG", exif=exif(orientation), **options)
    return file.getvalue()


def a_png(image: Image.Image | None = None) -> bytes:
    file = io.BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARK)
    text.add_itxt("XML:com.adobe.xmp", xmp().decode())
    (image or quadrants()).save(file, "PNG", exif=exif(), pnginfo=text)
    return file.getvalue()


def a_webp(image: Image.Image | None = None) -> bytes:
    file = io.BytesIO()
    (image or quadrants()).save(file, "WEBP", exif=exif(), xmp=xmp())
    return file.getvalue()


def of_kind(kind: str, **options: object) -> bytes:
    """A small picture in a format that Pillow writes."""
    file = io.BytesIO()
    quadrants().save(file, kind, **options)
    return file.getvalue()


def an_animation(kind: str) -> bytes:
    """Two frames: the first one of four colours, the second black."""
    file = io.BytesIO()
    quadrants().save(file, kind, save_all=True, append_images=[Image.new("RGB", (64, 48))])
    return file.getvalue()


def a_bomb(width: int = 20_000, height: int = 20_000) -> bytes:
    """A small PNG of that many pixels, whole and valid, one bit each."""
    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row * 100) for _ in range(height // 100)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", rows)
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


SVG = b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
TEXT = "Đây là một tệp chữ mang tên ảnh.jpg".encode()
HEIC = b"\x00\x00\x00\x24ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 64
