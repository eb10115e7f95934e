"""The office for photos: what it takes in, whose it is, and that nothing is half-made."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.errors import HaidangError, Malformed, Refused, Unavailable
from haidang.website_builder.media import MOST_CHUNK_BYTES
from haidang.website_builder.website import MediaRef
from PIL import Image

from tests.website_builder import photographs as shot
from tests.website_builder.house import ANOTHER, TENANT, House, in_chunks, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path)
    yield found
    await found.database.close()


async def taken(
    house: House, body: bytes, *, tenant: str = TENANT, size: int = 0, **alt: str
) -> MediaRef:
    return await house.media.take(tenant, in_chunks(body), size, alt)


async def refused(house: House, body: bytes, **how: int) -> HaidangError:
    with pytest.raises(HaidangError) as refusal:
        await taken(house, body, **how)  # type: ignore[arg-type]  # sizes only
    assert house.leftovers() == []
    assert house.blob_count() == 0
    return refusal.value


async def test_a_photo_is_named_by_the_bytes_uploaded_and_kept_by_content(house: House) -> None:
    body = shot.a_jpeg(600, 400)

    photo = await taken(house, body, size=len(body), vi="Hiên nhà buổi chiều")

    assert photo.id == f"media/{hashlib.sha256(body).hexdigest()}"
    assert photo.alt == {"vi": "Hiên nhà buổi chiều"}
    for one in photo.renditions:
        kept = await house.blobs.read_blob(one.sha256)
        assert Image.open(io.BytesIO(kept)).size == (one.width_px, one.height_px)
        assert shot.MARK.encode() not in kept
    assert house.leftovers() == []
    assert await house.ledger.media(TENANT, (photo.id,)) == {photo.id: photo}


async def test_the_upload_itself_is_not_kept(house: House) -> None:
    body = shot.a_jpeg()
    await taken(house, body)

    kept = [path.read_bytes() for path in (house.folder / "blobs").rglob("*") if path.is_file()]
    assert body not in kept


async def test_the_same_photo_again_is_the_same_and_is_not_made_again(house: House) -> None:
    first = await taken(house, shot.a_jpeg(), vi="Cũ")

    again = await taken(house, shot.a_jpeg(), vi="Mới")
    silent = await taken(house, shot.a_jpeg())

    assert again.renditions == first.renditions
    assert (again.alt, silent.alt) == ({"vi": "Mới"}, {"vi": "Mới"})
    assert house.worker.asked == 1


async def test_the_same_photo_at_once_is_kept_once(house: House) -> None:
    found = await asyncio.gather(*(taken(house, shot.a_jpeg()) for _ in range(3)))

    assert len({one.id for one in found}) == 1
    assert house.leftovers() == []


async def test_another_tenant_s_photo_can_neither_be_seen_nor_probed(house: House) -> None:
    photo = await taken(house, shot.a_jpeg(), tenant=ANOTHER)

    assert await house.ledger.media(TENANT, (photo.id,)) == {}
    await taken(house, shot.a_jpeg())
    assert house.worker.asked == 2  # no sooner, no cheaper for being known elsewhere


async def test_a_file_announced_too_large_is_refused_before_it_is_read(house: House) -> None:
    async def never() -> AsyncIterator[bytes]:
        pytest.fail("the body was read")
        yield b""

    with pytest.raises(Malformed) as refusal:
        await house.media.take(TENANT, never(), 1_000_001, {})
    assert refusal.value.reason == "FILE_TOO_LARGE"


async def test_a_file_that_grows_too_large_is_refused_while_it_streams(house: House) -> None:
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        while True:
            sent += 1
            yield b"x" * MOST_CHUNK_BYTES

    with pytest.raises(Malformed) as refusal:
        await house.media.take(TENANT, endless(), 0, {})
    assert refusal.value.reason == "FILE_TOO_LARGE"
    assert sent == 1_000_000 // MOST_CHUNK_BYTES + 1
    assert house.leftovers() == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "UPLOAD_EMPTY"),
        (shot.TEXT, "IMAGE_UNREADABLE"),
        (shot.SVG, "IMAGE_KIND"),
        (shot.HEIC, "IMAGE_HEIC"),
        (shot.a_bomb(), "IMAGE_TOO_MANY_PIXELS"),
        (shot.a_jpeg(400, 300)[:3000], "IMAGE_BROKEN"),
    ],
    ids=["empty", "text named .jpg", "svg", "heic", "20,000 x 20,000", "cut"],
)
async def test_nothing_is_kept_of_a_photo_that_is_refused(
    house: House, body: bytes, reason: str
) -> None:
    refusal = await refused(house, body)

    assert (refusal.reason, refusal.facts["field"]) == (reason, "file")


async def test_an_upload_that_ends_early_is_incomplete(house: House) -> None:
    body = shot.a_jpeg()

    assert (await refused(house, body, size=len(body) + 1)).reason == "UPLOAD_INCOMPLETE"


async def test_a_chunk_beyond_the_contract_is_refused(house: House) -> None:
    with pytest.raises(Malformed) as refusal:
        await house.media.take(TENANT, in_chunks(b"x" * 70_000, 70_000), 0, {})
    assert refusal.value.reason == "UPLOAD_OUT_OF_ORDER"
    assert house.leftovers() == []


async def test_a_connection_lost_in_the_middle_leaves_nothing(house: House) -> None:
    async def cut() -> AsyncIterator[bytes]:
        yield shot.a_jpeg()[:500]
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await house.media.take(TENANT, cut(), 0, {})
    assert house.leftovers() == []


@pytest.mark.parametrize(
    "failure", [Unavailable("MEDIA_WORKER_DOWN"), Refused("IMAGE_TOO_COMPLEX")]
)
async def test_a_worker_that_fails_leaves_nothing_and_the_photo_can_come_again(
    house: House, failure: HaidangError, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(source: Path, output: Path) -> None:
        (output / "half-made").write_bytes(b"half")
        raise failure

    with monkeypatch.context() as patched:
        patched.setattr(house.worker, "make_renditions", fails)
        assert (await refused(house, shot.a_jpeg())).reason == failure.reason

    assert (await taken(house, shot.a_jpeg())).renditions


@pytest.mark.parametrize(
    ("alt", "field"),
    [
        ({"vi": "x" * 301}, "alt.vi"),
        ({"vi": "a\x00b"}, "alt.vi"),
        ({"<script>": "x"}, "alt"),
        ({f"a{chr(97 + n)}": "x" for n in range(11)}, "alt"),
    ],
)
async def test_an_alternative_text_that_is_none_is_refused_at_its_field(
    house: House, alt: dict[str, str], field: str
) -> None:
    with pytest.raises(Malformed) as refusal:
        await house.media.take(TENANT, in_chunks(shot.a_jpeg()), 0, alt)
    assert (refusal.value.reason, refusal.value.facts["field"]) == ("ALT_INVALID", field)


async def test_an_alternative_text_of_two_lines_becomes_one(house: House) -> None:
    assert (await taken(house, shot.a_jpeg(), vi=" Hiên \n nhà ")).alt == {"vi": "Hiên nhà"}


async def test_what_a_killed_process_left_is_discarded_at_the_next_start(house: House) -> None:
    photo = await taken(house, shot.a_jpeg())
    (house.spool / "tmpabc").mkdir()
    (house.spool / "tmpabc" / "source").write_bytes(b"half")
    kept = photo.renditions[0].sha256
    (house.folder / "blobs/sha256" / kept[:2] / f".{kept}.1.ab").write_bytes(b"half")

    house.media.discard_leftovers()
    house.blobs.discard_leftovers()

    assert house.leftovers() == []
    assert await house.blobs.read_blob(kept)
