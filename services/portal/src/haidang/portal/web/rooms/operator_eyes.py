"""What the operator's rooms share: who looks, why, and words for where things stand.

An operator sees operations as the platform's own actor; a business's names and sites as
an actor of that business that may only read. Either is written down before.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp
from haidang.api.operations.v1 import operations_pb2
from haidang.core.errors import Absent, HaidangError
from haidang.core.tenancy import OPERATE, Actor
from haidang.portal.looks import Looks
from haidang.portal.web.calls import SERVICES
from haidang.portal.web.visit import Visit
from starlette.responses import Response

Metadata = operations_pb2.OperationMetadata
OPERATOR_TENANT = "operator"
TENANT = re.compile(r"[A-Za-z0-9_*.:-]{1,80}")
ONWARD = re.compile(r"/operator(?!.*\.\.)(/[A-Za-z0-9_./:?&=%*-]*)?")
KINDS = {
    Metadata.STATE_RUNNING: "plain",
    Metadata.STATE_UNSETTLED: "wait",
    Metadata.STATE_NEEDS_OPERATOR: "bad",
    Metadata.STATE_SUCCEEDED: "good",
    Metadata.STATE_FAILED: "plain",
}
"""A console is monochrome until something is wrong: what failed with a reason is no alarm."""
STATES = {
    Metadata.State.Name(state).removeprefix("STATE_").lower(): state
    for state in Metadata.State.values()
    if state != Metadata.STATE_UNSPECIFIED
}


def operator(visit: Visit) -> Actor:
    """The operator as the platform's own actor. Raises: Absent for anybody else."""
    if not visit.session.is_operator:
        raise Absent("OPERATION_ABSENT")
    return Actor(visit.session.user_id, OPERATOR_TENANT, frozenset({OPERATE}))


def reader(visit: Visit, tenant: str) -> Actor:
    """The operator as one of *tenant* who may only read. Raises: as `operator`."""
    who = operator(visit).id
    return Actor(f"operator:{who}", tenant, frozenset({"domains.read", "websites.read"}))


async def gate(visit: Visit, looks: Looks, tenant: str, what: str) -> Response | None:
    """None once the look is written down; else the page that asks for the reason."""
    if await looks.look(visit.session, tenant, what):
        return None
    request = visit.request.url
    onward = request.path + (f"?{request.query}" if request.query else "")
    return visit.page("operator_reason.html", tenant=tenant, onward=onward, why="")


def checked_service(name: str) -> str:
    """*name* as one of the services. Raises: Absent."""
    if name not in SERVICES:
        raise Absent("OPERATION_ABSENT")
    return name


@dataclass(frozen=True, slots=True)
class Row:
    """An operation as a list shows it."""

    service: str
    id: str
    kind: str
    tenant: str
    state: str
    mark: str
    reason: str
    at_effect: str
    created_at: datetime
    updated_at: datetime

    @property
    def path(self) -> str:
        """Its timeline."""
        return f"/operator/yeu-cau/{self.service}/{self.id}"


def row_of(service: str, one: operations_pb2.OperationSummary) -> Row:
    """*one*, issued by *service*."""
    return Row(
        service,
        one.name.removeprefix("operations/"),
        one.kind,
        one.tenant,
        state_word(one.state),
        KINDS.get(one.state, "plain"),
        one.reason,
        one.at_effect,
        instant(one.create_time),
        instant(one.update_time),
    )


def state_word(state: int) -> str:
    """The last part of a state's key in the catalogue."""
    return Metadata.State.Name(state).removeprefix("STATE_").lower()  # type: ignore[arg-type]  # an enum's number


def instant(stamp: Timestamp) -> datetime:
    """A message's time as an aware instant."""
    return stamp.ToDatetime(UTC)


# Any: an answer of the service's own kind.
async def answered(call: Callable[[], Awaitable[Any]]) -> tuple[Any, str]:
    """An answer, or the reason why there is none: one deaf service hides no other."""
    try:
        return await call(), ""
    except HaidangError as error:
        return None, error.reason


def written_age(seconds: float, words: Callable[..., str]) -> str:
    """How long ago, in the largest unit that says it."""
    for unit, length in UNITS.items():
        if seconds >= length:
            return words(f"operator.age.{unit}", n=int(seconds // length))
    return words("operator.age.seconds", n=max(0, int(seconds)))


UNITS: Mapping[str, int] = {"days": 86_400, "hours": 3_600, "minutes": 60}
