"""Whose the bytes are that lie on the way to a paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "esign_0002"
down_revision = "esign_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_blob",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("sha256", sa.String(64), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("working_blob")
