"""The whole platform: start, memory, journeys, and a read through the whole house."""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from haidang.api.domains.v1 import domains_pb2, domains_pb2_grpc
from haidang.core.client import Haidang, channel

from benches.figures import Figure, at_most
from tests.journeys.house import House, a_business, a_house

JOURNEYS = 20
AT_ONCE = 4
READS = 1500
READ_ROUNDS = 5
KILOBYTE = 1024


def figures() -> list[Figure]:
    """Everything that needs a running platform."""
    with TemporaryDirectory() as folder:
        began = time.perf_counter()
        with a_house(Path(folder) / "state") as house:
            found = [
                at_most("start to ready of `haidang up`", time.perf_counter() - began, "s", 10)
            ]
            time.sleep(3)
            found += memory(house)
            found += journeys(house, Path(folder))
            found += asyncio.run(reads(house, Path(folder)))
        return found


def memory(house: House) -> list[Figure]:
    """Idle memory of all processes: proportional (shared pages counted once) and resident."""
    processes = house.run("status", "--json").json["processes"]
    supervisor = json.loads((house.state / "run/supervisor.json").read_text())["pid"]
    pids = [one["pid"] for one in processes if one["pid"]] + [supervisor]
    proportional = sum(_field(pid, "smaps_rollup", "Pss:") for pid in pids) / KILOBYTE
    resident = sum(_field(pid, "status", "VmRSS:") for pid in pids) / KILOBYTE
    return [
        at_most("idle memory of the platform (PSS)", proportional, "MB", 900),
        Figure("idle memory, resident sets summed", round(resident, 1), "MB"),
    ]


def _field(pid: int, file: str, name: str) -> int:
    for line in Path(f"/proc/{pid}/{file}").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def journeys(house: House, folder: Path) -> list[Figure]:
    """Journeys one after another, then some at once, through the command's own protocol."""
    seconds = []
    for number in range(JOURNEYS):
        outcome = house.run("go-online", str(a_business(folder, f"do-{number}.vn")), "--json")
        seconds.append(float(outcome.json["seconds"]))
    seconds.sort()
    began = time.perf_counter()
    files = [a_business(folder, f"cung-luc-{number}.vn") for number in range(JOURNEYS)]
    running = [_go_online(house, file) for file in files[:AT_ONCE]]
    waiting = files[AT_ONCE:]
    while running:
        running.pop(0).wait()
        if waiting:
            running.append(_go_online(house, waiting.pop(0)))
    passed = time.perf_counter() - began
    return [
        Figure("journey p50", round(statistics.median(seconds), 2), "s"),
        at_most("journey p95", seconds[int(len(seconds) * 0.95) - 1], "s", 3),
        Figure(f"journeys, {AT_ONCE} at once", round(JOURNEYS / passed, 2), "1/s"),
    ]


def _go_online(house: House, file: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "haidang.core.cli", "go-online", str(file)]
    return subprocess.Popen(
        [*command, "--state", str(house.state), "--json"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def reads(house: House, folder: Path) -> list[Figure]:
    """GetRegistration through the whole house, beside bare servicers."""
    ledger = house.state / "domains/ledger.sqlite"
    bare = subprocess.Popen(
        [sys.executable, "-m", "benches.bare", str(ledger)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    assert bare.stdout is not None
    address = bare.stdout.readline().strip()
    addresses = json.loads((house.state / "run/addresses.json").read_text())
    key = (house.state / "local-operator.key").read_text().strip()
    request = domains_pb2.GetRegistrationRequest(name="registrations/do-0.vn")
    echo = domains_pb2.GetZoneRequest(name="zones/do-0.vn")
    try:
        async with Haidang(addresses, key) as haidang, channel(address) as opened:
            stub = domains_pb2_grpc.DomainsServiceStub(opened)
            rates = [
                (
                    await _rate(lambda: haidang.domains.GetRegistration(request)),
                    await _rate(lambda: stub.GetRegistration(request)),
                    await _rate(lambda: stub.GetZone(echo)),
                )
                for _ in range(READ_ROUNDS)
            ]
    finally:
        bare.kill()
    return [
        _beside(rates, 1, "bare aio servicer, same SELECT", 0.7),
        _beside(rates, 2, "bare echo", 0),
    ]


def _beside(rates: list[tuple[float, float, float]], peer: int, name: str, goal: float) -> Figure:
    ratio = statistics.median(one[0] / one[peer] for one in rates)
    return Figure(
        "gRPC reads through the whole house",
        round(statistics.median(one[0] for one in rates), 1),
        "1/s",
        name,
        round(statistics.median(one[peer] for one in rates), 1),
        round(ratio, 2),
        f"≥ {goal}×" if goal else "",
        ratio >= goal if goal else None,
    )


async def _rate(call) -> float:  # type: ignore[no-untyped-def]
    for _ in range(50):
        await call()
    began = time.perf_counter()
    for _ in range(READS):
        await call()
    return READS / (time.perf_counter() - began)
