"""One photo: what is taken, what is refused and how, and what is left of it."""

from __future__ import annotations

import contextlib
import hashlib
import io
from pathlib import Path

import pytest
from haidang.core.errors import HaidangError, Malformed, sentence
from haidang.website_builder.photo import make_renditions
from haidang.website_builder.photo_facts import MadePhoto, PhotoLimits
from PIL import Image, ImageCms

from tests.judges import PROJECT
from tests.website_builder import photographs as shot

COLOUR_TOLERANCE = 30


def made_of(body: bytes, folder: Path, **limits: int) -> MadePhoto:
    source = folder / "source"
    source.write_bytes(body)
    return make_renditions(source, folder, PhotoLimits(**limits))


def refusal_of(body: bytes, folder: Path, **limits: int) -> HaidangError:
    with pytest.raises(Malformed) as refusal:
        made_of(body, folder, **limits)
    assert [one.name for one in folder.iterdir()] == ["source"]
    assert refusal.value.facts["field"] == "file"
    assert sentence(refusal.value.reason, refusal.value.facts, "vi")
    return refusal.value


def pictures(made: MadePhoto, folder: Path) -> list[tuple[str, Image.Image]]:
    found = []
    for one in made.renditions:
        body = (folder / one.sha256).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (one.sha256, one.size_bytes)
        picture = Image.open(io.BytesIO(body))
        assert picture.size == (one.width_px, one.height_px)
        assert f"image/{picture.format.lower()}" == one.type
        found.append((one.type, picture.convert("RGB")))
    return found


def corner(picture: Image.Image, vertical: str, horizontal: str) -> tuple[int, ...]:
    x = picture.width // 4 if horizontal == "left" else picture.width * 3 // 4
    y = picture.height // 4 if vertical == "top" else picture.height * 3 // 4
    return picture.getpixel((x, y))


def is_near(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return all(abs(a - b) <= COLOUR_TOLERANCE for a, b in zip(found, wanted, strict=True))


def test_a_large_photo_has_three_widths_in_two_formats_and_one_fallback(tmp_path: Path) -> None:
    made = made_of(shot.a_jpeg(2000, 1500), tmp_path)

    assert (made.width_px, made.height_px) == (2000, 1500)
    assert [(one.type, one.width_px, one.height_px) for one in made.renditions] == [
        ("image/webp", 480, 360),
        ("image/avif", 480, 360),
        ("image/webp", 960, 720),
        ("image/avif", 960, 720),
        ("image/webp", 1600, 1200),
        ("image/avif", 1600, 1200),
        ("image/jpeg", 960, 720),
    ]


@pytest.mark.parametrize(
    ("width", "widths"),
    [(100, {100}), (480, {480}), (600, {480, 600}), (1000, {480, 960, 1000})],
)
def test_a_photo_is_never_enlarged(tmp_path: Path, width: int, widths: set[int]) -> None:
    made = made_of(shot.a_jpeg(width, width), tmp_path)

    assert {one.width_px for one in made.renditions if one.type == "image/webp"} == widths


def test_the_size_told_is_that_of_the_photo_and_not_of_what_was_decoded(tmp_path: Path) -> None:
    made = made_of(shot.a_jpeg(3600, 400, orientation=6), tmp_path)

    assert (made.width_px, made.height_px) == (400, 3600)


@pytest.mark.parametrize("orientation", sorted(shot.EXIF_SIDES))
def test_a_photo_is_turned_upright(tmp_path: Path, orientation: int) -> None:
    made = made_of(shot.a_jpeg(600, 400, orientation=orientation), tmp_path)

    is_lying = orientation >= 5
    assert (made.width_px, made.height_px) == ((400, 600) if is_lying else (600, 400))
    for _, picture in pictures(made, tmp_path):
        for (vertical, horizontal), colour in shot.QUADRANTS.items():
            assert is_near(corner(picture, vertical, horizontal), colour)


@pytest.mark.parametrize(
    "body", [shot.a_jpeg(), shot.a_png(), shot.a_webp()], ids=["jpeg", "png", "webp"]
)
def test_nothing_of_the_metadata_survives(tmp_path: Path, body: bytes) -> None:
    assert shot.MARK.encode() in body

    made = made_of(body, tmp_path)

    for one in made.renditions:
        left = (tmp_path / one.sha256).read_bytes()
        assert not [
            mark
            for mark in (shot.MARK.encode(), b"Exif", b"EXIF", b"GPS", b"xmp", b"XMP")
            if mark in left
        ]
        with Image.open(io.BytesIO(left)) as picture:
            assert dict(picture.getexif()) == {}
            assert not {"exif", "xmp", "icc_profile", "comment"} & set(picture.info)


def test_the_position_planted_in_an_example_picture_is_gone(tmp_path: Path) -> None:
    body = (PROJECT / "examples/pictures/hien-chieu.jpg").read_bytes()
    with Image.open(io.BytesIO(body)) as picture:
        assert picture.getexif().get_ifd(shot.GPS)

    made = made_of(body, tmp_path)

    for one in made.renditions:
        with Image.open(tmp_path / one.sha256) as picture:
            assert not picture.getexif().get_ifd(shot.GPS)


def test_broken_metadata_does_not_spoil_a_good_photo(tmp_path: Path) -> None:
    good = shot.a_jpeg()
    start = good.index(b"Exif\x00\x00") + 6
    body = good[:start] + b"\xff" * 40 + good[start + 40 :]

    assert made_of(body, tmp_path).renditions


def test_twenty_thousand_pixels_squared_are_refused_by_the_header(tmp_path: Path) -> None:
    refusal = refusal_of(shot.a_bomb(), tmp_path)

    assert refusal.reason == "IMAGE_TOO_MANY_PIXELS"
    assert "20000 × 20000" in sentence(refusal.reason, refusal.facts, "vi")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (shot.TEXT, "IMAGE_UNREADABLE"),
        (b"", "IMAGE_UNREADABLE"),
        (b"\xff\xd8\xff", "IMAGE_UNREADABLE"),
        (shot.SVG, "IMAGE_KIND"),
        (shot.of_kind("GIF"), "IMAGE_KIND"),
        (shot.of_kind("TIFF"), "IMAGE_KIND"),
        (shot.of_kind("AVIF"), "IMAGE_KIND"),
        (b"%PDF-1.7\n", "IMAGE_KIND"),
        (b"\x00\x00\x00\x18ftypmp42", "IMAGE_KIND"),
        (shot.HEIC, "IMAGE_HEIC"),
        (shot.a_jpeg(400, 300)[:3000], "IMAGE_BROKEN"),
        (shot.a_png()[:300], "IMAGE_BROKEN"),
        (shot.a_jpeg(8, 400), "IMAGE_TOO_SMALL"),
        (shot.a_jpeg(2000, 100), "IMAGE_TOO_LONG"),
    ],
    ids=[
        "text named .jpg",
        "empty",
        "three bytes",
        "svg",
        "gif",
        "tiff",
        "avif",
        "pdf",
        "video",
        "heic",
        "cut jpeg",
        "cut png",
        "tiny",
        "a strip",
    ],
)
def test_what_is_no_photo_of_ours_is_refused_by_name(
    tmp_path: Path, body: bytes, reason: str
) -> None:
    assert refusal_of(body, tmp_path).reason == reason


def test_a_heic_photo_is_refused_with_the_way_out(tmp_path: Path) -> None:
    refusal = refusal_of(shot.HEIC, tmp_path)

    assert "Tương thích nhất" in sentence(refusal.reason, refusal.facts, "vi")


@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_an_animation_the_first_frame_is_kept(tmp_path: Path, kind: str) -> None:
    made = made_of(shot.an_animation(kind), tmp_path)

    for _, picture in pictures(made, tmp_path):
        assert is_near(corner(picture, "top", "left"), shot.QUADRANTS["top", "left"])
        assert getattr(picture, "n_frames", 1) == 1


def test_transparent_parts_become_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (40, 40), (200, 0, 0, 0))

    for _, picture in pictures(made_of(shot.a_png(clear), tmp_path), tmp_path):
        assert is_near(picture.getpixel((20, 20)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "I;16"])
def test_every_colour_mode_keeps_its_grey(tmp_path: Path, mode: str) -> None:
    if mode == "I;16":
        grey = Image.new(mode, (40, 40), 128 * 256)
    else:
        grey = Image.new("L", (40, 40), 255 if mode == "1" else 128).convert(mode)

    wanted = 255 if mode == "1" else 128
    for _, picture in pictures(made_of(shot.a_png(grey), tmp_path), tmp_path):
        assert is_near(picture.getpixel((20, 20)), (wanted,) * 3)


def test_a_printer_s_jpeg_is_taken(tmp_path: Path) -> None:
    file = io.BytesIO()
    shot.quadrants().convert("CMYK").save(file, "JPEG")

    for _, picture in pictures(made_of(file.getvalue(), tmp_path), tmp_path):
        assert picture.mode == "RGB"


def test_a_colour_profile_is_applied_before_it_is_dropped(tmp_path: Path) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tmpZ").replace(b"gXYZ", b"rXYZ").replace(b"tmpZ", b"gXYZ")
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (250, 0, 0)).save(file, "PNG", icc_profile=swapped)

    for _, picture in pictures(made_of(file.getvalue(), tmp_path), tmp_path):
        red, green, _ = picture.getpixel((20, 20))
        assert green > red


def test_a_broken_colour_profile_is_ignored(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGB", (40, 40), (250, 0, 0)).save(file, "PNG", icc_profile=b"no profile")

    for _, picture in pictures(made_of(file.getvalue(), tmp_path), tmp_path):
        assert is_near(picture.getpixel((20, 20)), (250, 0, 0))


def test_the_same_photo_gives_the_same_renditions(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    assert made_of(shot.a_jpeg(), tmp_path / "a") == made_of(shot.a_jpeg(), tmp_path / "b")


def test_any_cut_of_a_photo_is_refused_or_read_and_never_breaks(tmp_path: Path) -> None:
    for number, whole in enumerate((shot.a_jpeg(), shot.a_png(), shot.a_webp())):
        for end in range(0, len(whole), max(1, len(whole) // 40)):
            folder = tmp_path / f"{number}-{end}"
            folder.mkdir()
            with contextlib.suppress(Malformed):
                made_of(whole[:end], folder)
