"""What an account is made of. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a member may do for a business; `grants.py` says which role holds which grant."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in, for one of its user's businesses.

    `proved_at` is when the user last gave a password or passkey; `seen_at` is kept to the
    minute or so, not to each request.
    """

    id: str
    user_id: str
    user_name: str
    tenant: str
    role: Role
    is_operator: bool
    created_at: datetime
    seen_at: datetime
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class User:
    """A person. `identifier` is a phone number in E.164 or an e-mail address, unverified."""

    id: str
    identifier: str
    name: str
    password_hash: str
    is_operator: bool
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Membership:
    """One user's place in one business."""

    tenant: str
    tenant_name: str
    user_id: str
    user_name: str
    role: Role
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An open invitation: whoever has its link joins with *role*, once."""

    id: str
    tenant: str
    role: Role
    made_by: str
    made_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Passkey:
    """A WebAuthn credential. `id` is its credential id in base64url; `sign_count` is 0 for
    good where the device keeps no counter."""

    id: str
    user_id: str
    name: str
    public_key: bytes
    sign_count: int
    is_backed_up: bool
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of an integrator, without its secret, which is kept as a hash alone."""

    id: str
    tenant: str
    name: str
    grants: tuple[str, ...]
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class SeenSession:
    """A session as its user's list shows it."""

    id: str
    device: str
    tenant: str
    created_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Admission:
    """What a successful sign-in hands to the browser: both are shown to it once.

    `token` is the session's; `device` marks this browser as known, so that strangers'
    failures never lock it out.
    """

    token: str
    device: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from: the network (address prefix), the browser's device
    cookie ("" when it has none) and what kind of device it says it is."""

    network: str
    device: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class AccountEvent:
    """A line of a user's own security journal."""

    at: datetime
    kind: str
    detail: str


@dataclass(frozen=True, slots=True)
class Profile:
    """What the account's own page shows of its user."""

    name: str
    identifier: str
    codes_left: int
    events: tuple[AccountEvent, ...]
