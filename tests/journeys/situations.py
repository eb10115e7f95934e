"""Situations that pages of the site need, each brought about as its owner would.

A function begins with the window of an owner who is signed in and online. It answers with
addresses that no link leads to, each under the pattern of its door; a second state of one
door has a word after the pattern ("/hanh-trinh/{journey} refused").
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.browsing import Window, a_window
from tests.journeys import sitting
from tests.journeys.house import House
from tests.journeys.sitting import Owner, press

SCREENS = ("co-so", "dang-ky", "lien-he", "ten", "mau", "xem-lai", "xoa")
A_WHILE_MS = 30_000
UNCOLLECTABLE = "uncollectable-account"
"""The bank sets this payer's money aside and never hands it over."""
Addresses = dict[str, str]


SIGNED = re.compile("/giay-to/(?!dang-ky/)")


def address_of(window: Window) -> str:
    """Where the first tab is, without the origin."""
    return str(window.page.url).removeprefix(window.origin).partition("?")[0]


def another_start(window: Window, owner: Owner) -> Addresses:
    """A second business, answered up to its review and left there."""
    page = window.page
    window.go("/bat-dau?moi=1")
    sitting.answer_questions(page, owner)
    sitting.choose_name(page, owner)
    sitting.choose_pack(page, owner)
    base = address_of(window).rpartition("/")[0]
    return {f"/bat-dau/{{start}}/{screen}": f"{base}/{screen}" for screen in SCREENS}


def a_journey(window: Window, owner: Owner, payer: str = "") -> str:
    """One more journey is let go; its address."""
    another_start(window, owner)
    if payer:
        window.page.fill("#payer", payer)
    return sitting.review_and_go(window.page).removeprefix(window.origin)


def a_refused_journey(window: Window, owner: Owner) -> Addresses:
    """A journey that the bank stops half-way."""
    address = a_journey(window, owner, "declined-by-the-bank")
    window.page.wait_for_selector("h1 + .notice.bad", timeout=A_WHILE_MS)
    return {"/hanh-trinh/{journey} refused": address}


def a_second_member(browser: Any, window: Window, owner: Owner) -> Addresses:
    """*owner* is invited, signs up and joins; one more invitation stays open."""
    link = an_invitation(window)
    with a_window(browser, window.origin) as theirs:
        theirs.page.goto(link)
        press(theirs.page)
        theirs.page.fill("#name", owner.name)
        theirs.page.fill("#identifier", owner.identifier)
        theirs.page.fill("#password", sitting.PASSWORD)
        press(theirs.page)
        press(theirs.page)
        press(theirs.page)
        assert address_of(theirs) == "/trang-chu", theirs.page.url
    return {"/moi/{token}": an_invitation(window).removeprefix(window.origin)}


def an_invitation(window: Window) -> str:
    """The link that invites an editor."""
    window.go("/nhom")
    press(window.page)
    return window.page.inner_text("#link").strip()


def a_publication(window: Window) -> Addresses:
    """The one site is published once more; the page of its first photo."""
    page = window.page
    window.go("/trang-web")
    site = address_of(window)
    window.go(f"{site}/dang")
    press(page)
    return {
        "/trang-web/{website}/dang/{operation}": address_of(window),
        "/trang-web/{website}/anh/{place:path}": first_photo(window, site),
    }


def first_photo(window: Window, site: str) -> str:
    """The page where the first photo of *site* is changed."""
    window.go(site)
    links = "a[href*='/sua/']"
    for form in window.page.eval_on_selector_all(links, "(all) => all.map((one) => one.href)"):
        window.page.goto(form)
        photo = window.page.locator("button[name=go][value^='anh/']")
        if photo.count():
            return f"{site}/{photo.first.get_attribute('value')}"
    raise AssertionError("no section has a photo")


def a_second_site(window: Window, owner: Owner) -> None:
    """Another business of the same owner goes online, so that there is a list of sites."""
    a_journey(window, owner)
    sitting.wait_until_online(window.page)


def a_renewal(window: Window, domain: str) -> Addresses:
    """The name is held a year longer."""
    window.go(f"/ten-mien/{domain}/gia-han")
    press(window.page)
    return {"/ten-mien/{name}/gia-han/{renewal}": address_of(window)}


def a_debt(window: Window, owner: Owner) -> Addresses:
    """A journey whose money the bank keeps; paid at the second try, then owed for a renewal."""
    page, journey = window.page, a_journey(window, owner, UNCOLLECTABLE)
    page.wait_for_selector("h1 + .notice.bad", timeout=A_WHILE_MS)
    press(page)
    paying = address_of(window)
    page.fill("#payer", "declined-by-the-bank")
    press(page)
    page.wait_for_selector("h1 + .notice.bad", timeout=A_WHILE_MS)
    refused = address_of(window)
    press(page)
    press(page)
    page.wait_for_selector(".chip.good", timeout=A_WHILE_MS)
    paid = address_of(window)
    window.go(paying.replace("/tra-tien", "/gia-han"))
    page.fill("#payer", UNCOLLECTABLE)
    press(page)
    page.wait_for_selector("h1 + .notice.bad", timeout=A_WHILE_MS)
    return {
        "/ten-mien/{name}/tra-tien": paying,
        "/ten-mien/{name}/tra-tien/{payment}": paid,
        "/ten-mien/{name}/tra-tien/{payment} refused": refused,
        "/ten-mien/{name}/gia-han/{renewal} unpaid": address_of(window),
        "/hanh-trinh/{journey} paid-since": journey,
    }


def a_signed_paper(window: Window) -> Addresses:
    """A paper is added and signed."""
    page = window.page
    window.go("/")
    pdf = page.pdf()
    window.go("/giay-to/them")
    paper = {"name": "Hợp đồng thuê nhà.pdf", "mimeType": "application/pdf", "buffer": pdf}
    page.set_input_files("#file", paper)
    press(page)
    added = address_of(window)
    window.go(f"{added}/ky")
    if page.locator("input[name=party]").count():
        page.locator("input[name=party]").first.check()
    press(page)
    press(page)
    signing = address_of(window)
    page.wait_for_url(SIGNED, timeout=A_WHILE_MS)  # by itself; leaving before is another matter
    return {
        "/giay-to/{paper}": added,
        "/giay-to/{paper}/ky": f"{added}/ky",
        "/giay-to/dang-ky/{operation}": signing,
    }


def an_enquiry(browser: Any, house: House, domain: str) -> None:
    """A visitor asks for a table through the published site."""
    edge = f"http://{domain}.localhost:{house.port('edge')}"
    with a_window(browser, edge) as theirs:
        page = theirs.page
        theirs.go("/")
        page.fill("[name=name]", "Chị Hạnh")
        page.fill("[name=phone]", "0912 345 678")
        page.fill("[name=date]", "2026-12-24")
        page.fill("[name=time]", "18:30")
        page.fill("[name=guests]", "6")
        page.fill("[name=note]", "Có hai em nhỏ, xin bàn trong nhà.")
        page.check("[name=consent]")
        page.click("form .form-send")
        page.wait_for_url(re.compile("/(gui|da-gui|cam-on)"))


def operator_link(house: House) -> str:
    """The one-time link that only this machine's user can make."""
    return house.run("operator-link").out.strip().splitlines()[-1].strip()


def an_operator(window: Window, house: House) -> Addresses:
    """The owner becomes an operator, and says why they look at personal data."""
    window.page.goto(operator_link(house))
    press(window.page)
    window.go("/operator/co-so")
    say_why(window)
    window.page.locator("a[href^='/operator/co-so/']").first.click()
    say_why(window)
    another = operator_link(house)
    return {"/quyen-van-hanh/{token}": another.removeprefix(window.origin)}


def say_why(window: Window) -> None:
    """Give the reason that a look at personal data is written down with, if asked."""
    if window.page.locator("#why").count():
        window.page.fill("#why", "Chủ cơ sở gọi điện, nhờ xem vì sao trang chưa lên")
        press(window.page)


def a_farewell(browser: Any, origin: str, owner: Owner) -> Addresses:
    """Somebody signs up, and leaves."""
    with a_window(browser, origin) as theirs:
        page = theirs.page
        sitting.sign_up(theirs, owner)
        theirs.go("/du-lieu/xoa")
        page.fill("#name", page.inner_text("#name-hint").partition(": ")[2])
        with page.expect_navigation():
            page.click("form[action='/du-lieu/xoa'] button")
        return {"/tam-biet/{token}": address_of(theirs)}


@contextmanager
def a_silent_bank(house: House) -> Iterator[None]:
    """The bank keeps its connections and answers nothing."""
    processes = house.run("status", "--json").json["processes"]
    bank = next(one["pid"] for one in processes if one["name"] == "bank")
    os.kill(bank, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(bank, signal.SIGCONT)


def an_open_effect(window: Window, renewal: str) -> Addresses:
    """The timeline of *renewal*, which waits for the bank; its effect waits for a word."""
    page = window.page
    timeline = f"/operator/yeu-cau/journeys/{renewal.rpartition('/')[2]}"
    link = page.locator(f"a[href^='{timeline}/']")
    window.go(timeline)
    say_why(window)  # where others have signed up too, the one asked about was another
    for _ in range(90):
        if link.count():
            break
        page.wait_for_timeout(1000)
        page.reload()
    return {
        "/operator/yeu-cau/{service}/{id}": timeline,
        "/operator/yeu-cau/{service}/{id}/{effect}": link.first.get_attribute("href"),
    }


def submit(window: Window, button: str = "main .lamp", **values: str) -> None:
    """Fill fields by their id and send the form, faults and all."""
    page = window.page
    page.evaluate("document.querySelectorAll('form').forEach((one) => { one.noValidate = true; })")
    for field, value in values.items():
        page.fill(f"#{field}", value)
    with page.expect_navigation():
        page.locator(button).first.click()


def a_lost_session(window: Window, screen: str) -> None:
    """Answers of a *screen* of the wizard are sent after the session ended."""
    window.go(screen)
    kept = window.context.cookies()
    window.context.clear_cookies(name="phien")
    submit(window, sign_name="Quán Mất Phiên")
    window.context.clear_cookies()
    window.context.add_cookies(kept)
