"""Renewals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "renewals_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "renewal",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("renewed_at", Instant),
        sa.Column("ended_at", Instant),
        sa.Column("authorized_dong", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("captured_dong", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("released_dong", sa.BigInteger, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("renewal")
