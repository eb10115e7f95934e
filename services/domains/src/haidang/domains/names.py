"""Domain names: Vietnamese letters, suffixes, and who decides what a label may be. Pure.

NFC -> lower -> our repertoire -> idna.encode -> round trip -> length in octets
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import idna
from haidang.core.errors import Malformed, Refused
from haidang.domains import reasons as _reasons  # noqa: F401 - registers the sentences
from haidang.domains.law import Law, Suffix, comparable

LONGEST_LABEL = 63
LONGEST_NAME = 253
ACE_PREFIX = "xn--"
ASCII_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
VIETNAMESE = frozenset(
    [chr(point) for point in (*range(0x00E0, 0x00E4), *range(0x00E8, 0x00EB), 0x00EC, 0x00ED)]
    + [chr(point) for point in (*range(0x00F2, 0x00F6), 0x00F9, 0x00FA, 0x00FD)]
    + [chr(point) for point in (0x0103, 0x0111, 0x0129, 0x0169, 0x01A1, 0x01B0)]
    + [chr(point) for point in range(0x1EA1, 0x1EFA, 2)]
)
"""The 67 non-ASCII letters, each one code point in NFC. Source: TCVN 6909:2001."""


@dataclass(frozen=True, slots=True)
class DomainName:
    """A registrable name: A-label form, form with Vietnamese letters, and its suffix."""

    ascii: str
    unicode: str
    label: str
    suffix: str

    @property
    def is_idn(self) -> bool:
        """Whether the label has letters with marks."""
        return not self.label.isascii()


def normal(text: str) -> str:
    """*text* as a name is compared: NFC, lower case, no white space around, no final dot."""
    return unicodedata.normalize("NFC", text.strip()).lower().removesuffix(".")


def domain_name(text: str, law: Law, *, field: str = "domain") -> DomainName:
    """The name *text* stands for, if it is open to registration by the rows in force.

    Raises: as `held_name`, and Refused IDN_NOT_ALLOWED, NAME_BY_AUCTION, NAME_RESERVED;
        each at *field*.
    """
    found = held_name(text, law, field=field)
    _judge_policy(found, law, field)
    return found


def held_name(text: str, law: Law, *, field: str = "domain") -> DomainName:
    """The name *text* stands for, whoever holds it: what bars a registration is not asked.

    Raises: Malformed NAME_EMPTY, NAME_SPACE, NAME_CHARACTER, NAME_HYPHEN, NAME_TOO_LONG,
        NAME_ENCODING; Refused SUFFIX_UNKNOWN, SUFFIX_ITSELF, NAME_TOO_DEEP; each at *field*.
    """
    name = normal(text)
    if not name:
        raise Malformed("NAME_EMPTY", field=field)
    if len(name) > LONGEST_NAME:  # encoding never shortens, and what follows is not linear
        raise Malformed("NAME_TOO_LONG", field=field, octets=len(name), most=LONGEST_NAME)
    labels = [_decoded(label, field) for label in name.split(".")]
    for label in labels:
        _judge_letters(label, field)
    suffix, below = _split(labels, law, field)
    label = below[-1]
    encoded = _encoded(label, field)
    if len(below) > 1:
        raise Refused("NAME_TOO_DEEP", field=field, below=".".join(labels))
    found = DomainName(f"{encoded}.{suffix.name}", f"{label}.{suffix.name}", label, suffix.name)
    if len(found.ascii) > LONGEST_NAME:
        raise Malformed("NAME_TOO_LONG", field=field, octets=len(found.ascii), most=LONGEST_NAME)
    return found


def lookup_form(text: str) -> str:
    """*text* as the A-label form a held name is looked up by; itself when it cannot be encoded."""
    name = normal(text)
    try:
        return ".".join(
            label if label.isascii() else idna.encode(label).decode() for label in name.split(".")
        )
    except idna.IDNAError:
        return name


def _decoded(label: str, field: str) -> str:
    """The letters of an xn-- label; it must be exactly what encoding them gives."""
    if not label.startswith(ACE_PREFIX):
        return label
    try:
        letters = unicodedata.normalize("NFC", idna.decode(label))
        again = idna.encode(letters).decode()
    except (idna.IDNAError, UnicodeError) as error:
        raise Malformed("NAME_ENCODING", field=field) from error
    if again != label or letters.isascii():
        raise Malformed("NAME_ENCODING", field=field)
    return letters


def _judge_letters(label: str, field: str) -> None:
    for character in label:
        if character in ASCII_LETTERS or character in VIETNAMESE:
            continue
        if character.isspace():
            raise Malformed("NAME_SPACE", field=field)
        raise Malformed("NAME_CHARACTER", field=field, character=_shown(character))
    if not label or label.startswith("-") or label.endswith("-") or "--" in label:
        raise Malformed("NAME_HYPHEN" if label else "NAME_EMPTY", field=field)


def _shown(character: str) -> str:
    """*character* as a reader can find it: itself, or the number of one that is not seen."""
    is_seen = character.isprintable() and not unicodedata.combining(character)
    return character if is_seen else f"U+{ord(character):04X}"


def _encoded(label: str, field: str) -> str:
    if label.isascii():
        encoded = label
    else:
        try:
            encoded = idna.encode(label).decode()
        except idna.IDNAError as error:
            octets = len(ACE_PREFIX) + len(label.encode("punycode"))
            if octets > LONGEST_LABEL:
                raise Malformed(
                    "NAME_TOO_LONG", field=field, octets=octets, most=LONGEST_LABEL
                ) from error
            raise Malformed("NAME_ENCODING", field=field) from error
    if len(encoded) > LONGEST_LABEL:
        raise Malformed("NAME_TOO_LONG", field=field, octets=len(encoded), most=LONGEST_LABEL)
    return encoded


def _split(labels: list[str], law: Law, field: str) -> tuple[Suffix, list[str]]:
    """The longest suffix in force and the labels before it, the nearest one last."""
    for start in range(len(labels)):
        suffix = law.suffixes.get(".".join(labels[start:]))
        if suffix is None:
            continue
        closed = ".".join(labels[max(start - 1, 0) :])
        if start == 0 or closed in law.closed:
            raise Refused("SUFFIX_ITSELF", field=field, suffix=closed)
        return suffix, labels[:start]
    raise Refused("SUFFIX_UNKNOWN", field=field, suffix=".".join(labels[1:]) or labels[0])


def _judge_policy(name: DomainName, law: Law, field: str) -> None:
    suffix = law.suffixes[name.suffix]
    if name.is_idn and not suffix.idn_allowed:
        raise Refused("IDN_NOT_ALLOWED", field=field)
    if not name.is_idn and len(name.label) < suffix.shortest_label:
        raise Refused("NAME_BY_AUCTION", field=field, citation=law.auction.citation)
    reserved = law.reserved.get(comparable(name.label))
    if reserved is not None:
        raise Refused("NAME_RESERVED", field=field, name=name.unicode, citation=reserved.citation)
