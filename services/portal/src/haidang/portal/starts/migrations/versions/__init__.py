"""Migrations of the portal's ledger."""
