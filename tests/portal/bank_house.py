"""The sandbox bank as a process of its own, and a wire to it that can be cut.

`bank` is a fixture for modules whose event loop is the module's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from haidang.core.testing.processes import ModuleProcess
from haidang.portal.providers.bank import Bank
from haidang.portal.providers.settings import BankSettings

from tests.esign.house import free_port


class Wire:
    """Carries bytes to the bank and back; while `is_cut`, no answer comes back."""

    def __init__(self, far: int) -> None:
        self._far = far
        self.port = free_port()
        self.is_cut = False

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        back, there = await asyncio.open_connection("127.0.0.1", self._far)
        out = asyncio.create_task(self._pump(reader, there))
        while (chunk := await back.read(65536)) and not self.is_cut:
            writer.write(chunk)
        writer.transport.abort()
        there.transport.abort()
        await out

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while chunk := await reader.read(65536):
                writer.write(chunk)
        except ConnectionError:  # the other end was aborted
            return


@dataclass
class BankHouse:
    """A running bank over *state*."""

    state: Path
    port: int
    wire: Wire
    process: ModuleProcess

    @property
    def store(self) -> Path:
        """The bank's own file."""
        return self.state / "bank" / "store.sqlite"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def secret(self) -> str:
        known = json.loads((self.state / "bank" / "credentials.json").read_text())
        return str(known["secret"])

    def client(self, *, port: int | None = None) -> Bank:
        """Our provider, over the wire that can be cut."""
        return Bank(
            BankSettings(
                url=f"http://127.0.0.1:{port or self.wire.port}",
                credentials=self.state / "bank" / "credentials.json",
            )
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def bank(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[BankHouse]:
    """One bank for the module: every case has keys of its own."""
    state, port = tmp_path_factory.mktemp("state"), free_port()
    at = {"HAIDANG_ADDRESSES__BANK": f"127.0.0.1:{port}"}
    wire = Wire(port)
    async with ModuleProcess(
        "haidang.portal.sandbox_bank", state, "bank", environment=at
    ) as process:
        await process.wait_ready()
        async with await asyncio.start_server(wire.carry, "127.0.0.1", wire.port):
            yield BankHouse(state, port, wire, process)
