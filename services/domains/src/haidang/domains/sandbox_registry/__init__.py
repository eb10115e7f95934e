"""The SANDBOX registry: a foreign party that plays the registry of .vn over EPP.

Its own process, its own store, its own typed rules; it shares nothing with our client
but the frame codec. It says SANDBOX in its greeting and registers nothing in the world.
`python -m haidang.domains.sandbox_registry` runs it; `server` owns its socket, `store`
its memory, `requests` reads frames by rules of its own, `registry` executes, `answers`
writes, `lifecycle` knows the dated day counts, `faults` misbehaves on request.
"""
