"""What is held about a business: seen in words, taken along as one file, erased for good.

Erasing needs the owner, a fresh proof and the business's name typed; then it runs durably
over every service, and whoever asked reads how it went by a link that needs no session.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from haidang.api.privacy.v1 import privacy_pb2
from haidang.core.clock import VIETNAM, Clock, instant_of, vietnamese_time
from haidang.core.errors import Absent, Refused, Unavailable
from haidang.core.vietnamese import normal
from haidang.portal.accounts import Accounts
from haidang.portal.erasures import ErasedLine
from haidang.portal.erasures.desk import FarewellDesk, Standing
from haidang.portal.erasures.forgetting import lines_of
from haidang.portal.erasures.office import SERVICES, STEPS
from haidang.portal.looks import EVERYBODY, Looks
from haidang.portal.web.calls import Calls
from haidang.portal.web.doors import PUBLIC, SIGNED_IN, Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.visit import Visit
from starlette.responses import Response, StreamingResponse

GRANT = "data.write"
ROOT, ERASE = "/du-lieu", "/du-lieu/xoa"
EXPORT_SECONDS = 60.0
REFRESH_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """All that one service holds, line by line, and what is under way there."""

    service: str
    lines: tuple[ErasedLine, ...]
    running: int


class PersonalDataRoom:
    """`/du-lieu` for owners, and `/tam-biet/{token}` for whoever left."""

    def __init__(
        self,
        accounts: Accounts,
        calls: Calls,
        looks: Looks,
        farewells: FarewellDesk | None,
        clock: Clock,
    ) -> None:
        self._accounts = accounts
        self._calls = calls
        self._looks = looks
        self._farewells = farewells
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """See, take along, erase; and the page of farewell."""
        return (
            Door("GET", ROOT, self.show, needs=SIGNED_IN),
            Door("GET", f"{ROOT}/tep", self.export, needs=SIGNED_IN, fresh=True),
            Door("GET", ERASE, self.consider, needs=GRANT, fresh=True),
            Door("POST", ERASE, self.erase, needs=GRANT, fresh=True),
            Door("GET", f"{ROOT}/{{part}}", self.part, needs=GRANT),
            Door("GET", "/tam-biet/{token}", self.farewell, needs=PUBLIC),
        )

    async def show(self, visit: Visit) -> Response:
        """What is held, in words; who of the platform looked at it."""
        held = await self._held(visit) if visit.may(GRANT) else ()
        return visit.page(
            "personal_data.html",
            held=held,
            may_all=visit.may(GRANT),
            looks=await self._looked(visit) if visit.may(GRANT) else (),
            everybody=EVERYBODY,
            business=await self._business(visit),
        )

    async def _held(self, visit: Visit) -> tuple[Kept, ...]:
        return tuple(await asyncio.gather(*(self._held_by(visit, name) for name in SERVICES)))

    async def _held_by(self, visit: Visit, name: str) -> Kept:
        service = self._calls.privacy(name, visit.actor)
        answer = await service.PlanErasure(privacy_pb2.PlanErasureRequest())
        return Kept(name, lines_of(name, answer), answer.running_operations)

    # Any: rows of a template.
    async def _looked(self, visit: Visit) -> Sequence[Any]:
        mine = [
            one
            for one in await self._accounts.teams.ledger.team(visit.session.tenant)
            if one.user_id == visit.session.user_id
        ]
        since = mine[0].joined_at if mine else None
        return await self._looks.of_tenant(visit.session.tenant, since)

    async def _business(self, visit: Visit) -> str:
        for one in await self._accounts.teams.ledger.memberships(visit.session.user_id):
            if one.tenant == visit.session.tenant:
                return one.tenant_name
        return ""

    async def part(self, visit: Visit) -> Response:
        """All that one service holds, value by value."""
        name = visit["part"]
        if name not in SERVICES:
            raise Absent("OPERATION_ABSENT")
        held = await self._held_by(visit, name)
        texts = [chunk async for chunk in self._exported(visit, name)]
        values: Mapping[str, Any] = json.loads(b"".join(texts))
        kinds = {one.kind: one for one in held.lines}
        return visit.page(
            "personal_data_part.html",
            service=name,
            groups=[(kinds.get(kind), kind, value) for kind, value in values.items() if value],
            instants=_written_instant,
        )

    async def _exported(self, visit: Visit, name: str) -> AsyncIterator[bytes]:
        service = self._calls.privacy(name, visit.actor)
        request = privacy_pb2.ExportPersonalDataRequest()
        async for piece in service.stream("ExportPersonalData", request, timeout=EXPORT_SECONDS):
            yield piece.chunk

    async def export(self, visit: Visit) -> Response:
        """One JSON file; it is cut off where a service falls silent, never shortened quietly."""
        if visit.may(GRANT):
            await self._held(visit)  # every service answers before the first byte is sent
        now = self._clock.now()
        day = now.astimezone(VIETNAM).date().isoformat()
        return StreamingResponse(
            self._file(visit, now),
            media_type="application/json",
            headers={
                "Content-Disposition": f'attachment; filename="du-lieu-hai-dang-{day}.json"',
                "Cache-Control": "no-store",
            },
        )

    async def _file(self, visit: Visit, now: datetime) -> AsyncIterator[bytes]:
        account = await self._accounts.export_user(visit.session.user_id)
        head = {"exported_at": now.isoformat(), "account": account}
        yield json.dumps(head, ensure_ascii=False)[:-1].encode()
        if visit.may(GRANT):
            for name in SERVICES:
                yield f", {json.dumps(name)}: ".encode()
                async for chunk in self._exported(visit, name):
                    yield chunk
        yield b"}\n"

    async def consider(self, visit: Visit) -> Response:
        """What will be erased and what stays, line by line, before anything is."""
        return await self._danger(visit, Faults(), str(uuid.uuid4()))

    async def _danger(self, visit: Visit, faults: Faults, request_id: str) -> Response:
        held = await self._held(visit)
        team = await self._accounts.teams.ledger.team(visit.session.tenant)
        lines = [line for one in held for line in one.lines]
        return visit.page(
            "personal_data_erase.html",
            422 if faults else 200,
            erased=[line for line in lines if line.kept is None],
            kept=[line for line in lines if line.kept is not None],
            running=sum(one.running for one in held),
            others=len(team) - 1,
            keeps_account=await self._keeps_account(visit),
            business=await self._business(visit),
            request_id=request_id,
            faults=faults,
        )

    async def _keeps_account(self, visit: Visit) -> bool:
        """Whether another business keeps the account alive."""
        return len(await self._accounts.teams.ledger.memberships(visit.session.user_id)) > 1

    async def erase(self, visit: Visit) -> Response:
        """Begin erasing, if the business's name was typed and nothing is under way."""
        if self._farewells is None:
            raise Unavailable("NOT_READY")
        faults, business = Faults(), await self._business(visit)
        request_id = visit.typed.get("request_id", "")
        if normal(visit.typed.get("name", "")).casefold() != normal(business).casefold():
            faults.add("name", visit.words("data.erase.name_fault", name=business))
        running = sum(one.running for one in await self._held(visit))
        if running:
            error = Refused("PRIVACY_OPERATIONS_RUNNING", count=running)
            faults.add_error(error, visit.locale)
        if faults:
            return await self._danger(visit, faults, request_id)
        token = await self._farewells.start(visit.actor, request_id)
        # The session itself ends with the accounts; a second tap still finds its way here.
        visit.end_session()
        return visit.go(f"/tam-biet/{token}")

    async def farewell(self, visit: Visit) -> Response:
        """How the erasure stands, for whoever has its link."""
        if self._farewells is None:
            raise Unavailable("NOT_READY")
        standing = await self._farewells.standing(visit["token"])
        end = standing.farewell
        response = visit.page(
            "farewell.html",
            steps=_steps(visit, standing),
            end=end,
            erased=[one for one in end.lines if one.kept is None] if end else (),
            kept=[one for one in end.lines if one.kept is not None] if end else (),
            failed=standing.error is not None,
        )
        if end is None and standing.error is None:
            response.headers["Refresh"] = str(REFRESH_SECONDS)
        return response


# Any: rows of a template.
def _steps(visit: Visit, standing: Standing) -> list[dict[str, Any]]:
    ahead = [step for step in STEPS if step not in standing.done]
    rows = []
    for step in STEPS:
        state = "done" if step in standing.done else "waiting"
        if ahead and step == ahead[0] and standing.error is None:
            state = "doing"
        rows.append({"state": state, "words": visit.words(f"data.step.{step}"), "note": ""})
    return rows


def _written_instant(text: object) -> str:
    """An ISO instant as Vietnamese write it; anything else as it is."""
    if not isinstance(text, str) or len(text) < len("2026-11-28T00:00:00"):
        return str(text)
    try:
        return vietnamese_time(instant_of(text))
    except ValueError:
        return text
