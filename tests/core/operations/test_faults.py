"""Faults on demand: once, only where wanted, never outside a sandbox."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from haidang.core.operations.faults import NoFaults, faults_from

AT = "shop.buy/1/first:settle-fails"


def test_a_failure_comes_once_at_its_point(tmp_path: Path) -> None:
    faults = faults_from(AT, sandbox=True, state=tmp_path)

    faults.pass_point("shop.buy/1", "second", "settle-fails")
    with pytest.raises(RuntimeError):
        faults.pass_point("shop.buy/1", "first", "settle-fails")
    faults.pass_point("shop.buy/1", "first", "settle-fails")


def test_a_line_in_the_state_folder_is_obeyed_by_a_running_platform(tmp_path: Path) -> None:
    faults = faults_from("", sandbox=True, state=tmp_path)
    (tmp_path / "faults").mkdir()
    (tmp_path / "faults/at").write_text(AT + "\n")

    with pytest.raises(RuntimeError):
        faults.pass_point("shop.buy/1", "first", "settle-fails")


def test_another_process_can_be_named(tmp_path: Path) -> None:
    victim = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (tmp_path / "run").mkdir()
    (tmp_path / "run/bank.ready").write_text(json.dumps({"pid": victim.pid}))
    faults = faults_from("shop.buy/1/first:before-act@bank", sandbox=True, state=tmp_path)

    faults.pass_point("shop.buy/1", "first", "before-act")

    assert victim.wait(10) == -9


def test_there_are_no_faults_outside_a_sandbox(tmp_path: Path) -> None:
    assert isinstance(faults_from(AT, sandbox=False, state=tmp_path), NoFaults)
