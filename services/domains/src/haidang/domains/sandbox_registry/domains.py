"""What the sandbox registry does with domains. Source: RFC 5731 section 3; policy.toml."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from haidang.domains.sandbox_registry.answers import (
    Answer,
    add,
    check_data,
    data_element,
    written,
)
from haidang.domains.sandbox_registry.case import (
    ABSENT,
    ASSOCIATION_PROHIBITS,
    EXISTS,
    NOT_PENDING_TRANSFER,
    NOT_RENEWABLE,
    OUT_OF_RANGE,
    PARAMETER_MISSING,
    POLICY,
    STATUS_PROHIBITS,
    UNIMPLEMENTED,
    Case,
    check_auth_info,
    existing,
    hashed_auth_info,
    sponsored,
)
from haidang.domains.sandbox_registry.domain_requests import MONTHS_PER_YEAR
from haidang.domains.sandbox_registry.lifecycle import Stage, add_months, stage_of
from haidang.domains.sandbox_registry.objects import Domain
from haidang.domains.sandbox_registry.policy import bar_to, is_host_name
from haidang.domains.sandbox_registry.request_values import (
    DOMAIN,
    Change,
    Check,
    CreateDomain,
    Delete,
    Info,
    NameServers,
    RenewDomain,
    Transfer,
    UpdateDomain,
)
from haidang.domains.sandbox_registry.rules import VALUE_SYNTAX, Element, Refusal

V = TypeVar("V")

NAMES_PER_CHECK = 50
SERVERS_MAX = 13


def check(case: Case, request: Check) -> Answer:
    """Which names may be created now; advisory, as every check."""
    if len(request.ids) > NAMES_PER_CHECK:
        raise Refusal(POLICY, f"at most {NAMES_PER_CHECK} names per check")
    answers = [(name, _bar(case, name)) for name in request.ids]
    return Answer(data=check_data(DOMAIN, "name", answers))


def _bar(case: Case, name: str) -> str:
    if not is_host_name(name):
        return "Not a domain name"
    return bar_to(name, case.policy.suffixes) or ("In use" if case.store.domain(name) else "")


def stage(case: Case, domain: Domain) -> Stage:
    """Where the name stands now."""
    profile = case.policy.lifecycle
    return stage_of(domain.name, domain.expires_at, case.now, profile, case.seed)


def statuses(case: Case, domain: Domain) -> tuple[str, ...]:
    """All statuses, kept and derived. Source: RFC 5731 section 2.3."""
    found = set(domain.statuses)
    now = stage(case, domain)
    if now is not Stage.ACTIVE:
        found.add("serverHold")
    if now is Stage.REVOKING:
        found.add("pendingDelete")
    if not domain.servers.names:
        found.add("inactive")
    return tuple(sorted(found or {"ok"}))


def info(case: Case, request: Info) -> Answer:
    """The name; holder and servers are shown to the sponsor, dates to every registrar."""
    domain = existing(case.store.domain, request.id)
    check_auth_info(request.auth_info, domain.auth_hash, domain.roid)
    is_ours = domain.registrar == case.registrar or request.auth_info is not None
    root = data_element(DOMAIN, "infData")
    add(root, DOMAIN, "name", domain.name)
    add(root, DOMAIN, "roid", domain.roid)
    for status in statuses(case, domain):
        add(root, DOMAIN, "status", s=status)
    if is_ours:
        _add_parties(case, root, domain, request.hosts)
    add(root, DOMAIN, "clID", domain.registrar)
    add(root, DOMAIN, "crID", domain.creator)
    add(root, DOMAIN, "crDate", written(domain.created_at))
    if domain.updated_at is not None:
        add(root, DOMAIN, "upID", domain.registrar)
        add(root, DOMAIN, "upDate", written(domain.updated_at))
    add(root, DOMAIN, "exDate", written(domain.expires_at))
    return Answer(data=root)


def _add_parties(case: Case, root: Element, domain: Domain, hosts: str) -> None:
    add(root, DOMAIN, "registrant", domain.registrant)
    for kind, contact in domain.contacts:
        attributes = {"type": kind} if kind else {}
        add(root, DOMAIN, "contact", contact, **attributes)
    if hosts in {"all", "del"} and domain.servers.names:
        outer = add(root, DOMAIN, "ns")
        for name in domain.servers.objects:
            add(outer, DOMAIN, "hostObj", name)
        for glue in domain.servers.attributes:
            attribute = add(outer, DOMAIN, "hostAttr")
            add(attribute, DOMAIN, "hostName", glue.name)
            for written_address in glue.addresses:
                version, _, address = written_address.partition(" ")
                add(attribute, DOMAIN, "hostAddr", address, ip=version)
    if hosts in {"all", "sub"}:
        for name in case.store.subordinate_hosts(domain.name):
            add(root, DOMAIN, "host", name)


def create(case: Case, request: CreateDomain) -> Answer:
    """Register the name: syntax, policy, availability, parties, in that order."""
    if not is_host_name(request.name):
        raise Refusal(VALUE_SYNTAX, "not a domain name")
    months = request.months or MONTHS_PER_YEAR
    _check_period(case, months)
    if reason := bar_to(request.name, case.policy.suffixes):
        raise Refusal(POLICY, reason)
    if case.store.domain(request.name) is not None:
        raise Refusal(EXISTS, "name is registered")
    _check_parties(case, request.registrant, request.contacts)
    _check_servers(case, request.servers)
    roid = case.store.next_roid("D")
    domain = Domain(
        name=request.name,
        roid=roid,
        registrar=case.registrar,
        registrant=request.registrant,
        created_at=case.now,
        expires_at=add_months(case.now, months),
        creator=case.registrar,
        servers=request.servers,
        contacts=request.contacts,
        auth_hash=hashed_auth_info(request.auth_info, roid),
    )
    case.store.put_domain(domain)
    case.record("domain.create", domain.name)
    root = data_element(DOMAIN, "creData")
    add(root, DOMAIN, "name", domain.name)
    add(root, DOMAIN, "crDate", written(domain.created_at))
    add(root, DOMAIN, "exDate", written(domain.expires_at))
    return Answer(data=root)


def _check_period(case: Case, months: int) -> None:
    if months % MONTHS_PER_YEAR:
        raise Refusal(POLICY, "whole years only")
    if months > case.policy.lifecycle.max_years * MONTHS_PER_YEAR:
        raise Refusal(OUT_OF_RANGE, f"at most {case.policy.lifecycle.max_years} years")


def _check_parties(case: Case, registrant: str, contacts: tuple[tuple[str, str], ...]) -> None:
    if not registrant:
        raise Refusal(PARAMETER_MISSING, "registrant required")
    for contact_id in (registrant, *(contact for _, contact in contacts)):
        contact = existing(case.store.contact, contact_id)
        sponsored(case, contact.registrar)


def _check_servers(case: Case, servers: NameServers) -> None:
    if len(servers.names) > SERVERS_MAX:
        raise Refusal(POLICY, f"at most {SERVERS_MAX} name servers")
    if len(set(servers.names)) != len(servers.names):
        raise Refusal(POLICY, "a name server is given twice")
    for name in servers.objects:
        if case.store.host(name) is None:
            raise Refusal(ABSENT, "host does not exist")
    for glue in servers.attributes:
        if not is_host_name(glue.name):
            raise Refusal(VALUE_SYNTAX, "not a host name")


def renew(case: Case, request: RenewDomain) -> Answer:
    """Renew from the old expiry; the stated current expiry guards against doing it twice."""
    domain = existing(case.store.domain, request.name)
    sponsored(case, domain.registrar)
    months = request.months or MONTHS_PER_YEAR
    _check_period(case, months)
    if stage(case, domain) is Stage.REVOKING:
        raise Refusal(NOT_RENEWABLE, "revocation has begun")
    barred = {"clientRenewProhibited", "serverRenewProhibited"} & set(domain.statuses)
    if barred:
        raise Refusal(STATUS_PROHIBITS, ", ".join(sorted(barred)))
    if request.current_expiry != domain.expires_at.date():
        raise Refusal(POLICY, "curExpDate is not the current expiry date")
    new_expiry = add_months(domain.expires_at, months)
    longest = add_months(case.now, case.policy.lifecycle.max_years * MONTHS_PER_YEAR)
    if new_expiry > longest:
        raise Refusal(POLICY, f"at most {case.policy.lifecycle.max_years} years ahead")
    renewed = replace(domain, expires_at=new_expiry, updated_at=case.now, stage=Stage.ACTIVE)
    case.store.put_domain(renewed)
    case.record("domain.renew", domain.name)
    root = data_element(DOMAIN, "renData")
    add(root, DOMAIN, "name", domain.name)
    add(root, DOMAIN, "exDate", written(new_expiry))
    return Answer(data=root)


def update(case: Case, request: UpdateDomain) -> Answer:
    """Change delegation, contacts, client statuses, registrant or auth info, all or nothing."""
    domain = existing(case.store.domain, request.name)
    sponsored(case, domain.registrar)
    gone, come = request.remove or Change(), request.add or Change()
    if request == UpdateDomain(request.name, None, None):
        raise Refusal(PARAMETER_MISSING, "nothing to update")
    _check_updatable(case, domain, gone)
    if any(not status.startswith("client") for status in (*gone.statuses, *come.statuses)):
        raise Refusal(POLICY, "only client statuses may be changed")
    changed = replace(
        domain,
        servers=_changed_servers(domain.servers, gone.servers, come.servers),
        contacts=_changed(domain.contacts, gone.contacts, come.contacts),
        statuses=_changed(domain.statuses, gone.statuses, come.statuses),
        registrant=domain.registrant if request.registrant is None else request.registrant,
        updated_at=case.now,
    )
    if request.auth_info is not None:
        kept = hashed_auth_info(request.auth_info, domain.roid)
        changed = replace(changed, auth_hash=kept)
    _check_parties(case, changed.registrant, changed.contacts)
    _check_servers(case, changed.servers)
    case.store.put_domain(changed)
    case.record("domain.update", domain.name)
    return Answer()


def _check_updatable(case: Case, domain: Domain, gone: Change) -> None:
    if stage(case, domain) is Stage.REVOKING:
        raise Refusal(STATUS_PROHIBITS, "pendingDelete")
    barred = {"clientUpdateProhibited", "serverUpdateProhibited"} & set(domain.statuses)
    if barred - set(gone.statuses):
        raise Refusal(STATUS_PROHIBITS, ", ".join(sorted(barred)))


def _changed(held: tuple[V, ...], gone: tuple[V, ...], come: tuple[V, ...]) -> tuple[V, ...]:
    if set(gone) - set(held):
        raise Refusal(POLICY, "what is to be removed is not there")
    if set(come) & (set(held) - set(gone)):
        raise Refusal(POLICY, "what is to be added is there already")
    return (*(one for one in held if one not in gone), *come)


def _changed_servers(held: NameServers, gone: NameServers, come: NameServers) -> NameServers:
    if (held.objects and come.attributes) or (held.attributes and come.objects):
        left = set(held.names) - set(gone.names)
        if left:
            raise Refusal(POLICY, "host objects and host attributes do not mix")
    names = {glue.name for glue in gone.attributes}
    unknown = names - {glue.name for glue in held.attributes}
    if unknown:
        raise Refusal(POLICY, "what is to be removed is not there")
    attributes = tuple(glue for glue in held.attributes if glue.name not in names)
    return NameServers(
        _changed(held.objects, gone.objects, come.objects),
        _changed(attributes, (), come.attributes),
    )


def delete(case: Case, request: Delete) -> Answer:
    """Delete the name at once; .vn has no redemption."""
    domain = existing(case.store.domain, request.id)
    sponsored(case, domain.registrar)
    if case.store.subordinate_hosts(domain.name):
        raise Refusal(ASSOCIATION_PROHIBITS, "hosts stand under this name")
    barred = {"clientDeleteProhibited", "serverDeleteProhibited"} & set(domain.statuses)
    if barred:
        raise Refusal(STATUS_PROHIBITS, ", ".join(sorted(barred)))
    case.store.delete_domain(domain.name)
    case.record("domain.delete", domain.name)
    return Answer()


def query_transfer(case: Case, request: Transfer) -> Answer:
    """No transfer is ever pending here, and says so."""
    domain = existing(case.store.domain, request.id)
    check_auth_info(request.auth_info, domain.auth_hash, domain.roid)
    raise Refusal(NOT_PENDING_TRANSFER, "no transfer is pending")


def refuse_transfer(case: Case, request: Transfer) -> Answer:
    """Transfers are not carried out by this sandbox."""
    existing(case.store.domain, request.id)
    raise Refusal(UNIMPLEMENTED, "this sandbox transfers nothing")
