"""The media worker as a process: hostile photos are answers, never its end."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from haidang.core.errors import Malformed, Refused, Unavailable
from haidang.website_builder import media_worker
from haidang.website_builder.media_worker import WorkerSettings, answer
from haidang.website_builder.providers.media_process import MediaProcess

from tests.website_builder import photographs as shot

PATIENCE_SECONDS = 20.0
Start = Callable[..., Path]


@pytest.fixture
def started() -> Iterator[Start]:
    """Starts workers over state folders of their own; a socket's path must be short."""
    running: list[tuple[subprocess.Popen[bytes], str]] = []

    def start(**settings: int) -> Path:
        state = tempfile.mkdtemp(prefix="hd-")
        environment = {
            **os.environ,
            "HAIDANG_STATE": state,
            "HAIDANG_PROCESS": "media-worker",
            **{f"HAIDANG_MEDIA__{key.upper()}": str(value) for key, value in settings.items()},
        }
        command = [sys.executable, "-m", "haidang.website_builder.media_worker"]
        running.append((subprocess.Popen(command, env=environment), state))
        until((Path(state) / "run/media-worker.ready").exists)
        return Path(state) / "run" / media_worker.SOCKET

    yield start
    for process, state in running:
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) in {0, -signal.SIGKILL}
        shutil.rmtree(state)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def worker_pid(path: Path) -> int:
    return int(json.loads((path.parent / "media-worker.ready").read_text())["pid"])


def children_of(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def a_source(folder: Path, body: bytes) -> tuple[Path, Path]:
    source, output = folder / "source", folder / "output"
    output.mkdir()
    source.write_bytes(body)
    return source, output


async def test_a_photo_is_made_in_the_process_of_its_own(started: Start, tmp_path: Path) -> None:
    source, output = a_source(tmp_path, shot.a_jpeg())

    made = await MediaProcess(started()).make_renditions(source, output)

    assert {one.sha256 for one in made.renditions} == {one.name for one in output.iterdir()}


async def test_a_refusal_comes_back_with_its_reason_and_the_worker_goes_on(
    started: Start, tmp_path: Path
) -> None:
    worker = MediaProcess(started())
    source, output = a_source(tmp_path, shot.a_bomb())
    with pytest.raises(Malformed) as refusal:
        await worker.make_renditions(source, output)
    assert refusal.value.reason == "IMAGE_TOO_MANY_PIXELS"
    assert list(output.iterdir()) == []

    source.write_bytes(shot.a_jpeg())
    assert (await worker.make_renditions(source, output)).renditions


async def test_a_photo_beyond_the_memory_it_may_have_is_too_complex(
    started: Start, tmp_path: Path
) -> None:
    worker = MediaProcess(started(memory_mb=120))
    source, output = a_source(tmp_path, shot.a_bomb(7000, 7000))

    with pytest.raises(Refused) as refusal:
        await worker.make_renditions(source, output)
    assert refusal.value.reason == "IMAGE_TOO_COMPLEX"


async def test_a_photo_beyond_the_time_it_may_have_is_too_complex(
    started: Start, tmp_path: Path
) -> None:
    worker = MediaProcess(started(wall_seconds=1))
    source, output = a_source(tmp_path, b"")
    source.unlink()
    os.mkfifo(source)  # the child waits for bytes that never come

    with pytest.raises(Refused) as refusal:
        await worker.make_renditions(source, output)
    assert refusal.value.reason == "IMAGE_TOO_COMPLEX"


async def test_a_child_killed_in_the_middle_is_answered_for_by_its_parent(
    started: Start, tmp_path: Path
) -> None:
    path = started()
    source, output = a_source(tmp_path, b"")
    source.unlink()
    os.mkfifo(source)  # the child waits for bytes that never come
    asked = asyncio.create_task(MediaProcess(path).make_renditions(source, output))
    await asyncio.to_thread(until, lambda: bool(children_of(worker_pid(path))))

    os.kill(children_of(worker_pid(path))[0], signal.SIGKILL)

    with pytest.raises(Refused) as refusal:
        await asked
    assert refusal.value.reason == "IMAGE_TOO_COMPLEX"


async def test_a_worker_that_dies_is_unavailable_and_takes_its_children_along(
    started: Start, tmp_path: Path
) -> None:
    path = started()
    source, output = a_source(tmp_path, b"")
    source.unlink()
    os.mkfifo(source)
    asked = asyncio.create_task(MediaProcess(path).make_renditions(source, output))
    pid = worker_pid(path)
    await asyncio.to_thread(until, lambda: bool(children_of(pid)))
    child = children_of(pid)[0]

    os.kill(pid, signal.SIGKILL)

    with pytest.raises(Unavailable) as refusal:
        await asked
    assert refusal.value.reason == "MEDIA_WORKER_DOWN"
    await asyncio.to_thread(until, lambda: is_over(child))


def is_over(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


async def test_no_worker_is_unavailable(tmp_path: Path) -> None:
    source, output = a_source(tmp_path, shot.a_jpeg())

    with pytest.raises(Unavailable) as refusal:
        await MediaProcess(tmp_path / "nobody.sock").make_renditions(source, output)
    assert refusal.value.reason == "MEDIA_WORKER_DOWN"


@pytest.mark.parametrize("wire", [b"", b"\n", b"{}\n", b"not json\n", b"[1]\n", b"x" * 20_000])
async def test_nonsense_on_the_socket_does_not_end_the_worker(
    started: Start, tmp_path: Path, wire: bytes
) -> None:
    path = started()
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(wire)

    source, output = a_source(tmp_path, shot.a_jpeg())
    assert (await MediaProcess(path).make_renditions(source, output)).renditions


async def test_more_photos_than_children_all_have_their_turn(
    started: Start, tmp_path: Path
) -> None:
    worker = MediaProcess(started(children=1))
    folders = [tmp_path / str(number) for number in range(5)]
    for folder in folders:
        folder.mkdir()

    made = await asyncio.gather(
        *(worker.make_renditions(*a_source(folder, shot.a_jpeg())) for folder in folders)
    )

    assert len(set(made)) == 1


def test_the_socket_is_for_this_user_only(started: Start) -> None:
    path = started()

    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0


def test_a_request_is_answered_with_facts_or_with_an_error(tmp_path: Path) -> None:
    source, output = a_source(tmp_path, shot.SVG)
    request = json.dumps({"source": str(source), "output": str(output)}).encode()

    assert answer(request, WorkerSettings())["error"] == {
        "class": "Malformed",
        "reason": "IMAGE_KIND",
        "facts": {"field": "file", "kind": "SVG"},
    }


def test_the_worker_imports_neither_database_nor_rpc() -> None:
    probe = (
        "import sys, haidang.website_builder.media_worker; "
        "print({'grpc', 'sqlalchemy', 'dbos', 'starlette', 'minijinja'} & set(sys.modules))"
    )

    said = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "set()"
