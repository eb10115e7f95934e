"""Operations of every tenant: lists, timelines, and the word an operator gives an effect."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from haidang.api.operations.v1 import operations_pb2
from haidang.core.clock import Clock
from haidang.core.errors import Absent, HaidangError, Malformed, Refused
from haidang.portal.looks import Looks
from haidang.portal.web.calls import SERVICES, Calls
from haidang.portal.web.doors import OPERATOR, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.receipts import ReceiptField, receipt_fields, receipt_json
from haidang.portal.web.rooms.operator_eyes import (
    STATES,
    Metadata,
    answered,
    checked_service,
    gate,
    instant,
    operator,
    row_of,
    written_age,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

SHOWN = 50
ONE = "/operator/yeu-cau/{service}/{id}"
EFFECT_MARKS = {"SETTLED": "good", "REFUSED": "plain", "UNSETTLED": "wait", "NEEDS_OPERATOR": "bad"}


class OperatorOperations:
    """`/operator/yeu-cau`: every row opens its timeline; an open effect its danger page."""

    def __init__(self, calls: Calls, looks: Looks, clock: Clock) -> None:
        self._calls = calls
        self._looks = looks
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """The list, one operation, one effect."""
        effect = ONE + "/{effect}"
        return (
            Door("GET", "/operator/yeu-cau", self.show, needs=OPERATOR),
            Door("GET", ONE, self.timeline, needs=OPERATOR),
            Door("GET", effect, self.consider, needs=OPERATOR),
            Door("POST", effect, self.resolve, needs=OPERATOR),
        )

    async def show(self, visit: Visit) -> Response:
        """Operations of one service or all, oldest first."""
        chosen = visit.asked("dich-vu")
        names = (checked_service(chosen),) if chosen else SERVICES
        request = operations_pb2.ListAllOperationsRequest(
            state=STATES.get(visit.asked("trang-thai"), Metadata.STATE_UNSPECIFIED),
            tenant=visit.asked("co-so")[:80],
            page_size=SHOWN,
            page_token=visit.asked("trang") if chosen else "",
        )
        pages = await asyncio.gather(*(self._page(visit, name, request) for name in names))
        rows = [
            row_of(name, one)
            for name, (page, _) in zip(names, pages, strict=True)
            if page
            for one in page.operations
        ]
        return visit.page(
            "operator_operations.html",
            rows=sorted(rows, key=lambda row: row.created_at),
            silent=[name for name, (_, why) in zip(names, pages, strict=True) if why],
            more={name: page.next_page_token for name, (page, _) in zip(names, pages, strict=True)
                  if page and page.next_page_token},
            services=SERVICES,
            states=tuple(STATES),
            chosen={key: visit.asked(key) for key in ("dich-vu", "trang-thai", "co-so")},
            age=self._ages(visit),
        )  # fmt: skip

    # Any: the answer's message and why there is none.
    async def _page(
        self, visit: Visit, name: str, request: operations_pb2.ListAllOperationsRequest
    ) -> tuple[Any, str]:
        service = self._calls.operator(name, operator(visit))
        return await answered(lambda: service.ListAllOperations(request))

    async def timeline(self, visit: Visit) -> Response:
        """One operation, its effects and what operators said of them."""
        found = await self._timeline(visit)
        if asked := await gate(visit, self._looks, found.operation.tenant, "timeline"):
            return asked
        return visit.page(
            "operator_timeline.html",
            row=row_of(visit["service"], found.operation),
            timeline=found,
            effects=[_shown(one, visit.locale) for one in found.effects],
            said=found.message_vi if visit.locale == "vi" else found.message_en,
            instant=instant,
            age=self._ages(visit),
            done=visit.asked("da-ghi") == "1",
        )

    async def _timeline(self, visit: Visit) -> operations_pb2.Timeline:
        service = self._calls.operator(checked_service(visit["service"]), operator(visit))
        request = operations_pb2.GetTimelineRequest(name=f"operations/{visit['id']}")
        found: operations_pb2.Timeline = await service.GetTimeline(request)
        return found

    async def consider(self, visit: Visit) -> Response:
        """What saying so will do, and the form to say it."""
        found = await self._timeline(visit)
        if asked := await gate(visit, self._looks, found.operation.tenant, "timeline"):
            return asked
        effect = _open_effect(found, visit["effect"])
        return self._form(visit, found, effect, request_id=str(uuid.uuid4()))

    def _form(
        self,
        visit: Visit,
        found: operations_pb2.Timeline,
        effect: operations_pb2.TimelineEffect,
        *,
        request_id: str,
        faults: Faults | None = None,
    ) -> Response:
        return visit.page(
            "operator_resolve.html",
            422 if faults else 200,
            row=row_of(visit["service"], found.operation),
            effect=_shown(effect, visit.locale),
            fields=receipt_fields(effect.receipt_schema_json),
            request_id=request_id,
            faults=faults or {},
        )

    async def resolve(self, visit: Visit) -> Response:
        """Hand the operator's word to the run."""
        found = await self._timeline(visit)
        may_show = await self._looks.look(visit.session, found.operation.tenant, "resolve")
        effect = next((one for one in found.effects if one.name == visit["effect"]), None)
        if effect is None:
            raise Absent("OPERATION_ABSENT")
        faults, word = Faults(), visit.typed.get("happened", "")
        request = operations_pb2.ResolveEffectRequest(
            name=found.operation.name,
            effect=effect.name,
            happened=word == "yes",
            request_id=visit.typed.get("request_id", ""),
        )
        if word not in {"yes", "no"}:
            faults.add("happened", visit.words("operator.resolve.choose"))
        elif word == "yes" and not effect.is_recording:
            request.receipt_json = self._receipt(visit, effect, faults)
        if not faults:
            await self._send(visit, request, faults)
        if faults and may_show:
            return self._form(visit, found, effect, request_id=request.request_id, faults=faults)
        onward = f"/operator/yeu-cau/{visit['service']}/{visit['id']}"
        return visit.go(onward) if faults else visit.go(onward, **{"da-ghi": "1"})

    def _receipt(self, visit: Visit, effect: operations_pb2.TimelineEffect, faults: Faults) -> str:
        fields: tuple[ReceiptField, ...] = receipt_fields(effect.receipt_schema_json)
        said = visit.words("operator.resolve.receipt_fault")
        return receipt_json(fields, visit.typed, faults, said)

    async def _send(
        self, visit: Visit, request: operations_pb2.ResolveEffectRequest, faults: Faults
    ) -> None:
        service = self._calls.operator(visit["service"], operator(visit))
        try:
            await service.ResolveEffect(request)
        except (Malformed, Refused) as error:
            at = "" if error.field == "request_id" else (error.field or "")
            said = HaidangError(error.reason, **{**error.facts, "field": at})
            faults.add_error(said, visit.locale)

    def _ages(self, visit: Visit) -> Any:
        now = self._clock.now()
        return lambda at: written_age((now - at).total_seconds(), visit.words)


def _open_effect(found: operations_pb2.Timeline, name: str) -> operations_pb2.TimelineEffect:
    """The effect called *name*, if it waits for a word. Raises: Refused EFFECT_NOT_OPEN."""
    effect = next((one for one in found.effects if one.name == name), None)
    if effect is None:
        raise Absent("OPERATION_ABSENT")
    if not effect.is_open:
        raise Refused("EFFECT_NOT_OPEN")
    return effect


# Any: a template's values.
def _shown(effect: operations_pb2.TimelineEffect, locale: str) -> dict[str, Any]:
    state = operations_pb2.Step.State.Name(effect.state).removeprefix("STATE_")
    return {
        "name": effect.name,
        "state": state.lower(),
        "mark": EFFECT_MARKS.get(state, "plain"),
        "started_at": instant(effect.start_time),
        "ended_at": instant(effect.end_time) if effect.HasField("end_time") else None,
        "reason": effect.reason,
        "said": effect.message_vi if locale == "vi" else effect.message_en,
        "is_open": effect.is_open,
        "is_recording": effect.is_recording,
        "tries": effect.tries,
    }
