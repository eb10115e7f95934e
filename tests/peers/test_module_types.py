"""The site's one module is typed by JSDoc, and a type checker that is not ours agrees."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.judges import PROJECT, judge, module

STATIC = PROJECT / "services/portal/src/haidang/portal/web/static"
OPTIONS = ("--checkJs", "--noEmit", "--strict", "--target", "es2022", "--module", "esnext")
LIBRARIES = ("--lib", "es2022,dom,dom.iterable,dom.asynciterable")


def verdict(*files: Path) -> str:
    command = [judge("node"), str(module("typescript/lib/tsc.js")), *OPTIONS, *LIBRARIES]
    found = subprocess.run(
        [*command, *map(str, files)], capture_output=True, text=True, timeout=120, cwd=PROJECT
    )
    return found.stdout + found.stderr


def test_the_module_has_no_type_error() -> None:
    assert verdict(*sorted(STATIC.glob("*.js"))) == ""


def test_the_checker_finds_a_planted_error(tmp_path: Path) -> None:
    planted = tmp_path / "planted.js"
    planted.write_text("/** @type {number} */\nconst n = document.title;\n")

    assert "TS2322" in verdict(planted)
