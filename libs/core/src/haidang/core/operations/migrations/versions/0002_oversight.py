"""What operators and erasures need: tries, shapes of receipts, resolutions, erasures, indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "operations_0002"
down_revision = "operations_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("effect", sa.Column("tries", sa.Integer, nullable=False, server_default="0"))
    op.create_index("operation_by_state", "operation", ["state", "created_at", "name"])
    op.create_index("operation_by_age", "operation", ["created_at", "name"])
    op.create_index("operation_by_end", "operation", ["updated_at"])
    op.create_index("effect_by_state", "effect", ["state", "operation"])
    op.create_table(
        "receipt_shape",
        sa.Column("kind", sa.String(80), primary_key=True),
        sa.Column("effect", sa.String(80), primary_key=True),
        sa.Column("schema_json", sa.Text, nullable=False),
    )
    op.create_table(
        "resolution",
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("operation", sa.String(80), nullable=False),
        sa.Column("effect", sa.String(80), nullable=False),
        sa.Column("word_sha256", sa.String(64), nullable=False),
        sa.Column("happened", sa.Boolean, nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
    )
    op.create_index("resolution_by_operation", "resolution", ["operation", "created_at"])
    op.create_table(
        "erasure",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("request_id", sa.String(36), primary_key=True),
        sa.Column("holdings_json", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
    )


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_table("resolution")
    op.drop_table("receipt_shape")
    for name, table in (
        ("effect_by_state", "effect"),
        ("operation_by_end", "operation"),
        ("operation_by_age", "operation"),
        ("operation_by_state", "operation"),
    ):
        op.drop_index(name, table)
    op.drop_column("effect", "tries")
