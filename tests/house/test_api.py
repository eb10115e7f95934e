"""The committed contract is what `proto/` says."""

from __future__ import annotations

import subprocess
import sys

from tests.judges import PROJECT


def test_generated_code_is_what_is_committed() -> None:
    verdict = subprocess.run(
        [sys.executable, "proto/generate.py", "--check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )

    assert verdict.returncode == 0, verdict.stderr
