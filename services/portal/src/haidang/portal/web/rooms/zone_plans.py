"""A change of records on its way: as a form carries it, as a plan shows it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from haidang.api.domains.v1 import domains_pb2
from haidang.core.errors import HaidangError, Malformed
from haidang.portal.records import Change, Purpose, Record, purpose_of, spoken

MOST_CHANGES = 8
FIELD_OF = {"owner": "owner", "type": "type", "ttl_seconds": "ttl", "values": "values"}


@dataclass(frozen=True)
class Line:
    """One change as it is shown. `kind` is "added", "changed" or "removed"."""

    kind: str
    purpose: Purpose
    owner: str
    type: str
    before: tuple[str, ...]
    after: tuple[str, ...]


def records_of(zone: domains_pb2.Zone) -> tuple[Record, ...]:
    """The records of *zone*."""
    return tuple(
        Record(one.owner, one.type, one.ttl_seconds, tuple(one.values)) for one in zone.record_sets
    )


def record_sets(records: Iterable[Record]) -> list[domains_pb2.RecordSet]:
    """*records* as messages."""
    return [
        domains_pb2.RecordSet(
            owner=one.owner, type=one.type, ttl_seconds=one.ttl_seconds, values=one.values
        )
        for one in records
    ]


def lines_of(plan: domains_pb2.ZonePlan, held: Sequence[Record]) -> list[Line]:
    """Every change of *plan*: the values that come and go, not those that stay."""
    before = {record.key: record.values for record in held}
    changed = [*plan.created, *plan.updated]
    after = {(one.owner, one.type): tuple(one.values) for one in changed}
    order = [*changed, *plan.deleted]
    return [
        _line(one, before.get((one.owner, one.type), ()), after.get((one.owner, one.type), ()))
        for one in order
    ]


def _line(one: domains_pb2.RecordSet, before: Sequence[str], after: Sequence[str]) -> Line:
    gone = tuple(value for value in before if value not in after)
    new = tuple(value for value in after if value not in before)
    kind = "changed" if bool(gone) is bool(new) else "added" if new else "removed"
    purpose = purpose_of(Record(one.owner, one.type, one.ttl_seconds, new or gone or tuple(after)))
    return Line(kind, purpose, one.owner, one.type, _shown(gone), _shown(new))


def _shown(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(spoken(value) for value in values)


def written(changes: Sequence[Change]) -> str:
    """*changes* for a hidden field."""
    rows = [[one.owner, one.type, one.ttl_seconds, one.values, one.removed] for one in changes]
    return json.dumps(rows, ensure_ascii=False)


def read(text: str) -> tuple[Change, ...]:
    """The changes in a hidden field. Raises: Malformed RECORD_CHANGE_UNREADABLE."""
    try:
        rows = json.loads(text)
        found = tuple(_change(*row) for row in rows)
    except (TypeError, ValueError) as error:
        raise Malformed("RECORD_CHANGE_UNREADABLE") from error
    if not 1 <= len(found) <= MOST_CHANGES:
        raise Malformed("RECORD_CHANGE_UNREADABLE")
    return found


def _change(owner: object, type: object, ttl: object, values: object, removed: object) -> Change:
    if not (isinstance(owner, str) and isinstance(type, str) and isinstance(ttl, int)):
        raise TypeError
    gone = None if removed is None else _texts(removed)
    return Change(owner, type, _texts(values), ttl, gone)


def _texts(values: object) -> tuple[str, ...]:
    if not (isinstance(values, list) and all(isinstance(one, str) for one in values)):
        raise TypeError
    return tuple(values)


def elsewhere(
    seen: Sequence[Change], held: Sequence[Record]
) -> list[tuple[Change, tuple[str, ...], tuple[str, ...]]]:
    """Of the sets that were *seen*, those that differ now: (set, as seen, as it stands)."""
    now = {record.key: record.values for record in held}
    pairs = ((one, one.values, now.get(one.key, ())) for one in seen)
    return [
        (one, _shown(before), _shown(after))
        for one, before, after in pairs
        if sorted(before) != sorted(after)
    ]


def seen_by(changes: Sequence[Change], held: Sequence[Record]) -> tuple[Change, ...]:
    """The sets that *changes* touch, as they stand now: what their reader saw."""
    now = {record.key: record for record in held}
    return tuple(
        Change(
            one.owner,
            one.type,
            now[one.key].values if one.key in now else (),
            now[one.key].ttl_seconds if one.key in now else one.ttl_seconds,
        )
        for one in changes
    )


def field_of(error: HaidangError) -> str:
    """The form's field for a fault at "wanted.<index>.<part>..."; "values" for the whole set."""
    parts = (error.field or "").split(".")
    return FIELD_OF.get(parts[2], "values") if len(parts) > 2 else "values"
