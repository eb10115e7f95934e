"""The site's words: both languages say everything, in whole sentences, without shouting."""

from __future__ import annotations

import json
import re
import string
from importlib.resources import files
from pathlib import Path

import pytest
from haidang.portal.web.words import LOCALES, Words, catalogue

from tests.judges import PROJECT

WEB = PROJECT / "services/portal/src/haidang/portal/web"
KEY = re.compile(r"""['"]([a-z_]+(?:\.[A-Za-z0-9_-]+)+)['"](?!\s*[~+])""")
COUNTED = (".one", ".other")


def facts(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def plain(key: str) -> str:
    """The key as it is asked for: a counted sentence without its form."""
    return next((key.removesuffix(form) for form in COUNTED if key.endswith(form)), key)


def files_of(locale: str) -> list[Path]:
    folder = Path(str(files("haidang.portal.web"))) / "words"
    return sorted(folder.glob(f"*.{locale}.json"))


def test_both_languages_say_the_same_things() -> None:
    vietnamese, english = ({plain(key) for key in catalogue(one)} for one in LOCALES)

    assert vietnamese == english


def test_both_languages_name_the_same_facts() -> None:
    vietnamese, english = (catalogue(one) for one in LOCALES)

    def of(said: dict[str, str], key: str) -> set[str]:
        forms = [said[one] for one in (key, key + ".one", key + ".other") if one in said]
        return set().union(*map(facts, forms)) - {"n"}

    odd = [
        key
        for key in sorted({plain(key) for key in vietnamese})
        if of(dict(vietnamese), key) != of(dict(english), key)
    ]
    assert odd == []


@pytest.mark.parametrize("locale", LOCALES)
def test_a_key_begins_with_its_room(locale: str) -> None:
    stray = [
        f"{path.name}: {key}"
        for path in files_of(locale)
        for key in json.loads(path.read_text("utf-8"))
        if path.name.startswith("frame") is False and "." not in key
    ]

    assert stray == []


@pytest.mark.parametrize("locale", LOCALES)
def test_nobody_is_shouted_at(locale: str) -> None:
    loud = [key for key, said in catalogue(locale).items() if "!" in said or "Oops" in said]

    assert loud == []


def test_every_key_a_room_writes_out_is_in_the_catalogue() -> None:
    said = Words("vi")
    rooms = {key.partition(".")[0] for key in catalogue("vi")}
    asked = {
        key
        for path in [*WEB.rglob("*.html"), *WEB.rglob("*.py")]
        for key in KEY.findall(path.read_text("utf-8"))
        if key.partition(".")[0] in rooms and not key.endswith((".html", ".json", ".css", ".js"))
    }
    grants = {key for key in asked if key.endswith((".read", ".write"))}
    missing = sorted(key for key in asked - grants if key not in said)

    assert missing == [], "\n".join(missing)
