"""`/design`: every token and part of the design system, alive, in one place.

A room that needs a part finds its macro here, seen in both themes and languages, before
it draws one of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime

from haidang.portal.web.doors import PUBLIC, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.visit import Visit
from starlette.responses import Response

COLOURS = ("paper", "sheet", "line", "edge", "ink", "ink-soft", "sea", "lamp")
STATES = ("good", "wait", "bad")
STEPS = ("small", "body", "lead", "title", "large")
SPACES = (1, 2, 3, 4, 6, 8, 12)
SHOWN_AT = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)


class Design:
    """The living page of tokens and parts."""

    def doors(self) -> tuple[Door, ...]:
        """One address, open to all: it holds nobody's data."""
        return (Door("GET", "/design", self.show, needs=PUBLIC),)

    async def show(self, visit: Visit) -> Response:
        """The page; its form shows a fault."""
        faults = Faults()
        faults.add("design-code", visit.words("design.fault"))
        return visit.page(
            "design.html",
            colours=COLOURS,
            states=STATES,
            sizes=STEPS,
            spaces=SPACES,
            faults=faults,
            shown_at=SHOWN_AT,
        )
