"""Commands about domains, read child by child in the schema's order.

Pure; `requests` comes here. Source: RFC 5731 section 3 and its formal syntax.
"""

from __future__ import annotations

from collections.abc import Callable

from haidang.domains.sandbox_registry.request_values import (
    CLIENT_ID,
    DOMAIN,
    LABEL,
    Change,
    Check,
    CreateDomain,
    Delete,
    Glue,
    Info,
    NameServers,
    Payload,
    RenewDomain,
    Transfer,
    UpdateDomain,
    read_address,
    read_auth_info,
    read_statuses,
)
from haidang.domains.sandbox_registry.rules import (
    SYNTAX,
    Children,
    Element,
    Refusal,
    among,
    attribute,
    only_attributes,
    text_of,
    token,
    whole_number,
    xsd_date,
)

MONTHS_PER_YEAR = 12
PERIOD = whole_number(1, 99)

_PROHIBITED = ("Delete", "Renew", "Transfer", "Update")
STATUSES = (
    *(f"client{verb}Prohibited" for verb in _PROHIBITED),
    *(f"server{verb}Prohibited" for verb in _PROHIBITED),
    *(f"pending{verb}" for verb in ("Create", *_PROHIBITED)),
    *("clientHold", "serverHold", "inactive", "ok"),
)
STATUSES_MAX = 11


def _name(text: str) -> str:
    return LABEL(text).lower()


def _months(element: Element | None) -> int:
    if element is None:
        return 0
    only_attributes(element, "unit")
    number = text_of(element, PERIOD)
    unit = attribute(element, "unit", among("y", "m"))
    return number * MONTHS_PER_YEAR if unit == "y" else number


def _servers(element: Element | None) -> NameServers:
    if element is None:
        return NameServers()
    parts = Children(element, DOMAIN)
    objects = tuple(text_of(one, _name) for one in parts.every("hostObj"))
    attributes = tuple(_glue(one) for one in parts.every("hostAttr"))
    parts.end()
    if bool(objects) == bool(attributes):
        raise Refusal(SYNTAX, "host objects or host attributes expected", element)
    return NameServers(objects, attributes)


def _glue(element: Element) -> Glue:
    parts = Children(element, DOMAIN)
    name = parts.one("hostName", _name)
    addresses = tuple(read_address(one) for one in parts.every("hostAddr"))
    parts.end()
    return Glue(name, addresses)


def _contacts(elements: list[Element]) -> tuple[tuple[str, str], ...]:
    found = []
    for element in elements:
        only_attributes(element, "type")
        kind = attribute(element, "type", among("admin", "billing", "tech"), "")
        found.append((kind, text_of(element, CLIENT_ID)))
    return tuple(found)


def _check(element: Element) -> Check:
    parts = Children(element, DOMAIN)
    names = tuple(text_of(one, _name) for one in parts.every("name", low=1))
    parts.end()
    return Check(names)


def _info(element: Element) -> Info:
    parts = Children(element, DOMAIN)
    named = parts.need("name")
    only_attributes(named, "hosts")
    hosts = attribute(named, "hosts", among("all", "del", "none", "sub"), "all")
    secret = parts.take("authInfo")
    parts.end()
    auth_info = None if secret is None else read_auth_info(secret, DOMAIN)
    return Info(text_of(named, _name), auth_info, hosts)


def _create(element: Element) -> CreateDomain:
    parts = Children(element, DOMAIN)
    name = parts.one("name", _name)
    months = _months(parts.take("period"))
    servers = _servers(parts.take("ns"))
    registrant = parts.optional("registrant", CLIENT_ID, "")
    contacts = _contacts(parts.every("contact"))
    auth_info = read_auth_info(parts.need("authInfo"), DOMAIN)
    parts.end()
    return CreateDomain(name, months, servers, registrant, contacts, auth_info)


def _renew(element: Element) -> RenewDomain:
    parts = Children(element, DOMAIN)
    name = parts.one("name", _name)
    expiry = parts.one("curExpDate", xsd_date)
    months = _months(parts.take("period"))
    parts.end()
    return RenewDomain(name, expiry, months)


def _delete(element: Element) -> Delete:
    parts = Children(element, DOMAIN)
    name = parts.one("name", _name)
    parts.end()
    return Delete(name)


def _transfer(element: Element) -> Transfer:
    parts = Children(element, DOMAIN)
    name = parts.one("name", _name)
    months = _months(parts.take("period"))
    secret = parts.take("authInfo")
    parts.end()
    return Transfer(name, months, None if secret is None else read_auth_info(secret, DOMAIN))


def _change(element: Element | None) -> Change | None:
    if element is None:
        return None
    parts = Children(element, DOMAIN)
    servers = _servers(parts.take("ns"))
    contacts = _contacts(parts.every("contact"))
    statuses = read_statuses(parts.every("status", high=STATUSES_MAX), STATUSES)
    parts.end()
    return Change(servers, contacts, statuses)


def _update(element: Element) -> UpdateDomain:
    parts = Children(element, DOMAIN)
    name = parts.one("name", _name)
    add = _change(parts.take("add"))
    remove = _change(parts.take("rem"))
    changed = parts.take("chg")
    parts.end()
    if changed is None:
        return UpdateDomain(name, add, remove)
    inner = Children(changed, DOMAIN)
    registrant = inner.take("registrant")
    secret = inner.take("authInfo")
    inner.end()
    return UpdateDomain(
        name,
        add,
        remove,
        None if registrant is None else text_of(registrant, token(0, 16)),
        None if secret is None else read_auth_info(secret, DOMAIN, may_be_null=True),
    )


READERS: dict[str, Callable[[Element], Payload]] = {
    "check": _check,
    "info": _info,
    "create": _create,
    "renew": _renew,
    "delete": _delete,
    "transfer": _transfer,
    "update": _update,
}
