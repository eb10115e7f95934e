"""Purchases."""

import sqlalchemy as sa
from alembic import op

revision = "shop_0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "purchase",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("item", sa.String(80)),
        sa.Column("number", sa.Integer),
    )


def downgrade() -> None:
    op.drop_table("purchase")
