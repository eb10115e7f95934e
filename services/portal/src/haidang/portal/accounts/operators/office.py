"""Operators: nobody signs up as one; whoever can read this machine's secret makes a link."""

from __future__ import annotations

from haidang.core.clock import Clock
from haidang.core.errors import Absent, register
from haidang.portal.accounts.ledger import AccountLedger
from haidang.portal.accounts.operators.ledger import LinkLedger
from haidang.portal.accounts.operators.links import expiry
from haidang.portal.accounts.sessions import Sessions
from haidang.portal.accounts.tokens import kept
from haidang.portal.accounts.values import Session

register(
    Absent,
    {
        "OPERATOR_LINK_ABSENT": (
            "This link does not hold: it was used, or its ten minutes are over. Make a new one "
            "with `haidang operator-link`.",
            "Liên kết này không còn dùng được: đã dùng rồi hoặc quá mười phút. Hãy tạo liên kết "
            "mới bằng lệnh `haidang operator-link`.",
        ),
    },
)


class Operators:
    """The office."""

    def __init__(
        self,
        ledger: LinkLedger,
        people: AccountLedger,
        sessions: Sessions,
        *,
        secret: bytes,
        clock: Clock,
    ) -> None:
        self.ledger = ledger
        self._people = people
        self._sessions = sessions
        self._secret = secret
        self._clock = clock

    def holds(self, token: str) -> bool:
        """Whether *token* is a link of ours whose time is not over; it may have been used."""
        ends = expiry(self._secret, token)
        return ends is not None and ends > self._clock.now()

    async def promote(self, session: Session, token: str) -> str:
        """Make the session's user an operator; the session's new token.

        Raises: Absent OPERATOR_LINK_ABSENT.
        """
        if not self.holds(token):
            raise Absent("OPERATOR_LINK_ABSENT")
        now = self._clock.now()
        async with self.ledger.database.writing() as tx:
            if not await self.ledger.use(tx, kept(token), session.user_id, now):
                raise Absent("OPERATOR_LINK_ABSENT")
            await self._people.change_user(tx, session.user_id, is_operator=True)
            await self._people.note(tx, session.user_id, session.tenant, now, "operator_made")
            return await self._sessions.rotate(tx, session)
