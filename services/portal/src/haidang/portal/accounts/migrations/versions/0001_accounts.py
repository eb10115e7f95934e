"""Accounts: users and tenants, how users prove who they are, and what they handed out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from haidang.core.database import Instant

revision = "accounts_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_user",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("identifier", sa.String(254), nullable=False, unique=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("is_operator", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "account_tenant",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_table(
        "account_member",
        sa.Column("tenant", sa.String(40), primary_key=True),
        sa.Column("user_id", sa.String(40), primary_key=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("joined_at", Instant, nullable=False),
    )
    op.create_index("account_member_user", "account_member", ["user_id"])
    _create_proofs()
    _create_handed_out()
    op.create_table(
        "account_event",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
    )
    op.create_index("account_event_user", "account_event", ["user_id", "id"])


def _create_proofs() -> None:
    op.create_table(
        "account_session",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("id", sa.String(40), nullable=False, unique=True),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("tenant", sa.String(40), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("proved_at", Instant, nullable=False),
        sa.Column("ends_at", Instant),
        sa.Column("succeeded_by", sa.String(40), nullable=False, server_default=""),
    )
    op.create_index("account_session_user", "account_session", ["user_id"])
    op.create_table(
        "account_device",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("user_id", sa.String(40), primary_key=True),
        sa.Column("seen_at", Instant, nullable=False),
    )
    op.create_table(
        "account_recovery_code",
        sa.Column("user_id", sa.String(40), primary_key=True),
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    _create_passkeys()
    op.create_table(
        "account_throttle",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", Instant, nullable=False),
    )


def _create_passkeys() -> None:
    op.create_table(
        "account_passkey",
        sa.Column("id", sa.String(1400), primary_key=True),
        sa.Column("user_id", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("public_key", sa.LargeBinary, nullable=False),
        sa.Column("sign_count", sa.BigInteger, nullable=False),
        sa.Column("is_backed_up", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_index("account_passkey_user", "account_passkey", ["user_id"])
    op.create_table(
        "account_used_challenge",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("expires_at", Instant, nullable=False),
    )


def _create_handed_out() -> None:
    op.create_table(
        "account_invitation",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(40), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False, unique=True),
        sa.Column("role", sa.String(20), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_by", sa.String(40), nullable=False, server_default=""),
        sa.Column("used_at", Instant),
        sa.Column("revoked_at", Instant),
    )
    op.create_index("account_invitation_tenant", "account_invitation", ["tenant"])
    op.create_table(
        "account_api_key",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("tenant", sa.String(40), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("grants", sa.String(400), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
        sa.Column("revoked_at", Instant),
    )
    op.create_index("account_api_key_tenant", "account_api_key", ["tenant"])
    op.create_table(
        "account_operator_link",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("used_by", sa.String(40), nullable=False),
        sa.Column("used_at", Instant, nullable=False),
    )


def downgrade() -> None:
    for table in (
        "operator_link",
        "api_key",
        "invitation",
        "throttle",
        "used_challenge",
        "passkey",
        "recovery_code",
        "device",
        "session",
        "event",
        "member",
        "tenant",
        "user",
    ):
        op.drop_table(f"account_{table}")
