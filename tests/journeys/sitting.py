"""One sitting in a browser: what an owner taps, from the front page to the ending page."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.browsing import Window
from tests.judges import PROJECT

PASSWORD = "ghe thung nuoc mam 7"
LONGEST_WAIT_MS = 60_000
PICTURES = PROJECT / "examples/pictures"


@dataclass(frozen=True)
class Owner:
    """An owner as they would describe themselves, and what they want."""

    name: str = "Nguyễn Thị Lan"
    identifier: str = "0901 234 567"
    sign_name: str = "Bánh mì Lan"
    kind: str = "restaurant"
    tax_code: str = "0300588569"
    wish: str = ""
    pack: str = ""
    photos: tuple[Path, ...] = ()


def an_owner(number: int, **changes: Any) -> Owner:
    """An owner like no other: *number* makes the identifier and the wished name their own."""
    identifier, wish = f"09012{number:05}", f"banh-mi-lan-{number}.vn"
    return replace(Owner(identifier=identifier, wish=wish), **changes)


def press(page: Any) -> None:
    """Tap the one lit thing, and wait for the page it leads to."""
    with page.expect_navigation():
        page.locator("main .lamp").first.click()


def sign_up(window: Window, owner: Owner) -> None:
    """From the front page to the first question of the wizard."""
    page = window.page
    window.go("/")
    press(page)
    page.fill("#name", owner.name)
    page.fill("#identifier", owner.identifier)
    page.fill("#password", PASSWORD)
    press(page)
    assert page.locator(".codes li").count() == 10
    press(page)
    assert page.url.startswith(window.origin + "/bat-dau")


def answer_questions(page: Any, owner: Owner) -> None:
    """The three short screens about the business."""
    page.fill("#sign_name", owner.sign_name)
    page.check(f"input[name=kind][value={owner.kind}]")
    page.check("input[name=holder][value=HOUSEHOLD]")
    press(page)
    page.fill("#legal_name", f"Hộ kinh doanh {owner.sign_name}")
    page.fill("#tax_code", owner.tax_code)
    page.fill("#representative_name", owner.name)
    press(page)
    page.fill("#street", "12 đường Ba Cu")
    page.fill("#commune", "Phường Vũng Tàu")
    page.select_option("#province", "TP. Hồ Chí Minh")
    page.fill("#phone", "0901 234 567")
    page.fill("#email", "lan@example.vn")
    press(page)


def choose_name(page: Any, owner: Owner) -> str:
    """Take the wished name, or the first free one; the name taken."""
    if owner.wish:
        page.fill("#wish", owner.wish)
        page.locator("form.search button").click()
        page.wait_for_selector(f"input[name=domain][value='{owner.wish}']")
    free = "input[name=domain]:not([disabled])"
    wanted = f"input[name=domain][value='{owner.wish}']" if owner.wish else free
    page.wait_for_selector(free)
    page.locator(wanted).first.check()
    chosen: str = page.locator("input[name=domain]:checked").get_attribute("value")
    press(page)
    return chosen


def choose_pack(page: Any, owner: Owner) -> None:
    """Photos, then a pack."""
    for photo in owner.photos:
        with page.expect_navigation():
            page.set_input_files("#photo-file", photo)
    if owner.pack:
        page.check(f"input[name=pack][value='packs/{owner.pack}']")
    press(page)


def review_and_go(page: Any) -> str:
    """Give every consent and tap the button that names the act; the journey's address."""
    for box in page.locator(".consents input[type=checkbox]").all():
        box.check()
    press(page)
    page.wait_for_url(re.compile("/hanh-trinh/"), timeout=LONGEST_WAIT_MS)
    return str(page.url).split("?")[0]


def wait_until_online(page: Any) -> None:
    """Wait for the ending page."""
    page.wait_for_selector(".arrival", timeout=LONGEST_WAIT_MS)


def go_online(window: Window, owner: Owner) -> str:
    """The whole sitting; the name that is online."""
    sign_up(window, owner)
    answer_questions(window.page, owner)
    domain = choose_name(window.page, owner)
    choose_pack(window.page, owner)
    review_and_go(window.page)
    wait_until_online(window.page)
    return domain
