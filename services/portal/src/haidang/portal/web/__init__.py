"""The self-service site: what an owner sees, on a phone first, in Vietnamese first.

Who comes in: browsers. `site.py` builds the application out of rooms; a room
(`rooms/<name>.py`) is a class whose `doors()` lists its addresses, each with who may
enter. One place (`entrance.py`) finds the visitor's session, refuses forged and oversized
posts and turns errors into pages, so that a room only reads a `Visit` and answers
`visit.page(...)`, `visit.go(...)`. Rooms speak to the other services as the visitor
(`visit.domains.QuoteDomain(request)`), to the portal's own offices directly.

    site.py       rooms -> application        entrance.py   session, CSRF, errors, headers
    visit.py      one request                 doors.py      an address and who may enter
    forms.py      fields, faults at fields    words.py      catalogues, whole sentences
    calls.py      gRPC as the visitor         events.py     server-sent events
    pages.py      templates                   assets.py     style sheet, module, fonts

Nothing here decides what is allowed in law or costs what: offices and services do.
Every flow works without JavaScript; the one ES module only makes it smoother.
"""
