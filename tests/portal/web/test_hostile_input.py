"""No input breaks the site: hostile requests at every door of its list, from a fixed seed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from haidang.core.errors import registered
from haidang.portal.starts.facts import SCREENS
from haidang.portal.web.entrance import HEADERS

from tests.hostile import MARK
from tests.portal.web.browser import Page
from tests.portal.web.full_house import FullHouse, a_full_house
from tests.portal.web.storm import Storm

RAW_REASON = re.compile(r"\b[A-Z]{3,}(?:_[A-Z]{2,})+\b")
ROUNDS = 4
DULL = 28
"""Letters of an English sentence that no other text has by chance."""


@pytest.fixture
async def full(tmp_path: Path) -> AsyncIterator[FullHouse]:
    async with a_full_house(tmp_path) as full:
        yield full


def english() -> list[str]:
    """The English sentences of every reason, each to its first fact."""
    pieces = (one.en.partition("{")[0].strip() for one in registered().values())
    return [piece for piece in pieces if len(piece) >= DULL]


def troubles(page: Page, sent: str) -> list[str]:
    """What is wrong with an answer, whatever was asked."""
    found = []
    if page.status >= 500 and page.status != 503:
        found.append(f"status {page.status}")
    found += [f"without {name}" for name in HEADERS if name.lower() not in page.headers]
    kind = page.headers.get("content-type", "")
    if kind.startswith("text/") and page.headers.get("content-encoding") is None:
        text = page.body.decode()
        if "html" in kind and MARK in text:
            found.append("unescaped")
        if page.status >= 400 and "lang=en" not in sent:
            found += [f"says {reason}" for reason in RAW_REASON.findall(text)]
            found += [f"says {said}" for said in english() if said in text]
    for name, value in [*page.headers.items(), *(("set-cookie", one) for one in page.cookies)]:
        if re.search(r"[\r\n\x00]", value) or (name == "set-cookie" and value.startswith("a=b")):
            found.append(f"header {name}")
    return found


async def test_no_request_breaks_any_door(full: FullHouse) -> None:
    storm = Storm(full, seed=20_261_128)
    with storm.readings.listening():
        await storm.learn()
        for round_ in range(ROUNDS):
            for number, door in enumerate(full.house.app.state.doors):
                people = sorted(full.people)
                who = "owner" if round_ % 2 else people[(number + round_) % len(people)]
                page, sent = await storm.at(door, who)
                assert not troubles(page, sent), sent


async def test_an_address_with_a_slash_too_many_leads_nowhere(full: FullHouse) -> None:
    page = await full.people["owner"].get("/trang-chu/", headers={"host": "evil.example"})

    assert (page.status, page.location) == (404, "")
    assert HEADERS.items() <= {n.title(): v for n, v in page.headers.items()}.items()


async def test_what_is_not_there_is_not_followed(full: FullHouse) -> None:
    site = full.things["website"][0]

    page = await full.people["owner"].get(f"/trang-web/{site}/dang/{'c3' * 16}/tin")

    assert page.status == 404


@pytest.mark.parametrize("field", ["kind", "holder", "gender", "languages"])
async def test_a_choice_that_is_none_is_not_kept(full: FullHouse, field: str) -> None:
    owner, start = full.people["owner"], full.things["start"][0]

    kept = await owner.post(f"/bat-dau/{start}/luu", {field: "không có trong danh sách"})
    screens = [await owner.get(f"/bat-dau/{start}/{screen}") for screen in SCREENS]

    assert kept.status == 200
    assert {page.status for page in screens} <= {200, 303}


@pytest.mark.parametrize("number", ["9" * 5000, "99999999999", "١", "²", "-1", "1_0"])
async def test_a_number_that_is_none_of_ours_names_nothing(full: FullHouse, number: str) -> None:
    owner, site = full.people["owner"], full.things["website"][0]
    home = f"/trang-web/{site}"

    for path in (f"{home}/sua/pages/{number}", f"{home}/them-phan/{number}"):
        assert (await owner.get(path)).status == 404, path
    assert (await owner.post(f"{home}/ban-nhap/{number}")).status == 404
    assert (await owner.post(f"{home}/dang", {"revision": number})).status in {409, 503}
