"""Zones: what may stand in one, and the way from one state to another. Pure.

A plan is values: record sets created, updated, deleted. Applying the plan from a to b
on a gives b.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from haidang.core.errors import Malformed, Refused
from haidang.core.ports.dnshost import RecordSet
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences

APEX = "@"
TYPES = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "SRV", "TXT")
POINTING_TYPES = frozenset({"CNAME", "MX", "NS", "SRV"})
"""Types whose value ends with a host name."""
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
LEAST_TTL_SECONDS, MOST_TTL_SECONDS = 60, 604_800
"""A minute and a week: the bounds of what the platform hosts (policy, RFC 2181 allows more)."""
MOST_RECORD_SETS = 500
MOST_RECORD_SET_CHARACTERS = 16_384
"""All values of a set together, written out: a DNS message over TCP ends at 65,535 octets."""
TXT_OCTETS = 255
FIRST_PRINTABLE, DELETE = 0x20, 0x7F
SERIAL_MODULUS = 2**32
SERIAL_HALF = 2**31
DELEGATION_TTL_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class ZonePlan:
    """The changes from what is published to what is wanted, each sorted."""

    created: tuple[RecordSet, ...]
    updated: tuple[RecordSet, ...]
    deleted: tuple[RecordSet, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.created or self.updated or self.deleted)


def _key(record_set: RecordSet) -> tuple[str, str]:
    return (record_set.owner, record_set.type)


def plan_zone(held: tuple[RecordSet, ...], wanted: tuple[RecordSet, ...]) -> ZonePlan:
    """What changes *held* into *wanted*."""
    before, after = {_key(r): r for r in held}, {_key(r): r for r in wanted}
    return ZonePlan(
        created=tuple(sorted(after[key] for key in after.keys() - before.keys())),
        updated=tuple(
            sorted(after[k] for k in after.keys() & before.keys() if after[k] != before[k])
        ),
        deleted=tuple(sorted(before[key] for key in before.keys() - after.keys())),
    )


def apply_plan(held: tuple[RecordSet, ...], plan: ZonePlan) -> tuple[RecordSet, ...]:
    """*held* after *plan*, sorted."""
    changed = {_key(r): r for r in held}
    for record_set in plan.deleted:
        del changed[_key(record_set)]
    for record_set in (*plan.created, *plan.updated):
        changed[_key(record_set)] = record_set
    return tuple(sorted(changed.values()))


def next_serial(serial: int) -> int:
    """The serial after *serial*; 0 is skipped, meaning "nothing yet". Source: RFC 1982."""
    return (serial + 1) % SERIAL_MODULUS or 1


def is_newer(serial: int, than: int) -> bool:
    """Whether *serial* comes after *than* in serial space. Source: RFC 1982 section 3.2."""
    return serial != than and (serial - than) % SERIAL_MODULUS < SERIAL_HALF


def delegation(nameservers: tuple[str, ...]) -> RecordSet:
    """The NS record set at the top of every zone, which the platform keeps."""
    values = tuple(sorted(f"{one.rstrip('.')}." for one in nameservers))
    return RecordSet(APEX, "NS", DELEGATION_TTL_SECONDS, values)


def checked_records(zone: str, wanted: tuple[RecordSet, ...]) -> tuple[RecordSet, ...]:
    """*wanted* in canonical presentation form, sorted.

    Raises: Malformed RECORD_*, ZONE_TOO_LARGE; Refused RECORD_CNAME, RECORD_APEX; each at
        "wanted.<index>...".
    """
    if len(wanted) > MOST_RECORD_SETS:
        raise Malformed("ZONE_TOO_LARGE", field="wanted", most=MOST_RECORD_SETS)
    checked = [_checked(zone, one, f"wanted.{index}") for index, one in enumerate(wanted)]
    keys = [_key(one) for one in checked]
    aliases = {one.owner for one in checked if one.type == "CNAME"}
    for index, one in enumerate(checked):
        if keys.count(_key(one)) > 1:
            raise Malformed("RECORD_TWICE", field=f"wanted.{index}", owner=one.owner, type=one.type)
        if one.owner in aliases and (one.type != "CNAME" or len(one.values) > 1):
            raise Refused("RECORD_CNAME", field=f"wanted.{index}", owner=one.owner)
    return tuple(sorted(checked))


def _checked(zone: str, record_set: RecordSet, field: str) -> RecordSet:
    kind = record_set.type.upper()
    if kind not in TYPES:
        raise Malformed("RECORD_TYPE", field=f"{field}.type", type=kind)
    owner = _owner(zone, record_set.owner, f"{field}.owner")
    if owner == APEX and kind in {"NS", "CNAME"}:
        raise Refused("RECORD_APEX", field=f"{field}.type", type=kind)
    if not LEAST_TTL_SECONDS <= record_set.ttl_seconds <= MOST_TTL_SECONDS:
        raise Malformed(
            "RECORD_TTL",
            field=f"{field}.ttl_seconds",
            least=LEAST_TTL_SECONDS,
            most=MOST_TTL_SECONDS,
        )
    values = {
        _value(zone, kind, value, f"{field}.values.{index}")
        for index, value in enumerate(record_set.values)
    }
    if not values:
        raise Malformed("RECORD_VALUE", field=f"{field}.values", value="", type=kind)
    if sum(map(len, values)) > MOST_RECORD_SET_CHARACTERS:
        raise Malformed(
            "RECORD_SET_TOO_LARGE", field=f"{field}.values", most=MOST_RECORD_SET_CHARACTERS
        )
    return replace(record_set, owner=owner, type=kind, values=tuple(sorted(values)))


def _owner(zone: str, owner: str, field: str) -> str:
    """*owner* relative to *zone*. With a dot at its end it is absolute, and must lie inside."""
    given = owner.strip().lower()
    relative = given.removesuffix(".")
    if relative in {"", APEX, zone}:
        return APEX
    is_outside = given.endswith(".") and not relative.endswith(f".{zone}")
    relative = relative.removesuffix(f".{zone}")
    if is_outside:
        raise Malformed("RECORD_OWNER", field=field, owner=owner)
    try:
        dns.name.from_text(f"{relative}.{zone}.")
    except dns.exception.DNSException as error:
        raise Malformed("RECORD_OWNER", field=field, owner=owner) from error
    if not all(_is_owner_label(label) for label in relative.split(".")):
        raise Malformed("RECORD_OWNER", field=field, owner=owner)
    return relative


def _is_owner_label(label: str) -> bool:
    bare = label.replace("-", "").replace("_", "")
    return label == "*" or (bare.isascii() and bare.isalnum())


def _value(zone: str, kind: str, value: str, field: str) -> str:
    """*value* as the zone file will give it back: names in it absolute, text quoted."""
    text = _quoted(value) if kind == "TXT" else value.strip()
    if any(ord(character) < FIRST_PRINTABLE for character in text):
        # A reader of presentation format would stop at the line's end and say nothing.
        raise Malformed("RECORD_VALUE", field=field, value=value, type=kind)
    if ";" in QUOTED.sub("", text):
        # The same reader would take what follows for a remark, and drop it.
        raise Malformed("RECORD_VALUE", field=field, value=value, type=kind)
    if kind in POINTING_TYPES:
        _require_clear_target(zone, text, field)
    try:
        data = dns.rdata.from_text(
            dns.rdataclass.IN,
            dns.rdatatype.from_text(kind),
            text,
            origin=dns.name.from_text(zone),
            relativize=False,
        )
    except (dns.exception.DNSException, ValueError) as error:
        raise Malformed("RECORD_VALUE", field=field, value=value, type=kind) from error
    return data.to_text()


def _require_clear_target(zone: str, text: str, field: str) -> None:
    """Of "mail.example.com" nobody knows whether it was meant to lie inside the zone.

    Raises: Malformed RECORD_DOT. Source: RFC 1035 section 5.1.
    """
    target = next(reversed(text.split()), "")
    if "." in target and not target.endswith("."):
        raise Malformed("RECORD_DOT", field=field, target=target, zone=zone)


def _quoted(value: str) -> str:
    """A TXT value as quoted strings of at most 255 octets; already quoted text is kept."""
    if value.startswith('"'):
        return value
    octets = value.encode()
    parts = [octets[i : i + TXT_OCTETS] for i in range(0, len(octets), TXT_OCTETS)] or [b""]
    return " ".join(f'"{_escaped(part)}"' for part in parts)


def _escaped(part: bytes) -> str:
    return "".join(
        f"\\{chr(octet)}"
        if octet in b'"\\'
        else chr(octet)
        if FIRST_PRINTABLE <= octet < DELETE
        else f"\\{octet:03d}"
        for octet in part
    )


def plan_lines(plan: ZonePlan) -> list[str]:
    """The plan as Vietnamese lines, one per change."""
    words = (("Thêm", plan.created), ("Đổi", plan.updated), ("Xóa", plan.deleted))
    return [
        f"{word} {one.owner} {one.type} → {', '.join(one.values)}"
        for word, changes in words
        for one in changes
    ]
