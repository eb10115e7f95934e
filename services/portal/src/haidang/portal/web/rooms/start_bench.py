"""What the screens of the wizard share: reading a start, saving what was typed, drawing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from haidang.api.journeys.v1 import journeys_pb2
from haidang.core.errors import HaidangError, sentence
from haidang.portal.starts import Start, Starts
from haidang.portal.starts.facts import (
    SAVED,
    SCREENS,
    STEPS,
    faults_on,
    first_unfinished,
    kept,
    screen_before,
)
from haidang.portal.web.forms import Faults
from haidang.portal.web.visit import Visit
from starlette.responses import Response

NEEDS = "journeys.write"
TAB_BYTES = 9
REVIEW = SCREENS[-1]
HOLDING = frozenset({"JOURNEY_STOPPED_HOLDING", "FINISH_STOPPED"})
"""Reasons of journeys that stopped with the name paid for."""
UNPAID = frozenset({"JOURNEY_STOPPED_UNPAID", "NAME_NOT_PAID"})
"""Reasons of journeys that wait for the price of their name."""


class Bench:
    """Every screen works at one."""

    def __init__(self, starts: Starts) -> None:
        self.starts = starts

    async def start(self, visit: Visit) -> Start:
        """The start in the path. Raises: Absent START_ABSENT, also for another tenant's."""
        return await self.starts.get(visit.session.tenant, visit["start"])

    async def saved(self, visit: Visit) -> Start:
        """The start with what was typed written into it, faulty or not."""
        return await self.starts.save(
            visit.session.tenant,
            visit["start"],
            typed_facts(visit),
            drawn=drawn(visit),
            tab=visit.typed.get("tab", ""),
        )

    def elsewhere(self, visit: Visit, start: Start) -> Response | None:
        """Where a start that has arrived is read instead: its facts are gone."""
        if start.online_at is None:
            return None
        attempt = start.attempt
        assert attempt is not None  # it arrived by one
        return visit.go(journey_path(attempt.operation))

    def draw(
        self, visit: Visit, start: Start, screen: str, *, faults: Faults, **more: object
    ) -> Response:
        """The page of *screen*; refused (422) when a post of it has faults."""
        status = 422 if faults and visit.request.method == "POST" else 200
        return visit.page(f"start_{screen.replace('-', '_')}.html", status, **self.shared(
            visit, start, screen, faults=faults
        ), **more)  # fmt: skip

    def shared(
        self, visit: Visit, start: Start | None, screen: str, *, faults: Faults
    ) -> dict[str, object]:
        """What the frame of every screen shows. Without a start it is the first question."""
        before = screen_before(screen)
        is_correction = wants_review(visit)
        base = f"/bat-dau/{start.id}" if start else "/bat-dau"
        return {
            "start": start,
            "facts": start.facts if start else visit.typed,
            "screen": screen,
            "step": STEPS[screen],
            "reached": reached(start),
            "base": base,
            "back": f"{base}/{REVIEW if is_correction else before}" if before else "/bat-dau",
            "onward": "1" if is_correction else "",
            "tab": secrets.token_urlsafe(TAB_BYTES),
            "faults": faults,
        }


def typed_facts(visit: Visit) -> dict[str, str]:
    """Those of the typed fields that a start keeps."""
    return {field: kept(field, visit.typed[field]) for field in visit.typed if field in SAVED}


def drawn(visit: Visit) -> int:
    """The revision at which the form that was sent had been drawn."""
    text = visit.typed.get("drawn", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < TAB_BYTES else 0


def wants_review(visit: Visit) -> bool:
    """Whether the visitor came from the review to put something right, and goes back there."""
    return visit.typed.get("ve", visit.asked("ve")) == "1"


def screen_faults(visit: Visit, screen: str, facts: Mapping[str, str]) -> Faults:
    """What is wrong on *screen*, each in a sentence of the visitor's language."""
    faults = Faults()
    for field, fault in faults_on(screen, facts).items():
        faults.add(field, said(visit, field, fault))
    return faults


def said(visit: Visit, field: str, fault: HaidangError) -> str:
    """What is missing is said in the words of its own field."""
    key = f"start.missing.{field}"
    if fault.reason == "START_FACT_MISSING" and key in visit.words:
        return visit.words(key)
    return sentence(fault.reason, fault.facts, visit.locale)


def reached(start: Start | None) -> int:
    """The step where something is still missing: that one and all before can be gone to."""
    return STEPS[first_unfinished(start.facts)] if start else 1


async def note_refusal(
    starts: Starts, visit: Visit, start: Start, journey: journeys_pb2.Journey
) -> Start:
    """*start* once it is known what its refused journey left: the price is asked anew, and a
    name that was paid for is not paid again.
    """
    if journey.state != journeys_pb2.Journey.STATE_REFUSED:
        return start
    held = (journey.domain or start["domain"]) if journey.reason in HOLDING else ""
    await starts.refused(visit.session.tenant, start.id, held_domain=held)
    return await starts.get(visit.session.tenant, start.id)


def journey_path(operation: str) -> str:
    """Where the journey called "operations/{id}" is followed."""
    return f"/hanh-trinh/{operation.removeprefix('operations/')}"
