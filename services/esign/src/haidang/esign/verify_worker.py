"""The verify worker: a process of its own that inspects hostile PDF files.

`python -m haidang.esign.verify_worker` listens on `<state>/run/verify.sock`; with `--once`
it reads one request from standard input and answers on standard output. Every file is
handled in a forked child with limits on memory, processor and wall clock; a crash, a
timeout or a limit is an answer like any other. Never here: a verdict.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from haidang.esign.bounded import Failure, Limits, run_bounded
from haidang.esign.inspection.certificates import Anchor, read_certificate
from haidang.esign.inspection.document import Inspector
from haidang.esign.inspection.session import RevocationSession
from haidang.esign.verify_wire import (
    InspectionRequest,
    encode_facts,
    failed_facts,
    read_request,
)

SOCKET_NAME = "verify.sock"
MAX_CHILDREN = 4
REQUEST_SECONDS = 15.0
_BACKLOG = 64
_OWNER_ONLY = 0o177


def inspect_bounded(request: InspectionRequest, limits: Limits | None = None) -> bytes:
    """The JSON facts of *request*'s file; never an exception, whatever the file does."""

    def work() -> bytes:
        return encode_facts(_inspector(request).inspect(request.pdf))

    answer = run_bounded(work, limits or Limits())
    if isinstance(answer, Failure):
        return encode_facts(failed_facts(len(request.pdf), answer))
    return answer


def _inspector(request: InspectionRequest) -> Inspector:
    anchors = [
        Anchor(certificate, one.sandbox)
        for one in request.anchors
        if (certificate := read_certificate(one.der)) is not None
    ]
    session = RevocationSession(request.allowed_hosts) if request.allowed_hosts else None
    return Inspector(tuple(anchors), request.now, session)


def answer_once(read: Callable[[int], bytes], write: Callable[[bytes], object]) -> None:
    """Read one request, write its answer; a broken request gets no answer."""
    try:
        request = read_request(read)
    except (ValueError, KeyError, TypeError, OSError):
        return
    write(inspect_bounded(request))


class Worker:
    """Accepts connections one by one and forks a keeper for each; no threads, no loop."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.keepers: set[int] = set()

    def serve(self) -> None:
        """Serve until the process is told to stop."""
        while True:
            connection, _ = self.listener.accept()
            with connection:
                self._reap(wait=len(self.keepers) >= MAX_CHILDREN)
                keeper = os.fork()
                if keeper == 0:
                    self._keep(connection)
                self.keepers.add(keeper)

    def _keep(self, connection: socket.socket) -> None:
        code = 1
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            self.listener.close()
            connection.settimeout(REQUEST_SECONDS)
            answer_once(connection.recv, connection.sendall)
            code = 0
        finally:
            os._exit(code)

    def _reap(self, *, wait: bool) -> None:
        """Forget keepers that ended; with *wait*, only once one did."""
        while self.keepers:
            pid, _ = os.waitpid(-1, 0 if wait else os.WNOHANG)
            if pid == 0:
                return
            self.keepers.discard(pid)
            wait = False


def listen(path: Path) -> socket.socket:
    """A listening socket at *path*, for this user only; a stale one is replaced."""
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(_OWNER_ONLY)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        # A socket's path is limited to about 100 bytes; a descriptor's name is always short.
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener


def main() -> None:
    """Run as a process of the platform."""
    from haidang.core.process import announce_ready, die_with_parent
    from haidang.core.settings import platform

    die_with_parent()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    path = platform().folder("run") / SOCKET_NAME
    listener = listen(path)
    announce_ready()
    try:
        Worker(listener).serve()
    finally:
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    if sys.argv[1:] == ["--once"]:
        answer_once(sys.stdin.buffer.read, sys.stdout.buffer.write)
    else:
        main()
