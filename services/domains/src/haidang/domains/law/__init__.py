"""Dated tables of law and policy, and how they are read. Pure once loaded.

Every row has `valid_from`, `valid_to` (exclusive, absent while in use), `citation` and
`confidence`; a decision is made for its effective date and names the rows it used.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from haidang.core.vietnamese import fold


@dataclass(frozen=True, slots=True)
class Source:
    """What a row rests on, in Vietnamese as an owner reads it, and how sure that is."""

    citation: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Suffix:
    """A registrable suffix. `parent` names are one label below it.

    `holders` are the kinds of party that may register a name, `renewers` those that may
    renew one they hold; `shortest_label` counts characters of an ASCII label.
    """

    name: str
    idn_allowed: bool
    shortest_label: int
    holders: frozenset[str]
    renewers: frozenset[str]
    source: Source


@dataclass(frozen=True, slots=True)
class FeeClass:
    """State fees of a class of names, đồng."""

    registration_dong: int
    yearly_dong: int
    source: Source


@dataclass(frozen=True, slots=True)
class LifecycleProfile:
    """Day counts of one lifecycle. Days are counted from the expiry date in Vietnam."""

    id: str
    renewable_through_day: int
    deletion_within_days: int
    most_years: int
    source: Source


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a suffix is for and who may hold it: one sentence in each language."""

    vi: str
    en: str
    source: Source


@dataclass(frozen=True, slots=True)
class Words:
    """Words about a business that are not its name, each phrase folded into its words.

    `legal_forms` go wherever they stand, `trades` at the head or tail, `places` before the
    name of a place; `offered` are suffixes suggested unasked, best first.
    """

    legal_forms: frozenset[tuple[str, ...]] = frozenset()
    trades: frozenset[tuple[str, ...]] = frozenset()
    places: frozenset[tuple[str, ...]] = frozenset()
    offered: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Law:
    """The rows in force on one date. `reserved` is keyed by `comparable` words."""

    on: date
    suffixes: dict[str, Suffix] = field(default_factory=dict)
    closed: dict[str, Source] = field(default_factory=dict)
    reserved: dict[str, Source] = field(default_factory=dict)
    auction: Source = field(default_factory=lambda: Source("", ""))
    fees: dict[str, FeeClass] = field(default_factory=dict)
    fee_of_suffix: dict[str, str] = field(default_factory=dict)
    lifecycles: dict[str, LifecycleProfile] = field(default_factory=dict)
    meanings: dict[str, Meaning] = field(default_factory=dict)
    provincial: frozenset[str] = frozenset()
    words: Words = field(default_factory=Words)


# Any: TOML values, given their types row by row below.
Row = dict[str, Any]


@cache
def _table(name: str) -> Row:
    return tomllib.loads(files(__name__).joinpath(f"{name}.toml").read_text("utf-8"))


def _in_force(rows: list[Row], on: date) -> list[Row]:
    return [
        row
        for row in rows
        if row["valid_from"] <= on and ("valid_to" not in row or on < row["valid_to"])
    ]


def _source(row: Row) -> Source:
    return Source(row["citation"], row["confidence"])


@cache
def law_on(on: date) -> Law:
    """Every row in force on the calendar date *on* (Vietnam)."""
    suffixes, fees, cycles = _table("suffixes"), _table("fees"), _table("lifecycle")
    fee_rows = _in_force(fees["fee"], on)
    reserved = _sources(suffixes["reserved"], "words", on)
    return Law(
        on=on,
        suffixes={
            name: _suffix(name, row)
            for row in _in_force(suffixes["suffix"], on)
            for name in row["names"]
        },
        closed=_sources(suffixes["closed"], "names", on),
        reserved={comparable(word): source for word, source in reserved.items()},
        auction=next(map(_source, _in_force(suffixes["auction"], on)), Source("", "")),
        fees={
            row["class"]: FeeClass(row["registration_dong"], row["yearly_dong"], _source(row))
            for row in fee_rows
        },
        fee_of_suffix={
            name: row["class"]
            for row in fee_rows
            for name in (*row["suffixes"], *_of_groups(row.get("groups", []), on))
        },
        lifecycles={row["id"]: _lifecycle(row) for row in _in_force(cycles["lifecycle"], on)},
        meanings={
            name: Meaning(row["vi"], row["en"], _source(row))
            for row in _in_force(suffixes["meaning"], on)
            for name in (*row["names"], *_of_groups([row.get("group", "")], on))
        },
        provincial=frozenset(_of_groups(["provincial"], on)),
        words=_words(on),
    )


def _words(on: date) -> Words:
    table = _table("words")

    def phrases(rows: str) -> frozenset[tuple[str, ...]]:
        return frozenset(
            tuple(fold(phrase).split())
            for row in _in_force(table[rows], on)
            for phrase in row["words"]
        )

    offered = _in_force(table["offered"], on)
    return Words(
        phrases("legal_form"),
        phrases("trade"),
        phrases("place"),
        tuple(name for row in offered for name in row["suffixes"]),
    )


def comparable(label: str) -> str:
    """*label* as reserved words are compared: without diacritics and hyphens."""
    return fold(label).replace("-", "")


def _suffix(name: str, row: Row) -> Suffix:
    return Suffix(
        name,
        row["idn_allowed"],
        row["shortest_label"],
        frozenset(row["holders"]),
        frozenset(row["renewers"]),
        _source(row),
    )


def _of_groups(groups: list[str], on: date) -> list[str]:
    """The suffixes in force that belong to *groups*."""
    rows = _in_force(_table("suffixes")["suffix"], on)
    return [name for row in rows if row.get("group") in groups for name in row["names"]]


def _sources(rows: list[Row], words: str, on: date) -> dict[str, Source]:
    return {word: _source(row) for row in _in_force(rows, on) for word in row[words]}


def _lifecycle(row: Row) -> LifecycleProfile:
    return LifecycleProfile(
        row["id"],
        row["renewable_through_day"],
        row["deletion_within_days"],
        row["most_years"],
        _source(row),
    )
