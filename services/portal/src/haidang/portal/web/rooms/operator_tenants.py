"""Businesses, as an operator sees them: a list, and one with its people, names and sites."""

from __future__ import annotations

import asyncio
from datetime import datetime

from haidang.api.domains.v1 import domains_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.clock import instant_of
from haidang.core.errors import Absent
from haidang.portal.accounts import Accounts
from haidang.portal.looks import EVERYBODY, Looks
from haidang.portal.personal.ledger import ListedTenant, TenantLedger
from haidang.portal.web.calls import Calls
from haidang.portal.web.doors import OPERATOR, Door
from haidang.portal.web.rooms.operator_eyes import answered, gate, instant, operator, reader
from haidang.portal.web.visit import Visit
from starlette.responses import Response

SHOWN = 50
MOST_OF_EACH = 100


class OperatorTenants:
    """`/operator/co-so`: personal data, so a reason is asked first, and each look written."""

    def __init__(
        self, calls: Calls, looks: Looks, tenants: TenantLedger, accounts: Accounts
    ) -> None:
        self._calls = calls
        self._looks = looks
        self._tenants = tenants
        self._accounts = accounts

    def doors(self) -> tuple[Door, ...]:
        """The list and one business."""
        return (
            Door("GET", "/operator/co-so", self.show, needs=OPERATOR),
            Door("GET", "/operator/co-so/{tenant}", self.one, needs=OPERATOR),
        )

    async def show(self, visit: Visit) -> Response:
        """Every business with what it holds in numbers."""
        operator(visit)
        if asked := await gate(visit, self._looks, EVERYBODY, "tenants"):
            return asked
        search = visit.asked("tim")[:100]
        found = await self._tenants.page(
            after=_after(visit.asked("sau")), limit=SHOWN + 1, search=search
        )
        shown = found[:SHOWN]
        counts = await asyncio.gather(*(self._counts(visit, one) for one in shown))
        last = shown[-1] if len(found) > SHOWN else None
        return visit.page(
            "operator_tenants.html",
            rows=list(zip(shown, counts, strict=True)),
            search=search,
            total=await self._tenants.count(),
            onward=f"{last.created_at.isoformat()}_{last.id}" if last else "",
        )

    async def _counts(self, visit: Visit, tenant: ListedTenant) -> tuple[int | None, int | None]:
        """How many names and sites; None where a service does not answer."""
        actor = reader(visit, tenant.id)
        names, sites = await asyncio.gather(
            answered(
                lambda: self._calls.service("domains", actor).ListRegistrations(
                    domains_pb2.ListRegistrationsRequest(page_size=MOST_OF_EACH)
                )
            ),
            answered(
                lambda: self._calls.service("websites", actor).ListWebsites(
                    websites_pb2.ListWebsitesRequest(page_size=MOST_OF_EACH)
                )
            ),
        )
        return (
            len(names[0].registrations) if names[0] is not None else None,
            len(sites[0].websites) if sites[0] is not None else None,
        )

    async def one(self, visit: Visit) -> Response:
        """One business: people, names, sites, and the way to its operations."""
        operator(visit)
        tenant = await self._tenants.tenant(visit["tenant"])
        if tenant is None:
            raise Absent("OPERATION_ABSENT")
        if asked := await gate(visit, self._looks, tenant.id, "tenant"):
            return asked
        actor = reader(visit, tenant.id)
        names, _ = await answered(
            lambda: self._calls.service("domains", actor).ListRegistrations(
                domains_pb2.ListRegistrationsRequest(page_size=MOST_OF_EACH)
            )
        )
        sites, _ = await answered(
            lambda: self._calls.service("websites", actor).ListWebsites(
                websites_pb2.ListWebsitesRequest(page_size=MOST_OF_EACH)
            )
        )
        team = await self._accounts.teams.ledger.team(tenant.id)
        users = [await self._accounts.ledger.user(one.user_id) for one in team]
        return visit.page(
            "operator_tenant.html",
            tenant=tenant,
            people=list(zip(team, users, strict=True)),
            names=names.registrations if names else None,
            sites=sites.websites if sites else None,
            instant=instant,
            looks=await self._looks.of_tenant(tenant.id, None),
        )


def _after(text: str) -> tuple[datetime, str] | None:
    at, _, id = text.partition("_")
    try:
        return instant_of(at), id
    except ValueError:
        return None
