"""What visitors sent, sealed; and the keys that open it, one for each website."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "websites_0003"
down_revision = "websites_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enquiry_key",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("site", sa.String(40), primary_key=True),
        sa.Column("seal_key", sa.String(80), nullable=False),
    )
    op.create_table(
        "enquiry",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("site", sa.String(40), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("section", sa.String(40), nullable=False),
        sa.Column("locale", sa.String(20), nullable=False),
        sa.Column("is_done", sa.Boolean, nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("erase_at", Instant, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    op.create_index("enquiry_by_age", "enquiry", ["tenant", "site", "received_at", "id"])
    op.create_index("enquiry_by_term", "enquiry", ["erase_at"])


def downgrade() -> None:
    op.drop_table("enquiry")
    op.drop_table("enquiry_key")
