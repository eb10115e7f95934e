"""What a registry sends us, read into typed values: greetings and responses.

Pure. What the standards model becomes a dataclass; anything else, in resData, in
extensions or in error values, is kept as XML and never an error. Order of the
children is not relied on; types are checked.

Source: RFC 5730 sections 2.4 and 2.6; RFC 5731, RFC 5733 section 3; RFC 9038.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from haidang.core.errors import Malformed
from haidang.domains.epp import values
from haidang.domains.epp.frames import read_xml
from haidang.domains.epp.profile import CONTACT, DOMAIN, EPP

Element = etree._Element

SUCCESS_BELOW = 2000
CLOSING_FROM = 2500
"""Codes of failure begin at 2000; from 2500 the server closes. Source: RFC 5730 section 3."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An element we do not model, kept whole."""

    tag: str
    xml: bytes


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
class Checked:
    """One name or contact id of a check's answer."""

    id: str
    is_available: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CheckData:
    """A check's answers, in the server's order."""

    items: tuple[Checked, ...]


@dataclass(frozen=True, slots=True)
class DomainInfo:
    """domain:infData. Dates and registrant may be withheld from others than the sponsor."""

    name: str
    roid: str
    statuses: frozenset[str]
    registrant: str
    nameservers: tuple[str, ...]
    sponsor: str
    created_at: datetime | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DomainCreated:
    """domain:creData."""

    name: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DomainRenewed:
    """domain:renData."""

    name: str
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class DomainTransfer:
    """domain:trnData."""

    name: str
    state: str
    requested_by: str
    requested_at: datetime
    acted_by: str
    acted_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class PendingAction:
    """domain:panData: how a command answered with 1001 ended."""

    name: str
    succeeded: bool
    cl_trid: str
    sv_trid: str
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class ContactInfo:
    """contact:infData; `names` has one entry per postalInfo."""

    id: str
    roid: str
    statuses: frozenset[str]
    names: tuple[str, ...]
    email: str
    voice: str
    sponsor: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ContactCreated:
    """contact:creData."""

    id: str
    created_at: datetime


Data = (
    CheckData
    | DomainInfo
    | DomainCreated
    | DomainRenewed
    | DomainTransfer
    | PendingAction
    | ContactInfo
    | ContactCreated
    | Kept
)


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


class _Parts:
    """An element's children of one namespace by local name, read with types."""

    __slots__ = ("_children", "_tag")

    def __init__(self, element: Element, namespace: str) -> None:
        self._tag = etree.QName(element).localname
        cut = len(namespace) + 2
        self._children: dict[str, list[Element]] = {}
        for child in element:
            tag = child.tag
            if isinstance(tag, str) and tag[1 : cut - 1] == namespace:
                self._children.setdefault(tag[cut:], []).append(child)

    def all(self, tag: str) -> list[Element]:
        return self._children.get(tag, [])

    def first(self, tag: str) -> Element | None:
        found = self._children.get(tag)
        return found[0] if found else None

    def one(self, tag: str) -> Element:
        found = self.first(tag)
        if found is None:
            raise Malformed("EPP_ANSWER", field=f"{self._tag}/{tag}")
        return found

    def text(self, tag: str) -> str:
        return (self.one(tag).text or "").strip()

    def text_or(self, tag: str, default: str = "") -> str:
        found = self.first(tag)
        return default if found is None else (found.text or "").strip()

    def texts(self, tag: str) -> tuple[str, ...]:
        return tuple((child.text or "").strip() for child in self.all(tag))

    def instant(self, tag: str) -> datetime:
        return values.instant(self.text(tag), tag)

    def instant_or_none(self, tag: str) -> datetime | None:
        found = self.text_or(tag)
        return values.instant(found, tag) if found else None


def _kept(element: Element) -> Kept:
    return Kept(str(element.tag), etree.tostring(element, with_tail=False))


def _number(text: str | None, field: str) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise Malformed("EPP_ANSWER", field=field)
    return int(text)


def _flag(text: str | None, field: str) -> bool:
    if text in {"1", "true"}:
        return True
    if text in {"0", "false"}:
        return False
    raise Malformed("EPP_ANSWER", field=field)


def _greeting(body: Element) -> Greeting:
    parts = _Parts(body, EPP)
    menu = _Parts(parts.one("svcMenu"), EPP)
    extension = menu.first("svcExtension")
    return Greeting(
        server_id=parts.text("svID"),
        sent_at=parts.instant("svDate"),
        versions=menu.texts("version"),
        languages=menu.texts("lang"),
        objects=menu.texts("objURI"),
        extensions=() if extension is None else _Parts(extension, EPP).texts("extURI"),
    )


def _response(body: Element) -> Response:
    parts = _Parts(body, EPP)
    results = tuple(_result(element) for element in parts.all("result"))
    if not results:
        raise Malformed("EPP_ANSWER", field="response/result")
    ids = _Parts(parts.one("trID"), EPP)
    queue, data, extension = parts.first("msgQ"), parts.first("resData"), parts.first("extension")
    return Response(
        results=results,
        sv_trid=ids.text("svTRID"),
        cl_trid=ids.text_or("clTRID"),
        queue=None if queue is None else _queue(queue),
        data=() if data is None else tuple(_datum(element) for element in data),
        extensions=() if extension is None else tuple(_kept(element) for element in extension),
    )


def _result(element: Element) -> Result:
    parts = _Parts(element, EPP)
    extended = [_Parts(value, EPP) for value in parts.all("extValue")]
    offending = [*parts.all("value"), *(value.one("value") for value in extended)]
    return Result(
        code=_number(element.get("code"), "result/@code"),
        message=parts.text("msg"),
        values=tuple(_kept(value) for value in offending),
        reasons=tuple(value.text_or("reason") for value in extended),
    )


def _queue(element: Element) -> MessageQueue:
    parts = _Parts(element, EPP)
    text = parts.first("msg")
    return MessageQueue(
        count=_number(element.get("count"), "msgQ/@count"),
        message_id=element.get("id") or "",
        queued_at=parts.instant_or_none("qDate"),
        text="" if text is None else "".join(text.itertext()).strip(),
    )


def _datum(element: Element) -> Data:
    reader = _READERS.get(str(element.tag))
    return _kept(element) if reader is None else reader(element)


def _checked(namespace: str, id_tag: str) -> Callable[[Element], CheckData]:
    def read(element: Element) -> CheckData:
        items = []
        for pair in _Parts(element, namespace).all("cd"):
            parts = _Parts(pair, namespace)
            named = parts.one(id_tag)
            is_available = _flag(named.get("avail"), f"{id_tag}/@avail")
            checked = Checked((named.text or "").strip(), is_available, parts.text_or("reason"))
            items.append(checked)
        return CheckData(tuple(items))

    return read


def _domain_info(element: Element) -> DomainInfo:
    parts = _Parts(element, DOMAIN)
    return DomainInfo(
        name=parts.text("name").lower(),
        roid=values.roid(parts.text("roid")),
        statuses=_statuses(parts),
        registrant=parts.text_or("registrant"),
        nameservers=_nameservers(parts.first("ns")),
        sponsor=parts.text("clID"),
        created_at=parts.instant_or_none("crDate"),
        expires_at=parts.instant_or_none("exDate"),
    )


def _statuses(parts: _Parts) -> frozenset[str]:
    return frozenset(status.get("s") or "" for status in parts.all("status"))


def _nameservers(element: Element | None) -> tuple[str, ...]:
    if element is None:
        return ()
    parts = _Parts(element, DOMAIN)
    attributes = [_Parts(one, DOMAIN).text("hostName") for one in parts.all("hostAttr")]
    return tuple(name.lower() for name in (*parts.texts("hostObj"), *attributes))


def _domain_created(element: Element) -> DomainCreated:
    parts = _Parts(element, DOMAIN)
    return DomainCreated(
        parts.text("name").lower(), parts.instant("crDate"), parts.instant_or_none("exDate")
    )


def _domain_renewed(element: Element) -> DomainRenewed:
    parts = _Parts(element, DOMAIN)
    return DomainRenewed(parts.text("name").lower(), parts.instant_or_none("exDate"))


def _domain_transfer(element: Element) -> DomainTransfer:
    parts = _Parts(element, DOMAIN)
    return DomainTransfer(
        name=parts.text("name").lower(),
        state=parts.text("trStatus"),
        requested_by=parts.text("reID"),
        requested_at=parts.instant("reDate"),
        acted_by=parts.text("acID"),
        acted_at=parts.instant("acDate"),
        expires_at=parts.instant_or_none("exDate"),
    )


def _pending_action(element: Element) -> PendingAction:
    parts = _Parts(element, DOMAIN)
    named = parts.one("name")
    ids = _Parts(parts.one("paTRID"), EPP)
    return PendingAction(
        name=(named.text or "").strip().lower(),
        succeeded=_flag(named.get("paResult"), "name/@paResult"),
        cl_trid=ids.text_or("clTRID"),
        sv_trid=ids.text("svTRID"),
        decided_at=parts.instant("paDate"),
    )


def _contact_info(element: Element) -> ContactInfo:
    parts = _Parts(element, CONTACT)
    return ContactInfo(
        id=parts.text("id"),
        roid=values.roid(parts.text("roid")),
        statuses=_statuses(parts),
        names=tuple(_Parts(one, CONTACT).text("name") for one in parts.all("postalInfo")),
        email=parts.text("email"),
        voice=parts.text_or("voice"),
        sponsor=parts.text("clID"),
        created_at=parts.instant("crDate"),
    )


def _contact_created(element: Element) -> ContactCreated:
    parts = _Parts(element, CONTACT)
    return ContactCreated(parts.text("id"), parts.instant("crDate"))


_READERS: dict[str, Callable[[Element], Data]] = {
    f"{{{DOMAIN}}}chkData": _checked(DOMAIN, "name"),
    f"{{{DOMAIN}}}infData": _domain_info,
    f"{{{DOMAIN}}}creData": _domain_created,
    f"{{{DOMAIN}}}renData": _domain_renewed,
    f"{{{DOMAIN}}}trnData": _domain_transfer,
    f"{{{DOMAIN}}}panData": _pending_action,
    f"{{{CONTACT}}}chkData": _checked(CONTACT, "id"),
    f"{{{CONTACT}}}infData": _contact_info,
    f"{{{CONTACT}}}creData": _contact_created,
}
