"""Who may do what: one table of roles and their grants. Pure.

A grant "x.write" includes "x.read" (`core.tenancy.may`). Whoever signs papers, spends
money or lets others in binds the business, so only owners do; an editor works on the
websites; a viewer looks.

| grant          | owner | editor | viewer | lets                                          |
|----------------|-------|--------|--------|-----------------------------------------------|
| domains.read   | yes   | yes    | yes    | see names, quotes, records                    |
| domains.write  | yes   |        |        | register and renew (money), change records    |
| websites.read  | yes   | yes    | yes    | see websites and what visitors sent           |
| websites.write | yes   | yes    |        | edit, publish, roll back                      |
| esign.read     | yes   | yes    | yes    | see and download papers                       |
| esign.write    | yes   |        |        | sign in the business's name                   |
| journeys.read  | yes   | yes    | yes    | follow a journey                              |
| journeys.write | yes   |        |        | take a business online (money, signature)     |
| team.read      | yes   | yes    | yes    | see who is in the team                        |
| team.write     | yes   |        |        | invite, change roles, remove, rename          |
| keys.write     | yes   |        |        | make and revoke API keys                      |
| data.write     | yes   |        |        | export and erase the business's data          |
"""

from __future__ import annotations

from collections.abc import Mapping

from haidang.portal.accounts.values import Role

_LOOKING = frozenset({"domains.read", "websites.read", "esign.read", "journeys.read", "team.read"})
GRANTS: Mapping[Role, frozenset[str]] = {
    Role.VIEWER: _LOOKING,
    Role.EDITOR: _LOOKING | {"websites.write"},
    Role.OWNER: _LOOKING
    | {
        "domains.write",
        "websites.write",
        "esign.write",
        "journeys.write",
        "team.write",
        "keys.write",
        "data.write",
    },
}
KEY_SCOPES = (
    "domains.read",
    "domains.write",
    "websites.read",
    "websites.write",
    "esign.read",
    "esign.write",
    "journeys.read",
    "journeys.write",
)
"""What an API key may be given: the services' grants, never the account's own."""
