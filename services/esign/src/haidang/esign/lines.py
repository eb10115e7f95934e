"""Lines of text as they come in and are printed and certified. Pure.

The contract's messages come in. Papers are typeset in one typeface: what it has no letter
for, and what nobody sees but changes what is read, is refused here, at its field.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import PurePath

from haidang.core.errors import Malformed
from haidang.esign import reasons as _reasons  # noqa: F401 - registers the sentences

LONGEST_LINE = 255
LONGEST_ADDRESS = 500
LONGEST_DOMAIN = 253
"""Source: RFC 1035 section 2.3.4, in its written form."""
FILE_NAME_CHARACTERS = 255
NAMELESS = "tai-lieu.pdf"
LATIN = (range(0x20, 0x250), range(0x1E00, 0x1F00))
"""Latin as Unicode blocks: Vietnamese and the names of its neighbours in Europe."""
SIGNS = frozenset("‐‑‒–—―‘’‚“”„•…‰‹›№₫€™")
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"})
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
DOMAIN = re.compile(rf"{LABEL}(?:\.{LABEL})+")
ACE = "xn--"


def line(text: str, field: str, *, most: int = LONGEST_LINE) -> str:
    """*text* with one space between words and letters composed.

    Raises: Malformed TEXT_TOO_LONG, CHARACTER_NOT_PRINTABLE at *field*.
    """
    spaced = " ".join(unicodedata.normalize("NFC", text).split())
    if len(spaced) > most:
        raise Malformed("TEXT_TOO_LONG", field=field, most=most)
    for character in spaced:
        if not is_printed(character):
            raise Malformed("CHARACTER_NOT_PRINTABLE", field=field, character=_shown(character))
    return spaced


def is_printed(character: str) -> bool:
    """Whether the typeface of our papers shows *character*, by itself."""
    if unicodedata.category(character) in UNSEEN:
        return False
    return character in SIGNS or any(ord(character) in block for block in LATIN)


def _shown(character: str) -> str:
    is_seen = unicodedata.category(character) not in UNSEEN
    return character if is_seen else f"U+{ord(character):04X}"


def domain_names(domain: str, unicode_domain: str) -> tuple[str, str]:
    """(encoded name, name as people write it), which are the same name.

    Raises: Malformed FIELD_REQUIRED, FIELD_INVALID at "domain" or "unicode_domain".
    """
    encoded = domain.strip().lower()
    if not encoded:
        raise Malformed("FIELD_REQUIRED", field="domain")
    if len(encoded) > LONGEST_DOMAIN or not DOMAIN.fullmatch(encoded):
        raise Malformed("FIELD_INVALID", field="domain", detail="không phải một tên miền")
    written = _decoded(encoded)
    given = line(unicode_domain, "unicode_domain", most=LONGEST_DOMAIN)
    if given and given.lower() not in {written, encoded}:
        raise Malformed("FIELD_INVALID", field="unicode_domain", detail="khác tên miền đã nêu")
    return encoded, line(given.lower() or written, "domain")


def _decoded(domain: str) -> str:
    """*domain* with its encoded labels decoded. Source: RFC 3492, RFC 5890 section 2.3.2.1."""
    labels = domain.split(".")
    try:
        decoded = (
            label.removeprefix(ACE).encode().decode("punycode") if label.startswith(ACE) else label
            for label in labels
        )
        return unicodedata.normalize("NFC", ".".join(decoded))
    except (UnicodeError, ValueError, OverflowError) as error:
        detail = "dạng mã hóa của tên miền không đúng"
        raise Malformed("FIELD_INVALID", field="domain", detail=detail) from error


def file_name(text: str) -> str:
    """A name to show and to save under: no folders, nothing unseen, its ending kept."""
    seen = "".join(one for one in text if unicodedata.category(one) not in UNSEEN)
    name = PurePath(unicodedata.normalize("NFC", seen).replace("\\", "/")).name
    if not name.strip(". "):
        return NAMELESS
    suffix = PurePath(name).suffix[:FILE_NAME_CHARACTERS]
    return name.removesuffix(suffix)[: FILE_NAME_CHARACTERS - len(suffix)] + suffix
