"""Used operator links: SQL behind the office."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from haidang.core.database import Database, Instant
from haidang.core.operations import Tx

metadata = sa.MetaData()

links = sa.Table(
    "account_operator_link",
    metadata,
    sa.Column("hash", sa.String(64), primary_key=True),
    sa.Column("used_by", sa.String(40), nullable=False),
    sa.Column("used_at", Instant, nullable=False),
)


class LinkLedger:
    """Which links were used, by whom. Rows stay: they are the record of who let whom in."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def use(self, tx: Tx, hash: str, user_id: str, now: datetime) -> bool:
        """Use a link up; False when it was used before."""
        try:
            async with tx.begin_nested():
                await tx.execute(sa.insert(links).values(hash=hash, used_by=user_id, used_at=now))
        except sa.exc.IntegrityError:
            return False
        return True
