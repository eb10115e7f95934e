"""Journeys."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "portal_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "journey",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("registration_json", sa.Text, nullable=False, server_default=""),
        sa.Column("website", sa.String(80), nullable=False, server_default=""),
        sa.Column("deployment_json", sa.Text, nullable=False, server_default=""),
        sa.Column("declaration_json", sa.Text, nullable=False, server_default=""),
        sa.Column("authorized_dong", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("captured_dong", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("released_dong", sa.BigInteger, nullable=False, server_default="0"),
    )


def downgrade() -> None:
    op.drop_table("journey")
