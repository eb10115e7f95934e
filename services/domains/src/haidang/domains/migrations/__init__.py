"""Migrations of the domains ledger."""
