"""A whole platform for tests: started as an operator starts it, used by its own command."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from haidang.core.cli import journal

from tests.judges import PROJECT

READY_SECONDS = 90
AT_ONCE = {"HAIDANG_SUPERVISOR__LONGEST_PAUSE_SECONDS": "0.2"}
"""For a house whose processes are killed again and again, and not for a fault of theirs."""
COMMAND = [sys.executable, "-m", "haidang.core.cli"]


@dataclass
class Outcome:
    """What a command ended with."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The last line of its output."""
        found: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return found


class House:
    """A running platform over *state*."""

    def __init__(self, state: Path) -> None:
        self.state = state

    def run(self, *arguments: str, timeout: float = 120) -> Outcome:
        """Run one `haidang` command to its end."""
        done = subprocess.run(
            [*COMMAND, *arguments, "--state", str(self.state)],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def address(self, name: str) -> str:
        """host:port of *name*."""
        found: str = json.loads((self.state / "run/addresses.json").read_text())[name]
        return found

    def port(self, name: str) -> str:
        return self.address(name).rpartition(":")[2]

    def journal(self) -> list[dict[str, str]]:
        """Every effect the foreign parties say they executed."""
        return sorted(journal(self.state), key=lambda line: line["at"])

    def effects_on(self, domain: str) -> list[str]:
        """The journal's effects on one domain, in order."""
        return [line["effect"] for line in self.journal() if line["domain"] == domain]

    def recorded_effects(self) -> list[str]:
        """Every "<operation kind>/<effect>" the services' own ledgers recorded."""
        found = set()
        for service in ("portal", "domains", "websites", "esign"):
            path = self.state / service / "ledger.sqlite"
            with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as ledger:
                rows = ledger.execute(
                    "SELECT o.kind, e.name FROM effect e JOIN operation o ON o.name = e.operation"
                )
                found |= {f"{kind}/{name}" for kind, name in rows}
            ledger.close()
        return sorted(found)

    def demand_fault(self, at: str) -> None:
        """Ask for one fault at one point."""
        folder = self.state / "faults"
        folder.mkdir(exist_ok=True)
        with (folder / "at").open("a") as file:
            file.write(at + "\n")

    def was_carried_out(self) -> int:
        """How many faults were carried out so far."""
        return len(list((self.state / "faults").glob("done-*")))


@contextmanager
def a_house(state: Path, **environment: str) -> Iterator[House]:
    """A platform started by `haidang up`, stopped at the end."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "up.log").open("w") as log:
        up = subprocess.Popen(
            [*COMMAND, "up", "--state", str(state)],
            cwd=PROJECT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
        )
    house = House(state)
    try:
        wait_until_ready(house, up)
        yield house
    finally:
        up.send_signal(signal.SIGTERM)
        up.wait(30)


def wait_until_ready(house: House, up: subprocess.Popen[bytes] | None = None) -> None:
    """Wait for `haidang status` to say ready."""
    deadline = time.monotonic() + READY_SECONDS
    while house.run("status", "--json").code != 0:
        assert up is None or up.poll() is None, (house.state / "up.log").read_text()
        assert time.monotonic() < deadline, (house.state / "up.log").read_text()
        time.sleep(0.3)


def example(name: str) -> Path:
    """A committed example."""
    return PROJECT / "examples" / f"{name}.yaml"


def a_business(folder: Path, domain: str, **changes: object) -> Path:
    """A small valid business file; *changes* replace top-level entries."""
    registrant = {
        "kind": "KIND_HOUSEHOLD",
        "name": "Hộ kinh doanh Thử",
        "tax_code": "0300588569",
        "email": "thu@example.vn",
        "phone": "0901234567",
        "representative_name": "Nguyễn Văn Thử",
        "address": {
            "street": "1 Lê Lợi",
            "commune": "Phường Vũng Tàu",
            "province": "TP. Hồ Chí Minh",
        },
    }
    business = {
        "name": "Quán Thử",
        "tax_code": "0300588569",
        "street": "1 Lê Lợi",
        "commune": "Phường Vũng Tàu",
        "province": "TP. Hồ Chí Minh",
        "phone": "+84901234567",
        "email": "thu@example.vn",
        "representative_name": "Nguyễn Văn Thử",
        "representative_title": "Chủ hộ",
        "registration_number": "41A8012345",
        "registration_on": "2024-03-18",
        "registration_office": "UBND Phường Vũng Tàu",
    }
    sections = [
        {"id": "mo-dau", "type": "hero", "data": {}},
        {"id": "chan-trang", "type": "legal-footer", "data": {}},
    ]
    website = {
        "pack": "packs/vn.homestay.bien",
        "locales": ["vi"],
        "business": business,
        "content": {
            "site": {"kind": "homestay", "summary": {"vi": "Phòng nhỏ gần biển."}},
            "pages": [{"path": "/", "title": {"vi": "Quán Thử"}, "sections": sections}],
        },
    }
    content = {
        "domain": domain,
        "years": 1,
        "accepted_total_dong": 900000,
        "registrant": registrant,
        "website": website,
        **changes,
    }
    path = folder / f"{domain}.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True))
    return path
