"""What a journey exchanges: frozen values, messages of the neighbours kept as JSON text."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class GoOnline:
    """Take a business online. The JSON texts are the contract's messages, proto3 JSON.

    Refused when the price is above *accepted_total_dong*.
    """

    domain: str
    years: int
    accepted_total_dong: int
    registrant_json: str
    draft_json: str
    payer: str


@dataclass(frozen=True, slots=True)
class FinishOnline:
    """Carry out what is left for a name that is held and paid for.

    *draft_json* is used only while no website is on the name.
    """

    domain: str
    draft_json: str


class JourneyState(StrEnum):
    """Life of a journey."""

    RUNNING = "RUNNING"
    ONLINE = "ONLINE"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Journey:
    """A journey as the ledger holds it. JSON texts are empty until their step is settled."""

    id: str
    domain: str
    state: JourneyState
    created_at: datetime
    ended_at: datetime | None = None
    registration_json: str = ""
    website: str = ""
    deployment_json: str = ""
    declaration_json: str = ""
    authorized_dong: int = 0
    captured_dong: int = 0
    released_dong: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Intent of one step that a neighbour carries out: its request as proto3 JSON.

    `verb` names the neighbour's method; the request's own id is derived from the effect.
    """

    tenant: str
    journey: str
    verb: str
    request_json: str


@dataclass(frozen=True, slots=True)
class StepReceipt:
    """What the neighbour answered: its response message as proto3 JSON."""

    response_json: str
