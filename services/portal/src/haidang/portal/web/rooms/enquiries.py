"""`/loi-nhan`: what visitors sent through the forms of a business's sites.

Reading, marking and erasing; nothing is ever sent on from here. Everything shown was
typed by strangers, so all of it is text and nothing of it a link but a telephone number.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import Clock, vietnamese_date
from haidang.core.errors import Absent
from haidang.portal.web import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.web.doors import Door
from haidang.portal.web.letters import KINDS, Letter, as_csv, chosen, letter_of
from haidang.portal.web.pdfs import attachment
from haidang.portal.web.visit import Visit
from starlette.responses import Response

PATH = "/loi-nhan"
READS, WRITES = "websites.read", "websites.write"
PAGE, MOST_PAGES = 100, 5
"""Read from each site at most this many times; older ones are found in the saved table."""
MOST_SHOWN = 50
FEW = 5
"""Seen at one glance: no search above them."""
LONGEST_SEARCH = 80
STATES = ("moi", "xong")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class Enquiries:
    """The list of letters, one of them, and erasing."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """The list, its table, one letter, and what can be done to it."""
        one, named = f"{PATH}/{{website}}/{{enquiry}}", ("website", "enquiry")
        all_of = f"{PATH}/{{website}}/xoa-het"
        return (
            Door("GET", PATH, self.list, needs=READS),
            Door("GET", f"{PATH}/bang", self.table, needs=READS),
            Door("GET", all_of, self.ask_purge, needs=WRITES, names=("website",)),
            Door("POST", all_of, self.purge, needs=WRITES, names=("website",)),
            Door("GET", one, self.show, needs=READS, names=named),
            Door("POST", f"{one}/xong", self.done, needs=WRITES, names=named),
            Door("POST", f"{one}/mo-lai", self.reopen, needs=WRITES, names=named),
            Door("GET", f"{one}/xoa", self.ask_delete, needs=WRITES, names=named),
            Door("POST", f"{one}/xoa", self.delete, needs=WRITES, names=named),
        )

    async def list(self, visit: Visit) -> Response:
        """What came, newest first; search before filters."""
        sites = await _websites(visit)
        letters, is_whole = await _letters(visit, sites)
        words, state, website = _asked(visit)
        found = chosen(letters, words=words, state=state, website=website)
        return visit.page(
            "enquiries.html",
            letters=found[:MOST_SHOWN],
            found=len(found),
            held=len(letters),
            few=FEW,
            waiting=sum(not one.is_done for one in letters),
            is_whole=is_whole,
            sites=[(_id(one), _title(one)) for one in sites],
            words=words,
            state=state,
            website=website,
        )

    async def table(self, visit: Visit) -> Response:
        """The same choice as a table for a spreadsheet."""
        sites = await _websites(visit)
        letters, _ = await _letters(visit, sites)
        words, state, website = _asked(visit)
        found = chosen(letters, words=words, state=state, website=website)
        w = visit.words.plain
        head = [w(f"enquiries.csv_{part}") for part in ("at", "site", "code", "kind", "state")]
        said = {key: w(f"enquiries.{key}") for key in (*KINDS.values(), "new", "done")}
        today = vietnamese_date(self._clock.now()).replace("/", "-")
        headers = attachment(w("enquiries.csv_name", day=today))
        return Response(
            as_csv(found, head, said),
            headers={**headers, "Cache-Control": "no-store"},
            media_type="text/csv; charset=utf-8",
        )

    async def show(self, visit: Visit) -> Response:
        """One letter, with the number to call."""
        return visit.page("enquiry.html", letter=await _letter(visit))

    async def done(self, visit: Visit) -> Response:
        """It was answered."""
        return await _marked(visit, websites_pb2.Enquiry.STATE_DONE)

    async def reopen(self, visit: Visit) -> Response:
        """It still needs an answer."""
        return await _marked(visit, websites_pb2.Enquiry.STATE_NEW)

    async def ask_delete(self, visit: Visit) -> Response:
        """What erasing one means."""
        return visit.page("enquiry_delete.html", letter=await _letter(visit))

    async def delete(self, visit: Visit) -> Response:
        """Erase one; a second tap finds it gone already."""
        try:
            await visit.websites.DeleteEnquiry(websites_pb2.DeleteEnquiryRequest(name=_name(visit)))
        except Absent:
            await _website(visit)  # a site that is not theirs is still refused
        return visit.go(PATH)

    async def ask_purge(self, visit: Visit) -> Response:
        """What erasing all of a site means."""
        site = await _website(visit)
        letters, is_whole = await _letters(visit, [site])
        return visit.page(
            "enquiries_purge.html",
            website=_id(site),
            title_of=_title(site),
            count=len(letters),
            is_whole=is_whole,
        )

    async def purge(self, visit: Visit) -> Response:
        """Erase all of a site."""
        site = await _website(visit)
        await visit.websites.PurgeEnquiries(websites_pb2.PurgeEnquiriesRequest(website=site.name))
        return visit.go(PATH)


def _asked(visit: Visit) -> tuple[str, str, str]:
    """(search, state, website) of the query; what is none of these is nothing."""
    state, website = visit.asked("trang-thai"), visit.asked("trang")
    words = visit.asked("tim")[:LONGEST_SEARCH].strip()
    return words, state if state in STATES else "", website if _ID.fullmatch(website) else ""


async def _websites(visit: Visit) -> list[websites_pb2.Website]:
    request = websites_pb2.ListWebsitesRequest(page_size=PAGE)
    return list((await visit.websites.ListWebsites(request)).websites)


async def _letters(
    visit: Visit, sites: Sequence[websites_pb2.Website]
) -> tuple[list[Letter], bool]:
    """What came to *sites*, and whether that is all."""
    parts = await asyncio.gather(*(_letters_of(visit, site) for site in sites))
    return [one for part, _ in parts for one in part], all(whole for _, whole in parts)


async def _letters_of(visit: Visit, site: websites_pb2.Website) -> tuple[list[Letter], bool]:
    found: list[Letter] = []
    token = ""
    for _ in range(MOST_PAGES):
        answer = await visit.websites.ListEnquiries(
            websites_pb2.ListEnquiriesRequest(website=site.name, page_size=PAGE, page_token=token)
        )
        found += [letter_of(one, _title(site)) for one in answer.enquiries]
        token = answer.next_page_token
        if not token:
            return found, True
    return found, False


async def _letter(visit: Visit) -> Letter:
    """The letter in the path. Raises: Absent, also for another tenant's."""
    name = _name(visit)
    site, found = await asyncio.gather(
        _website(visit), visit.websites.GetEnquiry(websites_pb2.GetEnquiryRequest(name=name))
    )
    return letter_of(found, _title(site))


async def _marked(visit: Visit, state: websites_pb2.Enquiry.State.ValueType) -> Response:
    request = websites_pb2.MarkEnquiryRequest(name=_name(visit), state=state)
    await visit.websites.MarkEnquiry(request)
    return visit.go(f"{PATH}/{visit['website']}/{visit['enquiry']}")


async def _website(visit: Visit) -> websites_pb2.Website:
    if not _ID.fullmatch(visit["website"]):
        raise Absent("LETTER_ABSENT")
    name = f"websites/{visit['website']}"
    found: websites_pb2.Website = await visit.websites.GetWebsite(
        websites_pb2.GetWebsiteRequest(name=name)
    )
    return found


def _name(visit: Visit) -> str:
    """The resource in the path. Raises: Absent for what can be none."""
    website, enquiry = visit["website"], visit["enquiry"]
    if not (_ID.fullmatch(website) and _ID.fullmatch(enquiry)):
        raise Absent("LETTER_ABSENT")
    return f"websites/{website}/enquiries/{enquiry}"


def _id(site: websites_pb2.Website) -> str:
    return site.name.removeprefix("websites/")


def _title(site: websites_pb2.Website) -> str:
    return site.draft.business.name or site.domain
