"""Migrations of erasures."""
