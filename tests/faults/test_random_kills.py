"""Any process killed at any moment: every journey ends online, each effect once."""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.test_kill_points import ONCE
from tests.journeys.house import AT_ONCE, House, Outcome, a_business, a_house

SHORT_KILLS, LONG_KILLS = 8, 300
JOURNEYS_AT_ONCE = 3


class Travellers:
    """Keeps journeys going, a few at a time, until told to stop."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house, self.folder = house, folder
        self.stopping = threading.Event()
        self.outcomes: dict[str, Outcome] = {}
        self.threads = [
            threading.Thread(target=self.travel, args=(n,)) for n in range(JOURNEYS_AT_ONCE)
        ]

    def travel(self, lane: int) -> None:
        number = 0
        while not self.stopping.is_set():
            domain = f"nguoi-{lane}-{number}.vn"
            file = a_business(self.folder, domain)
            self.outcomes[domain] = self.house.run("go-online", str(file), "--json", timeout=400)
            number += 1

    def __enter__(self) -> Travellers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def a_random_process(house: House, chance: random.Random) -> int | None:
    processes = house.run("status", "--json").json["processes"]
    alive = [one["pid"] for one in processes if one["pid"]]
    return chance.choice(alive) if alive else None


@pytest.mark.slow
@pytest.mark.xdist_group("kills-random")
def test_random_kills_of_any_process_never_lose_or_double_an_effect(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = LONG_KILLS if request.config.getoption("--soak", default=False) else SHORT_KILLS
    chance = random.Random(2026)
    with a_house(tmp_path / "state", **AT_ONCE) as house:
        with Travellers(house, tmp_path) as travellers:
            for _ in range(kills):
                time.sleep(0.5 + 2 * chance.random())
                pid = a_random_process(house, chance)
                if pid is not None:
                    os.kill(pid, signal.SIGKILL)
        journal = house.journal()

    failed = {domain: o.err[-400:] for domain, o in travellers.outcomes.items() if o.code != 0}
    assert failed == {}
    for domain in travellers.outcomes:
        found = Counter(line["effect"] for line in journal if line["domain"] == domain)
        assert found == Counter(ONCE), domain
