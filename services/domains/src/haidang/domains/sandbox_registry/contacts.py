"""What the sandbox registry does with contacts. Source: RFC 5733 section 3."""

from __future__ import annotations

from dataclasses import replace

from haidang.domains.sandbox_registry.answers import (
    Answer,
    add,
    check_data,
    data_element,
    written,
)
from haidang.domains.sandbox_registry.case import (
    ASSOCIATION_PROHIBITS,
    EXISTS,
    POLICY,
    STATUS_PROHIBITS,
    Case,
    check_auth_info,
    existing,
    hashed_auth_info,
    sponsored,
)
from haidang.domains.sandbox_registry.objects import Contact
from haidang.domains.sandbox_registry.request_values import (
    CONTACT,
    Check,
    CreateContact,
    Delete,
    Info,
    Postal,
    UpdateContact,
)
from haidang.domains.sandbox_registry.rules import Element, Refusal


def check(case: Case, request: Check) -> Answer:
    """Which ids are free."""
    taken = [(one, "In use" if case.store.contact(one) else "") for one in request.ids]
    return Answer(data=check_data(CONTACT, "id", taken))


def info(case: Case, request: Info) -> Answer:
    """The contact, to its sponsor only: it is somebody's personal data."""
    contact = existing(case.store.contact, request.id)
    sponsored(case, contact.registrar)
    check_auth_info(request.auth_info, contact.auth_hash, contact.roid)
    root = data_element(CONTACT, "infData")
    add(root, CONTACT, "id", contact.id)
    add(root, CONTACT, "roid", contact.roid)
    linked = ("linked",) if case.store.is_linked("contact", contact.id) else ()
    for status in (*contact.statuses, *linked) or ("ok",):
        add(root, CONTACT, "status", s=status)
    for postal in contact.postals:
        _add_postal(root, postal)
    for tag, value in (("voice", contact.voice), ("fax", contact.fax)):
        if value:
            add(root, CONTACT, tag, value)
    add(root, CONTACT, "email", contact.email)
    add(root, CONTACT, "clID", contact.registrar)
    add(root, CONTACT, "crID", contact.registrar)
    add(root, CONTACT, "crDate", written(contact.created_at))
    if contact.updated_at is not None:
        add(root, CONTACT, "upID", contact.registrar)
        add(root, CONTACT, "upDate", written(contact.updated_at))
    return Answer(data=root)


def _add_postal(root: Element, postal: Postal) -> None:
    element = add(root, CONTACT, "postalInfo", type=postal.type)
    add(element, CONTACT, "name", postal.name)
    if postal.org:
        add(element, CONTACT, "org", postal.org)
    address = add(element, CONTACT, "addr")
    for street in postal.streets:
        add(address, CONTACT, "street", street)
    add(address, CONTACT, "city", postal.city)
    for tag, value in (("sp", postal.province), ("pc", postal.postal_code)):
        if value:
            add(address, CONTACT, tag, value)
    add(address, CONTACT, "cc", postal.country)


def create(case: Case, request: CreateContact) -> Answer:
    """Create the contact, or refuse with 2302."""
    if case.store.contact(request.id) is not None:
        raise Refusal(EXISTS, "contact exists")
    roid = case.store.next_roid("C")
    contact = Contact(
        id=request.id,
        roid=roid,
        registrar=case.registrar,
        created_at=case.now,
        postals=request.postals,
        email=request.email,
        voice=request.voice,
        fax=request.fax,
        auth_hash=hashed_auth_info(request.auth_info, roid),
    )
    case.store.put_contact(contact)
    case.record("contact.create")
    root = data_element(CONTACT, "creData")
    add(root, CONTACT, "id", contact.id)
    add(root, CONTACT, "crDate", written(case.now))
    return Answer(data=root)


def update(case: Case, request: UpdateContact) -> Answer:
    """Change what is given; statuses of the registry are not the client's to set."""
    contact = existing(case.store.contact, request.id)
    sponsored(case, contact.registrar)
    asked = (*request.add_statuses, *request.remove_statuses)
    if any(not status.startswith("client") for status in asked):
        raise Refusal(POLICY, "only client statuses may be changed")
    lifts = "clientUpdateProhibited" in request.remove_statuses
    if "clientUpdateProhibited" in contact.statuses and not lifts:
        raise Refusal(STATUS_PROHIBITS, "clientUpdateProhibited")
    chg = dict(request.chg)
    secret = chg.pop("auth_info", "")
    kept = set(contact.statuses) - set(request.remove_statuses)
    changed = replace(
        contact,
        postals=_merged(contact.postals, request.postals),
        email=chg.get("email", contact.email),
        voice=chg.get("voice", contact.voice),
        fax=chg.get("fax", contact.fax),
        statuses=tuple(sorted(kept | set(request.add_statuses))),
        auth_hash=hashed_auth_info(secret, contact.roid) if secret else contact.auth_hash,
        updated_at=case.now,
    )
    case.store.put_contact(changed)
    case.record("contact.update")
    return Answer()


def _merged(held: tuple[Postal, ...], given: tuple[Postal, ...]) -> tuple[Postal, ...]:
    by_type = {postal.type: postal for postal in held}
    for postal in given:
        before = by_type.get(postal.type)
        if before is not None:
            place = postal if postal.city else before
            postal = replace(place, name=postal.name or before.name, org=postal.org or before.org)
        if not (postal.name and postal.city):
            raise Refusal(POLICY, "a new postalInfo needs name and address")
        by_type[postal.type] = postal
    return tuple(by_type.values())


def delete(case: Case, request: Delete) -> Answer:
    """Delete a contact no domain refers to (else 2305)."""
    contact = existing(case.store.contact, request.id)
    sponsored(case, contact.registrar)
    if case.store.is_linked("contact", contact.id):
        raise Refusal(ASSOCIATION_PROHIBITS, "a domain refers to this contact")
    if "clientDeleteProhibited" in contact.statuses:
        raise Refusal(STATUS_PROHIBITS, "clientDeleteProhibited")
    case.store.delete_contact(contact.id)
    case.record("contact.delete")
    return Answer()
