"""Migrations of the documents ledger."""
