"""What an authoritative server answers to one query. Pure: messages in, messages out.

Source: RFC 1034 section 4.3.2, RFC 2308 (negatives), RFC 4592 (wildcards), RFC 6891 (EDNS).
"""

from __future__ import annotations

from collections.abc import Callable

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdataset
import dns.rdatatype
import dns.rrset
import dns.zone

MOST_CHAIN = 8
EDNS_PAYLOAD = 1232
PLAIN_PAYLOAD = 512
WILDCARD = dns.name.from_text("*", origin=None)

STREAM_PAYLOAD = 65_535
ADDRESSES = (dns.rdatatype.A, dns.rdatatype.AAAA)

FindZone = Callable[[dns.name.Name], dns.zone.Zone | None]


def answer_to(wire: bytes, find_zone: FindZone, *, is_udp: bool) -> bytes | None:
    """The answer to *wire*, or None when it deserves none (it is a response, or no header).

    *find_zone* gives the closest enclosing zone of a name; a DNSException of it means that
    the zone cannot be read, and is answered SERVFAIL.
    """
    try:
        query = dns.message.from_wire(wire, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return _format_error(wire)
    if query.flags & dns.flags.QR:
        return None
    try:
        response = _respond(query, find_zone)
    except dns.exception.DNSException:
        response = dns.message.make_response(query, our_payload=EDNS_PAYLOAD)
        response.set_rcode(dns.rcode.SERVFAIL)
    payload = query.payload if query.edns >= 0 else PLAIN_PAYLOAD
    limit = max(PLAIN_PAYLOAD, min(payload, EDNS_PAYLOAD)) if is_udp else STREAM_PAYLOAD
    try:
        return response.to_wire(max_size=limit)
    except dns.exception.TooBig:
        return _truncated(response).to_wire(max_size=limit)


def _format_error(wire: bytes) -> bytes | None:
    if len(wire) < 12 or wire[2] & 0x80:  # shorter than a header, or itself a response
        return None
    response = dns.message.Message(id=int.from_bytes(wire[:2], "big"))
    response.flags = dns.flags.QR
    response.set_rcode(dns.rcode.FORMERR)
    return response.to_wire()


def _truncated(response: dns.message.Message) -> dns.message.Message:
    response.answer, response.authority, response.additional = [], [], []
    response.flags |= dns.flags.TC
    return response


def _respond(query: dns.message.Message, find_zone: FindZone) -> dns.message.Message:
    response = dns.message.make_response(query, our_payload=EDNS_PAYLOAD)
    if query.opcode() != dns.opcode.QUERY:
        response.set_rcode(dns.rcode.NOTIMP)
        return response
    if len(query.question) != 1:
        response.set_rcode(dns.rcode.FORMERR)
        return response
    if query.edns > 0:
        response.set_rcode(dns.rcode.BADVERS)
        return response
    question = query.question[0]
    zone = find_zone(question.name) if question.rdclass == dns.rdataclass.IN else None
    if zone is None or question.rdtype in {dns.rdatatype.AXFR, dns.rdatatype.IXFR}:
        response.set_rcode(dns.rcode.REFUSED)
        return response
    cut = _cut(zone, question.name)
    if cut is not None:
        _refer(response, zone, cut)
        return response
    response.flags |= dns.flags.AA
    _fill(response, zone, question.name, question.rdtype)
    return response


def _cut(zone: dns.zone.Zone, name: dns.name.Name) -> dns.name.Name | None:
    """Where the zone was delegated away at or above *name*; the highest such cut."""
    origin = zone.origin or dns.name.root
    found = None
    while name != origin:
        if zone.get_rdataset(name, dns.rdatatype.NS) is not None:
            found = name
        name = name.parent()
    return found


def _refer(response: dns.message.Message, zone: dns.zone.Zone, cut: dns.name.Name) -> None:
    """Point to the name servers of *cut*, with the addresses held below it.

    Source: RFC 1034 section 4.3.2, step 3b.
    """
    delegated = zone.get_rdataset(cut, dns.rdatatype.NS)
    if delegated is None:
        return
    response.authority.append(_rrset(cut, delegated))
    for server in delegated:
        for kind in ADDRESSES:
            glue = zone.get_rdataset(server.target, kind)
            if glue is not None and server.target.is_subdomain(cut):
                response.additional.append(_rrset(server.target, glue))


def _fill(
    response: dns.message.Message,
    zone: dns.zone.Zone,
    name: dns.name.Name,
    kind: dns.rdatatype.RdataType,
) -> None:
    """Follow aliases inside the zone, then answer, or say what is not there."""
    for _ in range(MOST_CHAIN):
        node = _node(zone, name)
        if node is None:
            if not _has_below(zone, name):
                response.set_rcode(dns.rcode.NXDOMAIN)
            break
        found = _matching(node, kind)
        if found:
            response.answer += [_rrset(name, dataset) for dataset in found]
            return
        alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
        if alias is None:
            break
        response.answer.append(_rrset(name, alias))
        name = alias[0].target
        if not name.is_subdomain(zone.origin or dns.name.root) or _cut(zone, name) is not None:
            return  # the rest of the way is somebody else's to answer
    _add_soa(response, zone)


def _node(zone: dns.zone.Zone, name: dns.name.Name) -> dns.node.Node | None:
    """The node of *name*, or of the wildcard that covers it. Source: RFC 4592 section 3.3.1."""
    node = zone.get_node(name)
    if node is not None or _has_below(zone, name):
        return node
    origin = zone.origin or dns.name.root
    encloser = name
    while encloser != origin:
        encloser = encloser.parent()
        if zone.get_node(encloser) is not None or _has_below(zone, encloser):
            return zone.get_node(WILDCARD.concatenate(encloser))
    return None


def _has_below(zone: dns.zone.Zone, name: dns.name.Name) -> bool:
    return any(other != name and other.is_subdomain(name) for other in zone.nodes)


def _matching(node: dns.node.Node, kind: dns.rdatatype.RdataType) -> list[dns.rdataset.Rdataset]:
    if kind == dns.rdatatype.ANY:
        return list(node.rdatasets)
    found = node.get_rdataset(dns.rdataclass.IN, kind)
    return [found] if found is not None else []


def _rrset(name: dns.name.Name, dataset: dns.rdataset.Rdataset) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(name, dataset.ttl, list(dataset))


def _add_soa(response: dns.message.Message, zone: dns.zone.Zone) -> None:
    origin = zone.origin or dns.name.root
    soa = zone.get_rdataset(origin, dns.rdatatype.SOA)
    if soa is not None:
        negative = _rrset(origin, soa)
        negative.ttl = min(soa.ttl, soa[0].minimum)
        response.authority.append(negative)
