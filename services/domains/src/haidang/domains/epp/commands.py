"""Commands we send: one frozen value per verb and object, written as XML by itself.

Pure. Each field's comment names the XML path it fills below `epp/command`. Values are
checked when written, by the exact types of the schemas: what would be refused as
malformed never leaves.

Source: RFC 5730 section 2.9; RFC 5731 and RFC 5733 section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol

from haidang.domains.epp import values
from haidang.domains.epp.profile import CONTACT, DOMAIN, EPP, VERSION, HostModel
from lxml import etree

Element = etree._Element

_NAMESPACES: Any = {None: EPP}
"""Any: the stubs do not know that None is lxml's key of the default namespace."""


class Command(Protocol):
    """A command: `verb` for reports; `transforms` when it may change the registry."""

    @property
    def verb(self) -> str: ...
    @property
    def transforms(self) -> bool: ...
    def write(self, command: Element) -> None:
        """Append the verb's element to *command*. Raises: Malformed EPP_VALUE."""
        ...


def to_xml(command: Command, cl_trid: str) -> bytes:
    """The whole message for *command*. Raises: Malformed EPP_VALUE."""
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_NAMESPACES)
    element = etree.SubElement(root, f"{{{EPP}}}command")
    command.write(element)
    _text(element, EPP, "clTRID", values.transaction_id(cl_trid))
    return _bytes(root)


def hello_xml() -> bytes:
    """The message that asks for a greeting; it carries no transaction id."""
    root = etree.Element(f"{{{EPP}}}epp", nsmap=_NAMESPACES)
    etree.SubElement(root, f"{{{EPP}}}hello")
    return _bytes(root)


def _bytes(root: Element) -> bytes:
    wire: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return wire


def _text(parent: Element, namespace: str, tag: str, text: str, **attributes: str) -> Element:
    child = etree.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    child.text = text
    return child


def _object(command: Element, verb: str, namespace: str) -> Element:
    prefix = "domain" if namespace == DOMAIN else "contact"
    outer = etree.SubElement(command, f"{{{EPP}}}{verb}")
    return etree.SubElement(outer, f"{{{namespace}}}{verb}", nsmap={prefix: namespace})


def _auth_info(parent: Element, namespace: str, secret: str) -> None:
    outer = etree.SubElement(parent, f"{{{namespace}}}authInfo")
    _text(outer, namespace, "pw", values.line(secret, "authInfo", (0, values.LABEL_LENGTH[1])))


def _name_servers(parent: Element, names: tuple[str, ...], model: HostModel) -> None:
    if not names:
        return
    outer = etree.SubElement(parent, f"{{{DOMAIN}}}ns")
    for name in names:
        checked = values.domain_name(name, "nameservers")
        if model is HostModel.OBJECTS:
            _text(outer, DOMAIN, "hostObj", checked)
        else:
            attribute = etree.SubElement(outer, f"{{{DOMAIN}}}hostAttr")
            _text(attribute, DOMAIN, "hostName", checked)


@dataclass(frozen=True, slots=True)
class Login:
    """Open a session. Its repr never shows a password."""

    client_id: str  # login/clID
    password: str  # login/pw
    objects: tuple[str, ...]  # login/svcs/objURI
    extensions: tuple[str, ...] = ()  # login/svcs/svcExtension/extURI
    new_password: str = ""  # login/newPW
    language: str = "en"  # login/options/lang
    verb: ClassVar[str] = "login"
    transforms: ClassVar[bool] = False

    def __repr__(self) -> str:
        return f"Login({self.client_id!r})"

    def write(self, command: Element) -> None:
        login = etree.SubElement(command, f"{{{EPP}}}login")
        _text(login, EPP, "clID", values.client_id(self.client_id))
        _text(login, EPP, "pw", values.password(self.password))
        if self.new_password:
            _text(login, EPP, "newPW", values.password(self.new_password, "newPW"))
        options = etree.SubElement(login, f"{{{EPP}}}options")
        _text(options, EPP, "version", VERSION)
        _text(options, EPP, "lang", self.language)
        services = etree.SubElement(login, f"{{{EPP}}}svcs")
        for uri in self.objects:
            _text(services, EPP, "objURI", uri)
        if self.extensions:
            offered = etree.SubElement(services, f"{{{EPP}}}svcExtension")
            for uri in self.extensions:
                _text(offered, EPP, "extURI", uri)


@dataclass(frozen=True, slots=True)
class Logout:
    """Close the session in order."""

    verb: ClassVar[str] = "logout"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        etree.SubElement(command, f"{{{EPP}}}logout")


@dataclass(frozen=True, slots=True)
class RequestMessage:
    """Ask for the oldest message of our queue: poll/@op="req"."""

    verb: ClassVar[str] = "poll req"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        etree.SubElement(command, f"{{{EPP}}}poll", {"op": "req"})


@dataclass(frozen=True, slots=True)
class AcknowledgeMessage:
    """Take a message off our queue: poll/@op="ack"."""

    message_id: str  # poll/@msgID
    verb: ClassVar[str] = "poll ack"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        checked = values.token(self.message_id, "msgID", values.LABEL_LENGTH)
        etree.SubElement(command, f"{{{EPP}}}poll", {"op": "ack", "msgID": checked})


@dataclass(frozen=True, slots=True)
class CheckDomains:
    """Ask whether names may be created."""

    names: tuple[str, ...]  # check/domain:check/domain:name
    verb: ClassVar[str] = "check domain"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        check = _object(command, "check", DOMAIN)
        for name in self.names:
            _text(check, DOMAIN, "name", values.domain_name(name))


@dataclass(frozen=True, slots=True)
class InfoDomain:
    """Ask what the registry holds of a name."""

    name: str  # info/domain:info/domain:name
    verb: ClassVar[str] = "info domain"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        info = _object(command, "info", DOMAIN)
        _text(info, DOMAIN, "name", values.domain_name(self.name), hosts="all")


@dataclass(frozen=True, slots=True)
class CreateDomain:
    """Register a name for whole years.

    The auth info is sent empty: it is set only for a transfer (RFC 9154 section 4.2).
    """

    name: str  # create/domain:create/domain:name
    years: int  # …/domain:period[@unit="y"]
    registrant: str  # …/domain:registrant
    nameservers: tuple[str, ...] = ()  # …/domain:ns
    auth_info: str = ""  # …/domain:authInfo/domain:pw
    host_model: HostModel = HostModel.ATTRIBUTES
    verb: ClassVar[str] = "create domain"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        create = _object(command, "create", DOMAIN)
        _text(create, DOMAIN, "name", values.domain_name(self.name))
        _text(create, DOMAIN, "period", values.period_years(self.years), unit="y")
        _name_servers(create, self.nameservers, self.host_model)
        _text(create, DOMAIN, "registrant", values.client_id(self.registrant, "registrant"))
        _auth_info(create, DOMAIN, self.auth_info)


@dataclass(frozen=True, slots=True)
class RenewDomain:
    """Renew a name that expires at *current_expires_at*, as stored, never as just read."""

    name: str  # renew/domain:renew/domain:name
    current_expires_at: datetime  # …/domain:curExpDate, its UTC date
    years: int  # …/domain:period[@unit="y"]
    verb: ClassVar[str] = "renew domain"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        renew = _object(command, "renew", DOMAIN)
        _text(renew, DOMAIN, "name", values.domain_name(self.name))
        _text(renew, DOMAIN, "curExpDate", values.day(self.current_expires_at))
        _text(renew, DOMAIN, "period", values.period_years(self.years), unit="y")


@dataclass(frozen=True, slots=True)
class UpdateDomain:
    """Change delegation, statuses or registrant of a name."""

    name: str  # update/domain:update/domain:name
    add_nameservers: tuple[str, ...] = ()  # …/domain:add/domain:ns
    remove_nameservers: tuple[str, ...] = ()  # …/domain:rem/domain:ns
    add_statuses: tuple[str, ...] = ()  # …/domain:add/domain:status/@s
    remove_statuses: tuple[str, ...] = ()  # …/domain:rem/domain:status/@s
    registrant: str = ""  # …/domain:chg/domain:registrant
    host_model: HostModel = HostModel.ATTRIBUTES
    verb: ClassVar[str] = "update domain"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        update = _object(command, "update", DOMAIN)
        _text(update, DOMAIN, "name", values.domain_name(self.name))
        self._change(update, "add", self.add_nameservers, self.add_statuses)
        self._change(update, "rem", self.remove_nameservers, self.remove_statuses)
        if self.registrant:
            changed = etree.SubElement(update, f"{{{DOMAIN}}}chg")
            registrant = values.client_id(self.registrant, "registrant")
            _text(changed, DOMAIN, "registrant", registrant)

    def _change(
        self, update: Element, tag: str, servers: tuple[str, ...], statuses: tuple[str, ...]
    ) -> None:
        if not servers and not statuses:
            return
        change = etree.SubElement(update, f"{{{DOMAIN}}}{tag}")
        _name_servers(change, servers, self.host_model)
        for status in statuses:
            etree.SubElement(change, f"{{{DOMAIN}}}status", {"s": values.domain_status(status)})


@dataclass(frozen=True, slots=True)
class CheckContacts:
    """Ask whether contact ids are free."""

    ids: tuple[str, ...]  # check/contact:check/contact:id
    verb: ClassVar[str] = "check contact"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        check = _object(command, "check", CONTACT)
        for contact_id in self.ids:
            _text(check, CONTACT, "id", values.client_id(contact_id, "id"))


@dataclass(frozen=True, slots=True)
class InfoContact:
    """Ask what the registry holds of a contact."""

    id: str  # info/contact:info/contact:id
    verb: ClassVar[str] = "info contact"
    transforms: ClassVar[bool] = False

    def write(self, command: Element) -> None:
        info = _object(command, "info", CONTACT)
        _text(info, CONTACT, "id", values.client_id(self.id, "id"))


@dataclass(frozen=True, slots=True)
class Postal:
    """A postal address in its own language (type "loc"): UTF-8, as Vietnamese needs."""

    name: str  # contact:postalInfo/contact:name
    city: str  # …/contact:addr/contact:city
    country: str  # …/contact:addr/contact:cc
    org: str = ""  # …/contact:org
    street: str = ""  # …/contact:addr/contact:street
    province: str = ""  # …/contact:addr/contact:sp

    def write(self, parent: Element) -> None:
        postal = etree.SubElement(parent, f"{{{CONTACT}}}postalInfo", {"type": "loc"})
        _text(postal, CONTACT, "name", values.line(self.name, "name"))
        if self.org:
            _text(postal, CONTACT, "org", values.line(self.org, "org"))
        address = etree.SubElement(postal, f"{{{CONTACT}}}addr")
        if self.street:
            _text(address, CONTACT, "street", values.line(self.street, "address.street"))
        _text(address, CONTACT, "city", values.line(self.city, "address.commune"))
        if self.province:
            _text(address, CONTACT, "sp", values.line(self.province, "address.province"))
        _text(address, CONTACT, "cc", values.country(self.country, "address.country"))


@dataclass(frozen=True, slots=True)
class CreateContact:
    """Create a contact object under our own id."""

    id: str  # create/contact:create/contact:id
    postal: Postal  # …/contact:postalInfo
    email: str  # …/contact:email
    voice: str = ""  # …/contact:voice, E.164
    auth_info: str = ""  # …/contact:authInfo/contact:pw
    verb: ClassVar[str] = "create contact"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        create = _object(command, "create", CONTACT)
        _text(create, CONTACT, "id", values.client_id(self.id, "id"))
        self.postal.write(create)
        if self.voice:
            _text(create, CONTACT, "voice", values.voice(self.voice, "phone"))
        _text(create, CONTACT, "email", values.token(self.email, "email", values.LABEL_LENGTH))
        _auth_info(create, CONTACT, self.auth_info)


@dataclass(frozen=True, slots=True)
class UpdateContact:
    """Replace a contact's address, telephone or e-mail."""

    id: str  # update/contact:update/contact:id
    postal: Postal | None = None  # …/contact:chg/contact:postalInfo
    voice: str = ""  # …/contact:chg/contact:voice
    email: str = ""  # …/contact:chg/contact:email
    verb: ClassVar[str] = "update contact"
    transforms: ClassVar[bool] = True

    def write(self, command: Element) -> None:
        update = _object(command, "update", CONTACT)
        _text(update, CONTACT, "id", values.client_id(self.id, "id"))
        change = etree.SubElement(update, f"{{{CONTACT}}}chg")
        if self.postal is not None:
            self.postal.write(change)
        if self.voice:
            _text(change, CONTACT, "voice", values.voice(self.voice, "phone"))
        if self.email:
            email = values.token(self.email, "email", values.LABEL_LENGTH)
            _text(change, CONTACT, "email", email)
