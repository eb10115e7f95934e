"""A user's own data: all of it to see, and all of it to erase."""

from __future__ import annotations

from haidang.core.errors import Absent, Refused, register
from haidang.portal.accounts.keys.ledger import KeyLedger
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.passkeys.ledger import PasskeyLedger
from haidang.portal.accounts.teams.ledger import TeamLedger
from haidang.portal.accounts.values import Role

EVERY_EVENT = 100_000

register(
    Absent,
    {"USER_ABSENT": ("There is no such user.", "Không có người dùng này.")},
)


class Privacy:
    """Export and erasure over all ledgers of accounts."""

    def __init__(
        self, people: AccountLedger, teams: TeamLedger, passkeys: PasskeyLedger, keys: KeyLedger
    ) -> None:
        self._people = people
        self._teams = teams
        self._passkeys = passkeys
        self._keys = keys

    async def export_user(self, user_id: str) -> dict[str, object]:
        """Everything about the user but secrets and their hashes. Instants are ISO 8601, UTC."""
        user = await self._people.user(user_id)
        if user is None:
            raise Absent("USER_ABSENT")
        left, made_at = await self._people.codes_left(user_id)
        return {
            "name": user.name,
            "identifier": user.identifier,
            "created_at": user.created_at.isoformat(),
            "is_operator": user.is_operator,
            "businesses": [
                {
                    "name": one.tenant_name,
                    "tenant": one.tenant,
                    "role": one.role.value,
                    "joined_at": one.joined_at.isoformat(),
                }
                for one in await self._teams.memberships(user_id)
            ],
            "sessions": [
                {
                    "device": one.device,
                    "created_at": one.created_at.isoformat(),
                    "seen_at": one.seen_at.isoformat(),
                }
                for one in await self._people.sessions(user_id)
            ],
            "passkeys": [
                {"name": one.name, "created_at": one.created_at.isoformat()}
                for one in await self._passkeys.passkeys(user_id)
            ],
            "recovery_codes": {
                "left": left,
                "made_at": made_at.isoformat() if made_at else None,
            },
            "journal": [
                {"at": one.at.isoformat(), "kind": one.kind, "detail": one.detail}
                for one in await self._people.events(user_id, EVERY_EVENT)
            ],
        }

    async def tenants_to_erase(self, user_id: str) -> tuple[str, ...]:
        """Businesses where the user is alone. Raises: Absent USER_ABSENT; Refused LAST_OWNER."""
        if await self._people.user(user_id) is None:
            raise Absent("USER_ABSENT")
        alone = []
        for place in await self._teams.memberships(user_id):
            others = [one for one in await self._teams.team(place.tenant) if one.user_id != user_id]
            if not others:
                alone.append(place.tenant)
            elif place.role is Role.OWNER and not any(one.role is Role.OWNER for one in others):
                raise Refused("LAST_OWNER", business=place.tenant_name)
        return tuple(alone)

    async def erase_user(self, user_id: str) -> tuple[str, ...]:
        """Forget the user; the businesses that went along."""
        tenants = await self.tenants_to_erase(user_id)
        async with self._people.database.writing() as tx:
            for tenant in tenants:
                await self._teams.erase_tenant(tx, tenant)
                await self._keys.erase_tenant(tx, tenant)
            await self._teams.forget_user(tx, user_id)
            await self._passkeys.forget_user(tx, user_id)
            await self._people.erase(tx, user_id)
        return tenants

    async def erase_tenant(self, tenant: str) -> None:
        """Forget a business; its members stay users."""
        async with self._people.database.writing() as tx:
            await self._teams.erase_tenant(tx, tenant)
            await self._keys.erase_tenant(tx, tenant)
            await self._people.end_sessions_of(tx, tenant)
