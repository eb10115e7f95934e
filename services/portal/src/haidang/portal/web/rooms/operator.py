"""The operator's console: troubles first, then how everything runs; plugins; who looked."""

from __future__ import annotations

import asyncio
from datetime import datetime
from functools import partial
from typing import Any

from haidang.api.operations.v1 import operations_pb2
from haidang.core.clock import Clock, instant_of
from haidang.core.errors import HaidangError
from haidang.portal.health import Health
from haidang.portal.looks import EVERYBODY, Looks
from haidang.portal.web.calls import SERVICES, Calls
from haidang.portal.web.charts import HEIGHT, WIDTH, Line, line
from haidang.portal.web.doors import OPERATOR, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.rooms.operator_eyes import (
    KINDS,
    ONWARD,
    TENANT,
    Metadata,
    Row,
    answered,
    instant,
    operator,
    row_of,
    state_word,
    written_age,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

TROUBLES = (Metadata.STATE_NEEDS_OPERATOR, Metadata.STATE_UNSETTLED)
SHOWN_TROUBLES = 100
SHOWN_LOOKS = 50
COLUMNS = (
    Metadata.STATE_NEEDS_OPERATOR,
    Metadata.STATE_UNSETTLED,
    Metadata.STATE_RUNNING,
    Metadata.STATE_FAILED,
    Metadata.STATE_SUCCEEDED,
)


class Operator:
    """`/operator`: the first glance, the machine, the list of looks."""

    def __init__(self, calls: Calls, looks: Looks, health: Health | None, clock: Clock) -> None:
        self._calls = calls
        self._looks = looks
        self._health = health
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """Four addresses, for operators only."""
        return (
            Door("GET", "/operator", self.show, needs=OPERATOR),
            Door("GET", "/operator/he-thong", self.system, needs=OPERATOR),
            Door("GET", "/operator/luot-xem", self.looked, needs=OPERATOR),
            Door("POST", "/operator/ly-do", self.say_why, needs=OPERATOR),
        )

    async def show(self, visit: Visit) -> Response:
        """Troubles, oldest first; then every service's counts, ages and last day."""
        found = await asyncio.gather(*(self._service(visit, name) for name in SERVICES))
        troubles = sorted((row for one in found for row in one["troubles"]), key=_age)
        return visit.page(
            "operator.html",
            services=found,
            troubles=troubles[:SHOWN_TROUBLES],
            columns=[(state_word(state), KINDS[state]) for state in COLUMNS],
            now=self._clock.now(),
            age=self._ages(visit),
            box=(WIDTH, HEIGHT),
            down=[one for one in await self._processes() if one.pid is None],
        )

    # Any: a template's values.
    async def _service(self, visit: Visit, name: str) -> dict[str, Any]:
        service = self._calls.operator(name, operator(visit))
        overview, silent = await answered(
            lambda: service.GetOverview(operations_pb2.GetOverviewRequest())
        )
        troubles: list[Row] = []
        for state in TROUBLES:
            request = operations_pb2.ListAllOperationsRequest(state=state, page_size=SHOWN_TROUBLES)
            page, why = await answered(partial(service.ListAllOperations, request))
            silent = silent or why
            troubles += [row_of(name, one) for one in page.operations] if page else []
        return {
            "name": name,
            "silent": silent,
            "troubles": troubles,
            "counts": _counts(overview),
            "started": _line(overview, "started"),
            "failed": _line(overview, "failed"),
            "longest": _line(overview, "longest_seconds"),
        }

    async def system(self, visit: Visit) -> Response:
        """Processes and plugins."""
        operator(visit)
        plugins = await self._health.plugins() if self._health else ()
        return visit.page(
            "operator_system.html", processes=await self._processes(), plugins=plugins
        )

    async def _processes(self) -> Any:
        return await self._health.processes() if self._health else ()

    async def looked(self, visit: Visit) -> Response:
        """Who looked at whose data, newest first."""
        operator(visit)
        before = _before(visit.asked("truoc"))
        found = await self._looks.ledger.page(before, SHOWN_LOOKS + 1)
        last = found[SHOWN_LOOKS - 1] if len(found) > SHOWN_LOOKS else None
        return visit.page(
            "operator_looks.html",
            looks=found[:SHOWN_LOOKS],
            everybody=EVERYBODY,
            onward=f"{last.at.isoformat()}_{last.id}" if last else "",
        )

    async def say_why(self, visit: Visit) -> Response:
        """Take the reason, and go where the operator wanted to."""
        operator(visit)
        tenant, onward = visit.typed.get("tenant", ""), visit.typed.get("onward", "")
        if not TENANT.fullmatch(tenant) or not ONWARD.fullmatch(onward):
            return visit.go("/operator")
        why = visit.typed.get("why", "")
        try:
            await self._looks.give_reason(visit.session, tenant, why)
        except HaidangError as error:
            faults = Faults()
            faults.add_error(error, visit.locale)
            return visit.page(
                "operator_reason.html", 422, tenant=tenant, onward=onward, why=why, faults=faults
            )
        return visit.go(onward)

    def _ages(self, visit: Visit) -> Any:
        now = self._clock.now()
        return lambda at: written_age((now - at).total_seconds(), visit.words)


def _age(row: Row) -> datetime:
    return row.created_at


def _counts(overview: operations_pb2.Overview | None) -> dict[str, tuple[int, datetime]]:
    if overview is None:
        return {}
    return {
        state_word(one.state): (one.count, instant(one.oldest_create_time))
        for one in overview.states
    }


def _line(overview: operations_pb2.Overview | None, field: str) -> Line:
    return line([getattr(hour, field) for hour in overview.hours] if overview else [])


def _before(text: str) -> tuple[datetime, str] | None:
    at, _, id = text.partition("_")
    try:
        return instant_of(at), id
    except ValueError:
        return None
