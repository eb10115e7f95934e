"""Killed anywhere, an operation goes on and each effect happens once: SQLite and PostgreSQL."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.database import sqlite_url
from haidang.core.operations.faults import FAILURES, KILLS

from tests.core.operations.outside import Outside
from tests.core.operations.shop import purchases
from tests.judges import PROJECT

POINTS = [f"shop.buy/1/{effect}:{point}" for effect in ("first", "second") for point in KILLS]
FAULTS = [f"shop.buy/1/{effect}:{point}" for effect in ("first", "second") for point in FAILURES]
REQUEST = "7b6f0a54-8d52-4b8e-9a52-6a3f4c1b2d10"


def a_life(
    state: Path,
    url: str,
    *requests: str,
    kill_at: str = "",
    moods: dict[str, list[str]] | None = None,
) -> subprocess.Popen[str]:
    environment = {
        **os.environ,
        "HAIDANG_KILL_AT": kill_at,
        "MOODS": json.dumps(moods or {}),
        "PYTHONPATH": str(PROJECT),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "tests.core.operations.worker", str(state), url, *requests],
        env=environment,
        cwd=PROJECT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def the_end_of(life: subprocess.Popen[str]) -> list[list[str]]:
    out, err = life.communicate(timeout=60)
    assert life.returncode == 0, err
    result: list[list[str]] = json.loads(out.splitlines()[-1])
    return result


def rows_in(url: str) -> int:
    engine = sa.create_engine(url.replace("+aiosqlite", ""))
    with engine.connect() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(purchases))
    engine.dispose()
    return int(count or 0)


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_operation_ends_with_each_effect_once(
    point: str, url: str, tmp_path: Path
) -> None:
    first = a_life(tmp_path, url, REQUEST, kill_at=point)
    first.communicate(timeout=60)
    assert first.returncode == -signal.SIGKILL

    ended = the_end_of(a_life(tmp_path, url, REQUEST, kill_at=point))

    assert ended == [["SUCCEEDED", "Bought(numbers=(1, 2), before=0)"]]
    assert Outside(tmp_path / "outside.sqlite").count() == 2
    assert rows_in(url) == 2


@pytest.mark.parametrize("point", FAULTS)
def test_a_failing_settle_or_provider_still_ends_with_each_effect_once(
    point: str, tmp_path: Path
) -> None:
    url = sqlite_url(tmp_path / "ledger.sqlite")

    ended = the_end_of(a_life(tmp_path, url, REQUEST, kill_at=point))

    assert ended == [["SUCCEEDED", "Bought(numbers=(1, 2), before=0)"]]
    assert Outside(tmp_path / "outside.sqlite").count() == 2
    assert rows_in(url) == 2


@pytest.mark.slow
def test_random_kills_never_double_an_effect(url: str, tmp_path: Path) -> None:
    random_ = random.Random(2026)
    requests = [str(uuid.UUID(int=n + 1)) for n in range(8)]
    for _ in range(6):
        life = a_life(tmp_path, url, *requests)
        time.sleep(1.0 + random_.random())
        life.kill()
        life.communicate()

    ended = the_end_of(a_life(tmp_path, url, *requests))

    assert {state for state, _ in ended} == {"SUCCEEDED"}
    assert Outside(tmp_path / "outside.sqlite").count() == 2 * len(requests)
    assert rows_in(url) == 2 * len(requests)
