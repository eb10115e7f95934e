"""`/giay-to/{paper}/ky`: who signs, why and how strongly; what will happen; following it.

Whoever signs proves again who they are: a signature binds the business, and a phone that
was left open on a counter must not be able to give one.
"""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from datetime import UTC

from google.longrunning import operations_pb2
from haidang.api.domains.v1 import domains_pb2
from haidang.api.esign.v1 import esign_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.core.errors import Absent, HaidangError, OutcomeUnknown, Unavailable, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.starts import Starts
from haidang.portal.web import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.portal.web.doors import Door
from haidang.portal.web.events import Event, stream
from haidang.portal.web.forms import Faults
from haidang.portal.web.pages import written_clock
from haidang.portal.web.rooms.journey import SHOWN_STATES, Row
from haidang.portal.web.rooms.journey_watch import Watches, counter_of, metadata_of
from haidang.portal.web.rooms.papers import (
    PATH,
    READS,
    WRITES,
    Paper,
    bound_to,
    document_of,
    paper_of,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

LEVELS = ("B_LT", "B_T", "B_B")
"""Offered, the strongest first and chosen unless told otherwise."""
LONGEST_REASON, LONGEST_NAME = 120, 255
ID = re.compile(r"[0-9a-f]{32}")
FIELDS = {
    "party.name": "name",
    "party.identifier": "identifier",
    "party.representative_name": "representative",
    "reason": "reason",
    "level": "level",
    "file": "",
    "document": "",
}
KNOWN_FIELDS = {
    name: "party" if name.startswith("party.") else field for name, field in FIELDS.items()
}
"""The same where the party was chosen, not typed."""
State = metadata_pb2.OperationMetadata


@dataclass(frozen=True)
class Party:
    """Who may sign: as the certificate will name them."""

    name: str
    identifier: str
    representative: str

    @property
    def key(self) -> str:
        """Tells one party from another within a page; says nothing about them."""
        text = f"{self.identifier}\n{self.name}\n{self.representative}"
        return uuid.uuid5(uuid.NAMESPACE_OID, text).hex


@dataclass(frozen=True)
class Signing:
    """What a visitor chose. `party` is None while it is unknown or incomplete."""

    request_id: str
    party: Party | None
    reason: str
    level: str


class PapersSigning:
    """Signing one paper."""

    def __init__(self, starts: Starts) -> None:
        self._starts = starts
        self.watches = Watches()

    def doors(self) -> tuple[Door, ...]:
        """The form, what it will do, doing it, and following it."""
        one, follow = f"{PATH}/{{paper}}/ky", f"{PATH}/dang-ky/{{operation}}"
        paper, operation = ("paper",), ("operation",)
        return (
            Door("GET", one, self.ask, needs=WRITES, names=paper, fresh=True),
            Door("POST", one, self.review, needs=WRITES, names=paper, fresh=True),
            Door("POST", f"{one}/dong-y", self.sign, needs=WRITES, names=paper, fresh=True),
            Door("GET", follow, self.follow, needs=READS, names=operation),
            Door("GET", f"{follow}/su-kien", self.events, needs=READS, names=operation),
        )

    async def ask(self, visit: Visit) -> Response:
        """Who signs, why, how strongly."""
        paper = paper_of(await document_of(visit))
        parties = await self._parties(visit)
        first = parties[0] if parties else None
        signing = Signing(str(uuid.uuid4()), first, "", LEVELS[0])
        return _form(visit, 200, paper, parties, signing, Faults())

    async def review(self, visit: Visit) -> Response:
        """What will happen, before it does; or the form again, to change something."""
        paper = paper_of(await document_of(visit))
        parties, faults = await self._parties(visit), Faults()
        signing = _typed(visit, parties, faults)
        if faults or visit.typed.get("sua"):
            return _form(visit, 422 if faults else 200, paper, parties, signing, faults)
        return visit.page("paper_confirm.html", paper=paper, signing=signing)

    async def sign(self, visit: Visit) -> Response:
        """Sign; sent twice, it is one signature."""
        document = await document_of(visit)
        parties, faults = await self._parties(visit), Faults()
        signing = _typed(visit, parties, faults)
        if faults or signing.party is None:
            return _form(visit, 422, paper_of(document), parties, signing, faults)
        try:
            request = _request(document.name, signing, signing.party)
            operation = await visit.esign.SignDocument(request)
        except HaidangError as error:
            faults.add_error(error, visit.locale, KNOWN_FIELDS if parties else FIELDS)
            status = 503 if isinstance(error, Unavailable | OutcomeUnknown) else 422
            return _form(visit, status, paper_of(document), parties, signing, faults)
        id = operation.name.removeprefix("operations/")
        return visit.go(f"{PATH}/dang-ky/{id}", giay=visit["paper"])

    async def follow(self, visit: Visit) -> Response:
        """The signing while it goes on; then the signed paper, or why there is none."""
        operation = await _operation(visit)
        source = visit.asked("giay")
        source = source if _is_plain(source) else ""
        if not operation.done:
            shown = _progress(visit, operation)
            id = visit["operation"]
            return visit.page("paper_signing.html", 200, id=id, source=source, **shown)
        if operation.HasField("error"):
            error = error_of_status(operation.error)
            said = sentence(error.reason, error.facts, visit.locale)
            return visit.page("paper_refused.html", source=source, said=said)
        signed = esign_pb2.Document()
        operation.response.Unpack(signed)
        return visit.go(f"{PATH}/{paper_of(signed).id}")

    async def events(self, visit: Visit) -> Response:
        """What moves, from the state that the browser saw last."""
        operation = await _operation(visit)  # another tenant's is not found before anything
        sent = visit.request.headers.get("last-event-id", "")
        seen = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 8 else None
        return stream(self._told(visit, operation.name, seen))

    async def _told(self, visit: Visit, name: str, seen: int | None) -> AsyncGenerator[Event, None]:
        async def read() -> operations_pb2.Operation:
            return await _operation(visit)

        listening = self.watches.listen(visit.session.tenant, name, read, seen=seen)
        async with contextlib.aclosing(listening):
            async for operation in listening:
                html = visit.part("parts/paper_steps.html", **_progress(visit, operation))
                kind = "end" if operation.done else "message"
                yield Event(str(counter_of(operation)), html, kind)

    async def _parties(self, visit: Visit) -> list[Party]:
        """Who the business is: the holders of its names, else what it told so far."""
        request = domains_pb2.ListRegistrationsRequest(page_size=20)
        try:
            held = (await visit.domains.ListRegistrations(request)).registrations
        except HaidangError:
            held = ()  # another service is away: what is typed here will do
        found = [_holder(one.registrant) for one in held]
        if not found:
            starts = await self._starts.open_ones(visit.session.tenant)
            found = [_told_so_far(start.facts) for start in starts]
        return [one for one in dict.fromkeys(found) if one.name and one.identifier]


def _holder(registrant: domains_pb2.Registrant) -> Party:
    identifier = registrant.tax_code or registrant.personal_id
    return Party(registrant.name, identifier, registrant.representative_name)


def _told_so_far(facts: Mapping[str, str]) -> Party:
    is_person = facts.get("holder") == "PERSON"
    identifier = facts.get("tax_code", "") or facts.get("personal_id", "")
    representative = "" if is_person else facts.get("representative_name", "")
    return Party(facts.get("legal_name", ""), identifier, representative)


def _typed(visit: Visit, parties: list[Party], faults: Faults) -> Signing:
    typed, words = visit.typed, visit.words
    level = typed.get("level", "")
    if level not in LEVELS:
        faults.add("level", words("papers.level_missing"))
    if len(typed.get("reason", "")) > LONGEST_REASON:
        faults.add("reason", words("papers.too_long", most=LONGEST_REASON))
    chosen = next((one for one in parties if one.key == typed.get("party")), None)
    party = chosen if parties else _named(visit, faults)
    if party is None:
        faults.add("party", words("papers.party_missing"))
    return Signing(typed.raw("request_id"), party, typed.get("reason", ""), level)


def _named(visit: Visit, faults: Faults) -> Party:
    """The party typed by hand, where the business is not known yet."""
    typed, words = visit.typed, visit.words
    name = typed.required("name", faults, words("papers.name_missing"))
    identifier = typed.required("identifier", faults, words("papers.identifier_missing"))
    representative = typed.get("representative", "")
    for field, text in (("name", name), ("representative", representative)):
        if len(text) > LONGEST_NAME:
            faults.add(field, words("papers.too_long", most=LONGEST_NAME))
    return Party(name, identifier, representative)


def _request(document: str, signing: Signing, party: Party) -> esign_pb2.SignDocumentRequest:
    """Raises: Malformed REQUEST_ID_INVALID."""
    chosen = "\n".join((document, party.key, signing.level, signing.reason))
    return esign_pb2.SignDocumentRequest(
        request_id=bound_to(signing.request_id, chosen),
        document=document,
        level=esign_pb2.Level.Value(f"LEVEL_{signing.level}"),
        party=esign_pb2.SigningParty(
            name=party.name,
            identifier=party.identifier,
            representative_name=party.representative,
        ),
        reason=signing.reason,
    )


def _form(
    visit: Visit, status: int, paper: Paper, parties: list[Party], signing: Signing, faults: Faults
) -> Response:
    return visit.page(
        "paper_sign.html", status, paper=paper, parties=parties, signing=signing,
        levels=LEVELS, longest_reason=LONGEST_REASON, faults=faults,
    )  # fmt: skip


def _is_plain(id: str) -> bool:
    return 0 < len(id) <= 80 and id.isascii() and id.isalnum()


async def _operation(visit: Visit) -> operations_pb2.Operation:
    """The operation in the path. Raises: Absent, also for another tenant's."""
    if not ID.fullmatch(visit["operation"]):
        raise Absent("PAPER_ABSENT")
    request = operations_pb2.GetOperationRequest(name=f"operations/{visit['operation']}")
    found: operations_pb2.Operation = await visit.operations("esign").GetOperation(request)
    return found


def _progress(visit: Visit, operation: operations_pb2.Operation) -> dict[str, object]:
    """What the list of steps shows."""
    metadata = metadata_of(operation)
    rows = []
    for step in metadata.steps:
        ended = step.HasField("end_time")
        note = written_clock(step.end_time.ToDatetime(UTC)) if ended else ""
        words = visit.words.plain(f"papers.step_{step.name}")
        rows.append(Row(SHOWN_STATES.get(step.state, "waiting"), words, note))
    return {
        "rows": rows,
        "waits": metadata.state == State.STATE_UNSETTLED,
        "needs_operator": metadata.state == State.STATE_NEEDS_OPERATOR,
    }
