"""Earlier states of drafts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "websites_0002"
down_revision = "websites_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_revision",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("site", sa.String(40), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("author", sa.String(80), nullable=False),
        sa.Column("change", sa.String(200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("draft_revision")
