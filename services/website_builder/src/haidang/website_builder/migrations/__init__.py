"""Migrations of the websites ledger."""
