"""The examples' sites as the edge serves them, in a browser: what a customer meets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import SIZES, a_window, axe_faults, chromium, overflow, take_picture
from tests.journeys.house import House, example
from tests.journeys.test_go_online import EXAMPLES

pytestmark = [pytest.mark.slow, pytest.mark.judge("chromium"), pytest.mark.xdist_group("house")]

PICTURE_NAMES = {
    "homestay-gio-bien": "nha-gio-bien",
    "vuon-tieu-chau-duc": "tieu-dat-do",
    "quan-ben-ca": "quan-ben-ca",
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_customer_meets_no_barrier_and_nothing_too_wide(
    name: str, browser: Any, house: House
) -> None:
    outcome = house.run("go-online", str(example(name)), "--json")
    assert outcome.code == 0, outcome.err
    address = outcome.json["website"].rstrip("/")

    faults = []
    with a_window(browser, address, reduced_motion="reduce") as window:
        for path in ("/", "/en/"):
            for size, viewport in SIZES.items():
                window.page.set_viewport_size(viewport)
                window.go(path)
                window.page.evaluate("document.fonts.ready")
                faults += axe_faults(window.page)
                faults += [f"{path} is too wide at {size}"] if overflow(window.page) else []
                if path == "/":
                    take_picture(window.page, f"{PICTURE_NAMES[name]}-{size}", is_whole=False)

    assert faults == []
