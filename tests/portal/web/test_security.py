"""The site's security, driven by its own list of doors: a new address is covered or fails.

Nothing here knows a room. A path's parameters are filled with what nobody has; every
property must hold before a room looks at them.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.tenancy import Actor, may
from haidang.portal.accounts import Role
from haidang.portal.accounts.grants import GRANTS
from haidang.portal.web.doors import OPERATOR, PUBLIC, SIGNED_IN, Door
from haidang.portal.web.entrance import HEADERS, SIGN_IN
from haidang.portal.web.visit import DEVICE, SESSION

from tests.portal.web.browser import Browser, Page
from tests.portal.web.house import PASSWORD, House, a_house

MEBIBYTE = 1024 * 1024
LONGEST, LONGEST_PUBLIC = 100 * MEBIBYTE, 25 * MEBIBYTE
STRANGERS = ("https://evil.example", "null", "http://localhost:20081", "http://127.0.0.1:20080")
HOSTS = ("evil.example", "localhost:20081", "127.0.0.1:20080", "localhost", "")
ELSEWHERE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "evil.example",
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with a_house(tmp_path) as house:
        yield house


def path_of(door: Door) -> str:
    """The door's path, its parameters filled with what nobody has."""
    return re.sub(r"\{[^}]+\}", "khong-co", door.path)


def doors(house: House, method: str = "", *needs: str) -> list[Door]:
    found: tuple[Door, ...] = house.app.state.doors
    return [
        door
        for door in found
        if (not method or door.method == method) and (not needs or door.needs in needs)
    ]


def grants(house: House) -> set[str]:
    return {door.needs for door in doors(house)} - {PUBLIC, SIGNED_IN, OPERATOR}


async def everybody(house: House) -> dict[str, Browser]:
    owner = await house.owner()
    return {
        "stranger": house.browser(),
        "viewer": await house.viewer(owner),
        "editor": await house.editor(owner),
        "owner": owner,
        "operator": await house.operator(),
    }


async def extremes(house: House) -> dict[str, Browser]:
    """Who may least, who may most of a business, and who may most of the platform."""
    return {
        "stranger": house.browser(),
        "owner": await house.owner(),
        "operator": await house.operator(),
    }


def test_every_door_has_a_method_a_rule_and_a_bound(house: House) -> None:
    known = {PUBLIC, SIGNED_IN, OPERATOR}
    for door in doors(house):
        assert door.method in {"GET", "POST"}, door
        assert door.needs in known or may(Actor("x", "t", GRANTS[Role.OWNER]), door.needs), door
        longest = LONGEST_PUBLIC if door.needs == PUBLIC else LONGEST
        assert 0 < door.most_bytes <= longest, door
    named = [(door.method, door.path) for door in doors(house)]
    assert len(named) == len(set(named))


async def test_nothing_is_changed_without_the_token(house: House) -> None:
    people = await extremes(house)
    for door in doors(house, "POST"):
        for who, browser in people.items():
            for wrong in (None, "", "ab" * 64, "không phải hex"):
                fields = [] if wrong is None else [("csrf", wrong)]
                page = await browser.post(path_of(door), fields, csrf="")
                assert page.status in {400, 401, 403, 404}, (door.path, who, wrong, page.status)
                assert not page.location, (door.path, who)
    assert house.calls.did == []


async def test_the_token_of_another_browser_is_worth_nothing(house: House) -> None:
    owner, other = await house.owner(), await house.owner("Người khác")
    foreign = (await other.get("/khoi-phuc")).csrf
    for door in doors(house, "POST"):
        page = await owner.post(path_of(door), csrf=foreign)
        assert page.status in {400, 403, 404}, (door.path, page.status)
    assert house.calls.did == []


async def test_what_another_site_sends_is_not_read(house: House) -> None:
    people = await extremes(house)
    tokens = {who: (await browser.get("/khoi-phuc")).csrf for who, browser in people.items()}
    for door in doors(house, "POST"):
        for who, browser in people.items():
            for headers in (
                *({"origin": origin} for origin in STRANGERS),
                {"sec-fetch-site": "cross-site"},
                {"sec-fetch-site": "same-site"},
            ):
                page = await browser.post(path_of(door), csrf=tokens[who], headers=headers)
                assert page.status in {400, 403, 404}, (door.path, who, headers, page.status)
    assert house.calls.did == []


async def test_another_host_is_not_answered(house: House) -> None:
    owner = await house.owner()
    for door in doors(house):
        for host in HOSTS:
            page = await owner.send(door.method, path_of(door), headers={"host": host})
            assert page.status == 421, (door.path, host)
            assert b"evil" not in page.body
            assert page.headers["x-content-type-options"] == "nosniff"
    assert house.calls.did == []


async def test_a_stranger_is_asked_to_sign_in_and_comes_back(house: House) -> None:
    stranger = house.browser()
    for door in (one for one in doors(house) if one.needs != PUBLIC):
        path = path_of(door)
        if door.method == "GET":
            page = await stranger.get(path)
            assert page.status == 303, path
            assert page.location.startswith(f"{SIGN_IN}?tiep=%2F"), path
        else:
            page = await stranger.post(path, {"ghi-chu": "đã gõ"}, csrf="00" * 64)
            assert page.status == 401, path
            kept = dict(page.form(SIGN_IN).fields)
            assert (kept["tiep"], kept["giu-ghi-chu"]) == (path, "đã gõ")
    assert house.calls.did == []


async def test_a_session_that_is_over_or_made_up_is_none(house: House) -> None:
    owner = await house.owner()
    token = owner.cookies[SESSION]
    await owner.post("/dang-xuat")
    for cookie in (token, token[:-1], token + "x", "x" * 5000, "", "../../etc"):
        browser = house.browser()
        browser.cookies[SESSION] = cookie
        for door in (one for one in doors(house, "GET") if one.needs != PUBLIC):
            page = await browser.get(path_of(door))
            assert page.location.startswith(SIGN_IN), (door.path, cookie[:10])


async def test_a_role_that_may_not_is_refused_at_every_door(house: House) -> None:
    people = await everybody(house)
    for grant in grants(house):
        for role in Role:
            if may(Actor("x", "t", GRANTS[role]), grant):
                continue
            browser = people[role.value]
            for door in doors(house, "", grant):
                path = path_of(door)
                sent = browser.get(path) if door.method == "GET" else browser.post(path)
                page = await sent
                assert page.status == 403, (door.method, path, role, page.status)
    assert house.calls.did == []


async def test_the_console_is_not_there_for_anybody_else(house: House) -> None:
    people = await everybody(house)
    nowhere = (await people["owner"].get("/khong-co-trang-nay")).status
    for door in doors(house, "", OPERATOR):
        path = path_of(door)
        for who in ("viewer", "editor", "owner"):
            browser = people[who]
            sent = browser.get(path) if door.method == "GET" else browser.post(path)
            assert (await sent).status == nowhere == 404, (path, who)
    assert house.calls.did == []


async def test_services_are_asked_as_the_visitor_and_nobody_else(house: House) -> None:
    for who in ("viewer", "editor", "owner", "operator"):
        browser = (await everybody(house))[who]
        for door in doors(house):
            if await house.accounts.session(browser.cookies.get(SESSION, "")) is None:
                browser = (await everybody(house))[who]  # this door's job was to end it
            path, before = path_of(door), len(house.calls.did)
            sent = browser.get(path) if door.method == "GET" else browser.post(path)
            page = await sent
            assert page.status < 500 or page.status == 503, (door.method, path, who)
            me = house.accounts.actor(browser.session)
            for asked in house.calls.did[before:]:
                # The console asks as the operator for the platform, under their own name.
                is_console = door.needs == OPERATOR and asked.actor.id == me.id
                assert asked.actor == me or is_console, (path, who, asked.method)


async def test_a_sensitive_door_asks_again_after_ten_minutes(house: House) -> None:
    owner = await house.operator()
    house.clock.advance(11 * 60)
    fresh = [door for door in doors(house) if door.fresh]
    assert fresh
    for door in fresh:
        path = path_of(door)
        if door.method == "GET":
            assert (await owner.get(path)).location.startswith("/xac-nhan?tiep=%2F"), path
        else:
            page = await owner.post(path, {"ghi-chu": "đã gõ", "password": "bí mật 123"})
            assert page.status == 401, path
            kept = dict(page.form("/xac-nhan").fields)
            assert kept["giu-ghi-chu"] == "đã gõ"
            assert "bí mật 123" not in page.text


async def test_a_body_larger_than_its_door_is_not_taken(house: House) -> None:
    browser = await house.operator()
    good = (await browser.get("/khoi-phuc")).csrf
    for door in doors(house, "POST"):
        too_much = "x" * (door.most_bytes + 1)
        page = await browser.post(path_of(door), {"thua": too_much}, csrf=good)
        assert page.status in {413, 403, 404}, (door.path, page.status)
        if door.needs == PUBLIC:
            assert page.status == 413
    assert house.calls.did == []


async def test_a_strangers_files_are_not_taken_behind_a_door_for_members(house: House) -> None:
    wide = [one for one in doors(house, "POST") if one.needs != PUBLIC]
    for door in (one for one in wide if one.most_bytes > MEBIBYTE):
        stranger = house.browser()
        files = {"anh": ("a.jpg", b"x" * (MEBIBYTE + 1), "image/jpeg")}
        page = await stranger.post(path_of(door), files=files)
        assert page.status == 401, door.path
        assert page.form(SIGN_IN)


async def test_a_body_that_lies_about_its_length_is_counted(house: House) -> None:
    browser = house.browser()
    good = (await browser.get("/dang-ky")).csrf
    page = await browser.post(
        "/dang-ky", {"thua": "x" * 70_000}, csrf=good, headers={"content-length": "10"}
    )
    assert page.status == 413


async def test_every_answer_bears_the_headers(house: House) -> None:
    people = await everybody(house)
    answers: list[tuple[str, Page]] = []
    for browser in (people["stranger"], people["owner"]):
        for door in doors(house, "GET"):
            answers.append((door.path, await browser.get(path_of(door))))
        answers.append(("404", await browser.get("/khong-co")))
        answers.append(("405", await browser.post("/", {})))
        answers.append(("405 put", await browser.send("PUT", "/dang-ky")))
        answers.append(("400", await browser.post("/dang-ky", csrf="00" * 64)))
    for path, page in answers:
        for name, value in HEADERS.items():
            assert page.headers.get(name.lower()) == value, (path, name)
        if page.headers.get("content-type", "").startswith("text/html"):
            assert page.headers["cache-control"] == "no-store", path
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy
        assert "*" not in policy


async def test_pages_hold_no_script_style_or_handler_of_their_own(house: House) -> None:
    people = await everybody(house)
    for browser in people.values():
        for door in doors(house, "GET"):
            page = await browser.get(path_of(door))
            if not page.headers.get("content-type", "").startswith("text/html"):
                continue
            assert not re.search(r"<script(?![^>]*\ssrc=)", page.text), door.path
            assert not re.search(r"<style|\sstyle=|\son\w+=\"|javascript:", page.text), door.path


async def test_cookies_cannot_be_read_by_scripts_nor_sent_by_other_sites(house: House) -> None:
    identifier, _ = await house.user()
    browser = house.browser()
    first = await browser.get("/dang-nhap?lang=en")
    signed_in = await browser.submit(first, "/dang-nhap", identifier=identifier, password=PASSWORD)
    lines = first.cookies + signed_in.cookies

    assert {line.partition("=")[0] for line in lines} >= {SESSION, DEVICE, "khach", "ngon-ngu"}
    for line in lines:
        flags = {part.strip().lower() for part in line.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/"} <= flags, line
        assert not any(flag.startswith("domain") for flag in flags), line


async def test_over_https_cookies_are_host_bound_and_transport_is_strict(tmp_path: Path) -> None:
    async with a_house(tmp_path, origin="https://haidang.example") as house:
        browser = house.browser()
        page = await browser.get("/dang-ky?lang=en")
        typed = {"name": "Lan", "identifier": "0901234567", "password": PASSWORD}
        signed_up = await browser.submit(page, "/dang-ky", **typed)

        for line in page.cookies + signed_up.cookies:
            assert line.startswith("__Host-"), line
            assert "secure" in line.lower()
        assert page.headers["strict-transport-security"] == "max-age=31536000"
        assert (await browser.get("/tai-khoan")).status == 200


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
async def test_no_sign_in_leads_to_another_site(house: House, elsewhere: str) -> None:
    from urllib.parse import quote

    identifier, owner = await house.user()
    browser = house.browser()
    page = await browser.get(f"/dang-nhap?tiep={quote(elsewhere)}")
    assert dict(page.form("/dang-nhap").fields)["tiep"] == "/trang-chu"

    answer = await browser.submit(
        page, "/dang-nhap", identifier=identifier, password=PASSWORD, tiep=elsewhere
    )
    assert answer.location == "/trang-chu"
    for path in ("/dang-nhap", "/dang-ky"):
        assert "evil" not in (await owner.get(f"{path}?tiep={quote(elsewhere)}")).location
    held = {"giu-x": "1", "tiep": elsewhere, "identifier": identifier, "password": PASSWORD}
    resumed = await house.browser().post("/dang-nhap", held)
    assert [form.action for form in resumed.forms if ("x", "1") in form.fields] == ["/trang-chu"]


async def test_what_is_typed_never_becomes_a_header(house: House) -> None:
    identifier, _ = await house.user()
    for typed in ("/a\r\nSet-Cookie: a=b", "/a%0d%0aX: y", "/\x00", "/a\x85b", "/ễ"):
        answer = await house.browser().post(
            "/dang-nhap", {"identifier": identifier, "password": PASSWORD, "tiep": typed}
        )
        for value in (*answer.headers.values(), *answer.cookies):
            assert "\r" not in value
            assert "\n" not in value
        assert not any(line.startswith("a=") for line in answer.cookies)


async def test_what_is_typed_is_text_on_the_page(house: House) -> None:
    nasty = "<img src=x onerror=alert(1)>\"'{{7*7}}"
    owner = await house.owner(nasty)
    for path in ("/tai-khoan", "/nhom"):
        page = await owner.get(path)
        assert "<img src=x" not in page.text
        assert "49" not in re.findall(r"<h1>[^<]*</h1>", page.text)[0]
    page = await owner.submit(await owner.get("/tai-khoan"), "/tai-khoan", name=nasty + "x" * 200)
    assert page.status == 422
    assert "<img src=x" not in page.text


async def test_tokens_against_forgery_are_masked_anew_on_every_page(house: House) -> None:
    owner = await house.owner()
    tokens = {(await owner.get("/khoi-phuc")).csrf for _ in range(3)}
    assert len(tokens) == 3


async def test_a_defect_is_told_without_its_cause(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = await house.owner()

    async def broken(*_: object) -> None:
        raise RuntimeError("a secret in a traceback")

    monkeypatch.setattr(house.accounts, "profile", broken)
    page = await owner.send("GET", "/tai-khoan", is_broken=True)

    assert page.status == 500
    assert "lỗi của chúng tôi" in page.text
    assert "secret" not in page.text
    assert page.headers["content-security-policy"] == HEADERS["Content-Security-Policy"]
