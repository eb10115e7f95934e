"""Documents and signers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "esign_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "document",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("id", sa.String(80), primary_key=True),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("level", sa.Integer),
        sa.Column("source", sa.String(80), nullable=False, server_default=""),
        sa.Column("report_json", sa.Text, nullable=False, server_default=""),
    )
    op.create_table(
        "signer",
        sa.Column("tenant", sa.String(80), primary_key=True),
        sa.Column("key_name", sa.String(80), primary_key=True),
    )


def downgrade() -> None:
    op.drop_table("signer")
    op.drop_table("document")
