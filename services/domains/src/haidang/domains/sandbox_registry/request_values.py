"""What commands about domains, contacts and hosts say, as frozen values, and shared rules.

Pure. Read by `domain_requests` and `party_requests`, executed by `domains`, `contacts`
and `hosts`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from haidang.domains.sandbox_registry.rules import (
    SYNTAX,
    Children,
    Element,
    Refusal,
    address,
    among,
    attribute,
    normalized,
    only_attributes,
    text_of,
    token,
)

EPP = "urn:ietf:params:xml:ns:epp-1.0"
DOMAIN = "urn:ietf:params:xml:ns:domain-1.0"
CONTACT = "urn:ietf:params:xml:ns:contact-1.0"
HOST = "urn:ietf:params:xml:ns:host-1.0"

CLIENT_ID = token(3, 16)
LABEL = token(1, 255)
AUTH_INFO = normalized(0, 255)
UNSUPPORTED_OPTION = 2102


@dataclass(frozen=True)
class Glue:
    """A name server given as an attribute, with its addresses."""

    name: str
    addresses: tuple[str, ...] = ()


@dataclass(frozen=True)
class NameServers:
    """Host objects by name, or host attributes: never both."""

    objects: tuple[str, ...] = ()
    attributes: tuple[Glue, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All server names, whichever the model."""
        return (*self.objects, *(glue.name for glue in self.attributes))


@dataclass(frozen=True)
class Check:
    """Names or ids to be checked."""

    ids: tuple[str, ...]


@dataclass(frozen=True)
class Info:
    """One object to be shown; `hosts` selects which hosts of a domain."""

    id: str
    auth_info: str | None = field(default=None, repr=False)
    hosts: str = "all"


@dataclass(frozen=True)
class Delete:
    """One object to be deleted."""

    id: str


@dataclass(frozen=True)
class Transfer:
    """A transfer of an object; its operation is in the command's verb."""

    id: str
    months: int = 0
    auth_info: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class CreateDomain:
    """`months` is 0 where the period was left to the server."""

    name: str
    months: int
    servers: NameServers
    registrant: str
    contacts: tuple[tuple[str, str], ...]
    auth_info: str = field(repr=False)


@dataclass(frozen=True)
class RenewDomain:
    """`months` is 0 where the period was left to the server."""

    name: str
    current_expiry: date
    months: int


@dataclass(frozen=True)
class Change:
    """What is added to or removed from a domain."""

    servers: NameServers = field(default_factory=NameServers)
    contacts: tuple[tuple[str, str], ...] = ()
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True)
class UpdateDomain:
    """`registrant` and `auth_info` are None where they stay."""

    name: str
    add: Change | None
    remove: Change | None
    registrant: str | None = None
    auth_info: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Postal:
    """One postalInfo."""

    type: str
    name: str
    org: str
    streets: tuple[str, ...]
    city: str
    province: str
    postal_code: str
    country: str


@dataclass(frozen=True)
class CreateContact:
    """A contact as given."""

    id: str
    postals: tuple[Postal, ...]
    voice: str
    fax: str
    email: str
    auth_info: str = field(repr=False)


@dataclass(frozen=True)
class UpdateContact:
    """Only what is given changes."""

    id: str
    add_statuses: tuple[str, ...] = ()
    remove_statuses: tuple[str, ...] = ()
    chg: Mapping[str, str] = field(default_factory=dict)
    postals: tuple[Postal, ...] = ()


@dataclass(frozen=True)
class CreateHost:
    """A host object; addresses are written "v4 192.0.2.1"."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class UpdateHost:
    """Read to be refused: this sandbox keeps host objects as they were created."""

    name: str


Payload = (
    Check
    | Info
    | Delete
    | Transfer
    | CreateDomain
    | RenewDomain
    | UpdateDomain
    | CreateContact
    | UpdateContact
    | CreateHost
    | UpdateHost
)


def read_auth_info(element: Element, namespace: str, *, may_be_null: bool = False) -> str:
    """domain:authInfo or contact:authInfo; only pw (or null) is carried out here."""
    parts = Children(element, namespace)
    if may_be_null and (null := parts.take("null")) is not None:
        parts.end()
        return text_of(null, AUTH_INFO)
    extended = parts.take("ext")
    if extended is not None:
        raise Refusal(UNSUPPORTED_OPTION, "authInfo/ext is not offered", extended)
    secret = parts.need("pw")
    only_attributes(secret, "roid")
    parts.end()
    return text_of(secret, AUTH_INFO)


def read_statuses(elements: list[Element], rule_values: tuple[str, ...]) -> tuple[str, ...]:
    """The @s of each status element; its text is a remark nobody keeps."""
    found = []
    for element in elements:
        only_attributes(element, "s", "lang")
        if len(element):
            raise Refusal(SYNTAX, "text expected", element)
        found.append(attribute(element, "s", among(*rule_values)))
    return tuple(found)


def read_address(element: Element) -> str:
    """host:addrType, written "v4 192.0.2.1"."""
    only_attributes(element, "ip")
    version = attribute(element, "ip", among("v4", "v6"), "v4")
    text = text_of(element, token(3, 45))
    try:
        return f"{version} {address(version, text)}"
    except Refusal as breach:
        raise Refusal(breach.code, breach.reason, element) from breach
