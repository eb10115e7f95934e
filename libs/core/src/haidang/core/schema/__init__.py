"""The one Alembic environment."""
