"""A SANDBOX bank: a foreign party with its own process and store. No money moves anywhere.

It is spoken to only by its HTTP protocol, documented in `app`, and keeps a journal of
every effect it executed.
"""
