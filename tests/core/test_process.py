"""One process's life: ready, alone in its folder, stopped when asked, gone with its parent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from haidang.core.addresses import allocate
from haidang.core.client import channel, error_from
from haidang.core.clock import SystemClock
from haidang.core.errors import Conflict
from haidang.core.process import hold
from haidang.core.testing.processes import ModuleProcess, eventually

from tests.core.doors import PUBLIC_KEY, SERVICE, a_token, bearing

NAME = "lives"


def a_life(state: Path, what: str) -> ModuleProcess:
    return ModuleProcess("tests.core.lives", state, NAME, what)


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(Path(__file__).parent.parent.parent)  # where `-m tests.core.lives` is found
    return tmp_path


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


async def test_a_process_announces_itself_and_ends_when_asked(state: Path) -> None:
    async with a_life(state, "waits") as life:
        announced = await life.wait_ready()
        left_over = list((state / "run").glob("*.new"))
        code = await life.end()

    assert announced == {"pid": life.pid, "colour": "blue"}
    assert left_over == []
    assert code == 0
    goodbye = json.loads(life.text.splitlines()[-1])
    assert (goodbye["event"], goodbye["process"], goodbye["phone"]) == ("goodbye", NAME, "***")


async def test_an_error_of_the_vocabulary_ends_it_with_a_sentence(state: Path) -> None:
    async with a_life(state, "refuses") as life:
        code = await life.wait()

    assert code == 1
    assert "Not today, lan." in life.text
    assert "Traceback" not in life.text


async def test_a_defect_ends_it_with_a_traceback(state: Path) -> None:
    async with a_life(state, "breaks") as life:
        code = await life.wait()

    assert code == 1
    assert "ZeroDivisionError" in life.text


async def test_a_folder_has_one_holder_and_is_free_after_a_power_cut(state: Path) -> None:
    async with a_life(state, "holds") as life:
        await life.wait_ready()
        with pytest.raises(Conflict) as refused:
            hold(state / "kept")
        assert refused.value.facts == {"folder": "kept", "pid": str(life.pid)}

        await life.kill()
        hold(state / "kept")

    with pytest.raises(Conflict) as again:
        hold(state / "kept")
    assert again.value.facts["pid"] == str(os.getpid())
    assert "STATE_IN_USE" in str(again.value)


async def test_a_held_folder_is_private(state: Path) -> None:
    hold(state / "fresh")

    assert (state / "fresh").stat().st_mode & 0o777 == 0o700
    assert (state / "fresh" / "lock").stat().st_mode & 0o777 == 0o600


async def test_a_child_does_not_outlive_its_parent(state: Path) -> None:
    async with a_life(state, "parents") as life:
        child = (await life.wait_ready())["child"]
        assert isinstance(child, int)
        assert is_alive(child)

        await life.kill()
        await eventually(lambda: not is_alive(child), what="the child's end", seconds=10)


async def a_service(state: Path) -> str:
    """The address a service will have; tokens verify by the key of these tests."""
    (state / "run").mkdir()
    (state / "public").mkdir()
    (state / "public" / "token.pem").write_bytes(PUBLIC_KEY)
    return allocate(state, ["echo"])["echo"]


async def test_a_service_drains_what_is_under_way_and_takes_nothing_new(state: Path) -> None:
    address = await a_service(state)
    token = a_token(at=SystemClock().now())
    async with a_life(state, "serves") as life, channel(address, bearing(token)) as opened:
        await life.wait_ready()
        method = opened.unary_unary(f"/{SERVICE}/unary_unary")
        under_way = asyncio.ensure_future(method(b""))
        await eventually((state / "entered").exists, what="the call")
        os.kill(life.pid, signal.SIGTERM)
        await eventually_refused(address)
        (state / "go").touch()

        assert await under_way == b"done"
        assert await life.wait() == 0
    assert (state / "drained").exists()
    served = json.loads(life.text.splitlines()[-1])
    assert f"/{SERVICE}/unary_unary OK 1" in served["calls"]


async def eventually_refused(address: str) -> None:
    """Wait until a new caller is turned away, as one that was never sent."""
    async with asyncio.timeout(5):
        while True:
            async with channel(address) as fresh:
                try:
                    await fresh.unary_unary(f"/{SERVICE}/unary_unary")(b"", timeout=1)
                except grpc.aio.AioRpcError as failure:
                    if failure.code() is grpc.StatusCode.UNAVAILABLE:
                        return
            await asyncio.sleep(0.02)


async def test_a_service_waits_for_the_key_and_then_reports_health(state: Path) -> None:
    address = await a_service(state)
    key = state / "public" / "token.pem"
    key.rename(key.with_suffix(".later"))
    async with a_life(state, "serves") as life, grpc.aio.insecure_channel(address) as bare:
        key.with_suffix(".later").rename(key)
        await life.wait_ready()
        health = health_pb2_grpc.HealthStub(bare)
        for service in ("", SERVICE):
            answer = await health.Check(health_pb2.HealthCheckRequest(service=service))
            assert answer.status == health_pb2.HealthCheckResponse.SERVING

        assert await life.end() == 0


async def test_a_service_whose_address_is_taken_says_so(state: Path) -> None:
    address = await a_service(state)
    stranger = grpc.aio.server()
    stranger.add_insecure_port(address)
    await stranger.start()
    async with a_life(state, "serves") as life:
        code = await life.wait()
    await stranger.stop(0)

    assert code == 1
    assert "ADDRESS_IN_USE" in life.text
    assert "Traceback" not in life.text


async def test_a_call_to_a_service_that_is_gone_was_never_sent(state: Path) -> None:
    address = await a_service(state)
    async with channel(address) as opened:
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await opened.unary_unary(f"/{SERVICE}/unary_unary")(b"", timeout=2)

    assert error_from(failed.value).reason == "SERVICE_UNREACHABLE"
