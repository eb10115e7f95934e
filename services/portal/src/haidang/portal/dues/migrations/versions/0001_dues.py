"""Payments of what is owed: who pays for a name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "dues_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "due_claim",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("domain", sa.String(255), primary_key=True),
        sa.Column("payment", sa.String(80), nullable=False),
        sa.Column("items_json", sa.Text, nullable=False),
        sa.Column("claimed_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("due_claim")
