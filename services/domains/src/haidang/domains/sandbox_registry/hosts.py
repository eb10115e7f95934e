"""What the sandbox registry does with host objects. Source: RFC 5732 section 3."""

from __future__ import annotations

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
    PARAMETER_MISSING,
    POLICY,
    Case,
    existing,
    sponsored,
)
from haidang.domains.sandbox_registry.objects import Host
from haidang.domains.sandbox_registry.policy import is_host_name
from haidang.domains.sandbox_registry.request_values import (
    HOST,
    Check,
    CreateHost,
    Delete,
    Info,
)
from haidang.domains.sandbox_registry.rules import VALUE_SYNTAX, Refusal


def check(case: Case, request: Check) -> Answer:
    """Which hosts may be created."""
    answers = [(name, _bar(case, name)) for name in request.ids]
    return Answer(data=check_data(HOST, "name", answers))


def _bar(case: Case, name: str) -> str:
    if not is_host_name(name):
        return "Not a host name"
    return "In use" if case.store.host(name) else ""


def info(case: Case, request: Info) -> Answer:
    """The host: public to every registrar."""
    host = existing(case.store.host, request.id)
    root = data_element(HOST, "infData")
    add(root, HOST, "name", host.name)
    add(root, HOST, "roid", host.roid)
    add(root, HOST, "status", s="linked" if case.store.is_linked("host", host.name) else "ok")
    for written_address in host.addresses:
        version, _, address = written_address.partition(" ")
        add(root, HOST, "addr", address, ip=version)
    add(root, HOST, "clID", host.registrar)
    add(root, HOST, "crID", host.registrar)
    add(root, HOST, "crDate", written(host.created_at))
    return Answer(data=root)


def create(case: Case, request: CreateHost) -> Answer:
    """Create a host; one under a registered name is its sponsor's, and needs glue."""
    if not is_host_name(request.name):
        raise Refusal(VALUE_SYNTAX, "not a host name")
    if case.store.host(request.name) is not None:
        raise Refusal(EXISTS, "host exists")
    is_internal = request.name.endswith(f".{case.policy.suffixes.root}")
    if is_internal:
        _check_superordinate(case, request)
    elif request.addresses:
        raise Refusal(POLICY, "glue is only for hosts of this registry's names")
    roid = case.store.next_roid("H")
    host = Host(request.name, roid, case.registrar, case.now, request.addresses)
    case.store.put_host(host)
    case.record("host.create", request.name)
    root = data_element(HOST, "creData")
    add(root, HOST, "name", host.name)
    add(root, HOST, "crDate", written(case.now))
    return Answer(data=root)


def _check_superordinate(case: Case, request: CreateHost) -> None:
    labels = request.name.split(".")
    parents = [".".join(labels[at:]) for at in range(len(labels) - 1)]
    found = next((domain for name in parents if (domain := case.store.domain(name))), None)
    if found is None:
        raise Refusal(ABSENT, "superordinate domain does not exist")
    sponsored(case, found.registrar)
    if not request.addresses:
        raise Refusal(PARAMETER_MISSING, "an internal host needs an address")


def delete(case: Case, request: Delete) -> Answer:
    """Delete a host no domain is delegated to (else 2305)."""
    host = existing(case.store.host, request.id)
    sponsored(case, host.registrar)
    if case.store.is_linked("host", host.name):
        raise Refusal(ASSOCIATION_PROHIBITS, "a domain is delegated to this host")
    case.store.delete_host(host.name)
    case.record("host.delete", host.name)
    return Answer()
