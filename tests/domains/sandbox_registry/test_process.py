"""The sandbox registry as the process it is: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from haidang.core.clock import SystemClock
from haidang.core.errors import Unavailable
from haidang.domains.providers.epp_registry import EppRegistry, build
from haidang.domains.providers.epp_settings import EppSettings

from tests.domains.sandbox_house import a_contact, a_creation, find_then_act

MODULE = "haidang.domains.sandbox_registry"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def running(
    state: Path, port: int, **extra: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    environment = {
        **os.environ,
        "HAIDANG_STATE": str(state),
        "HAIDANG_PROCESS": "registry",
        "HAIDANG_ADDRESSES__EPP": f"127.0.0.1:{port}",
        **extra,
    }
    ready = state / "run" / "registry.ready"
    ready.unlink(missing_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", MODULE, env=environment, stderr=asyncio.subprocess.PIPE
    )
    for _ in range(200):
        if ready.exists() or process.returncode is not None:
            break
        await asyncio.sleep(0.05)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await process.communicate()


def a_client(state: Path, port: int) -> EppRegistry:
    settings = EppSettings(
        address=f"127.0.0.1:{port}",
        server_name="localhost",
        ca_file=str(state / "registry" / "tls" / "ca.pem"),
        credentials_file=str(state / "registry" / "credentials.json"),
    )
    return build(settings, SystemClock())


async def test_it_announces_itself_serves_and_ends_on_request(tmp_path: Path) -> None:
    port = free_port()
    async with running(tmp_path, port) as process:
        client = a_client(tmp_path, port)
        assert await client.info("bienxanh.vn") is None
        await client.close()

        process.send_signal(signal.SIGTERM)
        _, err = await asyncio.wait_for(process.communicate(), 10)

        assert process.returncode == 0, err.decode()


async def test_what_it_answered_survives_its_sudden_death(tmp_path: Path) -> None:
    port = free_port()
    contact, creation = a_contact(), a_creation()
    async with running(tmp_path, port) as process:
        client = a_client(tmp_path, port)
        await client.create_contact(contact, "o/1/contact")
        receipt = await client.create(creation, "o/1/create")
        process.kill()
        await process.wait()
        await client.close()

    async with running(tmp_path, port):
        client = a_client(tmp_path, port)
        again = await find_then_act(client.find_creation, client.create, creation, "o/1/create")
        await client.close()

    assert again == receipt


async def test_it_refuses_to_run_where_nothing_is_sandbox(tmp_path: Path) -> None:
    async with running(tmp_path, free_port(), HAIDANG_SANDBOX="0") as process:
        _, err = await process.communicate()

        assert process.returncode == 1
        assert b"sandbox platform only" in err


async def test_a_second_one_on_the_same_folder_is_refused(tmp_path: Path) -> None:
    async with running(tmp_path, free_port()):
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE),
            env={
                **os.environ,
                "HAIDANG_STATE": str(tmp_path),
                "HAIDANG_ADDRESSES__EPP": f"127.0.0.1:{free_port()}",
            },
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await second.communicate()

        assert second.returncode != 0
        assert b"STATE_IN_USE" in err


async def test_faults_and_clock_are_set_from_the_environment(tmp_path: Path) -> None:
    port = free_port()
    faults = '[{"verb": "domain.check", "when": "code-2400"}]'
    extra = {"HAIDANG_REGISTRY__FAULTS": faults, "HAIDANG_REGISTRY__CLOCK_OFFSET_DAYS": "400"}
    async with running(tmp_path, port, **extra):
        client = a_client(tmp_path, port)
        with pytest.raises(Unavailable) as failure:
            await client.check(["bienxanh.vn"])
        assert failure.value.reason == "REGISTRY_READ_FAILED"
        assert (await client.check(["bienxanh.vn"]))[0].name == "bienxanh.vn"
        assert client._session.registry_ahead.days in {399, 400}
        await client.close()


async def test_it_stays_small(tmp_path: Path) -> None:
    port = free_port()
    async with running(tmp_path, port) as process:
        client = a_client(tmp_path, port)
        await client.check(["bienxanh.vn"])
        await client.close()
        imported = Path(f"/proc/{process.pid}/maps").read_text()

        assert "grpc" not in imported
        assert "sqlalchemy" not in imported
