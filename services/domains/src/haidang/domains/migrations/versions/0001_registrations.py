"""Quotes and registrations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "domains_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quote",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("years", sa.Integer, nullable=False),
        sa.Column("lines", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_table(
        "registration",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("unicode_name", sa.String(255), nullable=False),
        sa.Column("operation", sa.String(80), nullable=False),
        sa.Column("registry", sa.String(40), nullable=False),
        sa.Column("roid", sa.String(100), nullable=False),
        sa.Column("party", sa.Text, nullable=False),
        sa.Column("nameservers", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.UniqueConstraint("name", name="one_holder_per_name"),
    )


def downgrade() -> None:
    op.drop_table("registration")
    op.drop_table("quote")
