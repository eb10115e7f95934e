"""The page on writing a plugin works: its blocks are run in order, from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.judges import PROJECT

PAGE = PROJECT / "docs" / "how-to" / "write-a-plugin.md"
BLOCK = re.compile(r"^```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<text>.*?)^```$", re.M | re.S)
COMMANDS = {"pip": "pip", "haidang": "haidang.core.cli", "python": ""}

CHOOSE = """
from pathlib import Path

from haidang.core.clock import SystemClock
from haidang.core.offers import BuildContext
from haidang.core.plugins import load_plugins
from haidang.core.ports.payment import PaymentProvider
from haidang.core.settings import load
from haidang.portal.settings import PortalSettings

settings = load(PortalSettings, "portal", file=Path(".haidang/haidang.toml"))
hook, context = "register_payment_providers", BuildContext(Path("."), SystemClock())
chosen = settings.payment_provider, dict(settings.payment)
load_plugins().choose(hook, PaymentProvider, *chosen, context)
print(Path("effects-fund.sqlite").is_file())
"""
"""What the portal does at its start with the page's configuration."""

pytestmark = pytest.mark.slow


@dataclass
class Reader:
    """Somebody who follows the page in *folder*, with an environment of their own.

    It sees what is installed here; what they install stays theirs.
    """

    folder: Path
    tools: Path
    said: str = ""
    transcript: str = ""

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, commands: str) -> None:
        """Run *commands* where the last ones left off."""
        stands = self.tools / "stands"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith("HAIDANG_")
        }
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{commands}\npwd > {stands}"],
            cwd=self.folder,
            env={**environment, "PATH": f"{self.tools}:{environment['PATH']}"},
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        self.folder, self.said = Path(stands.read_text().strip()), done.stdout
        self.transcript += done.stdout


def a_reader(folder: Path) -> Reader:
    """An environment of its own beside ours, which it also sees; no network is asked."""
    home, tools = folder / "environment", folder / "tools"
    venv.create(home, with_pip=False, symlinks=True)
    ours = sysconfig.get_paths()["purelib"]
    theirs = next(home.glob("lib/python*/site-packages"))
    (theirs / "ours.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
    tools.mkdir()
    for name, module in COMMANDS.items():
        run = f"-m {module}" if module else ""
        (tools / name).write_text(f'#!/bin/sh\nexec {home}/bin/python {run} "$@"\n')
        (tools / name).chmod(0o755)
    (folder / "empty").mkdir()
    return Reader(folder / "empty", tools)


def test_whoever_follows_the_page_has_a_plugin_that_passes_its_suite(tmp_path: Path) -> None:
    reader = a_reader(tmp_path)
    followed = []

    for block in BLOCK.finditer(PAGE.read_text()):
        kind, file, text = block["kind"], block["file"], block["text"]
        if kind == "sh":
            reader.run(text)
        elif kind == "text":
            said = {" ".join(line.split()) for line in reader.said.splitlines()}
            assert {" ".join(line.split()) for line in text.splitlines()} <= said
        else:
            assert file, f"a block of {kind} says in which file it stands"
            reader.write(file, text)
        followed.append(kind)

    assert followed.count("python") >= 6
    assert re.search(r"\b\d\d passed", reader.transcript)
    assert "failed" not in reader.transcript
    reader.write("choose.py", CHOOSE)
    reader.run("python choose.py")
    assert reader.said == "True\n"


def test_the_reader_used_our_python_and_left_ours_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "list"], capture_output=True, text=True, check=True
    )

    assert "haidang-core" in done.stdout
    assert "haidang-fund" not in done.stdout
