"""What a registry sends us, read into typed values: greetings and responses.

Pure. What the standards model becomes a dataclass (see `objects`); anything else, in
resData, in extensions or in error values, is kept as XML and never an error.

Source: RFC 5730 sections 2.4 and 2.6; RFC 9038.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from haidang.core.errors import Malformed
from haidang.domains.epp.frames import read_xml
from haidang.domains.epp.objects import Data, Kept, Parts, datum, kept, number
from haidang.domains.epp.profile import EPP
from lxml import etree

Element = etree._Element

SUCCESS_BELOW = 2000
CLOSING_FROM = 2500
"""Codes of failure begin at 2000; from 2500 the server closes. Source: RFC 5730 section 3."""


@dataclass(frozen=True, slots=True)
class Greeting:
    """What the server offers. `sent_at` is its own clock."""

    server_id: str
    sent_at: datetime
    versions: tuple[str, ...]
    languages: tuple[str, ...]
    objects: tuple[str, ...]
    extensions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One result; `values` are the offending elements and `reasons` the server's words."""

    code: int
    message: str
    values: tuple[Kept, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageQueue:
    """State of our queue; `text` and `queued_at` come with a request's answer only."""

    count: int
    message_id: str
    queued_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer to a command."""

    results: tuple[Result, ...]
    sv_trid: str
    cl_trid: str = ""
    queue: MessageQueue | None = None
    data: tuple[Data, ...] = ()
    extensions: tuple[Kept, ...] = ()

    @property
    def code(self) -> int:
        """The (first) result code."""
        return self.results[0].code

    @property
    def is_success(self) -> bool:
        """Whether the command succeeded or awaits a decision (1001)."""
        return self.code < SUCCESS_BELOW

    @property
    def closes(self) -> bool:
        """Whether the server closes the connection after this."""
        return self.code >= CLOSING_FROM


def parse_response(wire: bytes) -> Greeting | Response:
    """Read one message of a server.

    Raises:
        Malformed: XML_ILL_FORMED, XML_DOCTYPE; EPP_ANSWER where a required part is
            missing; EPP_VALUE where one has the wrong type.
    """
    root = read_xml(wire)
    if root.tag != f"{{{EPP}}}epp" or len(root) != 1:
        raise Malformed("EPP_ANSWER", field="epp")
    body = root[0]
    if body.tag == f"{{{EPP}}}response":
        return _response(body)
    if body.tag == f"{{{EPP}}}greeting":
        return _greeting(body)
    raise Malformed("EPP_ANSWER", field="epp")


def _greeting(body: Element) -> Greeting:
    parts = Parts(body, EPP)
    menu = Parts(parts.one("svcMenu"), EPP)
    extension = menu.first("svcExtension")
    return Greeting(
        server_id=parts.text("svID"),
        sent_at=parts.instant("svDate"),
        versions=menu.texts("version"),
        languages=menu.texts("lang"),
        objects=menu.texts("objURI"),
        extensions=() if extension is None else Parts(extension, EPP).texts("extURI"),
    )


def _response(body: Element) -> Response:
    parts = Parts(body, EPP)
    results = tuple(_result(element) for element in parts.all("result"))
    if not results:
        raise Malformed("EPP_ANSWER", field="response/result")
    ids = Parts(parts.one("trID"), EPP)
    queue, data, extension = parts.first("msgQ"), parts.first("resData"), parts.first("extension")
    return Response(
        results=results,
        sv_trid=ids.text("svTRID"),
        cl_trid=ids.text_or("clTRID"),
        queue=None if queue is None else _queue(queue),
        data=() if data is None else tuple(datum(element) for element in data),
        extensions=() if extension is None else tuple(kept(element) for element in extension),
    )


def _result(element: Element) -> Result:
    parts = Parts(element, EPP)
    extended = [Parts(value, EPP) for value in parts.all("extValue")]
    offending = [*parts.all("value"), *(value.one("value") for value in extended)]
    return Result(
        code=number(element.get("code"), "result/@code"),
        message=parts.text("msg"),
        values=tuple(kept(value) for value in offending),
        reasons=tuple(value.text_or("reason") for value in extended),
    )


def _queue(element: Element) -> MessageQueue:
    parts = Parts(element, EPP)
    text = parts.first("msg")
    return MessageQueue(
        count=number(element.get("count"), "msgQ/@count"),
        message_id=element.get("id") or "",
        queued_at=parts.instant_or_none("qDate"),
        text="" if text is None else "".join(str(part) for part in text.itertext()).strip(),
    )
