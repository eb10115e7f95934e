"""Commands about contacts and hosts, read child by child in the schema's order.

Pure; `requests` comes here. Source: RFC 5732 and RFC 5733, section 3 and formal syntax.
"""

from __future__ import annotations

from collections.abc import Callable

from haidang.domains.sandbox_registry.request_values import (
    AUTH_INFO,
    CLIENT_ID,
    CONTACT,
    HOST,
    LABEL,
    Check,
    CreateContact,
    CreateHost,
    Delete,
    Info,
    Payload,
    Postal,
    Transfer,
    UpdateContact,
    UpdateHost,
    read_address,
    read_auth_info,
    read_statuses,
)
from haidang.domains.sandbox_registry.rules import (
    MISSING,
    RANGE,
    VALUE_SYNTAX,
    Children,
    Element,
    Refusal,
    among,
    attribute,
    boolean,
    normalized,
    only_attributes,
    pattern,
    text_of,
    token,
)

LINE = normalized(1, 255)
OPTIONAL_LINE = normalized(0, 255)
VOICE = pattern(r"(\+[0-9]{1,3}\.[0-9]{1,14})?", 17)
POSTAL_CODE = token(0, 16)
COUNTRY = token(2, 2)
EMAIL = pattern(r"[^@\s]+@[^@\s]+", 255)
STATUSES_MAX = 7
STREETS_MAX = 3
POSTALS_MAX = 2

CONTACT_STATUSES = (
    *("clientDeleteProhibited", "clientTransferProhibited", "clientUpdateProhibited"),
    *("linked", "ok", "pendingCreate", "pendingDelete", "pendingTransfer", "pendingUpdate"),
    *("serverDeleteProhibited", "serverTransferProhibited", "serverUpdateProhibited"),
)
HOST_STATUSES = tuple(status for status in CONTACT_STATUSES if "TransferP" not in status)


def _ids(element: Element) -> Check:
    parts = Children(element, CONTACT)
    ids = tuple(text_of(one, CLIENT_ID) for one in parts.every("id", low=1))
    parts.end()
    return Check(ids)


def _one_id(element: Element) -> tuple[str, str | None]:
    parts = Children(element, CONTACT)
    contact_id = parts.one("id", CLIENT_ID)
    secret = parts.take("authInfo")
    parts.end()
    return contact_id, None if secret is None else read_auth_info(secret, CONTACT)


def _info_contact(element: Element) -> Info:
    return Info(*_one_id(element))


def _transfer_contact(element: Element) -> Transfer:
    contact_id, auth_info = _one_id(element)
    return Transfer(contact_id, auth_info=auth_info)


def _delete_contact(element: Element) -> Delete:
    parts = Children(element, CONTACT)
    contact_id = parts.one("id", CLIENT_ID)
    parts.end()
    return Delete(contact_id)


def _postal(element: Element, *, is_change: bool = False) -> Postal:
    only_attributes(element, "type")
    kind = attribute(element, "type", among("loc", "int"))
    parts = Children(element, CONTACT)
    name = parts.optional("name", LINE, "") if is_change else parts.one("name", LINE)
    org = parts.optional("org", OPTIONAL_LINE, "")
    place = parts.take("addr") if is_change else parts.need("addr")
    parts.end()
    if place is None:
        return Postal(kind, name, org, (), "", "", "", "")
    address = Children(place, CONTACT)
    streets = address.every("street", high=STREETS_MAX)
    city = address.one("city", LINE)
    province = address.optional("sp", OPTIONAL_LINE, "")
    postal_code = address.optional("pc", POSTAL_CODE, "")
    country = address.one("cc", COUNTRY)
    address.end()
    lines = tuple(text_of(street, OPTIONAL_LINE) for street in streets)
    read = Postal(kind, name, org, lines, city, province, postal_code, country)
    if kind == "int" and not "".join((name, org, *lines, city, province)).isascii():
        raise Refusal(VALUE_SYNTAX, "type int is for 7-bit ASCII only", element)
    return read


def _postals(elements: list[Element], *, is_change: bool = False) -> tuple[Postal, ...]:
    found = tuple(_postal(element, is_change=is_change) for element in elements)
    if len({postal.type for postal in found}) != len(found):
        raise Refusal(RANGE, "one postalInfo of each type", elements[-1])
    return found


def _voice(element: Element | None) -> str:
    if element is None:
        return ""
    only_attributes(element, "x")
    return text_of(element, VOICE)


def _disclose(element: Element | None) -> None:
    """Read and forgotten: this sandbox discloses nothing to anybody."""
    if element is None:
        return
    only_attributes(element, "flag")
    attribute(element, "flag", boolean)
    parts = Children(element, CONTACT)
    for tag in ("name", "org", "addr"):
        for one in parts.every(tag, high=POSTALS_MAX):
            attribute(one, "type", among("loc", "int"))
    for tag in ("voice", "fax", "email"):
        parts.take(tag)
    parts.end()


def _create_contact(element: Element) -> CreateContact:
    parts = Children(element, CONTACT)
    contact_id = parts.one("id", CLIENT_ID)
    postals = _postals(parts.every("postalInfo", low=1, high=POSTALS_MAX))
    voice, fax = _voice(parts.take("voice")), _voice(parts.take("fax"))
    email = parts.one("email", EMAIL)
    auth_info = read_auth_info(parts.need("authInfo"), CONTACT)
    _disclose(parts.take("disclose"))
    parts.end()
    return CreateContact(contact_id, postals, voice, fax, email, auth_info)


def _contact_statuses(element: Element | None) -> tuple[str, ...]:
    if element is None:
        return ()
    parts = Children(element, CONTACT)
    found = read_statuses(parts.every("status", low=1, high=STATUSES_MAX), CONTACT_STATUSES)
    parts.end()
    return found


def _update_contact(element: Element) -> UpdateContact:
    parts = Children(element, CONTACT)
    contact_id = parts.one("id", CLIENT_ID)
    add, remove = _contact_statuses(parts.take("add")), _contact_statuses(parts.take("rem"))
    changed = parts.take("chg")
    parts.end()
    if changed is None:
        if not (add or remove):
            raise Refusal(MISSING, "nothing to update", element)
        return UpdateContact(contact_id, add, remove)
    inner = Children(changed, CONTACT)
    postals = _postals(inner.every("postalInfo", high=POSTALS_MAX), is_change=True)
    given = {"voice": _voice(inner.take("voice")), "fax": _voice(inner.take("fax"))}
    given["email"] = inner.optional("email", EMAIL, "")
    secret = inner.take("authInfo")
    if secret is not None:
        given["auth_info"] = AUTH_INFO(read_auth_info(secret, CONTACT))
    _disclose(inner.take("disclose"))
    inner.end()
    chg = {key: value for key, value in given.items() if value}
    return UpdateContact(contact_id, add, remove, chg, postals)


CONTACT_READERS: dict[str, Callable[[Element], Payload]] = {
    "check": _ids,
    "info": _info_contact,
    "create": _create_contact,
    "delete": _delete_contact,
    "transfer": _transfer_contact,
    "update": _update_contact,
}


def _host_name(text: str) -> str:
    return LABEL(text).lower()


def _check_hosts(element: Element) -> Check:
    parts = Children(element, HOST)
    names = tuple(text_of(one, _host_name) for one in parts.every("name", low=1))
    parts.end()
    return Check(names)


def _one_host(element: Element) -> str:
    parts = Children(element, HOST)
    name = parts.one("name", _host_name)
    parts.end()
    return name


def _info_host(element: Element) -> Info:
    return Info(_one_host(element))


def _delete_host(element: Element) -> Delete:
    return Delete(_one_host(element))


def _create_host(element: Element) -> CreateHost:
    parts = Children(element, HOST)
    name = parts.one("name", _host_name)
    addresses = tuple(read_address(one) for one in parts.every("addr"))
    parts.end()
    return CreateHost(name, addresses)


def _update_host(element: Element) -> UpdateHost:
    parts = Children(element, HOST)
    name = parts.one("name", _host_name)
    for tag in ("add", "rem"):
        change = parts.take(tag)
        if change is not None:
            inner = Children(change, HOST)
            for one in inner.every("addr"):
                read_address(one)
            read_statuses(inner.every("status", high=STATUSES_MAX), HOST_STATUSES)
            inner.end()
    changed = parts.take("chg")
    parts.end()
    if changed is not None:
        inner = Children(changed, HOST)
        inner.one("name", _host_name)
        inner.end()
    return UpdateHost(name)


HOST_READERS: dict[str, Callable[[Element], Payload]] = {
    "check": _check_hosts,
    "info": _info_host,
    "create": _create_host,
    "delete": _delete_host,
    "update": _update_host,
}
