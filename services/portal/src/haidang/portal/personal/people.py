"""A business and its people as personal data, over the office of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from haidang.core.privacy import JSON, Holding
from haidang.portal.accounts import Accounts

PEOPLE = "portal.people"


class PeoplePart:
    """Members, invitations, API keys and sessions of a business. Members stay users."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def holdings(self, tenant: str) -> Sequence[Holding]:
        """The members; what goes with them is named in words."""
        team = await self._accounts.teams.ledger.team(tenant)
        return (
            Holding(
                PEOPLE,
                len(team),
                "Thành viên của cơ sở, lời mời, khóa truy cập và phiên đăng nhập",
                "Members of the business, invitations, API keys and sessions",
            ),
        )

    async def export(self, tenant: str) -> Mapping[str, JSON]:
        """Who belongs to the business. Each person's own account is theirs to export."""
        team = await self._accounts.teams.ledger.team(tenant)
        return {
            PEOPLE: [
                {
                    "business": one.tenant_name,
                    "name": one.user_name,
                    "role": one.role.value,
                    "joined_at": one.joined_at.isoformat(),
                }
                for one in team
            ]
        }

    async def erase(self, tenant: str) -> None:
        """Forget the business; its sessions end and its keys open nothing."""
        await self._accounts.erase_tenant(tenant)
