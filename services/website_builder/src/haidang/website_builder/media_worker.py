"""The media worker: a process of its own that decodes owners' photos, each in a bounded child.

One request a connection on a unix socket, JSON lines both ways. A child that runs out of
memory, processor time or patience is answered for by the parent, which never looks at a
photo itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import selectors
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import NoReturn

from haidang.core import process
from haidang.core.errors import HaidangError, Refused, to_facts
from haidang.core.settings import load, platform
from haidang.website_builder.photo import make_renditions
from haidang.website_builder.photo_facts import PhotoLimits
from pydantic import BaseModel

SOCKET = "media.sock"
LONGEST_REQUEST = 16_384
BACKLOG = 64
MEBIBYTE = 1024 * 1024


class WorkerSettings(BaseModel, extra="forbid", frozen=True):
    """Section [media]: what one photo may cost.

    `memory_mb` bounds a child's address space (a 50-megapixel photo needs about 500);
    `cpu_seconds` and `wall_seconds` its time; `file_mb` each file it writes.
    `most_pixels_million` and `most_ratio` are judged by the header, before decoding.
    `children`: how many photos are decoded at a time.
    """

    memory_mb: int = 1024
    cpu_seconds: int = 20
    wall_seconds: int = 30
    file_mb: int = 64
    most_pixels_million: int = 50
    most_ratio: int = 10
    children: int = 2


def answer(request: bytes, settings: WorkerSettings) -> dict[str, object]:
    """Do what one request asks: {"source", "output"} in, {"photo"} or {"error"} out."""
    asked = json.loads(request)
    limits = PhotoLimits(settings.most_pixels_million, most_ratio=settings.most_ratio)
    try:
        made = make_renditions(Path(asked["source"]), Path(asked["output"]), limits)
    except HaidangError as refusal:
        return {"error": to_facts(refusal)}
    return {"photo": made.facts()}


class Worker:
    """Accepts requests on *listening* while a child is free; answers for those that died."""

    def __init__(self, listening: socket.socket, settings: WorkerSettings) -> None:
        self._listening = listening
        self._settings = settings
        self._ready = selectors.DefaultSelector()
        self._children: dict[int, tuple[int, socket.socket]] = {}
        """By the descriptor that says a child ended: its pid, and who waits for it."""

    def serve(self) -> None:
        """Serve until a signal ends this process."""
        self._ready.register(self._listening, selectors.EVENT_READ)
        while True:
            for key, _ in self._ready.select():
                if key.fileobj is self._listening:
                    self._begin()
                else:
                    self._end(key.fd)

    def _begin(self) -> None:
        connection, _ = self._listening.accept()
        pid = os.fork()
        if pid == 0:
            _child(connection, self._settings)
        ended = os.pidfd_open(pid)
        self._children[ended] = (pid, connection)
        self._ready.register(ended, selectors.EVENT_READ)
        if len(self._children) >= self._settings.children:
            self._ready.unregister(self._listening)

    def _end(self, ended: int) -> None:
        pid, connection = self._children.pop(ended)
        self._ready.unregister(ended)
        os.close(ended)
        _, status = os.waitpid(pid, 0)
        if status != 0:
            refusal = Refused("IMAGE_TOO_COMPLEX", field="file")
            _say(connection, {"error": to_facts(refusal)})
        connection.close()
        if self._listening.fileno() not in self._ready.get_map():
            self._ready.register(self._listening, selectors.EVENT_READ)


def _child(connection: socket.socket, settings: WorkerSettings) -> NoReturn:
    """Answer one request within bounds, and end this process whatever happens."""
    code = 1
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        process.die_with_parent()
        _bound(settings)
        with connection.makefile("rb") as lines:
            request = lines.readline(LONGEST_REQUEST)
        said = answer(request, settings)
        _say(connection, said)
        code = 0
    except Exception:  # the parent answers for us; what went wrong is for the log
        traceback.print_exc()
    finally:
        os._exit(code)


def _say(connection: socket.socket, said: dict[str, object]) -> None:
    with contextlib.suppress(OSError):  # whoever asked may be gone
        connection.sendall(json.dumps(said).encode() + b"\n")


def _bound(settings: WorkerSettings) -> None:
    for what, most in (
        (resource.RLIMIT_AS, settings.memory_mb * MEBIBYTE),
        (resource.RLIMIT_FSIZE, settings.file_mb * MEBIBYTE),
        (resource.RLIMIT_CPU, settings.cpu_seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    signal.alarm(settings.wall_seconds)


def main() -> None:
    """Serve until stopped."""
    process.die_with_parent()
    place = platform()
    path = place.folder("run") / SOCKET
    path.unlink(missing_ok=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(path))
    path.chmod(0o600)
    listening.listen(BACKLOG)
    process.announce_ready()
    Worker(listening, load(WorkerSettings, "media")).serve()


if __name__ == "__main__":
    main()
