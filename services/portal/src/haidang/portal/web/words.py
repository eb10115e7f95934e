"""The site's words: whole sentences in Vietnamese and English, by key.

Catalogues are `words/<room>.<locale>.json`, flat; a key begins with its room
("home.title"). `{name}` is filled from facts, always escaped. Where English counts, a key
has two sentences, "key.one" and "key.other", chosen by the fact `n`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from markupsafe import Markup

LOCALES = ("vi", "en")
DEFAULT = LOCALES[0]


@cache
def catalogue(locale: str) -> Mapping[str, str]:
    """Every sentence of *locale*. Raises: ValueError when two rooms use one key."""
    found: dict[str, str] = {}
    for file in sorted(files("haidang.portal.web").joinpath("words").iterdir(), key=str):
        if not file.name.endswith(f".{locale}.json"):
            continue
        read: dict[str, str] = json.loads(file.read_text("utf-8"))
        if doubled := found.keys() & read.keys():
            raise ValueError(f"{file.name}: {sorted(doubled)[0]} is said twice")
        found |= read
    return found


class Words:
    """The sentences of one language, callable as `w("key", fact=…)`."""

    def __init__(self, locale: str) -> None:
        self.locale = locale
        self._said = catalogue(locale)

    def __call__(self, key: str, **facts: object) -> str:
        """The sentence of *key*, safe for HTML. Raises: KeyError for an unknown key."""
        return Markup(self._template(key, facts)).format(**facts)  # noqa: S704 - our own words

    def plain(self, key: str, **facts: object) -> str:
        """The same for places that are not HTML."""
        return self._template(key, facts).format(**facts)

    def __contains__(self, key: str) -> bool:
        return key in self._said or f"{key}.other" in self._said

    def _template(self, key: str, facts: Mapping[str, object]) -> str:
        if (said := self._said.get(key)) is not None:
            return said
        return self._said[f"{key}.one" if facts.get("n") == 1 else f"{key}.other"]
