"""An owner half-way through the wizard, and the services as the wizard's tests need them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from google.longrunning import operations_pb2
from google.protobuf import json_format
from haidang.api.domains.v1 import domains_pb2
from haidang.api.journeys.v1 import journeys_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, HaidangError
from haidang.core.operations.desk import operation_name
from haidang.core.statuses import status_of
from haidang.core.testing.memory import NOON

from tests.portal.starts.known import DOMAIN, FACTS, an_id
from tests.portal.web.browser import Browser
from tests.portal.web.house import House

TOTAL = 450_000
AGREED = {f"consent-{purpose}": "1" for purpose in ("true", "registry", "public", "sign")}
State = journeys_pb2.Journey


def a_quote(total: int = TOTAL, minutes: int = 30, now: Any = NOON) -> domains_pb2.Quote:
    quote = domains_pb2.Quote(name="quotes/q1", domain=DOMAIN, years=1, total_dong=total)
    law = "Thông tư 20/2023/TT-BTC"
    quote.lines.add(label="Lệ phí đăng ký", amount_dong=100_000, citation=law)
    quote.lines.add(label="Phí duy trì, 1 năm", amount_dong=total - 100_000, citation=law)
    quote.expire_time.FromDatetime(now + timedelta(minutes=minutes))
    return quote


def a_draft(request: websites_pb2.SuggestDraftRequest) -> websites_pb2.Draft:
    draft = websites_pb2.Draft(pack=request.pack, locales=request.locales)
    draft.business.CopyFrom(request.business)
    json_format.ParseDict({"site": {"summary": {"vi": "Nhà nghỉ."}}, "pages": []}, draft.content)
    return draft


def a_pack(id: str, *kinds: str) -> websites_pb2.Pack:
    return websites_pb2.Pack(
        name=f"packs/{id}", title_vi=f"Mẫu {id}", title_en=f"Pack {id}", kinds=kinds
    )


def an_operation(
    name: str, *steps: tuple[str, str], error: HaidangError | None = None, done: bool = False
) -> operations_pb2.Operation:
    """A journey's operation: its steps with their states."""
    kind = metadata_pb2.OperationMetadata
    states = {state for _, state in steps}
    open_state = next((one for one in ("NEEDS_OPERATOR", "UNSETTLED") if one in states), "RUNNING")
    state = "FAILED" if error else "SUCCEEDED" if done else open_state
    metadata = kind(state=kind.State.Value(f"STATE_{state}"))
    metadata.create_time.FromDatetime(NOON)
    for step, state in steps:
        added = metadata.steps.add(name=step, state=metadata_pb2.Step.State.Value(f"STATE_{state}"))
        if state in {"SETTLED", "REFUSED"}:
            added.end_time.FromDatetime(NOON + timedelta(seconds=3))
    operation = operations_pb2.Operation(name=name, done=done or error is not None)
    operation.metadata.Pack(metadata)
    if error is not None:
        operation.error.CopyFrom(status_of(error))
    return operation


class Portal:
    """What the services of a house answer to the wizard; a test changes one thing."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.journeys: dict[str, journeys_pb2.Journey] = {}
        self.operations: dict[str, operations_pb2.Operation] = {}
        house.calls.answers |= {
            "websites.ListPacks": websites_pb2.ListPacksResponse(
                packs=[
                    a_pack("vn.homestay.bien", "homestay", "restaurant", "farm"),
                    a_pack("vn.restaurant.bep", "restaurant"),
                ]
            ),
            "websites.SuggestDraft": a_draft,
            "domains.QuoteDomain": a_quote(),
            "domains.RegisterDomain": operations_pb2.Operation(done=True),
            "domains.CheckAvailability": [],
            "domains.SuggestNames": [],
            "journeys.GetJourney": self.get_journey,
            "journeys.GoOnline": self.go_online,
            "journeys.FinishOnline": self.go_online,
            "operations.journeys.GetOperation": self.get_operation,
        }

    def go_online(self, request: Any) -> operations_pb2.Operation:
        (asked,) = [one for one in self.house.calls.did if one.request is request]
        name = operation_name(asked.actor.tenant, request.request_id)
        id = name.removeprefix("operations/")
        self.journeys.setdefault(
            id, State(name=f"journeys/{id}", domain=request.domain, state=State.STATE_RUNNING)
        )
        self.operations.setdefault(name, an_operation(name, ("quote", "INTENDED")))
        return self.operations[name]

    def get_journey(self, request: journeys_pb2.GetJourneyRequest) -> Any:
        id = request.name.removeprefix("journeys/")
        return self.journeys.get(id, Absent("OPERATION_ABSENT"))

    def get_operation(self, request: operations_pb2.GetOperationRequest) -> Any:
        return self.operations.get(request.name, Absent("OPERATION_ABSENT"))

    def end(self, id: str, error: HaidangError, **journey: Any) -> None:
        """The journey *id* ended refused."""
        name = f"operations/{id}"
        self.operations[name] = an_operation(
            name, ("quote", "SETTLED"), ("authorize", "REFUSED"), error=error
        )
        self.journeys[id] = State(
            name=f"journeys/{id}", state=State.STATE_REFUSED, reason=error.reason, **journey
        )


async def a_start(house: House, owner: Browser, **changes: str) -> str:
    """The id of a start of *owner*'s that knows everything, but for *changes*."""
    facts = {**FACTS, **changes}
    start = await house.offices.starts.begin(owner.session.tenant, an_id(), facts)
    return str(start.id)


async def facts_of(house: House, owner: Browser, id: str) -> dict[str, str]:
    return dict((await house.offices.starts.get(owner.session.tenant, id)).facts)
