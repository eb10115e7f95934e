"""The verifier: has a PDF inspected by the worker, then concludes.

Office of validation. `Verifier` speaks to the running worker; `validate_locally` starts one
bounded process for one file. Who comes in: the servicer, the signing office, the command
line. Nothing is kept. Never here: parsing, rules.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from haidang.core.clock import Clock
from haidang.core.errors import Absent, Malformed, Unavailable, register
from haidang.core.settings import Platform
from haidang.esign.bounded import Failure, Limits
from haidang.esign.facts import DocumentFacts
from haidang.esign.trust import TrustAnchor, select_anchors
from haidang.esign.verdicts import ValidationReport, conclude
from haidang.esign.verify_wire import (
    MAX_PDF_BYTES,
    TOO_LARGE,
    InspectionRequest,
    encode_request,
    failed_facts,
    split_pem,
)
from pydantic import BaseModel, TypeAdapter, ValidationError

register(
    Unavailable,
    {
        "VERIFY_WORKER_UNREACHABLE": (
            "The verify worker does not answer.",
            "Bộ phận kiểm tra chữ ký đang tạm ngừng; xin thử lại sau ít phút.",
        ),
    },
)
register(
    Malformed,
    {
        "ANCHOR_INVALID": (
            "{source} holds no readable PEM certificate.",
            "Tệp {source} không chứa chứng thư PEM đọc được.",
        ),
    },
)

SECTION = "esign_verification"
_FACTS = TypeAdapter(DocumentFacts)
_GRACE_SECONDS = 10.0


class VerificationSettings(BaseModel, extra="forbid", frozen=True):
    """Section `esign_verification` of the settings.

    `anchors`: PEM files of roots to believe besides the sandbox's; default none, because a
    root is believed only on purpose. `revocation_hosts`: "host:port" the worker may ask
    about revocation besides the sandbox's; default none, because a certificate's addresses
    are chosen by strangers.
    """

    anchors: tuple[Path, ...] = ()
    revocation_hosts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verifier:
    """Validates PDFs through the worker at *socket*. Safe to share; holds no connection."""

    socket: Path
    anchors: tuple[TrustAnchor, ...]
    allowed_hosts: frozenset[str]
    clock: Clock

    async def validate(self, pdf: bytes) -> ValidationReport:
        """Judge the signatures of *pdf* as of now. Nothing is kept.

        Raises: Unavailable VERIFY_WORKER_UNREACHABLE. Whatever the file does is a report.
        """
        facts, now = await self.inspect(pdf)
        return conclude(facts, now)

    async def inspect(self, pdf: bytes) -> tuple[DocumentFacts, datetime]:
        """What the worker found in *pdf*, and as of when. Raises: as `validate`."""
        now = self.clock.now()
        if len(pdf) > MAX_PDF_BYTES:
            return failed_facts(len(pdf), TOO_LARGE), now
        wire = encode_request(InspectionRequest(pdf, self.anchors, now, self.allowed_hosts))
        patience = Limits().wall_seconds + _GRACE_SECONDS
        try:
            async with asyncio.timeout(patience):
                answer = await self._exchange(wire)
        except (OSError, TimeoutError) as error:
            raise Unavailable("VERIFY_WORKER_UNREACHABLE") from error
        return _read_facts(answer, pdf), now

    async def _exchange(self, wire: bytes) -> bytes:
        folder = os.open(self.socket.parent, os.O_RDONLY)
        try:
            # As in the worker: keeps the socket's path short.
            path = f"/proc/self/fd/{folder}/{self.socket.name}"
            reader, writer = await asyncio.open_unix_connection(path)
        finally:
            os.close(folder)
        try:
            writer.write(wire)
            await writer.drain()
            return await reader.read()
        finally:
            writer.close()


def _read_facts(answer: bytes, pdf: bytes) -> DocumentFacts:
    try:
        return _FACTS.validate_json(answer)
    except ValidationError:
        return failed_facts(len(pdf), Failure.CRASH)


def validate_locally(
    pdf: bytes,
    anchors: Iterable[TrustAnchor],
    now: datetime,
    allowed_hosts: frozenset[str] = frozenset(),
) -> ValidationReport:
    """As `Verifier.validate`, in one bounded process of its own; no running platform needed."""
    if len(pdf) > MAX_PDF_BYTES:
        return conclude(failed_facts(len(pdf), TOO_LARGE), now)
    request = InspectionRequest(pdf, tuple(anchors), now, allowed_hosts)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "haidang.esign.verify_worker", "--once"],
            input=encode_request(request),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=Limits().wall_seconds + _GRACE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return conclude(failed_facts(len(pdf), Failure.TIMEOUT), now)
    return conclude(_read_facts(ended.stdout, pdf), now)


def sandbox_root(state: Path) -> Path:
    """Where the sandbox trust service publishes its root."""
    return state / "trust" / "public" / "root.pem"


def anchors_from(path: Path, *, sandbox: bool = False) -> tuple[TrustAnchor, ...]:
    """Every certificate of the PEM file *path*.

    Raises: Malformed ANCHOR_INVALID when the file cannot be read or holds none.
    """
    try:
        found = [TrustAnchor(der, path.name, sandbox) for der in split_pem(path.read_text())]
    except (OSError, ValueError) as error:
        raise Malformed("ANCHOR_INVALID", source=path.name) from error
    if not found:
        raise Malformed("ANCHOR_INVALID", source=path.name)
    return tuple(found)


def trust_of(
    place: Platform, settings: VerificationSettings
) -> tuple[tuple[TrustAnchor, ...], frozenset[str]]:
    """The anchors to believe and the hosts to ask on the platform *place*.

    The sandbox's root counts only where the platform runs with sandbox parts, and is marked.
    """
    anchors = [anchor for path in settings.anchors for anchor in anchors_from(path)]
    hosts = set(settings.revocation_hosts)
    root = sandbox_root(place.state)
    if place.sandbox and root.is_file():
        anchors += anchors_from(root, sandbox=True)
        with suppress(Absent):  # the sandbox is not running: embedded evidence must do
            hosts.add(place.address("trust"))
    return select_anchors(anchors, sandbox_allowed=place.sandbox), frozenset(hosts)


def open_verifier(place: Platform, settings: VerificationSettings, clock: Clock) -> Verifier:
    """The verifier of the platform *place*; call it after the sandbox trust service is up."""
    anchors, hosts = trust_of(place, settings)
    return Verifier(place.state / "run" / "verify.sock", anchors, hosts, clock)
