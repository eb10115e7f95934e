"""Tokens of farewell pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "erasures_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "farewell",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("operation", sa.String(80), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("farewell")
