"""mypy sees every portion: an error planted in each one is found."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.judges import PROJECT


@pytest.mark.slow
@pytest.mark.parametrize(
    "portion",
    [
        "libs/core/src/haidang/core",
        "services/domains/src/haidang/domains",
        "services/website_builder/src/haidang/website_builder",
        "services/esign/src/haidang/esign",
        "services/portal/src/haidang/portal",
        "plugins/vouchers/src/haidang_vouchers",
    ],
)
def test_an_error_planted_in_a_portion_is_found(portion: str, tmp_path: Path) -> None:
    planted = tmp_path / portion / "planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text('"""Planted."""\n\nnumber: int = "not a number"\n')
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)

    verdict = subprocess.run(
        [sys.executable, "-m", "mypy", "--cache-dir", str(tmp_path / "cache"), portion],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )

    assert "planted.py" in verdict.stdout
    assert verdict.returncode == 1
