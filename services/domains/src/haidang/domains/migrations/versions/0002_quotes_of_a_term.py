"""Quotes of renewals name the term they are for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "domains_0002"
down_revision = "domains_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("quote", sa.Column("term_expires_at", Instant, nullable=True))


def downgrade() -> None:
    op.drop_column("quote", "term_expires_at")
