"""Websites, deployments, media."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "websites_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "website",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("draft", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("live_deployment", sa.String(40), nullable=False, server_default=""),
        sa.Column("live_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("live_uri", sa.String(300), nullable=False, server_default=""),
        sa.Column("last_sequence", sa.BigInteger, nullable=False, server_default="0"),
        sa.Column("asked_sha256", sa.String(64), nullable=False),
        sa.UniqueConstraint("domain", name="one_website_per_host"),
    )
    op.create_table(
        "deployment",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("site", sa.String(40), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("domain", sa.String(255), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("pack", sa.String(80), nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "media",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("facts", sa.Text, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("media")
    op.drop_table("deployment")
    op.drop_table("website")
