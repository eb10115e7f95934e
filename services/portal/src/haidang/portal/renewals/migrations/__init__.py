"""Migrations of the renewals."""
