"""The worker's process: hostile files are answers, never its end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from haidang.esign.bounded import Failure, Limits, run_bounded
from haidang.esign.verify_wire import (
    MAX_PDF_BYTES,
    InspectionRequest,
    encode_request,
    read_request,
    split_pem,
)
from haidang.esign.verify_worker import inspect_bounded

from tests.esign.judging import JUDGED_AT
from tests.esign.pki import a_pdf, signed, the_pki

PATIENCE_SECONDS = 20.0
SMALL = Limits(memory_bytes=400 * 1024 * 1024, processor_seconds=1, wall_seconds=0.4)


def a_request(pdf: bytes) -> InspectionRequest:
    return InspectionRequest(pdf, (the_pki().anchor,), JUDGED_AT)


def reader_of(wire: bytes) -> Callable[[int], bytes]:
    import io

    return io.BytesIO(wire).read


def grow() -> bytes:
    return b"x" * (2 * 1024 * 1024 * 1024)


def sleep() -> bytes:
    time.sleep(PATIENCE_SECONDS)
    return b""


def spin() -> bytes:
    while True:
        pass


def crash() -> bytes:
    os.kill(os.getpid(), signal.SIGUSR1)
    return b""


def recurse() -> bytes:
    return recurse()


def raise_value_error() -> bytes:
    raise ValueError


def write_file() -> bytes:
    Path("/proc/self/comm").write_text("x" * 9)
    with Path(os.devnull).open("wb"):
        pass
    import tempfile

    with tempfile.TemporaryFile() as file:
        file.write(b"x")
        file.flush()
    return b"wrote"


def test_bounded_work_answers_its_bytes() -> None:
    assert run_bounded(lambda: b"a" * 300_000, Limits()) == b"a" * 300_000


@pytest.mark.parametrize(
    ("work", "failure"),
    [
        (grow, Failure.MEMORY),
        (sleep, Failure.TIMEOUT),
        (spin, Failure.TIMEOUT),
        (crash, Failure.CRASH),
        (recurse, Failure.CRASH),
        (raise_value_error, Failure.CRASH),
        (write_file, Failure.CRASH),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_unbounded_work_is_told_by_its_failure(work: Callable[[], bytes], failure: str) -> None:
    assert failure == run_bounded(work, SMALL)


def test_a_spinning_child_is_ended_by_its_processor_limit() -> None:
    limits = Limits(processor_seconds=1, wall_seconds=PATIENCE_SECONDS)

    assert run_bounded(spin, limits) == Failure.TIMEOUT


def test_a_file_that_exhausts_its_limits_is_a_failure_in_the_facts() -> None:
    facts = json.loads(inspect_bounded(a_request(signed()), Limits(wall_seconds=0.0)))

    assert facts["failure"] == "TIMEOUT"
    assert facts["signatures"] == []


def test_a_request_survives_the_wire() -> None:
    request = a_request(a_pdf())

    read = read_request(reader_of(encode_request(request)))

    assert (request.pdf, request.now) == (read.pdf, read.now)
    assert [(one.der, one.sandbox) for one in request.anchors] == [
        (one.der, one.sandbox) for one in read.anchors
    ]


@pytest.mark.parametrize("cut", [0, 3, 8, 20, -1])
def test_a_request_that_breaks_off_is_refused(cut: int) -> None:
    with pytest.raises(ValueError):
        read_request(reader_of(encode_request(a_request(a_pdf()))[:cut]))


def test_a_request_that_announces_too_much_is_refused_before_it_is_read() -> None:
    head = b'{"now": "2026-01-01T00:00:00+00:00", "anchors": [], "allowed_hosts": []}'
    wire = len(head).to_bytes(8, "big") + head + (MAX_PDF_BYTES + 1).to_bytes(8, "big")

    with pytest.raises(ValueError, match="too large"):
        read_request(reader_of(wire))


def test_pem_text_is_split_into_its_certificates() -> None:
    pki = the_pki()

    assert [pki.root.der, pki.issuing.der] == list(split_pem(pki.root.pem + pki.issuing.pem))
    assert list(split_pem("nothing here")) == []


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[Path]:
    """A running worker on a state folder with a long path; answers the socket's path."""
    state = tmp_path / ("rất-dài-" * 6)
    state.mkdir()
    environ = {**os.environ, "HAIDANG_STATE": str(state), "HAIDANG_PROCESS": "verify-worker"}
    process = subprocess.Popen([sys.executable, "-m", "haidang.esign.verify_worker"], env=environ)
    ready = state / "run" / "verify-worker.ready"
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not ready.is_file():
        assert process.poll() is None, "the worker ended"
        assert time.monotonic() < deadline, "the worker did not become ready"
        time.sleep(0.02)
    yield state / "run" / "verify.sock"
    process.terminate()
    assert process.wait(PATIENCE_SECONDS) == 0
    assert not (state / "run" / "verify.sock").exists()


def ask(path: Path, wire: bytes) -> bytes:
    folder = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(f"/proc/self/fd/{folder}/{path.name}")
        os.close(folder)
        client.sendall(wire)
        client.shutdown(socket.SHUT_WR)
        parts = []
        with suppress(ConnectionResetError):  # it may hang up before it has read everything
            while part := client.recv(1 << 16):
                parts.append(part)
    return b"".join(parts)


def test_the_worker_answers_many_callers_and_survives_bad_ones(worker: Path) -> None:
    assert worker.stat().st_mode & 0o777 == 0o600
    good = encode_request(a_request(signed()))

    assert ask(worker, b"") == b""
    assert ask(worker, good[:100]) == b""
    assert ask(worker, b"\xff" * 64) == b""
    answers = [json.loads(ask(worker, good)) for _ in range(6)]

    assert [len(answer["signatures"]) for answer in answers] == [1] * 6
    assert json.loads(ask(worker, encode_request(a_request(b"not a PDF"))))["is_pdf"] is False
