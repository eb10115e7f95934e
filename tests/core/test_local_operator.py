"""Whoever works on this machine finds the platform, or is told how to start it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from haidang.core.client import Haidang
from haidang.core.errors import Absent
from haidang.core.local_operator import ensure_local_operator, local_addresses

NAMES = ("journeys", "domains", "websites", "esign")


def a_platform(state: Path) -> Path:
    (state / "run").mkdir()
    found = dict.fromkeys(NAMES, "127.0.0.1:1")
    (state / "run/addresses.json").write_text(json.dumps(found))
    return state


async def test_a_client_finds_the_platform_over_a_folder(tmp_path: Path) -> None:
    ensure_local_operator(a_platform(tmp_path))

    assert local_addresses(tmp_path)["esign"] == "127.0.0.1:1"
    async with Haidang.on_this_machine(tmp_path):
        pass


async def test_a_key_of_ones_own_needs_no_operators_key(tmp_path: Path) -> None:
    async with Haidang.on_this_machine(a_platform(tmp_path), "hd_live_a_key"):
        pass


@pytest.mark.parametrize("addresses", [None, "", "{"])
def test_where_nothing_runs_it_is_said_how_to_start(tmp_path: Path, addresses: str | None) -> None:
    if addresses is not None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run/addresses.json").write_text(addresses)

    with pytest.raises(Absent) as refusal:
        Haidang.on_this_machine(tmp_path)

    assert refusal.value.reason == "PLATFORM_NOT_RUNNING"


def test_a_machine_without_an_operators_key_asks_for_one(tmp_path: Path) -> None:
    with pytest.raises(Absent):
        Haidang.on_this_machine(a_platform(tmp_path))
