"""One command before the sandbox registry: who sends it, when, and against which store. Pure.

`domains`, `contacts` and `hosts` are given a case and a request and answer, or refuse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from haidang.domains.sandbox_registry.policy import Policy
from haidang.domains.sandbox_registry.rules import Refusal
from haidang.domains.sandbox_registry.store import Store

PARAMETER_MISSING = 2003
OUT_OF_RANGE = 2004
UNIMPLEMENTED = 2101
NOT_RENEWABLE = 2105
NOT_SPONSOR = 2201
WRONG_AUTH_INFO = 2202
NOT_PENDING_TRANSFER = 2301
EXISTS = 2302
ABSENT = 2303
STATUS_PROHIBITS = 2304
ASSOCIATION_PROHIBITS = 2305
POLICY = 2306

R = TypeVar("R")


@dataclass(frozen=True)
class Case:
    """The circumstances of one command, inside its transaction."""

    store: Store
    policy: Policy
    registrar: str
    cl_trid: str
    now: datetime
    seed: str

    def record(self, effect: str, domain: str = "") -> None:
        """Write the effect into the journal, under the client's transaction id."""
        self.store.record(effect, domain, self.cl_trid, self.now)


def existing(read: Callable[[str], R | None], key: str) -> R:
    """The object, or Refusal 2303."""
    found = read(key)
    if found is None:
        raise Refusal(ABSENT, "object does not exist")
    return found


def sponsored(case: Case, registrar: str) -> None:
    """Refuse with 2201 unless the caller sponsors the object."""
    if case.registrar != registrar:
        raise Refusal(NOT_SPONSOR, "another registrar sponsors this object")


def hashed_auth_info(secret: str, roid: str) -> str:
    """What is kept of auth info: a hash salted with the object's own id; "" for none."""
    return hashlib.sha256(f"{roid}|{secret}".encode()).hexdigest() if secret else ""


def check_auth_info(given: str | None, kept: str, roid: str) -> None:
    """Refuse with 2202 when auth info is given and wrong."""
    if given is not None and (not kept or hashed_auth_info(given, roid) != kept):
        raise Refusal(WRONG_AUTH_INFO, "auth info is wrong")
