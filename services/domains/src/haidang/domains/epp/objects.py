"""Objects inside answers: domains and contacts read into typed values.

Pure. `responses` comes here for what stands in resData. What the mappings do not know
is kept as XML. The order of children is not relied on; types are checked.

Source: RFC 5731 and RFC 5733 section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from haidang.core.errors import Malformed
from haidang.domains.epp import values
from haidang.domains.epp.profile import CONTACT, DOMAIN, EPP
from lxml import etree

Element = etree._Element


@dataclass(frozen=True, slots=True)
class Kept:
    """An element we do not model, kept whole."""

    tag: str
    xml: bytes


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


class Parts:
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


def kept(element: Element) -> Kept:
    return Kept(str(element.tag), etree.tostring(element, with_tail=False))


def number(text: str | None, field: str) -> int:
    if text is None or not (text.isascii() and text.isdigit()):
        raise Malformed("EPP_ANSWER", field=field)
    return int(text)


def flag(text: str | None, field: str) -> bool:
    if text in {"1", "true"}:
        return True
    if text in {"0", "false"}:
        return False
    raise Malformed("EPP_ANSWER", field=field)


def datum(element: Element) -> Data:
    reader = _READERS.get(str(element.tag))
    return kept(element) if reader is None else reader(element)


def _checked(namespace: str, id_tag: str) -> Callable[[Element], CheckData]:
    def read(element: Element) -> CheckData:
        items = []
        for pair in Parts(element, namespace).all("cd"):
            parts = Parts(pair, namespace)
            named = parts.one(id_tag)
            is_available = flag(named.get("avail"), f"{id_tag}/@avail")
            checked = Checked((named.text or "").strip(), is_available, parts.text_or("reason"))
            items.append(checked)
        return CheckData(tuple(items))

    return read


def _domain_info(element: Element) -> DomainInfo:
    parts = Parts(element, DOMAIN)
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


def _statuses(parts: Parts) -> frozenset[str]:
    return frozenset(status.get("s") or "" for status in parts.all("status"))


def _nameservers(element: Element | None) -> tuple[str, ...]:
    if element is None:
        return ()
    parts = Parts(element, DOMAIN)
    attributes = [Parts(one, DOMAIN).text("hostName") for one in parts.all("hostAttr")]
    return tuple(name.lower() for name in (*parts.texts("hostObj"), *attributes))


def _domain_created(element: Element) -> DomainCreated:
    parts = Parts(element, DOMAIN)
    return DomainCreated(
        parts.text("name").lower(), parts.instant("crDate"), parts.instant_or_none("exDate")
    )


def _domain_renewed(element: Element) -> DomainRenewed:
    parts = Parts(element, DOMAIN)
    return DomainRenewed(parts.text("name").lower(), parts.instant_or_none("exDate"))


def _domain_transfer(element: Element) -> DomainTransfer:
    parts = Parts(element, DOMAIN)
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
    parts = Parts(element, DOMAIN)
    named = parts.one("name")
    ids = Parts(parts.one("paTRID"), EPP)
    return PendingAction(
        name=(named.text or "").strip().lower(),
        succeeded=flag(named.get("paResult"), "name/@paResult"),
        cl_trid=ids.text_or("clTRID"),
        sv_trid=ids.text("svTRID"),
        decided_at=parts.instant("paDate"),
    )


def _contact_info(element: Element) -> ContactInfo:
    parts = Parts(element, CONTACT)
    return ContactInfo(
        id=parts.text("id"),
        roid=values.roid(parts.text("roid")),
        statuses=_statuses(parts),
        names=tuple(Parts(one, CONTACT).text("name") for one in parts.all("postalInfo")),
        email=parts.text("email"),
        voice=parts.text_or("voice"),
        sponsor=parts.text("clID"),
        created_at=parts.instant("crDate"),
    )


def _contact_created(element: Element) -> ContactCreated:
    parts = Parts(element, CONTACT)
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
