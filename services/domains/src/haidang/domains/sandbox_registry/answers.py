"""Answers of the sandbox registry, written as XML. Pure.

Source: RFC 5730 sections 2.4, 2.6 and 3; RFC 5731 to 5733 section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from haidang.domains.sandbox_registry.objects import Message
from haidang.domains.sandbox_registry.request_values import CONTACT, DOMAIN, EPP, HOST
from haidang.domains.sandbox_registry.rules import Element, Refusal
from lxml import etree

SERVER_ID = "Hai Dang SANDBOX"
CLOSING_FROM = 2500

_TEXTS = {
    1000: "Command completed successfully",
    1001: "Command completed successfully; action pending",
    1300: "Command completed successfully; no messages",
    1301: "Command completed successfully; ack to dequeue",
    1500: "Command completed successfully; ending session",
    2000: "Unknown command",
    2001: "Command syntax error",
    2002: "Command use error",
    2003: "Required parameter missing",
    2004: "Parameter value range error",
    2005: "Parameter value syntax error",
    2100: "Unimplemented protocol version",
    2101: "Unimplemented command",
    2102: "Unimplemented option",
    2103: "Unimplemented extension",
    2105: "Object is not eligible for renewal",
    2200: "Authentication error",
    2201: "Authorization error",
    2202: "Invalid authorization information",
    2301: "Object not pending transfer",
    2302: "Object exists",
    2303: "Object does not exist",
    2304: "Object status prohibits operation",
    2305: "Object association prohibits operation",
    2306: "Parameter value policy error",
    2307: "Unimplemented object service",
    2308: "Data management policy violation",
    2400: "Command failed",
    2500: "Command failed; server closing connection",
    2501: "Authentication error; server closing connection",
    2502: "Session limit exceeded; server closing connection",
}
"""The texts of RFC 5730 section 3."""

_PREFIXES = {DOMAIN: "domain", CONTACT: "contact", HOST: "host"}
_NAMESPACES: Any = {None: EPP}
"""Any: the stubs do not know that None is lxml's key of the default namespace."""


@dataclass(frozen=True)
class Answer:
    """What is answered: a code, data, a queue, or what was refused."""

    code: int = 1000
    data: Element | None = None
    count: int = 0
    message: Message | None = None
    message_id: str = ""
    refusal: Refusal | None = None

    @property
    def closes(self) -> bool:
        """Whether the connection ends after this answer."""
        return self.code >= CLOSING_FROM or self.code == ENDING_SESSION


ENDING_SESSION = 1500


def refused(refusal: Refusal) -> Answer:
    """The answer that tells of *refusal*."""
    return Answer(refusal.code, refusal=refusal)


def written(moment: datetime) -> str:
    """xsd:dateTime in UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def add(parent: Element, namespace: str, tag: str, text: str = "", **attributes: str) -> Element:
    """Append an element with *text*."""
    child = etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    if text:
        child.text = text
    return child


def data_element(namespace: str, tag: str) -> Element:
    """The root of response data, such as domain:infData."""
    return etree.Element(f"{{{namespace}}}{tag}", nsmap={_PREFIXES[namespace]: namespace})


def check_data(namespace: str, id_tag: str, answers: Sequence[tuple[str, str]]) -> Element:
    """chkData: each id with "" when available, else the reason why not."""
    root = data_element(namespace, "chkData")
    for checked, reason in answers:
        pair = add(root, namespace, "cd")
        add(pair, namespace, id_tag, checked, avail="0" if reason else "1")
        if reason:
            add(pair, namespace, "reason", reason)
    return root


def response_xml(answer: Answer, cl_trid: str, sv_trid: str) -> bytes:
    """The whole response."""
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_NAMESPACES)
    response = add(root, EPP, "response")
    result = add(response, EPP, "result", code=str(answer.code))
    add(result, EPP, "msg", _TEXTS[answer.code])
    if answer.refusal is not None:
        extended = add(result, EPP, "extValue")
        value = add(extended, EPP, "value")
        value.append(_offending(answer.refusal))
        add(extended, EPP, "reason", answer.refusal.reason)
    if answer.count or answer.message is not None:
        _add_queue(response, answer)
    if answer.data is not None:
        add(response, EPP, "resData").append(answer.data)
    ids = add(response, EPP, "trID")
    if cl_trid:
        add(ids, EPP, "clTRID", cl_trid)
    add(ids, EPP, "svTRID", sv_trid)
    return _bytes(root)


def _offending(refusal: Refusal) -> Element:
    if refusal.value is None:
        return etree.Element(f"{{{EPP}}}undef")
    copied = deepcopy(refusal.value)
    copied.tail = None
    for child in list(copied):
        copied.remove(child)  # the element is named, not its content, which may be private
    return copied


def _add_queue(response: Element, answer: Answer) -> None:
    shown = answer.message
    queue_id = answer.message_id or (str(shown.id) if shown is not None else "0")
    queue = add(response, EPP, "msgQ", count=str(answer.count), id=queue_id)
    if shown is not None:
        add(queue, EPP, "qDate", written(shown.queued_at))
        add(queue, EPP, "msg", shown.text)


def greeting_xml(now: datetime) -> bytes:
    """The greeting: who this is, loudly, and what it serves."""
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_NAMESPACES)
    greeting = add(root, EPP, "greeting")
    add(greeting, EPP, "svID", SERVER_ID)
    add(greeting, EPP, "svDate", written(now))
    menu = add(greeting, EPP, "svcMenu")
    add(menu, EPP, "version", "1.0")
    add(menu, EPP, "lang", "en")
    for uri in (DOMAIN, CONTACT, HOST):
        add(menu, EPP, "objURI", uri)
    policy = add(greeting, EPP, "dcp")
    add(add(policy, EPP, "access"), EPP, "none")
    statement = add(policy, EPP, "statement")
    purpose = add(statement, EPP, "purpose")
    add(purpose, EPP, "admin")
    add(purpose, EPP, "prov")
    add(add(statement, EPP, "recipient"), EPP, "ours")
    add(add(statement, EPP, "retention"), EPP, "none")
    return _bytes(root)


def _bytes(root: Element) -> bytes:
    wire: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return wire
