"""Commands as the sandbox registry reads them: frames to values, every type checked.

Pure. `server` comes here with a parsed document. Nothing is executed here, and nothing
is known of our client's command classes.

Source: RFC 5730 section 2.9; epp-1.0.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from haidang.domains.sandbox_registry import domain_requests, party_requests
from haidang.domains.sandbox_registry.request_values import (
    CLIENT_ID,
    CONTACT,
    DOMAIN,
    EPP,
    HOST,
    Payload,
)
from haidang.domains.sandbox_registry.rules import (
    SYNTAX,
    Children,
    Element,
    Refusal,
    among,
    attribute,
    only_attributes,
    pattern,
    text_of,
    token,
)
from lxml import etree

TRANSACTION_ID = token(3, 64)
PASSWORD = token(6, 16)
LANGUAGE = pattern(r"[a-zA-Z]{1,8}(-[a-zA-Z0-9]{1,8})*", 64)
URI = token(1, 255)
UNIMPLEMENTED_SERVICE = 2307
UNKNOWN_COMMAND = 2000


@dataclass(frozen=True)
class Hello:
    """Asks for a greeting."""


@dataclass(frozen=True)
class Login:
    """Its repr never shows a password."""

    client_id: str
    password: str = field(repr=False)
    new_password: str = field(repr=False)
    version: str
    language: str
    objects: tuple[str, ...]
    extensions: tuple[str, ...]


@dataclass(frozen=True)
class Logout:
    """Ends the session."""


@dataclass(frozen=True)
class Poll:
    """`operation` is req or ack."""

    operation: str
    message_id: str


@dataclass(frozen=True)
class Command:
    """A command: its verb as in "domain.create", its payload, what extensions it carries."""

    verb: str
    payload: Payload | Login | Logout | Poll
    cl_trid: str
    extensions: tuple[str, ...] = ()


def transaction_id_of(root: Element) -> str:
    """The client's transaction id if one can be read: an answer to a bad command bears it."""
    found = root.find(f"{{{EPP}}}command/{{{EPP}}}clTRID")
    try:
        return "" if found is None else text_of(found, TRANSACTION_ID)
    except Refusal:
        return ""


def read_request(root: Element) -> Hello | Command:
    """The request in *root*. Raises: Refusal with 2000, 2001, 2003, 2004, 2005 or 2307."""
    if root.tag != f"{{{EPP}}}epp" or len(root) != 1:
        raise Refusal(SYNTAX, "epp with one child expected")
    only_attributes(root)
    body = root[0]
    if body.tag == f"{{{EPP}}}hello":
        return Hello()
    if body.tag != f"{{{EPP}}}command":
        raise Refusal(SYNTAX, "command or hello expected", body)
    return _command(body)


def _command(body: Element) -> Command:
    if not len(body):
        raise Refusal(SYNTAX, "a verb expected", body)
    verb_element = body[0]
    verb = etree.QName(verb_element).localname
    parts = Children(body, EPP)
    if parts.take(verb) is None:
        raise Refusal(SYNTAX, "element of another namespace", verb_element)
    extension = parts.take("extension")
    cl_trid = parts.optional("clTRID", TRANSACTION_ID, "")
    parts.end()
    carried = [] if extension is None else Children(extension, EPP).any_foreign()
    if extension is not None and not carried:
        raise Refusal(SYNTAX, "an extension expected", extension)
    namespaces = tuple(str(etree.QName(child).namespace) for child in carried)
    reader = _READERS.get(verb)
    if reader is None:
        raise Refusal(UNKNOWN_COMMAND, "unknown verb", verb_element)
    full_verb, payload = reader(verb_element)
    return Command(full_verb, payload, cl_trid, namespaces)


def _login(element: Element) -> tuple[str, Login]:
    parts = Children(element, EPP)
    client_id = parts.one("clID", CLIENT_ID)
    password = parts.one("pw", PASSWORD)
    new_password = parts.optional("newPW", PASSWORD, "")
    options = Children(parts.need("options"), EPP)
    version = options.one("version", token(1, 16))
    language = options.one("lang", LANGUAGE)
    options.end()
    services = Children(parts.need("svcs"), EPP)
    parts.end()
    objects = tuple(text_of(uri, URI) for uri in services.every("objURI", low=1))
    offered = services.take("svcExtension")
    services.end()
    uris: list[Element] = []
    if offered is not None:
        extension = Children(offered, EPP)
        uris = extension.every("extURI", low=1)
        extension.end()
    extensions = tuple(text_of(uri, URI) for uri in uris)
    return "login", Login(client_id, password, new_password, version, language, objects, extensions)


def _logout(element: Element) -> tuple[str, Logout]:
    Children(element, EPP).end()
    return "logout", Logout()


def _poll(element: Element) -> tuple[str, Poll]:
    only_attributes(element, "op", "msgID")
    Children(element, EPP).end()
    operation = attribute(element, "op", among("req", "ack"))
    return "poll", Poll(operation, attribute(element, "msgID", token(0, 255), ""))


_OBJECTS = {
    DOMAIN: domain_requests.READERS,
    CONTACT: party_requests.CONTACT_READERS,
    HOST: party_requests.HOST_READERS,
}


def _object(element: Element) -> tuple[str, Payload]:
    verb = etree.QName(element).localname
    if len(element) != 1:
        raise Refusal(SYNTAX, "one object expected", element)
    inner = element[0]
    name = etree.QName(inner)
    if name.namespace == EPP:
        raise Refusal(SYNTAX, "an object of another namespace expected", inner)
    readers = _OBJECTS.get(str(name.namespace))
    if readers is None:
        raise Refusal(UNIMPLEMENTED_SERVICE, "object service not offered", inner)
    reader = readers.get(name.localname)
    if reader is None or name.localname != verb:
        raise Refusal(SYNTAX, "verb and object do not agree", inner)
    kind = {DOMAIN: "domain", CONTACT: "contact", HOST: "host"}[str(name.namespace)]
    return f"{kind}.{verb}", reader(inner)


def _plain_object(element: Element) -> tuple[str, Payload]:
    only_attributes(element)
    return _object(element)


def _transfer(element: Element) -> tuple[str, Payload]:
    only_attributes(element, "op")
    operation = attribute(element, "op", among("approve", "cancel", "query", "reject", "request"))
    verb, payload = _object(element)
    return f"{verb}.{operation}", payload


_READERS: dict[str, Callable[[Element], tuple[str, Payload | Login | Logout | Poll]]] = {
    "login": _login,
    "logout": _logout,
    "poll": _poll,
    "transfer": _transfer,
    **dict.fromkeys(("check", "create", "delete", "info", "renew", "update"), _plain_object),
}
