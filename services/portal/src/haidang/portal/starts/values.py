"""What a start is made of: frozen values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One field as one tab left it: every change of a start is kept until the start ends."""

    revision: int
    field: str
    value: str
    tab: str


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo the website builder holds: "media/<sha256>", as the phone named it.

    `thumb` is the digest of its smallest encoding.
    """

    media: str
    file_name: str
    alt: str = ""
    thumb: str = ""


@dataclass(frozen=True, slots=True)
class Consent:
    """One purpose, agreed to in these very words at this time by this user."""

    purpose: str
    wording: str
    version: str
    given_at: datetime
    user_id: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request sent, or about to be: `digest` is of its body, `operation` once it answered.

    `finishes` tells a request for the rest of a held name from one for the whole journey;
    `is_over` that it ended refused and what it left behind was noted.
    """

    request_id: str
    digest: str
    begun_at: datetime
    finishes: bool = False
    operation: str = ""
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """One sitting. `facts` are as typed; `revision` grows with every save.

    `quote_json` is the price last shown: what it is of, a line break, a proto3 JSON Quote.
    `held_domain` is a name, as typed, that an earlier attempt registered and paid for.
    `online_at` is set once the journey arrived; the facts are erased then.
    """

    id: str
    created_at: datetime
    touched_at: datetime
    revision: int
    facts: Mapping[str, str] = field(default_factory=dict)
    photos: tuple[Photo, ...] = ()
    quote_json: str = ""
    attempt: Attempt | None = None
    held_domain: str = ""
    online_at: datetime | None = None

    def __getitem__(self, fact: str) -> str:
        """A fact as typed; "" while it was never given."""
        return self.facts.get(fact, "")

    @property
    def is_held(self) -> bool:
        """Whether the chosen name is paid for: what is left is done without paying again."""
        return bool(self.held_domain) and self.held_domain == self["domain"]

    @property
    def title(self) -> str:
        """What lists call it: the name on the sign, else the address; may be empty."""
        return self["sign_name"] or self["domain"]
