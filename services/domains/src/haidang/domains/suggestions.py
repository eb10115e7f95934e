"""Names for a business: out of what it is called and where it stands. Pure.

name -> words -> without legal form -> without trade -> labels x suffixes -> what the rules allow

The owner's own wish goes first. Nothing that the rules forbid leaves this room, but for a
wish, which is answered with what forbids it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from haidang.core.errors import HaidangError, Malformed
from haidang.core.ports.registry import PartyKind
from haidang.core.vietnamese import fold, normal
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.eligibility import LONGEST_TEXT, require_holder
from haidang.domains.fees import fee_class
from haidang.domains.law import Law, comparable
from haidang.domains.names import VIETNAMESE, DomainName, domain_name
from haidang.domains.names import normal as normal_name

MOST_SUGGESTIONS = 24
EASY_LENGTH = 24
"""Characters of a label that people still type; of a longer name its beginning is offered too."""
FEWEST_INITIALS = 3
_WORD = re.compile(r"[a-z0-9]+")

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a name is sought for. `place` and `wish` may be empty."""

    business_name: str
    place: str
    kind: PartyKind
    wish: str


@dataclass(frozen=True, slots=True)
class Idea:
    """A name to ask the registry about, or a wish with the rule that forbids it."""

    domain: str
    name: DomainName | None
    is_wish: bool = False
    refusal: HaidangError | None = None


def suggested_names(wanted: Wanted, law: Law) -> tuple[Idea, ...]:
    """At most 24 ideas, best first, none twice; the same for the same words and law.

    Raises: Malformed BUSINESS_NAME_WITHOUT_LETTERS, BUSINESS_FACT_TOO_LONG; each at its field.
    """
    _require_short(wanted)
    wish, words = _wish(wanted, law), words_of(wanted.business_name)
    wished = words_of(normal_name(wanted.wish).partition(".")[0])
    if not words and not wished:
        raise Malformed("BUSINESS_NAME_WITHOUT_LETTERS", field="business_name")
    places = places_of(wanted.place, law)
    labels = chain(_plain(wished), _labels(words, places, law))
    pairs = _combined(list(dict.fromkeys(labels)), _suffixes(places, law))
    offered = [
        Idea(name.unicode, name)
        for name in _allowed(pairs, law)
        if is_open_to(name, wanted.kind, law) and not _is_placed_twice(name, places, law)
    ]
    ideas = {idea.name.ascii if idea.name else idea.domain: idea for idea in (*wish, *offered)}
    if wish:  # a dictionary keeps the first place of a key, with its last value
        ideas[next(iter(ideas))] = wish[0]
    return tuple(ideas.values())[:MOST_SUGGESTIONS]


def words_of(text: str) -> Words:
    """The words of *text* in lower case with their Vietnamese letters, all else taken out."""
    kept = "".join(
        letter if letter in VIETNAMESE or letter.isascii() else fold(letter)
        for letter in normal(text).lower()
    )
    spaced = "".join(one if one in VIETNAMESE or _WORD.fullmatch(one) else " " for one in kept)
    return tuple(spaced.split())


def places_of(text: str, law: Law) -> tuple[Words, ...]:
    """The places that an address names, nearest first, without "phường", "tỉnh" and such."""
    parts = (_without_head(words_of(part), law.words.places) for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part and not "".join(part).isdigit()))


def is_open_to(name: DomainName, kind: PartyKind, law: Law) -> bool:
    """Whether this kind of holder may register *name* and a price is known."""
    try:
        require_holder(kind, name, law)
        fee_class(name, law)
    except HaidangError:
        return False
    return True


def core_of(words: Words, law: Law) -> Words:
    """What a business is called, without its legal form and trade; never empty unless *words* is.

    "Công ty TNHH Homestay Biển Xanh" is "biển xanh".
    """
    named = _without(words, law.words.legal_forms) or words
    return _without_ends(named, law.words.trades) or named


def _require_short(wanted: Wanted) -> None:
    for fact in ("business_name", "place", "wish"):
        if len(getattr(wanted, fact)) > LONGEST_TEXT:
            raise Malformed("BUSINESS_FACT_TOO_LONG", field=fact, most=LONGEST_TEXT)


def _wish(wanted: Wanted, law: Law) -> tuple[Idea, ...]:
    """The wish as a name, under .vn when it says no suffix; or what forbids it."""
    text = normal_name(wanted.wish)
    if not text:
        return ()
    domain = text if "." in text else f"{''.join(words_of(text)) or text}.vn"
    try:
        name = domain_name(domain, law, field="wish")
        require_holder(wanted.kind, name, law, field="wish")
        fee_class(name, law)
    except HaidangError as refusal:
        return (Idea(domain, None, is_wish=True, refusal=refusal),)
    return (Idea(name.unicode, name, is_wish=True),)


def _labels(words: Words, places: tuple[Words, ...], law: Law) -> Iterator[str]:
    """Labels by how well they say the name: alone, with its place, with its trade, in short."""
    core = core_of(words, law)
    named = _without(words, law.words.legal_forms) or words
    placed = [(*core, *place) for place in places if not _holds(core, place)]
    if len("".join(core)) > EASY_LENGTH:
        yield from _plain(_beginning(core))
    yield from _plain(core)
    yield from _plain(_without_places(core, places))
    for phrase in (*placed[:1], named, *placed[1:]):
        yield from _plain(phrase)
    if len(core) >= FEWEST_INITIALS:
        yield "".join(fold(word)[0] for word in core)


def _plain(words: Words) -> Iterator[str]:
    """Joined, hyphenated and with Vietnamese letters."""
    folded = _folded(words)
    yield "".join(folded)
    yield "".join(words)
    yield "-".join(folded)
    yield "-".join(words)


def _suffixes(places: tuple[Words, ...], law: Law) -> list[str]:
    """The suffixes offered, those of the places among them after the first two."""
    joined = {"".join(_folded(place)) for place in places}
    local = [
        suffix
        for suffix in sorted(law.provincial)
        if joined & {*(head := suffix.removesuffix(".vn")).split("-"), head.replace("-", "")}
    ]
    offered = [suffix for suffix in law.words.offered if suffix in law.suffixes]
    return [*offered[:2], *local, *offered[2:]]


def _combined(labels: list[str], suffixes: list[str]) -> Iterator[str]:
    """Labels with suffixes, good labels with good suffixes first: by diagonals."""
    pairs = [
        (place + 2 * rank, rank, f"{label}.{suffix}")
        for place, label in enumerate(label for label in labels if label)
        for rank, suffix in enumerate(suffixes)
    ]
    return (name for _, _, name in sorted(pairs))


def _is_placed_twice(name: DomainName, places: tuple[Words, ...], law: Law) -> bool:
    """Whether a name under a province's suffix says its place once more."""
    label = comparable(name.label)
    return name.suffix in law.provincial and any("".join(_folded(one)) in label for one in places)


def _allowed(names: Iterable[str], law: Law) -> Iterator[DomainName]:
    for name in names:
        try:
            yield domain_name(name, law)
        except HaidangError:
            continue


def _folded(words: Words) -> Words:
    return tuple(fold(word) for word in words)


def _without(words: Words, phrases: frozenset[Words]) -> Words:
    """*words* without *phrases*, the longest first, wherever they stand."""
    kept: list[str] = []
    at = 0
    while at < len(words):
        length = _phrase_length(_folded(words[at:]), phrases)
        if not length:
            kept.append(words[at])
        at += length or 1
    return tuple(kept)


def _without_head(words: Words, phrases: frozenset[Words]) -> Words:
    while length := _phrase_length(_folded(words), phrases):
        words = words[length:]
    return words


def _without_ends(words: Words, phrases: frozenset[Words]) -> Words:
    backwards = frozenset(phrase[::-1] for phrase in phrases)
    return _without_head(_without_head(words, phrases)[::-1], backwards)[::-1]


def _phrase_length(words: Words, phrases: frozenset[Words]) -> int:
    """How many words the longest of *phrases* at the head of *words* has; 0 for none."""
    longest = max(map(len, phrases), default=0)
    fitting = (n for n in range(min(longest, len(words)), 0, -1) if words[:n] in phrases)
    return next(fitting, 0)


def _holds(words: Words, part: Words) -> bool:
    sought, size = _folded(part), len(part)
    return any(_folded(words[at : at + size]) == sought for at in range(len(words)))


def _without_places(words: Words, places: tuple[Words, ...]) -> Words:
    """*words* without a place at their end, if something is left."""
    for place in places:
        if len(words) > len(place) and _folded(words)[-len(place) :] == _folded(place):
            return words[: -len(place)]
    return words


def _beginning(words: Words) -> Words:
    """As many first words as are still easy to type; at least one."""
    count = 1
    while count < len(words) and len("".join(words[: count + 1])) <= EASY_LENGTH:
        count += 1
    return words[:count]
