"""Killed at every point of every effect, in the process that owns it: each effect once."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from haidang.core.operations.faults import FAILURES, KILLS

from tests.journeys.house import AT_ONCE, House, a_business, a_house

ONCE = {
    "payment.authorize",
    "domain.create",
    "payment.capture",
    "zone.publish",
    "site.publish",
    "document.complete",
}


def recorded_by_one_journey(house: House, folder: Path) -> list[str]:
    outcome = house.run("go-online", str(a_business(folder, "mot-hanh-trinh.vn")), "--json")
    assert outcome.code == 0, outcome.err
    return house.recorded_effects()


def goes_online_through(house: House, folder: Path, domain: str, fault: str) -> None:
    """One journey with one fault: it ends online and every effect is there once."""
    before = Counter(line["effect"] for line in house.journal())
    carried_out = house.was_carried_out()
    house.demand_fault(fault)

    outcome = house.run("go-online", str(a_business(folder, domain)), "--json")

    assert outcome.code == 0, f"{fault}: {outcome.err}"
    assert outcome.json["declaration"]["indication"] == "TOTAL_PASSED", fault
    assert house.was_carried_out() == carried_out + 1, f"{fault} was never reached"
    assert Counter(house.effects_on(domain)) == Counter(ONCE), fault
    after = Counter(line["effect"] for line in house.journal())
    for effect in ("signature.create", "contact.create"):
        assert after[effect] == before[effect] + 1, f"{fault}: {effect}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "points",
    [
        pytest.param(KILLS[:2], id="before the act", marks=pytest.mark.xdist_group("kills-1")),
        pytest.param(
            (*KILLS[2:], *FAILURES), id="after the act", marks=pytest.mark.xdist_group("kills-2")
        ),
    ],
)
def test_every_point_of_every_recorded_effect_ends_online_with_each_effect_once(
    points: tuple[str, ...], tmp_path: Path
) -> None:
    with a_house(tmp_path / "state", **AT_ONCE) as house:
        effects = recorded_by_one_journey(house, tmp_path)
        assert len(effects) >= 16, effects

        for number, effect in enumerate(effects):
            for point in points:
                domain = f"thu-{number}-{point}.vn"
                goes_online_through(house, tmp_path, domain, f"{effect}:{point}")
