"""The map of the library: what every service stands on.

Reading order for a newcomer: `errors`, then `ports`, then `operations`, then `server`.

What may be said and asked

- `errors`: the error vocabulary; a reason, its class, its code, its two sentences
- `ports`: every Protocol a plugin can implement, with the frozen values it exchanges
- `offers`, `hookspecs`: what a plugin hands in, and the hooks it does so by
- `identifiers`, `provinces`, `vietnamese`, `money`, `clock`: values of this country; pure

What carries the platform

- `operations`: anything with an effect; desk, run, journal, and google.longrunning
- `plugins`, `guard`: anything replaceable; guarded loading, choosing, guarded calling
- `database`, `blobs`: sessions and migrations; content by its digest

The way in and out

- `server`: the grpc.aio server and its Door      `statuses`: errors as google.rpc.Status
- `client`: channels, deadlines, the facade for integrators
- `tenancy`: actors, grants, tokens, API keys     `telemetry`: redacted logs, counters

One machine

- `settings`: the only reader of the environment  `process`: one process's life
- `supervisor`, `addresses`, `local_operator`: `haidang up`      `cli`: the command
- `testing`: in-memory runs, subprocesses, one conformance suite per port

Core never imports a service.
"""
