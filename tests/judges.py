"""Independent judges: programs not ours. Absent, a test skips by name; CI requires them."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
PERL_MODULES = {"Net::EPP": "Net::EPP::Simple"}


def _is_present(name: str) -> str | None:
    if name in PERL_MODULES:
        perl = shutil.which("perl")
        if perl is None:
            return None
        probe = subprocess.run([perl, f"-M{PERL_MODULES[name]}", "-e1"], capture_output=True)
        return perl if probe.returncode == 0 else None
    return shutil.which(name)


def are_judges_required() -> bool:
    """Whether an absent judge fails the test instead of skipping it."""
    return os.environ.get("HAIDANG_JUDGES") == "required"


def judge(name: str) -> str:
    """The path of the judge called *name* ("pdfsig", "kdig", "Net::EPP" ...)."""
    found = _is_present(name)
    if found is None:
        message = f"judge {name} is not installed"
        if are_judges_required():
            pytest.fail(message)
        pytest.skip(message)
    return found


def module(name: str) -> Path:
    """A file of a judge that comes by npm ("axe-core/axe.min.js"); `npm ci` in tests/peers."""
    path = PROJECT / "tests/peers/node_modules" / name
    if not path.exists():
        message = f"judge {name} is not installed"
        if are_judges_required():
            pytest.fail(message)
        pytest.skip(message)
    return path


def corpora() -> Path:
    """The folder of third-party inputs, never copied into the project."""
    folder = Path(os.environ.get("HAIDANG_CORPORA") or PROJECT.parent / "shared/corpora")
    if not (folder / "manifest.json").is_file():
        pytest.skip("external corpora not found; set HAIDANG_CORPORA")
    return folder
