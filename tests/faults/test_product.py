"""Any process killed at every point of every effect: the full product runs in `make soak`."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import pytest
from haidang.core.operations.faults import KILLS

from tests.faults.test_kill_points import goes_online_through, recorded_by_one_journey
from tests.journeys.house import AT_ONCE, a_house, wait_until_ready

SHORT_FORM = 6


@pytest.mark.slow
@pytest.mark.xdist_group("kills-random")
def test_any_process_killed_at_any_point_of_any_effect(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    is_soak = request.config.getoption("--soak", default=False)
    with a_house(tmp_path / "state", **AT_ONCE) as house:
        effects = recorded_by_one_journey(house, tmp_path)
        names = [one["name"] for one in house.run("status", "--json").json["processes"]]
        combinations = list(product(names, effects, KILLS))
        # The short form walks through the product in long, even steps.
        wanted = combinations if is_soak else combinations[:: len(combinations) // SHORT_FORM]

        for number, (process, effect, point) in enumerate(wanted):
            fault = f"{effect}:{point}@{process}"
            goes_online_through(house, tmp_path, f"tich-{number}.vn", fault)
            wait_until_ready(house)
