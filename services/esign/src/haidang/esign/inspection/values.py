"""Compare PDF values: equality that is never fooled, references, differing keys.

Pure. Who comes in: `changes`. Never here: resolving a reference.
"""

from __future__ import annotations

from haidang.esign.inspection.syntax import Dictionary, Ref, Stream


def same(one: object, other: object) -> bool:
    """Equality of PDF values that never takes true for 1 or a name for a string."""
    if type(one) is not type(other):
        return False
    if isinstance(one, Dictionary) and isinstance(other, Dictionary):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Stream) and isinstance(other, Stream):
        return one.raw == other.raw and same(one.dictionary, other.dictionary)
    return one == other


def references(value: object) -> set[int]:
    """Every object number *value* refers to."""
    found: set[int] = set()
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, Ref):
            found.add(one.number)
        elif isinstance(one, Dictionary):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
        elif isinstance(one, Stream):
            waiting.extend(value for key, value in one.dictionary.items() if key != "Length")
    return found


def differing(old: Dictionary, new: Dictionary) -> set[str]:
    """Keys whose values differ, and keys *new* gives twice, which readers take differently."""
    return {
        key
        for key in old.keys() | new.keys()
        if key not in old or key not in new or not same(old[key], new[key])
    } | new.repeated
