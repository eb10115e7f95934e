"""Operations and their effects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "operations_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "operation",
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("tenant", sa.String(80), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("request_id", sa.String(36), nullable=False),
        sa.Column("request_sha256", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("seal_key", sa.String(64)),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("failure", sa.Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("updated_at", Instant, nullable=False),
        sa.UniqueConstraint("tenant", "request_id"),
    )
    op.create_index("operation_by_tenant", "operation", ["tenant", "created_at", "name"])
    op.create_table(
        "effect",
        sa.Column("operation", sa.String(80), primary_key=True),
        sa.Column("name", sa.String(80), primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("intent", sa.Text, nullable=False),
        sa.Column("receipt", sa.Text),
        sa.Column("failure", sa.Text),
        sa.Column("life", sa.String(32), nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("effect")
    op.drop_table("operation")
