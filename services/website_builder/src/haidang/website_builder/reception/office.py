"""The reception: takes letters in from where sites are served, and keeps their terms."""

from __future__ import annotations

import asyncio
import calendar
from collections.abc import Mapping, Sequence
from datetime import datetime

from haidang.core import telemetry
from haidang.core.clock import Clock
from haidang.core.errors import HaidangError, Unsupported
from haidang.core.ports.publishing import Letter, PublishTarget
from haidang.core.privacy import JSON, Holding
from haidang.website_builder.reception.ledger import EnquiryLedger, StoredEnquiry

KIND = "websites.enquiries"
TAKE_IN_SECONDS = 3.0
"""How long a letter lies at the edge at most; an owner who looks sees it at once anyway."""
TERM_SECONDS = 3600.0
MOST_ROUNDS = 100


class Reception:
    """The office for what visitors sent. One tenant's word is never another's."""

    def __init__(self, ledger: EnquiryLedger, target: PublishTarget, clock: Clock) -> None:
        self.ledger = ledger
        self._target = target
        self._clock = clock
        self._taking_in = asyncio.Lock()
        self._log = telemetry.logger(__name__)

    async def take_in(self) -> int:
        """Bring every waiting letter into the ledger; how many were new.

        A letter is let go of at the edge only after the ledger has it.

        Raises: Unsupported where the target takes no forms; Unavailable.
        """
        taken = 0
        async with self._taking_in:
            kept: tuple[str, ...] = ()
            for _ in range(MOST_ROUNDS):
                letters = await self._target.letters(kept)
                if not letters:
                    break
                for letter in letters:
                    taken += await self._keep(letter)
                kept = tuple(letter.name for letter in letters)
        return taken

    async def _keep(self, letter: Letter) -> bool:
        tenant = await self.ledger.owner_of(letter.site)
        if tenant is None:  # its owner is gone, and with them the right to read it
            self._log.warning("letter_without_owner", site=letter.site)
            return False
        erase_at = months_after(letter.received_at, letter.kept_months)
        return await self.ledger.keep(tenant, letter, erase_at)

    async def refresh(self) -> None:
        """Take in what waits, if that can be done now: before an owner looks."""
        try:
            await self.take_in()
        except HaidangError as error:
            self._log.warning("letters_not_taken_in", reason=error.reason)

    async def enquiries(
        self, tenant: str, site: str, *, before: tuple[datetime, str] | None, limit: int
    ) -> list[StoredEnquiry]:
        """As the ledger's, with what has just come."""
        await self.refresh()
        return await self.ledger.enquiries(tenant, site, before=before, limit=limit)

    async def purge(self, tenant: str, site: str) -> int:
        """Erase all of a website, also what still lies at the edge; how many there were."""
        await self.refresh()
        return await self.ledger.purge(tenant, site)

    async def keep_house(self) -> None:
        """For ever: take letters in, and erase what is past its term."""
        terms_at = 0.0
        while True:
            elapsed = asyncio.get_running_loop().time()
            if elapsed >= terms_at:
                terms_at = elapsed + TERM_SECONDS
                await self.keep_terms()
            try:
                await self.refresh()
            except Exception as error:  # the next round is in seconds
                self._log.error("letters_defect", exc_info=error)
            await asyncio.sleep(TAKE_IN_SECONDS)

    async def keep_terms(self) -> int:
        """Erase what was promised to be erased by now; how many there were."""
        erased = await self.ledger.erase_overdue(self._clock.now())
        if erased:
            self._log.info("enquiries_erased", count=erased)
        return erased

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """What is held of the tenant's visitors."""
        await self.refresh()
        count = await self.ledger.count(tenant)
        vi, en = "Lời nhắn của khách trên trang web", "Messages of visitors to the website"
        return (Holding(KIND, count, vi, en),)

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """All of it, JSON-ready."""
        await self.refresh()
        return {KIND: [_plain(one) for one in await self.ledger.all_of(tenant)]}

    async def erase(self, tenant: str) -> None:
        """Erase all of it, with the keys; what waits at the edge is taken in first.

        Raises: Unavailable when the edge cannot be asked.
        """
        try:
            await self.take_in()
        except Unsupported:
            self._log.info("no_letters_at_this_target")
        await self.ledger.erase(tenant)


def _plain(one: StoredEnquiry) -> Mapping[str, JSON]:
    return {
        "website": f"websites/{one.site}",
        "id": one.id,
        "kind": one.kind,
        "locale": one.locale,
        "is_done": one.is_done,
        "received_at": one.received_at.isoformat(),
        "erase_at": one.erase_at.isoformat(),
        "answers": [
            {"name": answer.name, "label": answer.label, "value": answer.value}
            for answer in one.answers
        ],
    }


def months_after(instant: datetime, months: int) -> datetime:
    """*instant* some calendar months later; the month's last day where it has no such day."""
    count = instant.year * 12 + instant.month - 1 + months
    year, month = divmod(count, 12)
    day = min(instant.day, calendar.monthrange(year, month + 1)[1])
    return instant.replace(year=year, month=month + 1, day=day)
