"""Zone files: RFC 1035 text of a zone, and back. Pure."""

from __future__ import annotations

import re

import dns.name
import dns.node
import dns.rdatatype
import dns.zone
from haidang.core.ports.dnshost import HostedZone, RecordSet

SOA_TTL_SECONDS = 3600
REFRESH, RETRY, EXPIRE, NEGATIVE = 7200, 900, 1_209_600, 300
"""SOA timers in seconds. Source: RIPE-203 recommendations, shortened for small zones."""
FILE_NAME = re.compile(r"[a-z0-9.-]+")


def zone_text(zone: HostedZone, primary: str) -> str:
    """*zone* as a zone file whose SOA names *primary*."""
    lines = [
        f"$ORIGIN {zone.name}.",
        f"@ {SOA_TTL_SECONDS} IN SOA {primary}. hostmaster.{primary}. "
        f"{zone.serial} {REFRESH} {RETRY} {EXPIRE} {NEGATIVE}",
    ]
    for one in zone.record_sets:
        lines += [f"{one.owner} {one.ttl_seconds} IN {one.type} {value}" for value in one.values]
    return "\n".join(lines) + "\n"


def hosted_zone(name: str, text: str) -> HostedZone:
    """The zone in a zone file's *text*. Raises: dns.exception.DNSException."""
    parsed = dns.zone.from_text(text, origin=f"{name}.", relativize=False, check_origin=False)
    serial, record_sets = 0, []
    for owner, dataset in parsed.iterate_rdatasets():
        if dataset.rdtype == dns.rdatatype.SOA:
            serial = dataset[0].serial
            continue
        record_sets.append(
            RecordSet(
                _relative(owner, name),
                dns.rdatatype.to_text(dataset.rdtype),
                dataset.ttl,
                tuple(sorted(data.to_text() for data in dataset)),
            )
        )
    return HostedZone(name, serial, tuple(sorted(record_sets)))


def _relative(owner: dns.name.Name, zone: str) -> str:
    text = owner.to_text(omit_final_dot=True).lower()
    return "@" if text == zone else text.removesuffix(f".{zone}")


def file_name(zone: str) -> str:
    """The file a zone lies in. Raises: ValueError for what is no A-label name."""
    if not FILE_NAME.fullmatch(zone) or ".." in zone:
        raise ValueError(zone)
    return f"{zone}.zone"
