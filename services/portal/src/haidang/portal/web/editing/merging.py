"""Two people, one form: what was typed over what is stored now, field by field. Pure.

Three states meet: *before*, as the form was drawn; *now*, as the draft is stored; and the
texts that came back. An input that was not touched follows what is stored; one that was
touched wins unless somebody else has changed it too: then both texts are shown, and
nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from haidang.portal.web.editing.schema_forms import (
    Field,
    Input,
    Json,
    Misread,
    applied,
    plain_text,
    texts_of,
)

MINE, THEIRS = "mine", "theirs"


@dataclass(frozen=True, slots=True)
class Clash:
    """An input that two people changed: both texts."""

    field: Field
    entry: Input
    mine: str
    theirs: str


@dataclass(slots=True)
class Merged:
    """What comes of a form. `value` is the form's object with all that could be applied."""

    value: Json
    clashes: list[Clash] = field(default_factory=list)
    misread: dict[str, str] = field(default_factory=dict)
    """By input: the kind of value it should have been."""
    is_stale: bool = False
    """Whether the form shows something that somebody else has changed meanwhile."""


def merged(
    before: Sequence[Field] | None,
    now: Sequence[Field],
    value: Json,
    texts: Mapping[str, str],
    picked: Mapping[str, str],
) -> Merged:
    """Apply *texts* (by input) to *value*, the object as it is stored *now*.

    *before* is None when that state is no longer known: then every difference is shown.
    *picked* says for an input whose texts clashed whether MINE or THEIRS is to stay.
    """
    found = Merged(value)
    drawn = texts_of(before) if before is not None else None
    for one in now:
        for entry in one.inputs:
            if entry.name not in texts:
                continue
            base = drawn.get(entry.name, "") if drawn is not None else None
            _one(found, one, entry, base, plain_text(texts[entry.name]), picked.get(entry.name))
    return found


def _one(
    found: Merged, one: Field, entry: Input, base: str | None, typed: str, pick: str | None
) -> None:
    stored = plain_text(entry.text)
    if base is not None and plain_text(base) != stored and typed != stored:
        found.is_stale = True
    if typed == stored or pick == THEIRS or (base is not None and typed == plain_text(base)):
        return
    if pick != MINE and (base is None or plain_text(base) != stored):
        found.clashes.append(Clash(one, entry, typed, entry.text))
        return
    try:
        found.value = applied(found.value, one, entry, typed)
    except Misread as fault:
        found.misread[entry.name] = fault.kind
