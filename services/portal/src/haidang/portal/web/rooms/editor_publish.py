"""Publishing, and going back: what is in the way, how far it is, what was before."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from google.longrunning import operations_pb2
from google.protobuf import duration_pb2
from haidang.api.operations.v1 import operations_pb2 as metadata_pb2
from haidang.api.websites.v1 import websites_pb2
from haidang.core.errors import Absent, Conflict, HaidangError, Refused, sentence
from haidang.core.statuses import error_of_status
from haidang.portal.tokens import PLATFORM
from haidang.portal.web.doors import Door
from haidang.portal.web.editing.drafts import Document, document_of, taken_up
from haidang.portal.web.editing.places import place_of, screen_at
from haidang.portal.web.events import Event, stream
from haidang.portal.web.numbers import whole_number
from haidang.portal.web.rooms.editor_desk import (
    READ,
    WEBSITE,
    WRITE,
    Opened,
    findings_of,
    is_error,
    opened,
    saved,
    sentence_of,
)
from haidang.portal.web.visit import Visit
from starlette.responses import Response

STEPS = ("upload", "activate")
"""Effects of a publication, in order; going back has only the last."""
LISTED = 20
WAIT_SECONDS = 20.0
WAIT_MARGIN_SECONDS = 5.0
"""A call outlasts the wait it asks for."""
MOST_WAITS = 90
"""Half an hour; a browser that still listens then asks again by itself."""
_STATES = {
    metadata_pb2.Step.STATE_WAITING: "waiting",
    metadata_pb2.Step.STATE_SETTLED: "done",
    metadata_pb2.Step.STATE_REFUSED: "refused",
}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A finding with the way to its field."""

    said: str
    href: str
    where: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A publication under way: steps in words, and its end."""

    steps: list[dict[str, str]]
    is_done: bool
    refused: str
    uri: str


class EditorPublish:
    """From a draft to a live website, and back."""

    def doors(self) -> tuple[Door, ...]:
        """Publish, watch, list, go back, take an earlier draft up again."""
        site = "/trang-web/{website}"
        return (
            Door("GET", f"{site}/dang", self.ask, needs=READ, names=WEBSITE),
            Door("POST", f"{site}/dang", self.publish, needs=WRITE, names=WEBSITE),
            Door("GET", f"{site}/dang/{{operation}}", self.watch, needs=READ, names=WEBSITE),
            Door("GET", f"{site}/dang/{{operation}}/tin", self.tell, needs=READ, names=WEBSITE),
            Door("GET", f"{site}/lich-su", self.history, needs=READ, names=WEBSITE),
            Door("GET", f"{site}/lich-su/{{deployment}}", self.consider, needs=READ, names=WEBSITE),
            Door(
                "POST", f"{site}/lich-su/{{deployment}}", self.go_back, needs=WRITE, names=WEBSITE
            ),
            Door("POST", f"{site}/ban-nhap/{{revision}}", self.take_up, needs=WRITE, names=WEBSITE),
        )

    async def ask(self, visit: Visit) -> Response:
        """What is in the way, each with a link to its field; else the one button."""
        return await self._asked(visit, await opened(visit))

    async def _asked(
        self, visit: Visit, site: Opened, said: str = "", status: int = 200
    ) -> Response:
        findings = await findings_of(visit, site)
        return visit.page(
            "editor_publish.html",
            status,
            site=site,
            errors=[_obstacle(visit, site, one) for one in findings if is_error(one)],
            warnings=[_obstacle(visit, site, one) for one in findings if not is_error(one)],
            said=said,
            may_write=visit.may(WRITE),
            request_id=str(uuid.uuid4()),
        )

    async def publish(self, visit: Visit) -> Response:
        """Start the publication of the draft as the page showed it."""
        site = await opened(visit)
        revision = visit.typed.get("revision", "")
        request = websites_pb2.PublishWebsiteRequest(
            request_id=visit.typed.get("request_id", ""),
            name=site.website.name,
            revision=whole_number(revision) or 0,
        )
        try:
            started = await visit.websites.PublishWebsite(request)
        except (Refused, Conflict) as error:
            said = sentence(error.reason, error.facts, visit.locale)
            return await self._asked(visit, site, said, 409)
        return visit.go(f"{site.home}/dang/{started.name.removeprefix('operations/')}")

    async def watch(self, visit: Visit) -> Response:
        """How far it is. It may be closed and opened again."""
        site = await opened(visit)
        progress = _progress(visit, await _operation(visit))
        return visit.page(
            "editor_progress.html", site=site, progress=progress, operation=visit["operation"]
        )

    async def tell(self, visit: Visit) -> Response:
        """The same page's inside, as it changes."""
        await opened(visit)
        await _operation(visit)  # what is not there is said before anything streams
        return stream(self._changes(visit))

    async def _changes(self, visit: Visit) -> AsyncIterator[Event]:
        told = ""
        for number in range(MOST_WAITS):
            progress = _progress(visit, await _operation(visit, wait=bool(number)))
            piece = visit.part("editor_steps.html", progress=progress)
            if progress.is_done:
                yield Event(str(number), piece, "end")
                return
            if piece != told:
                yield Event(str(number), piece)
                told = piece

    async def history(self, visit: Visit) -> Response:
        """What was published, and what the draft was before."""
        site = await opened(visit)
        name = site.website.name
        deployments = await visit.websites.ListDeployments(
            websites_pb2.ListDeploymentsRequest(
                website=name, page_size=LISTED, page_token=visit.asked("dang")
            )
        )
        revisions = await visit.websites.ListRevisions(
            websites_pb2.ListRevisionsRequest(
                website=name, page_size=LISTED, page_token=visit.asked("nhap")
            )
        )
        return visit.page(
            "editor_history.html",
            site=site,
            deployments=[_dated(one) for one in deployments.deployments],
            older_deployments=deployments.next_page_token,
            revisions=[_described(visit, site, one) for one in revisions.revisions],
            older_revisions=revisions.next_page_token,
            may_write=visit.may(WRITE),
        )

    async def consider(self, visit: Visit) -> Response:
        """What going back to a deployment will do."""
        site = await opened(visit)
        found = await _deployment(visit, site)
        return visit.page(
            "editor_back.html",
            site=site,
            deployment=_dated(found),
            may_write=visit.may(WRITE),
            request_id=str(uuid.uuid4()),
        )

    async def go_back(self, visit: Visit) -> Response:
        """Make an earlier deployment live again. The draft stays as it is."""
        site = await opened(visit)
        started = await visit.websites.RollBackWebsite(
            websites_pb2.RollBackWebsiteRequest(
                request_id=visit.typed.get("request_id", ""),
                deployment=f"{site.website.name}/deployments/{visit['deployment']}",
            )
        )
        return visit.go(f"{site.home}/dang/{started.name.removeprefix('operations/')}")

    async def take_up(self, visit: Visit) -> Response:
        """Make an earlier draft the draft again; the present one stays in the history."""
        site = await opened(visit)
        number = whole_number(visit["revision"])
        if number is None:
            raise Absent("PLACE_ABSENT")
        name = f"{site.website.name}/revisions/{number}"
        found = await visit.websites.GetRevision(websites_pb2.GetRevisionRequest(name=name))
        seen = visit.typed.get("revision", "")

        def edit(now: Opened) -> Document | None:
            if seen and seen != str(now.revision):
                raise Conflict("DRAFT_CHANGED", field="etag")
            return taken_up(document_of(found.draft), now.document)

        kept = await saved(visit, site, edit, "")
        return visit.go(kept.home, lai="1")


def _obstacle(visit: Visit, site: Opened, finding: websites_pb2.Finding) -> Obstacle:
    said = sentence_of(finding, visit.locale)
    if finding.field.lstrip("/") == "locales":
        return Obstacle(said, f"{site.home}/ngon-ngu", visit.words("editor.languages"))
    place, name = place_of(site.kit, site.document, finding.field)
    screen = screen_at(site.kit, site.document, place, site.reader) if place else None
    if screen is None:
        return Obstacle(said, site.home, "")
    where = screen.label or ""
    if place == "business":
        where = visit.words("editor.business")
    mark = f"#{name}" if name else ""
    return Obstacle(said, f"{site.home}/sua/{place}?soi=1{mark}", where)


async def _operation(visit: Visit, *, wait: bool = False) -> operations_pb2.Operation:
    """The operation of the address. Raises: Absent for another tenant's."""
    name = f"operations/{visit['operation']}"
    found: operations_pb2.Operation
    if not wait:
        asked = operations_pb2.GetOperationRequest(name=name)
        found = await visit.operations("websites").GetOperation(asked)
        return found
    patience = duration_pb2.Duration(seconds=int(WAIT_SECONDS))
    request = operations_pb2.WaitOperationRequest(name=name, timeout=patience)
    seconds = WAIT_SECONDS + WAIT_MARGIN_SECONDS
    found = await visit.operations("websites").WaitOperation(request, timeout=seconds)
    return found


def _progress(visit: Visit, operation: operations_pb2.Operation) -> Progress:
    about = metadata_pb2.OperationMetadata()
    operation.metadata.Unpack(about)
    found = {step.name: step for step in about.steps}
    names = STEPS if about.kind.startswith("websites.publish") else STEPS[-1:]
    steps = [_step(visit, name, found.get(name), is_done=operation.done) for name in names]
    refused, uri = "", ""
    if operation.HasField("error"):
        error: HaidangError = error_of_status(operation.error)
        refused = sentence(error.reason, error.facts, visit.locale)
        steps = [{**one, "state": "refused"} if one["state"] != "done" else one for one in steps]
    elif operation.done:
        deployment = websites_pb2.Deployment()
        operation.response.Unpack(deployment)
        uri = deployment.uri
    return Progress(steps, operation.done, refused, uri)


# Any: a step's message or None.
def _step(visit: Visit, name: str, step: Any, *, is_done: bool) -> dict[str, str]:
    state = "done" if is_done else "waiting"
    if step is not None and not is_done:
        state = _STATES.get(step.state, "doing")
    return {"state": state, "words": visit.words(f"editor.step_{name}"), "note": ""}


async def _deployment(visit: Visit, site: Opened) -> websites_pb2.Deployment:
    """The deployment of the address. Raises: Absent DEPLOYMENT_ABSENT."""
    token = ""
    while True:
        page = await visit.websites.ListDeployments(
            websites_pb2.ListDeploymentsRequest(
                website=site.website.name, page_size=100, page_token=token
            )
        )
        found: list[websites_pb2.Deployment] = [
            one for one in page.deployments if one.name.rpartition("/")[2] == visit["deployment"]
        ]
        if found:
            return found[0]
        token = page.next_page_token
        if not token:
            raise Absent("PLACE_ABSENT")


def _dated(deployment: websites_pb2.Deployment) -> dict[str, object]:
    return {
        "id": deployment.name.rpartition("/")[2],
        "at": _instant(deployment.create_time),
        "live": deployment.live,
        "revision": deployment.revision,
        "uri": deployment.uri,
    }


def _described(visit: Visit, site: Opened, revision: websites_pb2.Revision) -> dict[str, object]:
    """An earlier draft: when, by whom, and where it was changed."""
    place = above = revision.change.lstrip("/")
    screen = None
    while above and screen is None:
        screen = screen_at(site.kit, site.document, above, site.reader)
        above = above.rpartition("/")[0]
    return {
        "revision": revision.revision,
        "at": _instant(revision.create_time),
        "by": _by(visit, revision.author),
        "where": (screen.label if screen else "") or visit.words(_named(place)),
        "is_now": revision.revision == site.revision,
    }


def _by(visit: Visit, author: str) -> str:
    """Who changed a draft: "me", "journey" (going online made it), or "other"."""
    if author == visit.session.user_id:
        return "me"
    return "journey" if author == PLATFORM else "other"


def _named(place: str) -> str:
    """The words for a change that no screen names."""
    known = {
        "": "editor.change_whole",
        "business": "editor.business",
        "site": "editor.facts",
        "locales": "editor.languages",
        "pack": "editor.pack",
    }
    return known.get(place, "editor.change_sections")


# Any: protobuf's Timestamp, whose stub has no common base.
def _instant(timestamp: Any) -> datetime:
    return timestamp.ToDatetime(tzinfo=UTC)  # type: ignore[no-any-return]  # protobuf's stub
