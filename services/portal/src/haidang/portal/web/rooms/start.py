"""`/bat-dau`: open starts, and the questions about the business, three short screens.

Whatever is typed is kept, faulty or not, at every pause and with every button.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from functools import partial

from haidang.core import identifiers
from haidang.core.errors import HaidangError, sentence
from haidang.core.provinces import PROVINCES
from haidang.portal.accounts import Accounts
from haidang.portal.starts import Starts
from haidang.portal.starts.facts import birth_date, first_unfinished, screen_after
from haidang.portal.web.doors import PUBLIC, Answer, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.pages import written_clock
from haidang.portal.web.rooms.start_bench import (
    NEEDS,
    REVIEW,
    Bench,
    screen_faults,
    typed_facts,
    wants_review,
)
from haidang.portal.web.visit import Visit
from starlette.responses import PlainTextResponse, Response

SCREENS = ("co-so", "dang-ky", "lien-he")
NOT_FOUND = 404


class Start:
    """The list of starts, the questions, and saving while one types."""

    def __init__(self, starts: Starts, accounts: Accounts) -> None:
        self._starts = starts
        self._accounts = accounts
        self._bench = Bench(starts)

    def doors(self) -> tuple[Door, ...]:
        """One pair of addresses a screen; one to save, one to check a fact, one to forget."""
        door = partial(Door, needs=NEEDS, names=("start",))
        return (
            Door("GET", "/bat-dau", self.list, needs=NEEDS),
            Door("POST", "/bat-dau", self.begin, needs=NEEDS),
            Door("POST", "/bat-dau/kiem-tra/{fact}", self.check, needs=PUBLIC),
            door("GET", "/bat-dau/{start}", self.resume),
            door("POST", "/bat-dau/{start}/luu", self.save),
            door("GET", "/bat-dau/{start}/xoa", self.ask_to_drop),
            door("POST", "/bat-dau/{start}/xoa", self.drop),
            *(
                door(method, f"/bat-dau/{{start}}/{screen}", answer(self, screen))
                for screen in SCREENS
                for method, answer in (("GET", _shown), ("POST", _answered))
            ),
        )

    async def list(self, visit: Visit) -> Response:
        """Open starts; without one, the first question."""
        found = await self._starts.open_ones(visit.session.tenant)
        rows = [(one, first_unfinished(one.facts)) for one in found]
        shared = self._bench.shared(visit, None, SCREENS[0], faults=Faults())
        is_asking = not rows or visit.asked("moi") == "1"
        template = "start_co_so.html" if is_asking else "start_list.html"
        return visit.page(
            template, 200, **shared, rows=rows, request_id=str(uuid.uuid4()),
            kept_days=self._starts.kept_days,
        )  # fmt: skip

    async def begin(self, visit: Visit) -> Response:
        """Keep a fresh start with the first answers, and what the account already says."""
        known = {**await self._known(visit), **typed_facts(visit)}
        tenant = visit.session.tenant
        start = await self._starts.begin(tenant, visit.typed.get("request_id", ""), known)
        # Sent twice, the second may say more than the first.
        start = await self._starts.save(
            tenant, start.id, typed_facts(visit), drawn=start.revision, tab="first"
        )
        if screen_faults(visit, SCREENS[0], start.facts):
            return visit.go(f"/bat-dau/{start.id}/{SCREENS[0]}", sua="1")
        return visit.go(f"/bat-dau/{start.id}/{SCREENS[1]}")

    async def _known(self, visit: Visit) -> dict[str, str]:
        """What the account can fill in: the name, and the way it signs in."""
        user = await self._accounts.ledger.user(visit.session.user_id)
        called = user.identifier if user else ""
        shown = identifiers.written_phone(called)
        way = {"email": called} if "@" in called else {"phone": shown} if called else {}
        return {"representative_name": visit.session.user_name, "years": "1", **way}

    async def resume(self, visit: Visit) -> Response:
        """Go on where something is still missing."""
        start = await self._bench.start(visit)
        onward = f"/bat-dau/{start.id}/{first_unfinished(start.facts)}"
        return self._bench.elsewhere(visit, start) or visit.go(onward)

    async def show(self, visit: Visit, screen: str) -> Response:
        """The questions of one screen; with their faults when asked to put them right."""
        start = await self._bench.start(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        is_correcting = visit.asked("sua") == "1"
        faults = screen_faults(visit, screen, start.facts) if is_correcting else Faults()
        return self._bench.draw(
            visit, start, screen, faults=faults, provinces=PROVINCES.names, request_id=""
        )

    async def answer(self, visit: Visit, screen: str) -> Response:
        """Keep the answers; go on when none of them has a fault."""
        start = await self._bench.saved(visit)
        if away := self._bench.elsewhere(visit, start):
            return away
        if faults := screen_faults(visit, screen, start.facts):
            return self._bench.draw(
                visit, start, screen, faults=faults, provinces=PROVINCES.names, request_id=""
            )
        onward = REVIEW if wants_review(visit) else screen_after(screen)
        return visit.go(f"/bat-dau/{start.id}/{onward}")

    async def save(self, visit: Visit) -> Response:
        """Keep what was typed so far; nothing is judged yet."""
        start = await self._bench.saved(visit)
        said = visit.words.plain("start.saved", at=written_clock(start.touched_at))
        return PlainTextResponse(said, headers={"Cache-Control": "no-store"})

    async def check(self, visit: Visit) -> Response:
        """What a fact means, while it is typed: plain text and its kind. Nothing is kept."""
        read = CHECKS.get(visit["fact"])
        if read is None:
            return PlainTextResponse("", NOT_FOUND)
        try:
            shown = read(visit.typed.get("value", ""))
        except HaidangError as error:
            text, kind = sentence(error.reason, error.facts, visit.locale), "bad"
        else:
            text, kind = visit.words.plain(f"start.check.{visit['fact']}", shown=shown), "good"
        headers = {"x-kind": kind, "Cache-Control": "no-store"}
        return PlainTextResponse(text, headers=headers)

    async def ask_to_drop(self, visit: Visit) -> Response:
        """What forgetting a start means."""
        start = await self._bench.start(visit)
        shared = self._bench.shared(visit, start, SCREENS[0], faults=Faults())
        return visit.page("start_drop.html", 200, **shared)

    async def drop(self, visit: Visit) -> Response:
        """Forget it."""
        await self._starts.drop(visit.session.tenant, visit["start"])
        return visit.go("/bat-dau")


def _shown(room: Start, screen: str) -> Answer:
    async def answer(visit: Visit) -> Response:
        return await room.show(visit, screen)

    return answer


def _answered(room: Start, screen: str) -> Answer:
    async def answer(visit: Visit) -> Response:
        return await room.answer(visit, screen)

    return answer


def _written_birth_date(text: str) -> str:
    year, month, day = birth_date(text).split("-")
    return f"{day}/{month}/{year}"


def _written_personal_id(text: str) -> str:
    return identifiers.written_tax_code(identifiers.personal_number(text).text)


CHECKS: dict[str, Callable[[str], str]] = {
    "tax_code": lambda text: identifiers.written_tax_code(identifiers.tax_code(text)),
    "personal_id": _written_personal_id,
    "birth_on": _written_birth_date,
    "phone": lambda text: identifiers.written_phone(identifiers.phone(text)),
    "email": identifiers.email,
}
"""Facts that are read while they are typed, each as it will be shown."""
