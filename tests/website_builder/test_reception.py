"""The reception on both databases: letters are kept once, sealed, each for its own tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from haidang.core.errors import Absent, Unsupported
from haidang.core.ports.publishing import Letter, LetterAnswer
from haidang.core.testing.memory import NOON
from haidang.website_builder import letterbox
from haidang.website_builder.reception.ledger import enquiries, keys
from haidang.website_builder.reception.office import KIND, Reception, months_after

from tests.website_builder.house import ANOTHER, TENANT, House, open_house

PHONE = "0901 234 567"


@pytest.fixture
async def house(url: str, tmp_path: Path) -> AsyncIterator[House]:
    found = await open_house(tmp_path, url)
    yield found
    await found.database.close()


@pytest.fixture
async def site(house: House) -> str:
    return (await house.a_website()).id


def a_letter(site: str, number: int = 1, *, minutes: int = 0, months: int = 12) -> Letter:
    answers = (
        LetterAnswer("name", "Tên", "Chị Hạnh"),
        LetterAnswer("phone", "Số điện thoại", PHONE),
    )
    at = NOON + timedelta(minutes=minutes)
    return Letter(f"{number:024x}", site, at, "order", "dat-hang", "vi", months, answers)


def left(house: House, *letters: Letter) -> None:
    """As the edge leaves them."""
    for letter in letters:
        letterbox.leave(house.edge / letterbox.LETTERS, letter)


async def listed(house: House, site: str, tenant: str = TENANT) -> list[str]:
    found = await house.reception.enquiries(tenant, site, before=None, limit=50)
    return [one.id[-1] for one in found]


async def test_an_owner_sees_what_came_newest_first(house: House, site: str) -> None:
    left(house, a_letter(site, 1), a_letter(site, 3, minutes=5), a_letter(site, 2, minutes=2))

    assert await listed(house, site) == ["3", "2", "1"]
    (letter, *_) = await house.reception.enquiries(TENANT, site, before=None, limit=1)
    assert letter.answers == a_letter(site).answers
    assert (letter.kind, letter.is_done) == ("order", False)
    assert not list((house.edge / letterbox.LETTERS).rglob("*.json"))


async def test_pages_of_the_list_join_without_gap(house: House, site: str) -> None:
    left(house, *(a_letter(site, n, minutes=n // 2) for n in range(1, 8)))
    await house.reception.take_in()
    seen, before = [], None
    while page := await house.reception.enquiries(TENANT, site, before=before, limit=3):
        seen += [one.id for one in page]
        before = (page[-1].received_at, page[-1].id)

    assert len(seen) == len(set(seen)) == 7


async def test_a_letter_handed_out_twice_is_kept_once(house: House, site: str) -> None:
    left(house, a_letter(site))
    assert await house.reception.take_in() == 1
    left(house, a_letter(site))

    assert await house.reception.take_in() == 0
    assert await listed(house, site) == ["1"]


async def test_a_letter_is_let_go_of_only_when_the_ledger_has_it(
    house: House, site: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left(house, a_letter(site))

    async def refuse(*_: object) -> bool:
        raise OSError("killed here")

    with monkeypatch.context() as broken:
        broken.setattr(house.reception.ledger, "keep", refuse)
        with pytest.raises(OSError, match="killed here"):
            await house.reception.take_in()

    assert len(list((house.edge / letterbox.LETTERS).rglob("*.json"))) == 1
    assert await house.reception.take_in() == 1


async def test_many_letters_are_taken_in_at_once(house: House, site: str) -> None:
    left(house, *(a_letter(site, n, minutes=n) for n in range(130)))

    assert await house.reception.take_in() == 130


async def test_what_is_unreadable_holds_nobody_up(house: House, site: str) -> None:
    left(house, a_letter(site))
    box = house.edge / letterbox.LETTERS / site
    (box / "20200101T000000000000-broken.json").write_text("{")

    assert await house.reception.take_in() == 1
    assert [path.name for path in box.iterdir()] == ["unreadable-20200101T000000000000-broken.json"]


async def test_a_letter_to_a_site_without_an_owner_is_not_kept(house: House) -> None:
    left(house, a_letter("ai-do"))

    assert await house.reception.take_in() == 0
    assert not list((house.edge / letterbox.LETTERS).rglob("*.json"))


async def test_nothing_readable_lies_in_the_tables(house: House, site: str) -> None:
    left(house, a_letter(site))
    await house.reception.take_in()

    async with house.database.reading() as session:
        (row,) = (await session.execute(sa.select(enquiries))).mappings().all()

    assert PHONE not in str(dict(row))
    assert "Hạnh" not in str(dict(row))


async def test_each_website_has_a_key_of_its_own(house: House, site: str) -> None:
    other = (await house.a_website(host="khac.vn", n=2)).id
    left(house, a_letter(site), a_letter(other, 2))
    await house.reception.take_in()

    async with house.database.reading() as session:
        found = (await session.scalars(sa.select(keys.c.seal_key))).all()

    assert len(set(found)) == 2


async def test_another_tenant_finds_nothing_and_changes_nothing(house: House, site: str) -> None:
    left(house, a_letter(site))
    await house.reception.take_in()
    ledger, id = house.reception.ledger, a_letter(site).id

    assert await listed(house, site, ANOTHER) == []
    for call in (
        ledger.enquiry(ANOTHER, site, id),
        ledger.mark(ANOTHER, site, id, is_done=True),
        ledger.delete(ANOTHER, site, id),
    ):
        with pytest.raises(Absent) as refusal:
            await call
        assert refusal.value.reason == "ENQUIRY_ABSENT"
    assert await ledger.purge(ANOTHER, site) == 0
    await house.reception.erase(ANOTHER)
    assert await listed(house, site) == ["1"]


async def test_an_enquiry_is_marked_and_marked_back(house: House, site: str) -> None:
    left(house, a_letter(site))
    await house.reception.take_in()
    ledger, id = house.reception.ledger, a_letter(site).id

    for is_done in (True, True, False):
        await ledger.mark(TENANT, site, id, is_done=is_done)
        assert (await ledger.enquiry(TENANT, site, id)).is_done is is_done


async def test_one_is_erased_and_the_rest_stays(house: House, site: str) -> None:
    left(house, a_letter(site, 1), a_letter(site, 2))
    await house.reception.take_in()

    await house.reception.ledger.delete(TENANT, site, a_letter(site, 1).id)

    assert await listed(house, site) == ["2"]
    with pytest.raises(Absent):
        await house.reception.ledger.delete(TENANT, site, a_letter(site, 1).id)


async def test_a_purge_takes_the_key_and_what_still_waits_at_the_edge(
    house: House, site: str
) -> None:
    other = (await house.a_website(host="khac.vn", n=2)).id
    left(house, a_letter(site, 1), a_letter(other, 2))
    await house.reception.take_in()
    left(house, a_letter(site, 3))

    assert await house.reception.purge(TENANT, site) == 2
    assert await listed(house, site) == []
    assert await listed(house, other) == ["2"]
    async with house.database.reading() as session:
        assert (await session.scalars(sa.select(keys.c.site))).all() == [other]
    left(house, a_letter(site, 4))
    assert await listed(house, site) == ["4"]


async def test_what_was_promised_is_erased_on_its_day(house: House, site: str) -> None:
    left(house, a_letter(site, 1, months=1), a_letter(site, 2, months=36))
    await house.reception.take_in()

    term_seconds = (months_after(NOON, 1) - NOON).total_seconds()
    house.clock.advance(term_seconds - 1)
    assert await house.reception.keep_terms() == 0
    house.clock.advance(1)
    assert await house.reception.keep_terms() == 1
    assert await listed(house, site) == ["2"]


@pytest.mark.parametrize(
    ("since", "months", "until"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-01-31", 13, "2028-02-29"),
        ("2026-11-23", 12, "2027-11-23"),
        ("2026-12-01", 1, "2027-01-01"),
    ],
)
def test_months_are_calendar_months(since: str, months: int, until: str) -> None:
    at = datetime.fromisoformat(f"{since}T12:00:00+00:00")

    assert months_after(at, months) == datetime.fromisoformat(f"{until}T12:00:00+00:00")


async def test_personal_data_is_counted_exported_and_erased(house: House, site: str) -> None:
    left(house, a_letter(site))

    (holding,) = await house.reception.holdings(TENANT)
    assert (holding.kind, holding.count) == (KIND, 1)
    exported = await house.reception.export(TENANT)
    assert PHONE in str(exported[KIND])
    assert await house.reception.export(ANOTHER) == {KIND: []}

    left(house, a_letter(site, 2))
    for _ in range(2):
        await house.reception.erase(TENANT)
        assert (await house.reception.holdings(TENANT))[0].count == 0
    async with house.database.reading() as session:
        assert (await session.scalars(sa.select(keys))).all() == []


async def test_a_target_without_forms_is_no_hindrance(house: House, site: str) -> None:
    class PagesOnly:
        async def letters(self, kept: tuple[str, ...]) -> tuple[Letter, ...]:
            raise Unsupported("CAPABILITY_ABSENT", port="PublishTarget", capability="forms")

    reception = Reception(house.reception.ledger, PagesOnly(), house.clock)  # type: ignore[arg-type]

    assert await reception.enquiries(TENANT, site, before=None, limit=5) == []
    await reception.erase(TENANT)


def test_too_many_letters_are_refused_before_the_disk_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letterbox, "MOST_WAITING", 2)
    for number in (1, 2):
        letterbox.leave(tmp_path, a_letter("s1", number))

    with pytest.raises(Exception, match="ENQUIRY_NOT_KEPT"):
        letterbox.leave(tmp_path, a_letter("s1", 3))
    letterbox.leave(tmp_path, a_letter("s1", 2))
    letterbox.leave(tmp_path, a_letter("s2", 3))


@pytest.mark.parametrize("name", ["../x", "s1/..", "s1", "/etc/passwd", "s1/*", "s1/" + "a" * 23])
def test_a_name_that_is_none_removes_nothing(tmp_path: Path, name: str) -> None:
    letterbox.leave(tmp_path, a_letter("s1"))

    letterbox.let_go(tmp_path, (name,))

    assert letterbox.waiting(tmp_path) == (replace(a_letter("s1")),)
