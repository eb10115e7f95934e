"""Papers: signing them with held keys, and judging anybody's signatures.

Begin with `signing.py`, the office that prepares, has the key sign, and assembles.
`formats/pades.py` is the format, `documents/` typesets our own papers, `providers/` hold
keys and fetch evidence. Judging has a house of its own: `verify_worker` inspects hostile
files in a bounded process, `gates` and `verdicts` conclude from plain facts.
`sandbox_trust/` is a foreign party: authority, OCSP, CRL and time-stamps without value.
"""
