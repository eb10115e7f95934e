"""Formats of signatures: PAdES. Rooms, not ports; keys and networks never come in here."""
