"""A zone's records, changes of them, and what they mean to an owner. Pure.

A change replaces the whole set of one owner name and type, or adds to and takes from it;
of a set that is left without values nothing stays. So a change can be shown, kept in a
form, and applied to a zone that moved on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

APEX, WWW = "@", "www"
TTL_SECONDS = 3600
SENDER_POLICY = "v=spf1"
"""How a record that names permitted mail senders begins. Source: RFC 7208 section 4.5."""
SENDER_OWNERS = ("_dmarc", "_domainkey")
POINTING = frozenset({"CNAME", "MX", "NS", "SRV"})
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(r"\\(\d{3}|.)")

Key = tuple[str, str]


class Purpose(StrEnum):
    """What a record is for, as an owner thinks of it."""

    WEBSITE = "website"
    MAIL = "mail"
    SENDING = "sending"
    PROOF = "proof"
    OTHER = "other"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, order=True)
class Record:
    """The values of one type at one owner name ("@" is the name itself), as the zone has them."""

    owner: str
    type: str
    ttl_seconds: int
    values: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What a change replaces."""
        return (self.owner, self.type)


@dataclass(frozen=True, slots=True)
class Change:
    """The set of one owner and type from now on; no values: it goes.

    With *removed*, be it empty, `values` come beside what stands there, less
    *removed*: texts of several people share one set. A sender policy always replaces one.
    """

    owner: str
    type: str
    values: tuple[str, ...]
    ttl_seconds: int = TTL_SECONDS
    removed: tuple[str, ...] | None = None

    @property
    def key(self) -> Key:
        """What it replaces."""
        return (self.owner, self.type)


def purpose_of(record: Record) -> Purpose:
    """What *record* is for."""
    last = record.owner.split(".")[-1]
    if record.type == "NS" and record.owner == APEX:
        return Purpose.PLATFORM
    if _is_website(record.key):
        return Purpose.WEBSITE
    if record.type == "MX" and record.owner == APEX:
        return Purpose.MAIL
    if last in SENDER_OWNERS or any(_is_sender_policy(value) for value in record.values):
        return Purpose.SENDING
    return Purpose.PROOF if record.type == "TXT" else Purpose.OTHER


def wanted_of(held: Sequence[Record], changes: Sequence[Change]) -> tuple[Record, ...]:
    """Every record after *changes*, those changed last, less the ones the platform keeps."""
    changed = {change.key for change in changes}
    kept = [
        record
        for record in held
        if record.key not in changed and purpose_of(record) is not Purpose.PLATFORM
    ]
    after = [(change, values_after(held, change)) for change in changes]
    new = [Record(one.owner, one.type, one.ttl_seconds, values) for one, values in after if values]
    return (*kept, *new)


def values_after(held: Iterable[Record], change: Change) -> tuple[str, ...]:
    """What the set that *change* touches holds once it took effect."""
    if change.removed is None:
        return change.values
    gone = {spoken(one) for one in change.removed}
    brings_policy = any(map(_is_sender_policy, change.values))
    kept = [
        one
        for one in _values(held, change.key)
        if spoken(one) not in gone and not (brings_policy and _is_sender_policy(one))
    ]
    there = {spoken(one) for one in kept}
    return (*kept, *(one for one in change.values if spoken(one) not in there))


def stops_website(held: Sequence[Record], changes: Sequence[Change]) -> bool:
    """Whether *changes* take the website's own address away, or point it elsewhere."""
    return any(_is_website(change.key) and _takes(held, change) for change in changes)


def stops_mail(held: Sequence[Record], changes: Sequence[Change]) -> bool:
    """Whether mail that is received today would go elsewhere or nowhere."""
    return any(change.key == (APEX, "MX") and _takes(held, change) for change in changes)


def _takes(held: Sequence[Record], change: Change) -> bool:
    """Whether a value that stands today is gone after *change*."""
    return not set(_values(held, change.key)) <= set(values_after(held, change))


def proof_changes(owner: str, value: str) -> tuple[Change, ...]:
    """Add a text that proves whose the name is, beside those that stand there."""
    return (Change(owner or APEX, "TXT", (value,), removed=()),)


def record_changes(
    before: Key | None, owner: str, type: str, values: Iterable[str], ttl_seconds: int
) -> tuple[Change, ...]:
    """A record set as an owner wrote it; the one *before* that it was made of goes."""
    typed = tuple(_with_final_dot(type, value.strip()) for value in values if value.strip())
    change = Change(owner.strip().lower() or APEX, type, typed, ttl_seconds)
    if before is not None and before != change.key:
        return (Change(*before, values=()), change)
    return (change,)


def without_value(held: Iterable[Record], key: Key, value: str) -> tuple[Change, ...]:
    """The set at *key* without one *value*; without any when *value* is empty."""
    found = next((record for record in held if record.key == key), None)
    if found is None:
        return ()
    removed = (value,) if value else None
    return (Change(*key, values=(), ttl_seconds=found.ttl_seconds, removed=removed),)


def sender_policy_changes(held: Iterable[Record], policy: str) -> tuple[Change, ...]:
    """The one text that names permitted senders; other texts at the name stay. "" drops it."""
    before = [one for one in _values(held, (APEX, "TXT")) if _is_sender_policy(one)]
    if [spoken(one) for one in before] == ([policy] if policy else []):
        return ()
    added = (policy,) if policy else ()
    return (Change(APEX, "TXT", added, removed=tuple(before)),)


def spoken(value: str) -> str:
    """A value as a person reads it: text without its quotes and escapes."""
    if not value.startswith('"'):
        return value
    octets = b"".join(_unescaped(part) for part in _QUOTED.findall(value))
    return octets.decode("utf-8", "replace")


def _unescaped(part: str) -> bytes:
    """The octets of one quoted string. Source: RFC 1035 section 5.1."""
    out, at = bytearray(), 0
    for found in _ESCAPED.finditer(part):
        out += part[at : found.start()].encode()
        code = found.group(1)
        out += bytes([int(code) % 256]) if code.isdigit() and len(code) > 1 else code.encode()
        at = found.end()
    return bytes(out + part[at:].encode())


def _values(held: Iterable[Record], key: Key) -> tuple[str, ...]:
    return next((record.values for record in held if record.key == key), ())


def _is_website(key: Key) -> bool:
    return key in {(APEX, "A"), (APEX, "AAAA"), (WWW, "CNAME"), (WWW, "A"), (WWW, "AAAA")}


def _is_sender_policy(value: str) -> bool:
    return spoken(value).lower().split(" ")[0] == SENDER_POLICY


def _with_final_dot(type: str, value: str) -> str:
    """A host name typed as people know it, "mail.example.com", made absolute."""
    last = value.split(" ")[-1]
    is_bare = type in POINTING and "." in last and not last.endswith(".")
    return f"{value}." if is_bare else value
