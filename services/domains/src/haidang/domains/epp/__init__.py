"""EPP, the registries' protocol, as a vocabulary of values.

`frames`, `values`, `profile`, `commands`, `responses` and `verdicts` are pure: bytes
and values in, bytes and values out. `session` alone owns a socket. Offices never come
here; `providers/epp_registry.py` does.
"""
