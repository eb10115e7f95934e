"""The house of papers for tests: real sandbox trust service, real worker, real office."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from haidang.core.blobs import BlobFolder
from haidang.core.clock import SystemClock
from haidang.core.database import Database
from haidang.core.ports.signing import SigningSubject
from haidang.core.ports.timestamps import TimestampAuthority
from haidang.core.settings import Platform
from haidang.core.testing.memory import MemoryRun, memory_database
from haidang.esign.ledger import MIGRATIONS, DocumentLedger
from haidang.esign.levels import Level
from haidang.esign.providers.assembler import Assembler
from haidang.esign.providers.checked_signer import CheckedSigner
from haidang.esign.providers.evidence import EvidenceSource
from haidang.esign.providers.settings import SoftwareKeySettings, TimestampSettings
from haidang.esign.providers.software_key import SoftwareKey
from haidang.esign.providers.tsa import HttpTimestampAuthority
from haidang.esign.signing import SigningOffice
from haidang.esign.values import DeclareRegistration, SignDocument
from haidang.esign.verification import VerificationSettings, open_verifier

PATIENCE_SECONDS = 20.0
NAMES = ("trust", "tsa")
LAN = SigningSubject("Hộ kinh doanh Nhà Gió Biển", "077185003461", "Nguyễn Thị Hạnh")


def free_port() -> int:
    """A loopback port nobody holds at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(state: Path, name: str, module: str, **extra: str) -> Iterator[subprocess.Popen[bytes]]:
    """The process *name* over *state*, ready."""
    ready = state / "run" / f"{name}.ready"
    ready.unlink(missing_ok=True)
    environment = {**os.environ, "HAIDANG_STATE": str(state), "HAIDANG_PROCESS": name, **extra}
    process = subprocess.Popen([sys.executable, "-m", module], env=environment)
    deadline = time.monotonic() + PATIENCE_SECONDS
    try:
        while not ready.exists():
            assert process.poll() is None, f"{module} ended with {process.returncode}"
            assert time.monotonic() < deadline, f"{module} never became ready"
            time.sleep(0.02)
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


@dataclass(frozen=True)
class Trust:
    """The running sandbox trust service and where everything about it lies."""

    state: Path
    addresses: dict[str, str]

    @property
    def place(self) -> Platform:
        return Platform(self.state, addresses=self.addresses)

    @property
    def url(self) -> str:
        return f"http://{self.addresses['trust']}"

    @property
    def tsa_url(self) -> str:
        return f"http://{self.addresses['tsa']}/"

    @property
    def hosts(self) -> frozenset[str]:
        return frozenset({self.addresses["trust"]})

    @property
    def root(self) -> Path:
        return self.state / "trust" / "public" / "root.pem"

    @property
    def environment(self) -> dict[str, str]:
        return {f"HAIDANG_ADDRESSES__{name.upper()}": at for name, at in self.addresses.items()}

    def signer(self, folder: Path, **changed: object) -> SoftwareKey:
        """A holder of keys in *folder*, certified here."""
        credentials = self.state / "trust" / "credentials.json"
        settings = SoftwareKeySettings(trust_url=self.url, credentials=credentials)
        return SoftwareKey(settings.model_copy(update=changed), folder, SystemClock())

    def authority(self) -> HttpTimestampAuthority:
        return HttpTimestampAuthority(TimestampSettings(url=self.tsa_url))


def a_trust(state: Path) -> Trust:
    """Addresses of a trust service over *state*, not started yet."""
    return Trust(state, {name: f"127.0.0.1:{free_port()}" for name in NAMES})


@contextmanager
def served(trust: Trust) -> Iterator[subprocess.Popen[bytes]]:
    """Run the sandbox trust service of *trust*."""
    module = "haidang.esign.sandbox_trust"
    with running(trust.state, "trust", module, **trust.environment) as process:
        yield process


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trust]:
    """A sandbox trust service and a verify worker, running."""
    found = a_trust(tmp_path_factory.mktemp("state"))
    with ExitStack() as stack:
        stack.enter_context(served(found))
        worker = running(found.state, "verify-worker", "haidang.esign.verify_worker")
        stack.enter_context(worker)
        yield found


@dataclass
class Office:
    """An office with its parts in reach."""

    office: SigningOffice
    database: Database
    folder: Path
    signer: SoftwareKey
    recorded: list[str | None] = field(default_factory=list)

    def run(self, operation: str = "1", **changed: object) -> MemoryRun:
        ours = hashlib.sha256(str(self.folder).encode()).hexdigest()[:28]
        name = f"operations/{ours}{operation:0>4}"
        now = changed.pop("now", datetime.now(UTC))
        return MemoryRun(self.database, operation=name, now=now, **changed)  # type: ignore[arg-type]


@asynccontextmanager
async def an_office(
    trust: Trust,
    folder: Path,
    *,
    tsa: TimestampAuthority | None = None,
    key_kind: str = "ec-p256",
) -> AsyncIterator[Office]:
    """An office over *folder*, certified and stamped by *trust*."""
    clock = SystemClock()
    database = await memory_database(folder, MIGRATIONS)
    documents = BlobFolder(folder / "documents")
    evidence = EvidenceSource(trust.hosts, clock)
    verifier = open_verifier(trust.place, VerificationSettings(), clock)
    signer = trust.signer(folder, key_kind=key_kind)
    office = SigningOffice(
        DocumentLedger(database),
        CheckedSigner(signer, evidence),
        Assembler(
            documents, tsa or trust.authority(), evidence, verifier, state=folder, clock=clock
        ),
        documents,
        verifier,
        clock,
        sandbox=True,
    )
    yield Office(office, database, folder, signer)
    await database.close()


def a_declaration(**changed: object) -> DeclareRegistration:
    """A declaration that can be typeset and signed."""
    declaration = DeclareRegistration(
        domain="nha-gio-bien.vn",
        unicode_domain="nha-gio-bien.vn",
        party=LAN,
        representative_title="Chủ hộ kinh doanh",
        address="27/4 đường Hải Đăng, Phường Vũng Tàu, TP. Hồ Chí Minh",
        email="chao@nha-gio-bien.vn",
        phone="+84901234567",
        registered_at=datetime(2026, 11, 23, 5, 0, tzinfo=UTC),
        expires_at=datetime(2027, 11, 23, 5, 0, tzinfo=UTC),
        level=Level.B_LT,
    )
    return replace(declaration, **changed)  # type: ignore[arg-type]


def a_signing(document: str, **changed: object) -> SignDocument:
    """A command to sign *document*."""
    return replace(SignDocument(document, Level.B_B, LAN, "Đồng ý"), **changed)  # type: ignore[arg-type]
