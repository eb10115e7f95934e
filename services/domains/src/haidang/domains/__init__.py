"""Names under .vn: quotes, registrations, renewals, and the zones on them.

Begin with `registrar.py` and `zonekeeper.py`, the two offices. `names`, `eligibility`,
`fees`, `lifecycle` and `zones` are the rules, pure; `law/` is the dated data they read.
`epp/` speaks the registry's protocol, `providers/` are the ways to a registry and to a
DNS host, and `sandbox_registry/` is a foreign party that shares only the frame codec.
"""
