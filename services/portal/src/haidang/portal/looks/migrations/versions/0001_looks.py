"""Looks at personal data."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "looks_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "look",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("operator", sa.String(80), nullable=False),
        sa.Column("operator_name", sa.String(200), nullable=False),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("why", sa.String(400), nullable=False),
        sa.Column("at", Instant, nullable=False),
    )
    op.create_index("look_by_tenant", "look", ["tenant", "at", "id"])
    op.create_index("look_by_age", "look", ["at", "id"])


def downgrade() -> None:
    op.drop_table("look")
