"""What an owner does alone on a phone in one sitting, in a real browser, through real processes."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browsing import DESK, PHONE, Window, a_window, chromium, overflow
from tests.journeys import sitting
from tests.journeys.house import House
from tests.journeys.sitting import an_owner

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("house")]

SLOW_LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 1_600_000 / 8,
    "uploadThroughput": 750_000 / 8,
}
"""400 ms and 1.6 Mbit/s down: a village's mobile network."""
LOST = ("ERR_INTERNET_DISCONNECTED", "ERR_FAILED", "ERR_NETWORK", "Failed to load resource")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def origin(house: House) -> str:
    return f"http://localhost:{house.port('portal')}"


def site_of(house: House, domain: str) -> str:
    request = urllib.request.Request(
        f"http://{house.address('edge')}/",
        headers={"Host": f"{domain}.localhost:{house.port('edge')}"},
    )
    text: str = urllib.request.urlopen(request, timeout=10).read().decode()
    return text


def at_review(window: Window, owner: sitting.Owner) -> None:
    """Everything but the last tap."""
    sitting.sign_up(window, owner)
    sitting.answer_questions(window.page, owner)
    sitting.choose_name(window.page, owner)
    sitting.choose_pack(window.page, owner)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_an_owner_goes_online_from_the_front_page(
    size: dict[str, int], browser: Any, origin: str, house: House
) -> None:
    photos = (sitting.PICTURES / "quan-toi.jpg", sitting.PICTURES / "muc-nuong.jpg")
    owner = an_owner(size["width"], photos=photos)

    with a_window(browser, origin, viewport=size) as window:
        domain = sitting.go_online(window, owner)
        ending = window.page.inner_text("main")
        assert overflow(window.page) == 0

    assert domain == owner.wish
    assert domain in ending
    assert "Chữ ký số hợp lệ" in ending
    site = site_of(house, domain)
    assert owner.sign_name in site
    assert "image/avif" in site
    assert house.effects_on(domain).count("domain.create") == 1


def test_everything_works_without_javascript(browser: Any, origin: str, house: House) -> None:
    owner = an_owner(10)

    with a_window(browser, origin, java_script_enabled=False) as window:
        domain = sitting.go_online(window, owner)

    assert owner.sign_name in site_of(house, domain)


def test_a_slow_line_is_slow_and_nothing_else(browser: Any, origin: str, house: House) -> None:
    owner = an_owner(11)

    with a_window(browser, origin) as window:
        line = window.context.new_cdp_session(window.page)
        line.send("Network.enable")
        line.send("Network.emulateNetworkConditions", SLOW_LINE)
        domain = sitting.go_online(window, owner)

    assert house.effects_on(domain).count("payment.capture") == 1


def test_a_journey_goes_on_while_the_phone_is_offline(
    browser: Any, origin: str, house: House
) -> None:
    owner = an_owner(12)

    with a_window(browser, origin) as window:
        window.expect(*LOST)
        at_review(window, owner)
        address = sitting.review_and_go(window.page)
        window.context.set_offline(True)
        window.page.wait_for_timeout(1500)
        window.context.set_offline(False)
        window.page.goto(address)
        sitting.wait_until_online(window.page)

    assert house.effects_on(owner.wish).count("domain.create") == 1


def test_a_journeys_page_can_be_closed_and_opened_elsewhere(browser: Any, origin: str) -> None:
    owner = an_owner(13)

    with a_window(browser, origin) as window:
        at_review(window, owner)
        address = sitting.review_and_go(window.page)
        window.page.close()
        cookies = window.context.cookies()
        with a_window(browser, origin) as elsewhere:
            elsewhere.context.add_cookies(cookies)
            elsewhere.page.goto(address)
            sitting.wait_until_online(elsewhere.page)


def test_an_upload_that_is_cut_off_is_said_and_sent_again(browser: Any, origin: str) -> None:
    owner = an_owner(14)

    with a_window(browser, origin) as window:
        window.expect(*LOST)
        sitting.sign_up(window, owner)
        sitting.answer_questions(window.page, owner)
        sitting.choose_name(window.page, owner)
        page, cut = window.page, re.compile(r"/anh$")
        window.context.route(cut, lambda route: route.abort("connectionreset"))
        page.set_input_files("#photo-file", sitting.PICTURES / "quan-toi.jpg")
        page.wait_for_selector("#photo-said:not(:empty)")
        told = page.inner_text("#photo-said")
        window.context.unroute(cut)
        with page.expect_navigation():
            page.locator("form[data-upload] button").click()
        assert page.locator(".shots img").count() == 1

    assert told.startswith("Mất kết nối"), told


def test_what_is_typed_is_there_again_on_another_device(browser: Any, origin: str) -> None:
    owner = an_owner(15)

    with a_window(browser, origin) as window:
        sitting.sign_up(window, owner)
        page = window.page
        page.fill("#sign_name", owner.sign_name)
        page.check("input[name=kind][value=farm]")
        page.check("input[name=holder][value=HOUSEHOLD]")
        sitting.press(page)
        with page.expect_response(re.compile("/luu$")):
            page.fill("#legal_name", "Hộ kinh doanh Vườn Lan")
        with a_window(browser, origin) as elsewhere:
            elsewhere.context.add_cookies(window.context.cookies())
            elsewhere.page.goto(page.url)
            assert elsewhere.page.input_value("#legal_name") == "Hộ kinh doanh Vườn Lan"


def test_a_letter_that_is_being_composed_is_left_alone(browser: Any, origin: str) -> None:
    """Vietnamese input methods build "tiếng" in several strokes; nothing may come between."""
    with a_window(browser, origin) as window:
        sitting.sign_up(window, an_owner(18))
        page, saved = window.page, []
        page.fill("#sign_name", "Quán")
        page.check("input[name=kind][value=farm]")
        page.check("input[name=holder][value=HOUSEHOLD]")
        sitting.press(page)
        page.on("request", lambda one: saved.append(one.url) if "/luu" in one.url else None)
        keyboard = window.context.new_cdp_session(page)
        page.focus("#legal_name")
        for strokes in ("t", "tie", "tiê", "tiên"):
            keyboard.send(
                "Input.imeSetComposition",
                {"text": strokes, "selectionStart": len(strokes), "selectionEnd": len(strokes)},
            )
            page.wait_for_timeout(1000)
            assert page.input_value("#legal_name") == strokes
        assert saved == []
        with page.expect_request(re.compile("/luu$")):
            keyboard.send("Input.insertText", {"text": "tiếng"})

        assert page.input_value("#legal_name") == "tiếng"


def test_the_keyboard_alone_leads_to_the_next_step(browser: Any, origin: str) -> None:
    with a_window(browser, origin, viewport=DESK) as window:
        page = window.page
        window.go("/dang-ky")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.id") == "name"
        for typed in ("Trần Bình", "0901266666", sitting.PASSWORD):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "lamp"
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert page.locator(".codes li").count() == 10


def test_a_session_that_ends_while_typing_comes_back_with_everything(
    browser: Any, origin: str
) -> None:
    owner = an_owner(16)

    with a_window(browser, origin) as window:
        window.expect("401")
        sitting.sign_up(window, owner)
        page = window.page
        page.fill("#sign_name", "Nhà Gió Nam")
        page.check("input[name=kind][value=homestay]")
        page.check("input[name=holder][value=HOUSEHOLD]")
        kept = [one for one in window.context.cookies() if one["name"] != "phien"]
        window.context.clear_cookies()
        window.context.add_cookies(kept)
        sitting.press(page)
        page.fill("#identifier", owner.identifier)
        page.fill("#password", sitting.PASSWORD)
        sitting.press(page)
        sitting.press(page)  # the page that sends on what was held
        page.wait_for_url(re.compile("/dang-ky$"))
        assert page.locator("#legal_name").count() == 1
        page.goto(page.url.replace("/dang-ky", "/co-so"))
        assert page.input_value("#sign_name") == "Nhà Gió Nam"


def test_two_tabs_that_edit_one_page_lose_nothing(browser: Any, origin: str) -> None:
    owner = an_owner(17, pack="vn.homestay.bien", kind="homestay")

    with a_window(browser, origin) as window:
        window.expect("409")
        sitting.go_online(window, owner)
        first, second = window.page, window.another()
        first.goto(origin + "/trang-web")
        editing = first.locator("a.order-open").first.get_attribute("href")
        for tab in (first, second):
            tab.goto(origin + editing)
        field = "main form input[type=text]:visible, main form textarea:visible"
        name = first.locator(field).first.get_attribute("name")
        first.fill(f"[name='{name}']", "Lời của tab thứ nhất")
        with first.expect_navigation():
            first.locator(".lamp").first.click()
        second.fill(f"[name='{name}']", "Lời của tab thứ hai")
        with second.expect_navigation():
            second.locator(".lamp").first.click()
        told = second.inner_text("main")

    assert "Lời của tab thứ nhất" in told
    assert "Lời của tab thứ hai" in told
