"""The website service as real processes, for every test that calls it."""

from __future__ import annotations

import shutil
import socket
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from haidang.core.tenancy import TokenSigner

from tests.website_builder.served import (
    PATIENCE_SECONDS,
    SERVICE,
    WORKER,
    Client,
    Running,
)


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    state = Path(tempfile.mkdtemp(prefix="hd-"))
    (state / "public").mkdir()
    (state / "public/token.pem").write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found = Running(state, probe.getsockname()[1], TokenSigner(pem, "test"))
    found.start(*WORKER)
    found.start(*SERVICE)
    yield found
    for process in found.processes.values():
        process.terminate()
    for process in found.processes.values():
        assert process.wait(PATIENCE_SECONDS) == 0
    shutil.rmtree(state)


@pytest.fixture
async def client_of(running: Running) -> AsyncIterator[Callable[..., Client]]:
    made: list[Client] = []

    def make(tenant: str, *grants: str, audience: str = "websites") -> Client:
        made.append(Client(running, tenant, *(grants or ("websites.write",)), audience=audience))
        return made[-1]

    yield make
    for one in made:
        await one.channel.close()


@pytest.fixture
def tenant() -> str:
    return f"t{uuid.uuid4().hex[:8]}"


@pytest.fixture
def client(client_of: Callable[..., Client], tenant: str) -> Client:
    return client_of(tenant)


@pytest.fixture
def host() -> str:
    return f"nha-{uuid.uuid4().hex[:8]}.vn"
