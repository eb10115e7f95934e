"""Starts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "starts_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "start",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("touched_at", Instant, nullable=False, index=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("quote_json", sa.Text, nullable=False, server_default=""),
        sa.Column("attempt_json", sa.Text, nullable=False, server_default=""),
        sa.Column("operation", sa.String(80), nullable=False, server_default=""),
        sa.Column("held_domain", sa.String(255), nullable=False, server_default=""),
        sa.Column("online_at", Instant),
    )
    op.create_table(
        "start_change",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("start", sa.String(40), primary_key=True),
        sa.Column("revision", sa.Integer, primary_key=True),
        sa.Column("field", sa.String(40), primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("tab", sa.String(40), nullable=False),
    )
    _create_what_stands_beside_it()


def _create_what_stands_beside_it() -> None:
    op.create_table(
        "start_photo",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("start", sa.String(40), primary_key=True),
        sa.Column("media", sa.String(80), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("alt", sa.Text, nullable=False),
        sa.Column("thumb", sa.String(64), nullable=False),
    )
    op.create_table(
        "start_consent",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("start", sa.String(40), primary_key=True),
        sa.Column("request_id", sa.String(40), primary_key=True),
        sa.Column("purpose", sa.String(40), primary_key=True),
        sa.Column("wording", sa.Text, nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("given_at", Instant, nullable=False),
        sa.Column("user_id", sa.String(80), nullable=False),
    )


def downgrade() -> None:
    for table in ("start_consent", "start_photo", "start_change", "start"):
        op.drop_table(table)
