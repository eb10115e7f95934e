"""An owner goes online, sees what is held, and leaves: nothing of theirs is left on the disk."""

from __future__ import annotations

import json
import sqlite3
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from haidang.core.operations.codec import Seal

from tests.browsing import PHONE, a_window, chromium
from tests.journeys import sitting
from tests.journeys.house import House, a_house
from tests.journeys.sitting import an_owner

pytestmark = pytest.mark.slow

WHO = "Trần Thị Ngọc Ánh"
PERSONAL = (WHO, "+84987654321", "0987654321", "ngoc.anh@roi-di.example", "77 Hẻm Gió Chướng")
OTHERS = ("registry", "trust", "bank")
"""Foreign parties keep their part under rules of their own."""
KEPT_BY_LAW = Path("domains/ledger.sqlite")
"""The holder's details, for as long as the name is held."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("leaving") / "state") as running:
        yield running


def test_whoever_leaves_is_forgotten_but_for_what_the_law_keeps(house: House) -> None:
    owner = an_owner(77, name=WHO, sign_name="Tiệm Ngọc Ánh", identifier="0987 654 321")
    with chromium() as browser, a_window(browser, origin(house), viewport=PHONE) as window:
        domain = online(window, owner)
        sealed = sealed_values(house)
        before = held_in(house)
        leave(window, WHO)
        farewell = window.page.inner_text("main")
        window.page.goto(f"{origin(house)}/trang-chu")
        assert "/dang-nhap" in window.page.url

    assert before > {KEPT_BY_LAW}  # what is looked for was there to be found
    assert "Đã xóa xong" in farewell
    assert "Luật buộc giữ lại" in farewell
    assert "Nghị định 147/2024/NĐ-CP" in farewell
    assert held_in(house) == {KEPT_BY_LAW}
    assert status_of_site(house, domain) == 404
    assert all(key is None for key in seal_keys(house, sealed))
    assert not opened_by_any_key(house, sealed)


def origin(house: House) -> str:
    return f"http://localhost:{house.port('portal')}"


def online(window: Any, owner: sitting.Owner) -> str:
    """The whole sitting with this owner's own telephone and address."""
    page = window.page
    sitting.sign_up(window, owner)
    page.fill("#sign_name", owner.sign_name)
    page.check("input[name=kind][value=restaurant]")
    page.check("input[name=holder][value=HOUSEHOLD]")
    sitting.press(page)
    page.fill("#legal_name", f"Hộ kinh doanh {WHO}")
    page.fill("#tax_code", owner.tax_code)
    page.fill("#representative_name", WHO)
    sitting.press(page)
    page.fill("#street", PERSONAL[4])
    page.fill("#commune", "Phường Vũng Tàu")
    page.select_option("#province", "TP. Hồ Chí Minh")
    page.fill("#phone", "0987 654 321")
    page.fill("#email", PERSONAL[3])
    sitting.press(page)
    domain = sitting.choose_name(page, owner)
    sitting.choose_pack(page, owner)
    sitting.review_and_go(page)
    sitting.wait_until_online(page)
    return domain


def leave(window: Any, business: str) -> None:
    """Read both lists, type the business's name, wait for the end."""
    page = window.page
    page.goto(f"{window.origin}/du-lieu")
    page.click("a[href='/du-lieu/xoa']")
    page.fill("#name", page.inner_text("#name-hint").partition(": ")[2])
    with page.expect_navigation():
        page.click("form[action='/du-lieu/xoa'] button")
    for _ in range(60):
        if "Đã xóa xong" in page.inner_text("main"):
            return
        page.wait_for_timeout(1000)
        page.reload()
    pytest.fail(page.inner_text("main"))


def held_in(house: House) -> set[Path]:
    """Files of our own that hold a personal value, as UTF-8 or escaped in JSON.

    A database's log of fresh pages counts as the database.
    """
    wanted = {form.encode() for text in PERSONAL for form in (text, json.dumps(text)[1:-1])}
    found = set()
    for path in house.state.rglob("*"):
        inside = path.relative_to(house.state)
        if path.is_file() and inside.parts[0] not in OTHERS:
            body = path.read_bytes()
            if any(text in body for text in wanted):
                found.add(inside.with_name(inside.name.removesuffix("-wal")))
    return found


def ledgers(house: House) -> Iterator[sqlite3.Connection]:
    for service in ("portal", "domains", "websites", "esign"):
        path = house.state / service / "ledger.sqlite"
        ledger = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        yield ledger
        ledger.close()


def sealed_values(house: House) -> dict[str, tuple[str, str]]:
    """The command of every operation with its key, as they stood before."""
    return {
        name: (key, command)
        for ledger in ledgers(house)
        for name, key, command in ledger.execute("SELECT name, seal_key, command FROM operation")
    }


def seal_keys(house: House, sealed: dict[str, tuple[str, str]]) -> list[str | None]:
    """The keys of those operations now."""
    return [
        key
        for ledger in ledgers(house)
        for name, key in ledger.execute("SELECT name, seal_key FROM operation")
        if name in sealed
    ]


def opened_by_any_key(house: House, sealed: dict[str, tuple[str, str]]) -> bool:
    """Whether a key of before is left in any file; each did open its value, once."""
    for key, command in sealed.values():
        assert Seal(key).open(command)
    keys = {key.encode() for key, _ in sealed.values()}
    bodies = [path.read_bytes() for path in house.state.rglob("*") if path.is_file()]
    return any(key in body for key in keys for body in bodies)


def status_of_site(house: House, domain: str) -> int:
    host = {"Host": f"{domain}.localhost:{house.port('edge')}"}
    request = urllib.request.Request(f"http://{house.address('edge')}/", headers=host)
    try:
        return int(urllib.request.urlopen(request, timeout=10).status)
    except urllib.error.HTTPError as error:
        return error.code
