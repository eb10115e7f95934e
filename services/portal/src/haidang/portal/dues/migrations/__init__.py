"""Migrations of the dues."""
