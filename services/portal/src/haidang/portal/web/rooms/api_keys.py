"""API keys: what an owner gives an integrator."""

from __future__ import annotations

from uuid import uuid4

from haidang.core.clock import Clock
from haidang.core.errors import Absent, HaidangError, Malformed, Refused
from haidang.portal.accounts import Accounts
from haidang.portal.accounts.grants import KEY_SCOPES
from haidang.portal.web.doors import Door
from haidang.portal.web.forms import Faults
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.visit import Visit
from starlette.responses import Response

ROOT = "/tai-khoan/khoa-api"
DAYS = (30, 90, 180, 365)


class ApiKeys:
    """`/tai-khoan/khoa-api`. A key's text is in one answer and nowhere else."""

    def __init__(self, accounts: Accounts, clock: Clock) -> None:
        self._keys = accounts.keys
        self._clock = clock

    def doors(self) -> tuple[Door, ...]:
        """For owners, freshly proved."""
        return (
            Door("GET", ROOT, self.show, needs="keys.write", fresh=True),
            Door("POST", ROOT, self.make, needs="keys.write", fresh=True),
            Door("POST", f"{ROOT}/thu-hoi", self.revoke, needs="keys.write"),
        )

    async def show(self, visit: Visit) -> Response:
        """The business's keys and the form of a new one."""
        return await self._shown(visit, Faults())

    async def make(self, visit: Visit) -> Response:
        """Make a key and show its text, this once."""
        typed = visit.typed
        days = typed.get("days", "")
        try:
            key, text = await self._keys.make(
                visit.session,
                typed.raw("name"),
                typed.all("scopes"),
                whole_number(days) or 0,
                request_id=typed.raw("request_id"),
            )
        except (Malformed, Refused) as error:
            return await self._shown(visit, _faults(visit, error), 422)
        return visit.page("api_key_made.html", key=key, text=text)

    async def revoke(self, visit: Visit) -> Response:
        """End a key at once."""
        try:
            await self._keys.revoke(visit.session, visit.typed.raw("id"))
        except Absent as error:
            return await self._shown(visit, _faults(visit, error), 404)
        return visit.go(ROOT)

    async def _shown(self, visit: Visit, faults: Faults, status: int = 200) -> Response:
        return visit.page(
            "api_keys.html",
            status,
            faults=faults,
            keys=await self._keys.keys(visit.session),
            now=self._clock.now(),
            scopes=KEY_SCOPES,
            chosen=visit.typed.all("scopes"),
            days_words=[(str(days), visit.words("keys.for_days", n=days)) for days in DAYS],
            request_id=visit.typed.get("request_id", str(uuid4())),
        )


def _faults(visit: Visit, error: HaidangError) -> Faults:
    faults = Faults()
    faults.add_error(error, visit.locale)
    return faults
