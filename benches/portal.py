"""The self-service site under load: owners at once, waiting phones, and one sitting over HTTP."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from benches.figures import Figure, at_most
from benches.owners import Page, Phone, edit, go, go_online, sign_in, to_review
from benches.platform import KILOBYTE, _field
from tests.journeys.house import House, a_business, a_house

OWNERS = 100
SITTINGS = 25
SITTINGS_AT_ONCE = 6
LOAD_SECONDS = 60.0
PAUSE_SECONDS = (2.0, 6.0)
"""How long an owner looks, after a page or a saved sentence, before the next."""
PAGES = ("/trang-chu", "/trang-web", "/ten-mien", "/giay-to", "/tai-khoan", "/bat-dau")
EDITS_OF_TEN = 3
WAITING = 500
SETTLE_SECONDS = 3.0
END_OF_EVENT = b"\n\n"
FIRST_EVENTS = ("how soon to come back", "where the journey stands")


def figures() -> list[Figure]:
    """Everything that needs the running site."""
    with TemporaryDirectory() as folder, a_house(Path(folder) / "state") as house:
        bare = [bare_journey(house, Path(folder), number) for number in range(SITTINGS)]
        return asyncio.run(measured(house, bare))


def bare_journey(house: House, folder: Path, number: int) -> float:
    """Seconds of one journey by the command, without the site."""
    outcome = house.run("go-online", str(a_business(folder, f"tran-{number}.vn")), "--json")
    return float(outcome.json["seconds"])


async def measured(house: House, bare: list[float]) -> list[Figure]:
    """One sitting after another; then a hundred owners; then five hundred waiting."""
    origin = f"http://localhost:{house.port('portal')}"
    sittings = [await sitting(origin, number) for number in range(SITTINGS)]
    gate = asyncio.Semaphore(SITTINGS_AT_ONCE)

    async def one_more(number: int) -> None:
        async with gate:
            await sitting(origin, number)

    await asyncio.gather(*(one_more(number) for number in range(SITTINGS, OWNERS)))
    return [
        *_sitting_figures(sittings, bare),
        *await load(origin),
        await waiting(house, origin),
    ]


async def sitting(origin: str, number: int) -> float:
    """Seconds from the sign-up page to the ending page, over HTTP."""
    phone, began = Phone(origin), time.perf_counter()
    await go_online(phone, identifier_of(number), f"chu-{number}-lan.vn")
    passed = time.perf_counter() - began
    await phone.close()
    return passed


def identifier_of(number: int) -> str:
    """The phone number an owner signs in with."""
    return f"09012{number:05}"


def _sitting_figures(sittings: list[float], bare: list[float]) -> list[Figure]:
    p95, bare_p95 = percentile(sittings, 0.95), percentile(bare, 0.95)
    goal = 5.0
    return [
        Figure(
            "sign-up to online over HTTP, p95",
            round(p95, 2),
            "s",
            "bare journey, p95",
            round(bare_p95, 2),
            round(p95 / bare_p95, 2),
            f"≤ {goal} s",
            p95 <= goal,
        ),
        Figure("sign-up to online over HTTP, p50", round(statistics.median(sittings), 2), "s"),
    ]


async def load(origin: str) -> list[Figure]:
    """A hundred owners who look and edit for a minute, each on a phone of their own."""
    phones = [Phone(origin) for _ in range(OWNERS)]
    gate = asyncio.Semaphore(SITTINGS_AT_ONCE)

    async def enter(number: int) -> None:
        async with gate:
            await sign_in(phones[number], identifier_of(number))

    await asyncio.gather(*(enter(number) for number in range(OWNERS)))
    for phone in phones:
        phone.taken.clear()
    until, worked = time.perf_counter() + LOAD_SECONDS, time.process_time()
    failures = await asyncio.gather(
        *(owner(phone, number, until) for number, phone in enumerate(phones))
    )
    share = (time.process_time() - worked) / LOAD_SECONDS
    pages = [page for phone in phones for page in phone.taken]
    wrong = [page for page in pages if page.status >= HTTPStatus.BAD_REQUEST]
    for page in wrong[:5]:
        print(f"  {page.status} at {page.path}")
    for phone in phones:
        await phone.close()
    return [*_load_figures(pages, len(wrong) + sum(failures)), _own_share(share)]


def _load_figures(pages: list[Page], errors: int) -> list[Figure]:
    seconds = [page.seconds * 1000 for page in pages]
    low, high = PAUSE_SECONDS
    label = f"{OWNERS} owners, {LOAD_SECONDS:.0f} s, thinking {low:.0f}-{high:.0f} s"
    return [
        at_most(f"{label}: errors", float(errors), "", 0),
        at_most(f"{label}: p95", percentile(seconds, 0.95), "ms", 200),
        Figure(f"{label}: p50", round(statistics.median(seconds), 1), "ms"),
        Figure(f"{label}: taps", round(len(pages) / LOAD_SECONDS, 1), "1/s"),
    ]


def _own_share(share: float) -> Figure:
    """What the owners themselves took of one of the cores: near 1 they measure themselves."""
    return at_most("the owners' own share of a core", share, "", 0.5)


async def owner(phone: Phone, number: int, until: float) -> int:
    """One owner until the time is over; how many taps did not end as they should."""
    chance, failures = random.Random(number), 0
    await asyncio.sleep(chance.uniform(0, PAUSE_SECONDS[1]))
    while time.perf_counter() < until:
        try:
            if chance.randrange(10) < EDITS_OF_TEN:
                await edit(phone, f"Lời chào số {chance.randrange(1000)}")
            else:
                await phone.open(chance.choice(PAGES))
        except (aiohttp.ClientError, TimeoutError, AssertionError) as error:
            print(f"  {error!r}")
            failures += 1
        await asyncio.sleep(chance.uniform(*PAUSE_SECONDS))
    return failures


async def waiting(house: House, origin: str) -> Figure:
    """How much memory the portal takes more while five hundred phones follow a journey."""
    phone = Phone(origin)
    await sign_in(phone, identifier_of(0))
    review = await to_review(phone, "cho-lau-lan.vn")
    with stopped(house, "trust"):  # the declaration waits for its time-stamp, and all for it
        return await _listened(house, phone, (await go(phone, review)).path)


async def _listened(house: House, phone: Phone, journey: str) -> Figure:
    """Every phone is told once where the journey stands, then waits for what comes next."""
    before = _memory(house)
    forever, url = aiohttp.ClientTimeout(None), f"{phone.origin}{journey}/su-kien"
    jar, all_at_once = phone.http.cookie_jar, aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(
        cookie_jar=jar, connector=all_at_once, timeout=forever
    ) as http:
        opened = [await http.get(url) for _ in range(WAITING)]
        for one in opened:
            for _ in FIRST_EVENTS:
                await one.content.readuntil(END_OF_EVENT)
        await asyncio.sleep(SETTLE_SECONDS)
        after = _memory(house)
        waiting = [one for one in opened if one.status == HTTPStatus.OK and not _ended(one)]
    await phone.close()
    name = f"{len(waiting)} phones waiting on progress: more memory"
    return at_most(name, after - before, "MB", 150)


def _ended(answer: aiohttp.ClientResponse) -> bool:
    return answer.closed or answer.content.at_eof()


@contextmanager
def stopped(house: House, name: str) -> Iterator[None]:
    """The process called *name* does nothing for the length of the block."""
    pid = _pid(house, name)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _memory(house: House) -> float:
    """Resident memory of the portal's process, MB."""
    return _field(_pid(house, "portal"), "status", "VmRSS:") / KILOBYTE


def _pid(house: House, name: str) -> int:
    processes = house.run("status", "--json").json["processes"]
    return next(int(one["pid"]) for one in processes if one["name"] == name)


def percentile(values: list[float], share: float) -> float:
    """The value that *share* of *values* do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
