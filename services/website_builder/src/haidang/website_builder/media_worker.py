"""The media worker: a process of its own that decodes owners' photos, each in a bounded child.

One request a connection on a unix socket, JSON lines both ways. A child that runs out of
time, memory or processor time ends without an answer, and the caller says so.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import socket
import sys
from pathlib import Path

from haidang.core import process
from haidang.core.errors import HaidangError, to_facts
from haidang.core.settings import load, platform
from haidang.website_builder.photo import make_renditions
from haidang.website_builder.photo_facts import PhotoLimits
from pydantic import BaseModel

SOCKET = "media.sock"
LONGEST_REQUEST = 16_384
BACKLOG = 64


class WorkerSettings(BaseModel, extra="forbid", frozen=True):
    """Section [media]: what one photo may cost. Seconds, megabytes, millions of pixels."""

    memory_mb: int = 1024
    cpu_seconds: int = 20
    wall_seconds: int = 30
    most_pixels_million: int = 50
    children: int = 2


def answer(request: bytes, settings: WorkerSettings) -> dict[str, object]:
    """Do what one request asks: {"source", "output"} in, {"photo"} or {"error"} out."""
    asked = json.loads(request)
    limits = PhotoLimits(most_pixels_million=settings.most_pixels_million)
    try:
        made = make_renditions(Path(asked["source"]), Path(asked["output"]), limits)
    except HaidangError as refusal:
        return {"error": to_facts(refusal)}
    return {"photo": made.facts()}


def _bound(settings: WorkerSettings) -> None:
    memory = settings.memory_mb * 1024 * 1024
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (settings.cpu_seconds, settings.cpu_seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(settings.wall_seconds)


def _child(connection: socket.socket, settings: WorkerSettings) -> None:
    process.die_with_parent()
    _bound(settings)
    with connection.makefile("rb") as lines:
        request = lines.readline(LONGEST_REQUEST)
    connection.sendall(json.dumps(answer(request, settings)).encode() + b"\n")


def serve(listening: socket.socket, settings: WorkerSettings) -> None:
    """Fork a bounded child per connection, at most so many at a time, until stopped."""
    children: set[int] = set()
    while True:
        connection, _ = listening.accept()
        while len(children) >= settings.children:
            children.discard(os.wait()[0])
        pid = os.fork()
        if pid == 0:
            code = 1
            with contextlib.suppress(MemoryError):
                _child(connection, settings)
                code = 0
            os._exit(code)
        connection.close()
        children.add(pid)
        with contextlib.suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                children.discard(ended)


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
    serve(listening, load(WorkerSettings, "media"))


if __name__ == "__main__":
    main()
