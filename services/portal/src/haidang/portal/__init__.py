"""The portal: accounts' tokens, payments, and the durable journey that takes a business online.

Begin with `journeys.py`, the office that tells the story. `neighbours.py` speaks to the
other three services by their contracts, `tokens.py` is the only holder of the signing
key, `ledger.py` keeps what became of each journey. `sandbox_bank/` is a foreign party.
"""
